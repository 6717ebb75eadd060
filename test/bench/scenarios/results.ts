/** What was measured, as it is kept: a file for each scenario in `bench/results/`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import type { Comparison } from '../../../bench/side-by-side/summary.ts';

const folder = path.resolve(import.meta.dirname, '../../../bench/results');

/** On what it was measured, and when. */
export type Circumstances = {
  readonly machine: string;
  /** Of the minute before: more than the processors have to do means that others were waited for. */
  readonly loadAverage: number;
  readonly node: string;
  readonly date: string;
};

export type Result = Circumstances & {
  readonly scenario: string;
  readonly what: string;
  readonly measure: string;
  readonly command: string;
  readonly peers: readonly Rounded[];
};

type Rounded = Omit<Comparison, 'scenario'>;

export function circumstances(): Circumstances {
  const [first] = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return {
    machine: `${first?.model.trim() ?? process.arch}, ${availableParallelism()} processors, ${gigabytes} GB`,
    loadAverage: round(loadavg()[0]!),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

export const measureOf = ({ measure = 'CPU us' }: Scenario): string => measure;

export function writeResult(scenario: Scenario, measured: readonly Comparison[], given: Circumstances & Rounds): void {
  const { rounds, ...on } = given;
  const { name, what } = scenario;
  const result: Result = {
    ...{ scenario: name, what, measure: measureOf(scenario), command: `npm run bench -- ${name} --rounds ${rounds}` },
    ...on,
    peers: measured.map(rounded).map(({ scenario: _, ...peer }) => peer),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(name), `${JSON.stringify(result, undefined, 2)}\n`);
}

type Rounds = { readonly rounds: number };

/** Of those that were ever measured, in the order of the scenarios. */
export const readResults = (scenarios: readonly Scenario[]): readonly Result[] =>
  scenarios
    .map(({ name }) => fileOf(name))
    .filter((file) => existsSync(file))
    .map((file): Result => JSON.parse(readFileSync(file, 'utf8')));

const fileOf = (name: string): string => path.join(folder, `${name}.json`);

export const rounded = ({ ratio, spread, peerUs, sluiceUs, peerMb, sluiceMb, ...names }: Comparison): Comparison => ({
  ...names,
  ratio: round(ratio),
  spread: [round(spread[0]), round(spread[1])],
  peerUs: round(peerUs),
  sluiceUs: round(sluiceUs),
  peerMb: Math.round(peerMb),
  sluiceMb: Math.round(sluiceMb),
});

const round = (value: number): number => Number(value.toFixed(value < 10 ? 2 : 1));
