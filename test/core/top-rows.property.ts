/** The rows of `topRows` are a direct computation over all keys, whatever the key groups, the cuts, the shards and the crashes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  aggregate,
  json,
  kinesis,
  pipeline,
  runPipeline,
  sliding,
  sum,
  type TestBatch,
  tumbling,
} from '../../functions/index.ts';

const Reading = z.object({ at: z.number(), key: z.string(), value: z.number() });
type Reading = z.infer<typeof Reading>;
type Row = {
  readonly key: string;
  readonly windowStart: string;
  readonly total: number | null;
  readonly product: number;
  readonly rank: number;
};

const n = 2;
const sizeMs = 10;
const product = aggregate({
  name: 'product',
  version: 1,
  empty: () => 1,
  add: (product, { value }: Reading) => product * value,
  merge: (one, other) => one * other,
  result: (product) => product,
});

const windows = {
  tumbling: { window: tumbling('10 milliseconds'), everyMs: sizeMs },
  sliding: { window: sliding('10 milliseconds', '5 milliseconds'), everyMs: 5 },
};
type Kind = keyof typeof windows;
type Order = 'highest' | 'lowest';

const definitionOf = (kind: Kind, order: Order) =>
  pipeline('top')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(Reading))
    .withWatermark(({ at }) => at, { delay: '5 milliseconds' })
    .groupBy({ key: ({ key }) => key })
    .window(windows[kind].window as typeof windows.tumbling.window)
    .aggregate({ total: sum(({ value }) => value), product })
    .filter(({ total }) => total !== 3)
    .topRows(n, { by: ({ total }) => (total === 0 ? null : total), order, rankAs: 'rank' })
    .map((row) => ({ ...row, isFirst: row.rank === 1 }))
    .writeStream(kinesis({ streamName: 'out' }))
    .writeStream(kinesis({ streamName: 'first' }), { name: 'first', filter: ({ isFirst }) => isFirst });

/** An event, and the watermark that its batch began with: windows that had ended by then don't have it. */
type Given = { readonly event: Reading; readonly watermark: number };

function direct(given: readonly Given[], kind: Kind, order: Order): readonly string[] {
  const { everyMs } = windows[kind];
  const inTime = given.flatMap(({ event, watermark }) => {
    const last = event.at - (event.at % everyMs);
    const starts = Array.from({ length: sizeMs / everyMs }, (_, back) => last - back * everyMs);
    return starts.filter((start) => start + sizeMs > watermark).map((start) => ({ ...event, start }));
  });
  return [...Map.groupBy(inTime, ({ start }) => start)].flatMap(([start, all]) => firstOf(all, start, order)).sort();
}

function firstOf(events: readonly Reading[], start: number, order: Order): readonly string[] {
  const rows = [...Map.groupBy(events, ({ key }) => key)].map(([key, own]) => ({
    key,
    total: own.reduce((total, { value }) => total + value, 0),
    product: own.reduce((result, { value }) => result * value, 1),
  }));
  const by = (total: number) => (total === 0 ? Infinity : order === 'highest' ? -total : total);
  const compared = (one: number, other: number) => (one === other ? 0 : one - other);
  return rows
    .filter(({ total }) => total !== 3)
    .sort((one, other) => compared(by(one.total), by(other.total)) || (one.key < other.key ? -1 : 1))
    .slice(0, n)
    .map((row, at) => textOf({ ...row, windowStart: new Date(start).toISOString(), rank: at + 1 }));
}

const textOf = ({ key, windowStart, total, rank, product }: Row): string =>
  `${windowStart} ${rank}: ${key} ${total} ${product}`;

const reading = fc.record({
  at: fc.nat({ max: 60 }),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  value: fc.nat({ max: 4 }),
});
const events = fc.array(reading, { minLength: 1, maxLength: 8 });
const between = fc.constantFrom<Then>('nothing', 'cut', 'reading', 'reducing');
type Then = 'nothing' | 'cut' | 'reading' | 'reducing';

describe.each(['tumbling', 'sliding'] as const)('of %s windows', (kind) => {
  it.each(['highest', 'lowest'] as const)('the %s are those of a direct computation', (order) => {
    const definition = definitionOf(kind, order);
    const turns = fc.array(fc.tuple(events, between), { minLength: 1, maxLength: 5 });
    const property = fc.property(turns, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 2 }), check);
    fc.assert(property, { numRuns: 150 });

    function check(given: readonly (readonly [readonly Reading[], Then])[], parallelism: number, shards: number) {
      const batches = given.flatMap(([events, then]): TestBatch<Reading>[] => {
        if (then === 'nothing') return [events];
        return then === 'cut' ? [events, 'cut'] : [{ crash: then }, events];
      });
      const results = runPipeline(definition, { batches, parallelism, shards, closeWindows: true });
      const inBatches = batches.flatMap((events, at): readonly Given[] => {
        const watermark = results[at - 1]?.watermark?.getTime() ?? -Infinity;
        return Array.isArray(events) ? events.map((event) => ({ event, watermark })) : [];
      });
      const rows = results.flatMap((result) => result.results) as readonly Row[];
      expect(rows.map(textOf).sort()).toEqual(direct(inBatches, kind, order));
      const firsts = results.flatMap(({ outputs }) => outputs.first!.results) as readonly Row[];
      expect(firsts).toEqual(rows.filter(({ rank }) => rank === 1));
      expect(results.flatMap(({ deadLetters }) => deadLetters)).toEqual([]);
    }
  });
});
