/**
 * `npm run bench -- nexmark [--bids 100000] [--rounds 5] [--json]`: queries of Nexmark in the test kit, from the bytes of an event to the rows,
 * on one processor. The figure is the median of the rounds; stores and streams are not in it.
 */
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { runPipeline } from '../../functions/index.ts';
import { quantile } from '../side-by-side/summary.ts';
import { bidsOf } from './bids.ts';
import { queries } from './queries.ts';

const eventsPerBatch = 10_000;

export function benchNexmark(flags: readonly string[]): number {
  const { values } = parseArgs({
    args: [...flags],
    options: {
      bids: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const [count, rounds] = [Number(values.bids), Number(values.rounds)];
  if (!(Number.isSafeInteger(count) && count >= 1 && Number.isSafeInteger(rounds) && rounds >= 1)) {
    process.stderr.write('bench: --bids, --rounds: give whole numbers of at least 1\n');
    return 2;
  }
  const bids = bidsOf(count);
  const measured = queries.map(({ name, what, definition }) => {
    const run = (): { readonly cpuUs: number; readonly rows: number } => {
      const before = process.cpuUsage();
      const { results } = runPipeline(definition, { events: bids, eventsPerBatch });
      const { user, system } = process.cpuUsage(before);
      return { cpuUs: user + system, rows: results.length };
    };
    const { rows } = run();
    const us = quantile(
      Array.from({ length: rounds }, () => run().cpuUs / count),
      0.5,
    );
    return { query: name, what, rows, usPerEvent: Number(us.toFixed(2)), eventsPerCpuSecond: Math.round(1e6 / us) };
  });
  if (values.json) {
    for (const { what: _, ...line } of measured)
      process.stdout.write(`${JSON.stringify({ scenario: 'nexmark', ...line })}\n`);
    return 0;
  }
  const table = new Table({
    head: ['query', 'what', 'rows', 'CPU us an event', 'events a CPU second'],
    style: { head: [], border: [] },
  });
  for (const { query, what, rows, usPerEvent, eventsPerCpuSecond } of measured)
    table.push([query, what, rows, usPerEvent, eventsPerCpuSecond]);
  process.stdout.write(`${count} bids of about 230 bytes\n${table}\n`);
  return 0;
}
