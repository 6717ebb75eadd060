/** Whatever comes, in whatever batches, over whatever shards and key groups: the kit gives what a direct computation gives. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { count, json, kinesis, pipeline, runPipeline, sum, type TestBatch, tumbling } from '../../functions/index.ts';

const delayMs = 5;
const sizeMs = 10;
const event = z.object({ at: z.number(), key: z.string() });
type Event = z.infer<typeof event>;

const totals = pipeline('totals')
  .readStream(kinesis({ streamName: 'source' }))
  .decode(json(event))
  .withWatermark((each) => each.at, { delay: '5 milliseconds' })
  .groupBy({ key: (each) => each.key })
  .window(tumbling('10 milliseconds'))
  .aggregate({ events: count(), total: sum((each) => each.at) })
  .writeStream(kinesis({ streamName: 'sink' }));

const shardNames = ['a', 'b', 'c'] as const;
const events = fc.array(fc.record({ at: fc.integer({ min: 0, max: 80 }), key: fc.constantFrom('x', 'y', 'z') }), {
  maxLength: 12,
});
const batches = fc.array(fc.record({ a: events, b: events, c: events }), { maxLength: 5 });

type Batches = readonly Readonly<Record<(typeof shardNames)[number], readonly Event[]>>[];

/** By the watermark that the batch begins with, which is the least of those of the shards. */
function computed(all: Batches) {
  const marks = new Map<string, number>(shardNames.map((shard) => [shard, Number.NEGATIVE_INFINITY]));
  let watermark = Number.NEGATIVE_INFINITY;
  const rows = new Map<string, { events: number; total: number }>();
  const late: Event[] = [];
  for (const batch of all) {
    for (const shard of shardNames) {
      for (const each of batch[shard]) {
        const start = Math.floor(each.at / sizeMs) * sizeMs;
        if (start + sizeMs <= watermark) late.push(each);
        else {
          const row = rows.get(`${start} ${each.key}`) ?? { events: 0, total: 0 };
          rows.set(`${start} ${each.key}`, { events: row.events + 1, total: row.total + each.at });
        }
        marks.set(shard, Math.max(marks.get(shard)!, each.at - delayMs));
      }
    }
    watermark = Math.max(watermark, Math.min(...marks.values()));
  }
  return { rows: Object.fromEntries(rows), late: late.map(textOf).toSorted() };
}

const textOf = ({ at, key }: Event): string => `${at} ${key}`;

it('rows and late events are those of a direct computation, each row once', () => {
  const setups = fc.record({
    parallelism: fc.integer({ min: 1, max: 5 }),
    mergeOrder: fc.constantFrom('by-task' as const, 'reversed' as const),
  });
  fc.assert(
    fc.property(batches, setups, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (all, setup, cuts) => {
      const given = all.flatMap((shards, at): TestBatch<Event>[] => (cuts[at] ? [{ shards }, 'cut'] : [{ shards }]));
      const results = runPipeline(totals, { batches: given, shards: shardNames, closeWindows: true, ...setup });
      const rows = results.flatMap((batch) => batch.results);
      const byKey = rows.map(({ key, windowStart, ...row }): [string, object] => [
        `${Date.parse(windowStart)} ${key}`,
        { events: row.events, total: row.total },
      ]);
      expect(byKey.length).toBe(new Set(byKey.map(([name]) => name)).size);
      const late = results.flatMap((batch) => batch.late as Event[]);
      expect({ rows: Object.fromEntries(byKey), late: late.map(textOf).toSorted() }).toEqual(computed(all));
    }),
    { numRuns: 500 },
  );
});
