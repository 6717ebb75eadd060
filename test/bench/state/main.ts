/**
 * `npm run bench -- state`: what a batch costs whose windows stay open, by counted requests to services in memory. Every step is the one
 * that is deployed, on the stores that are; each call begins cold. What is counted: blocks, seals, states, rows, deletes, reports; over all
 * batches, in which each window closes once.
 *
 * Processor time is that of a reducer's process while it reduces (it has its requests answered by another process), memory the most that
 * such a process has had resident, with Node.js and the SDK in it (`idleMb`). Batches in which windows end have a process of their own.
 *
 *   npm run bench -- state --entries 1000000 --groups 4 --touched 1% [--windows 24] [--tasks 40] [--mode update] [--batches 512] [--table-only] [--json]
 */
import Table from 'cli-table3';
import { type Level, measureLevel } from './level.ts';
import { type Figures, measure } from './measure.ts';
import { readSettings } from './settings.ts';

export async function benchState(flags: readonly string[]): Promise<number> {
  const settings = readSettings(flags);
  if ('problems' in settings) return refused('state', settings.problems);
  const figures = await measure(settings, (text) => void process.stderr.write(`${text}\n`));
  process.stdout.write(settings.json ? `${JSON.stringify(figures)}\n` : `${asTable(figures)}\n`);
  return 0;
}

/** `level.ts`. The same options, with other defaults. */
export async function benchLevel(flags: readonly string[]): Promise<number> {
  const settings = readSettings([...defaultsOfLevel, ...flags]);
  if ('problems' in settings) return refused('level', settings.problems);
  const level = await measureLevel(settings);
  process.stdout.write(settings.json ? `${JSON.stringify(level)}\n` : `${asTable(level)}\n`);
  return 0;
}

const defaultsOfLevel = [
  '--entries',
  '60',
  '--groups',
  '2',
  '--windows',
  '30',
  '--touched',
  '10%',
  '--batches',
  '10000',
];

function refused(bench: string, problems: readonly string[]): number {
  for (const problem of problems) process.stderr.write(`bench ${bench}: ${problem}\n`);
  return 2;
}

function asTable(figures: Figures | Level): string {
  const table = new Table({ head: ['figure', 'value'] });
  for (const [name, value] of Object.entries(figures)) table.push([name, value.toLocaleString('en')]);
  return table.toString();
}
