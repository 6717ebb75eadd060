/**
 * Payloads of many shapes, with bytes changed, read by their fields and as a whole, and half as many more as a whole in two ways: no
 * answer may differ.
 *
 *   npm run fuzz:json -- [--events 10000000] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { parseExactly } from '../../functions/decoders/exact-json.ts';
import { compareReaders } from './compare-readers.ts';
import { compareShapes } from './compare-shapes.ts';

// Half of the payloads are none, and nobody looks at the stacks of what is thrown: they are a third of the time.
Error.stackTraceLimit = 0;
const { values } = parseArgs({ options: { events: { type: 'string' }, seed: { type: 'string' } } });
const events = Number(values.events ?? 10_000_000);
const seed = Number(values.seed ?? 1);
const { byFields, ahead, accepted, differences } = compareReaders(seed, events, (done) => {
  if (done % 1_000_000 === 0) process.stderr.write(`${done / 1_000_000} of ${events / 1_000_000} million\n`);
});
for (const difference of differences) process.stdout.write(`differs: ${difference}\n`);
process.stdout.write(
  `${events} payloads of seed ${seed}: ${byFields} read by their fields, ${ahead} together with others, ${accepted} accepted, ${differences.length} differences\n`,
);
const asWhole = Math.ceil(events / 4);
for (const [way, parse] of [
  ['parsed', JSON.parse],
  ['parsed with large integers as text', parseExactly],
] as const) {
  const { read, wrong } = compareShapes(seed, asWhole, parse);
  for (const difference of wrong) process.stdout.write(`differs: ${difference}\n`);
  process.stdout.write(
    `${asWhole} of seed ${seed}, ${way}: ${read} read by their shapes, ${wrong.length} differences\n`,
  );
  if (wrong.length > 0) process.exitCode = 1;
}
if (differences.length > 0) process.exitCode = 1;
