/**
 * `npm run bench -- <scenario> [--rounds 9] [--peer NAME] [--json] [--write]`, and all of them one after the other: `npm run bench -- all`. With `--write`
 * what was measured is kept in `bench/results/`, and the page that shows it is written anew.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { alternate } from '../../../bench/side-by-side/alternate.ts';
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { type Comparison, compare } from '../../../bench/side-by-side/summary.ts';
import { page, writePage } from './page.ts';
import { circumstances, measureOf, rounded, writeResult } from './results.ts';

const defaultRounds = 9;
const peersFolder = path.resolve(import.meta.dirname, '../../../bench/node_modules');

export async function benchScenarios(scenarios: readonly Scenario[], flags: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...flags],
    options: {
      rounds: { type: 'string', default: String(defaultRounds) },
      peer: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  const problem = problemOf(scenarios, { rounds, peers: values.peer, write: values.write });
  if (problem !== undefined) {
    process.stderr.write(`bench: ${problem}\n`);
    return 2;
  }
  const on = circumstances();
  for (const scenario of scenarios) {
    const [sluice, ...peers] = scenario.variants;
    const asked = peers.filter(({ name }) => values.peer?.includes(name) ?? true);
    const turns = await alternate({ ...scenario, variants: [sluice!, ...asked] }, rounds);
    const comparisons = compare(scenario.name, turns);
    process.stdout.write(values.json ? comparisons.map(lineOf).join('') : tableOf(scenario, comparisons));
    if (values.write) writeResult(scenario, comparisons, { ...on, rounds });
  }
  if (values.write) {
    writePage();
    process.stderr.write(`bench: bench/results and ${page} are written\n`);
  }
  return 0;
}

type Asked = { readonly rounds: number; readonly peers: readonly string[] | undefined; readonly write: boolean };

function problemOf(scenarios: readonly Scenario[], { rounds, peers, write }: Asked): string | undefined {
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 1_000))
    return `--rounds ${rounds} is not allowed; give a whole number from 1 to 1,000`;
  const known = scenarios.flatMap(({ variants }) => variants.slice(1).map(({ name }) => name));
  const unknown = peers?.find((peer) => !known.includes(peer));
  if (unknown !== undefined) return `--peer ${unknown} is not known; give one of ${known.join(', ')}`;
  if (write && peers !== undefined) return '--write keeps what all peers take; leave --peer away';
  return existsSync(peersFolder) ? undefined : 'the peers are not installed; run npm ci --prefix bench';
}

const lineOf = (comparison: Comparison): string => `${JSON.stringify(rounded(comparison))}\n`;

function tableOf(scenario: Scenario, comparisons: readonly Comparison[]): string {
  const measure = measureOf(scenario);
  const table = new Table({
    head: ['peer', 'ratio', 'half of the rounds', `${measure}, peer`, 'Sluice', 'peak MB, peer', 'Sluice'],
    style: { head: [], border: [] },
  });
  for (const { peer, ratio, spread, peerUs, sluiceUs, peerMb, sluiceMb } of comparisons.map(rounded))
    table.push([peer, ratio, `${spread[0]} to ${spread[1]}`, peerUs, sluiceUs, peerMb, sluiceMb]);
  return `${scenario.name}: ${scenario.what}
${table}
ratio: ${measure} of the peer over Sluice's
`;
}
