/** Sessions, whatever comes, in whatever batches, over whatever shards and key groups, against a direct computation. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, pipeline, runPipeline, session, sum, type TestBatch } from '../../functions/index.ts';
import { DirectComputation, type Reading, rowText } from './direct-computation.ts';

const definition = pipeline('sessions')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ at: z.number(), key: z.string(), value: z.number() })))
  .withWatermark((event) => event.at, { delay: '5 milliseconds' })
  .groupBy({ key: (event) => event.key })
  .window(session('10 milliseconds'))
  .aggregate({ events: count(), total: sum((event) => event.value) })
  .writeStream(kinesis({ streamName: 'out' }));

const shardNames = ['a', 'b', 'c'] as const;
const reading: fc.Arbitrary<Reading> = fc.record({
  at: fc.integer({ min: 0, max: 120 }),
  key: fc.constantFrom('x', 'y', 'z'),
  value: fc.integer({ min: -9, max: 9 }),
});
/** Each batch a little further on in time, so that some are late and most are not. */
const batches = fc
  .array(fc.record({ a: events(), b: events(), c: events(), cut: fc.boolean() }), { maxLength: 7 })
  .map((all) =>
    all.map(({ cut, ...shards }, batch) => ({
      cut,
      shards: Object.fromEntries(
        Object.entries(shards).map(([shard, own]) => [
          shard,
          own.map((each) => ({ ...each, at: each.at + batch * 20 })),
        ]),
      ) as Record<(typeof shardNames)[number], Reading[]>,
    })),
  );
function events() {
  return fc.array(reading, { maxLength: 6 });
}

const inOrder = (texts: readonly string[]): string[] => texts.toSorted();

it('rows and late events of each batch are those of a direct computation', () => {
  const setups = fc.record({
    parallelism: fc.integer({ min: 1, max: 5 }),
    mergeOrder: fc.constantFrom('by-task' as const, 'reversed' as const),
  });
  let lateInAll = 0;
  fc.assert(
    fc.property(batches, setups, (all, setup) => {
      const given = all.flatMap(({ shards, cut }): TestBatch<Reading>[] => (cut ? [{ shards }, 'cut'] : [{ shards }]));
      const results = runPipeline(definition, { batches: given, shards: shardNames, closeWindows: true, ...setup });
      const direct = new DirectComputation({ windowOf: (at) => [at, at + 10], merges: true });
      let watermarkIn = Number.NEGATIVE_INFINITY;
      for (const [at, { results: rows, late, watermark }] of results.entries()) {
        const batch = given[at];
        const own =
          batch === undefined || batch === 'cut' ? [] : Object.values((batch as { shards: object }).shards).flat();
        const watermarkOut = watermark?.getTime() ?? Number.NEGATIVE_INFINITY;
        const expected = direct.batch(own, { watermarkIn, watermarkOut });
        const texts = rows.map((row) => {
          const of = [{ at: 0, key: row.key, value: row.total! }];
          const text = rowText(row.key, Date.parse(row.windowStart), Date.parse(row.windowEnd), of);
          return text.replace(') 1 ', `) ${row.events} `);
        });
        expect(inOrder(texts)).toEqual(inOrder(expected.rows));
        expect(inOrder(late.map((each) => JSON.stringify(each)))).toEqual(
          inOrder(expected.late.map((each) => JSON.stringify(each))),
        );
        lateInAll += late.length;
        watermarkIn = watermarkOut;
      }
    }),
    { numRuns: 300 },
  );
  expect(lateInAll).toBeGreaterThan(100);
});
