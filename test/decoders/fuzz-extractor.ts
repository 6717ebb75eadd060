/**
 * Payloads of many shapes, with bytes changed, read by their fields and as a whole: no answer may differ.
 *
 *   npm run fuzz:json -- [--events 10000000] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { compareReaders } from './compare-readers.ts';

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
if (differences.length > 0) process.exitCode = 1;
