/**
 * Aggregates against a direct computation, through the engine: events are dealt over shards and batches at random, runs are
 * cut and begun anew, and blocks are merged in either order.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import {
  collect,
  console as consoleSink,
  countDistinct,
  first,
  json,
  kinesis,
  last,
  percentile,
  pipeline,
  runPipeline,
  session,
  stddev,
  topK,
  tumbling,
  variance,
} from '../../functions/index.ts';

type Event = { readonly at: number; readonly value: number | null };

const limit = 4;
const bound = 10;
const shares = [0, 0.25, 0.5, 0.99, 1];
const selected = ({ value }: Event): number | null => value;
const events = pipeline('splits')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ at: z.number(), value: z.number().nullable() })))
  .withWatermark(({ at }) => at, { delay: '1 day' })
  .groupBy({});
const computed = {
  first: first(selected),
  last: last(selected),
  list: collect(selected, { limit }),
  distinct: countDistinct(selected, { exactUpTo: bound }),
  top: topK(selected, 3, { exactUpTo: bound }),
  shares: percentile(selected, shares),
  variance: variance(selected, { of: 'population' }),
  stddev: stddev(selected, { of: 'population' }),
};
/** Each event is in one window, or in one that others are merged with. */
const definitions = [
  events.window(tumbling('1 minute')).aggregate(computed).writeStream(consoleSink()),
  events.window(session('1 minute')).aggregate(computed).writeStream(consoleSink()),
];

/** `put`: in the order in which they were put. */
function directly(put: readonly Event[]): object {
  const inOrder = put.map((event, number) => ({ ...event, number })).filter(({ value }) => value !== null);
  inOrder.sort((one, other) => one.at - other.at || one.number - other.number);
  const values = inOrder.map(({ value }) => value!);
  const times = new Map<number, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  const top = [...times].sort(([one, often], [other, less]) => less - often || (`${one}` < `${other}` ? -1 : 1));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return {
    first: values[0] ?? null,
    last: values.at(-1) ?? null,
    list: { values: values.slice(0, limit), truncated: Math.max(0, values.length - limit) },
    distinct: times.size,
    top: top.slice(0, 3).map(([value, count]) => ({ value, count, error: 0 })),
    shares: values.length === 0 ? null : percentilesOf(values),
    variance: values.length === 0 ? null : expect.closeTo(spread, 8),
    stddev: values.length === 0 ? null : expect.closeTo(Math.sqrt(spread), 8),
  };
}

function percentilesOf(values: readonly number[]): unknown[] {
  const sorted = values.toSorted((one, other) => one - other);
  return shares.map((share) => {
    const value = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
    return expect.toSatisfy((told: number) => Math.abs(told - value) <= 0.0100001 * Math.abs(value), `about ${value}`);
  });
}

// Ten values, so that all is exact; zero, negative ones and fractions among them.
const value = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -4, max: 5 }).map((each) => each * 1.5) },
  {
    weight: 1,
    arbitrary: fc.constant(null),
  },
);
const some = fc.array(fc.record({ at: fc.integer({ min: 0, max: 6 }), value }), { maxLength: 8 });
const batch = fc.oneof(
  { weight: 4, arbitrary: fc.record({ shards: fc.record({ one: some, two: some, three: some }) }) },
  { weight: 1, arbitrary: fc.constant('cut' as const) },
);

it('is the same however events are dealt and blocks are merged', () => {
  const mergeOrder = fc.constantFrom('by-task' as const, 'reversed' as const);
  fc.assert(
    fc.property(
      fc.constantFrom(...definitions),
      fc.array(batch, { maxLength: 5 }),
      mergeOrder,
      fc.constantFrom({}, { mergeEvery: 1 }, { mergeEvery: 3 }),
      (definition, batches, order, parts) => {
        const put = batches.flatMap((each) => (each === 'cut' ? [] : Object.values(each.shards).flat()));
        const shards = ['one', 'two', 'three'];
        const given = { batches, shards, mergeOrder: order, ...parts, closeWindows: true };
        const run = runPipeline<Event, object>(definition, given);
        const rows = run.flatMap(({ results }) => results);
        expect(rows).toEqual(put.length === 0 ? [] : [expect.objectContaining(directly(put))]);
      },
    ),
    { numRuns: 2_000 },
  );
});
