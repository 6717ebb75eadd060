/**
 * `npm run bench -- cost [--shards 1,10,100,1000] [--json] [--write]`: what a day costs, from counted requests. With `--write` the table in
 * `docs/cost.md` is made anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withGenerated } from '../../docs/documents.ts';
import { markdownOf, type Row, rowsOfShards } from './table.ts';

const page = 'docs/cost.md';
const manyKeys = { shards: 10, keys: 1_000 };

export async function benchCost(flags: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...flags],
    options: {
      shards: { type: 'string', default: '1,10,100,1000' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const counts = values.shards.split(',').map(Number);
  if (counts.some((count) => !Number.isInteger(count) || count < 1 || count > 10_000)) {
    process.stderr.write(`bench cost: --shards ${values.shards}: use whole numbers from 1 to 10000\n`);
    return 2;
  }
  const rows: Row[] = [];
  for (const shards of counts) {
    rows.push(...(await rowsOfShards(shards)));
    process.stderr.write(`${shards} shards\n`);
  }
  if (counts.includes(manyKeys.shards)) rows.push(...(await rowsOfShards(manyKeys.shards, manyKeys.keys)).slice(2));
  if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
  else process.stdout.write(`${markdownOf(rows)}\n`);
  if (values.write) writeFileSync(page, withGenerated(readFileSync(page, 'utf8'), 'a day', markdownOf(rows)));
  return 0;
}
