/** The contract for every aggregate there is, and the results of those of numbers against a direct computation. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AggregateKind } from '../../functions/aggregates/aggregate-function.ts';
import { aggregate } from '../../functions/aggregates/custom.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import { aggregateContract } from './aggregate-contract.ts';

const nothing = fc.constantFrom(null, undefined);
/** Doubles of any size that can be added without overflow: sums are exact, whatever their order. */
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, min: -(2 ** 60), max: 2 ** 60 }), nothing);

/** As its own constructor may make one. */
const distinctTexts = aggregate({
  name: 'distinct-texts',
  version: 1,
  empty: () => new Set<string>(),
  add: (texts, text: string) => texts.add(text),
  merge: (one, other) => new Set([...one, ...other]),
  save: (texts) => [...texts],
  restore: (texts) => new Set(texts),
  result: (texts) => [...texts].sort(),
});

/** Few times, numbers and shards, so that many are alike; what is alike in all of them is one event. */
const rank = fc.record({
  time: fc.integer({ min: -2, max: 2 }),
  sequence: fc.constantFrom('9', '10', '11', '100000000000000000000000000000000000000001'),
  sub: fc.integer({ min: 0, max: 2 }),
  shard: fc.constantFrom('shardId-000000000000', 'shardId-000000000001'),
  at: fc.nat({ max: 1 }),
});
const ranked = fc.oneof(
  {
    weight: 5,
    arbitrary: rank.map((each) => ({
      value: JSON.stringify(`${each.sequence}${each.sub}${each.shard}${each.at}`),
      rank: each,
    })),
  },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

/**
 * What else than a selector the constructor takes, and values that are not numbers: by kind. `taken`: they are what `add`
 * is given.
 */
const samples: Readonly<
  Record<string, { readonly given?: object; readonly values?: fc.Arbitrary<unknown>; readonly taken?: boolean }>
> = {
  custom: { given: distinctTexts, values: fc.string() },
  first: { values: ranked, taken: true },
  last: { values: ranked, taken: true },
  variance: { given: { options: {} } },
  percentile: { given: { shares: [0, 0.01, 0.5, 0.9, 1] } },
  collect: { given: { options: { limit: 3 } }, values: ranked, taken: true },
  countDistinct: { given: { options: { exactUpTo: 5 } }, values: fc.integer({ min: 0, max: 15 }) },
  topK: { given: { k: 3, options: { exactUpTo: 10 } }, values: fc.nat({ max: 9 }) },
  stddev: { given: { options: { of: 'population' } } },
};

function readOf(kind: AggregateKind) {
  const given = { selector: (value: unknown) => value, ...samples[kind.kind]?.given };
  return kind.read(kind.kind, given, [])!;
}
const functionOf = (kind: AggregateKind) => readOf(kind).fn;

for (const kind of aggregateKinds.all) {
  const { fn, selector } = readOf(kind);
  const { values = number, taken = false } = samples[kind.kind] ?? {};
  // What `add` takes is what the engine is given for an event.
  const isTaken = taken || selector === undefined;
  aggregateContract(kind.kind, fn, isTaken ? values : values.map((event) => selector(event as never, {} as never)));
}

it('gives what arithmetic gives', () => {
  // Tenths below 2^40: their exact sum is known from whole numbers.
  const value = fc.oneof(fc.integer({ min: -(2 ** 20), max: 2 ** 20 }), nothing);
  fc.assert(
    fc.property(fc.array(value), (values) => {
      const results = ['count', 'sum', 'min', 'max', 'avg'].map((name) => {
        const fn = functionOf(aggregateKinds.of({ kind: name })!);
        return fn.result(values.reduce((into: unknown, each) => fn.add(into, each), fn.empty()));
      });
      const present = values.filter((each) => typeof each === 'number');
      const total = present.reduce((sum, each) => sum + each, 0);
      expect(results).toEqual(
        present.length === 0
          ? [values.length, null, null, null, null]
          : [values.length, total, Math.min(...present), Math.max(...present), total / present.length],
      );
    }),
  );
});
