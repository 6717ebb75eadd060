/** Steps as they are saved: what was put is what comes back, and of a further output's record only what differs is there. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromSavedStep, toSavedStep } from '../../functions/adapters/dynamodb/saved-step.ts';
import type { OutboxStep } from '../../functions/core/outbox.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '{"a":1}', '{"a":12}', '{"a":1,"b":"😀"}', '{"a":1,"b":"😁"}'),
);
const record = fc.record({
  partitionKey: fc.constantFrom('a', 'b'),
  explicitHashKey: fc.constantFrom(undefined, '1', '2'),
  data: fc.oneof(
    { weight: 4, arbitrary: texts },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)) },
  ),
});
const row = fc.array(record, { maxLength: 4 }).map((records) => ({
  kind: 'output' as const,
  records: records.map((each, at) => ({ output: `${3 - at}`, record: each })),
}));

it('a step is the same when it comes back, whatever its records have in common', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
      const step: OutboxStep = { rows: [...rows, { kind: 'filtered' }], refused: [] };
      expect(fromSavedStep(JSON.parse(JSON.stringify(toSavedStep(step))))).toEqual(step);
    }),
  );
});

it('three outputs of one row take little more than one: the name of each', () => {
  const data = (output: string) =>
    JSON.stringify({ total: 12.5, text: 'x'.repeat(500), _sluice: { output, index: 3 } });
  const records = ['main', 'second', 'third'].map((output) => ({
    output,
    record: { partitionKey: 'key', explicitHashKey: undefined, data: data(output) },
  }));
  const bytesOf = (count: number) =>
    JSON.stringify(toSavedStep({ rows: [{ kind: 'output', records: records.slice(0, count) }], refused: [] })).length;
  expect(bytesOf(3) - bytesOf(1)).toBeLessThan(110);
});
