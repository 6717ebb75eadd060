/** `countDistinct`: what is the same value, up to where it is exact, and what it says beyond (DISTINCT-1). */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ReadAggregate } from '../../functions/aggregates/aggregate-function.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import {
  console as consoleSink,
  countDistinct,
  json,
  kinesis,
  perMicroBatch,
  pipeline,
  runPipeline,
} from '../../functions/index.ts';
import type { Problem } from '../../functions/pipeline/problems.ts';
import { fold, saved } from './merged-anyhow.ts';

function read(options?: unknown, problems: Problem[] = []): ReadAggregate {
  const given = { selector: (value: unknown) => value, options };
  return aggregateKinds.of({ kind: 'countDistinct' })!.read('aggregate.users', given, problems)!;
}
const resultOf = (values: readonly unknown[], options?: object): unknown => {
  const { fn, selector } = read(options);
  return fn.result(
    fold(
      fn,
      values.map((value) => selector!(value as never, {} as never)),
    ),
  );
};
const users = (from: number, upTo: number) => Array.from({ length: upTo - from }, (_, at) => `user-${from + at}`);

describe('countDistinct', () => {
  it('counts values that JSON writes alike as one', () => {
    expect(resultOf(['a', 'a', 'b'])).toBe(2);
    expect(resultOf([1, 1.0, -0, 0, '1', true])).toBe(4);
    expect(
      resultOf([
        { a: 1, b: [{ c: 2, d: 3 }] },
        { b: [{ d: 3, c: 2 }], a: 1 },
      ]),
    ).toBe(1);
    expect(
      resultOf([
        ['a', 'b'],
        ['b', 'a'],
      ]),
    ).toBe(2);
    expect(resultOf([new Date(0), '1970-01-01T00:00:00.000Z'])).toBe(1);
  });

  it('leaves null and undefined out, and is 0 of nothing else (AGGREGATE-3)', () => {
    expect(resultOf([null, undefined, 'a'])).toBe(1);
    expect(resultOf([null])).toBe(0);
    expect(resultOf([])).toBe(0);
  });

  it('is exact up to its bound, 1,000 if nothing is said', () => {
    expect(resultOf(users(0, 1_000))).toBe(1_000);
    expect(resultOf([...users(0, 50), ...users(0, 50)], { exactUpTo: 50 })).toBe(50);
    // Not so by chance.
    const beyond = Array.from({ length: 20 }, (_, at) => resultOf(users(0, 2_000 + at)));
    expect(beyond.some((told, at) => told !== 2_000 + at)).toBe(true);
  });

  it('is approximate beyond, or from the first value on', () => {
    for (const options of [{}, { exactUpTo: 0 }]) {
      const told = resultOf(users(0, 100_000), options) as number;
      expect(Math.abs(told / 100_000 - 1)).toBeLessThan(3 * 0.01625);
    }
    // Two of them share a register.
    expect(resultOf(users(0, 10), { exactUpTo: 0 })).toBe(9);
  });

  it('says the same of one bound as of another, once it is beyond', () => {
    const told = [0, 10, 1_000].map((exactUpTo) => resultOf(users(0, 5_000), { exactUpTo }));
    expect(new Set(told).size).toBe(1);
  });

  it('refuses whole numbers that may stand for several', () => {
    const { fn, selector } = read();
    expect(fn.refuses(selector!((2 ** 53) as never, {} as never))).toMatch(/^a whole number beyond 2\^53 may stand/);
    expect(fn.refuses(selector!((2 ** 53 - 1) as never, {} as never))).toBeUndefined();
    expect(fn.refuses(selector!('x'.repeat(5_000) as never, {} as never))).toMatch(
      /too many to keep; 4096 are allowed$/,
    );
  });

  it('holds no more than its bound, also where it is to refuse what is beyond (AGGREGATE-5)', () => {
    const { fn } = read({ exactUpTo: 3, beyond: 'refuse' });
    const many = fold(fn, users(0, 4));
    expect(fn.save(many)).toBeNull();
    expect(fn.save(fn.merge(many, fn.save(fold(fn, users(0, 2)))))).toBeNull();
    expect(fn.save(fn.merge(fold(fn, users(0, 2)), fn.save(many)))).toBeNull();
    expect(fn.save(fn.merge(fold(fn, users(0, 2)), fn.save(fold(fn, users(2, 4)))))).toBeNull();
  });

  it('is saved as the values, as a sketch, or as null, for ever', () => {
    const exact = read({ exactUpTo: 3 }).fn;
    expect(saved(exact, fold(exact, ['"b"', '1', '"b"']))).toEqual({ exact: ['"b"', '1'] });
    const sketch = read({ exactUpTo: 0, precision: 10 }).fn;
    expect(saved(sketch, fold(sketch, ['"a"', '"b"', '"c"']))).toEqual({ sketch: [11_779, 29_889, 63_301] });
    expect(exact.fingerprint).toEqual(['countDistinct', 12]);
    expect(sketch.fingerprint).toEqual(['countDistinct', 10]);
    expect(read({ beyond: 'refuse' }).fn.fingerprint).toEqual(['countDistinct', 'exact']);
  });
});

it('makes a dead letter of a row with more values, if asked', () => {
  const definition = pipeline('users')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ user: z.string() })))
    .groupBy({})
    .window(perMicroBatch())
    .aggregate({ users: countDistinct(({ user }) => user, { exactUpTo: 2, beyond: 'refuse' }) })
    .writeStream(consoleSink());
  const events = ['a', 'b', 'a', 'c'].map((user) => ({ user }));
  expect(runPipeline(definition, { events: events.slice(0, 3) }).results).toEqual([{ batchId: 0, users: 2 }]);
  expect(runPipeline(definition, { events }).deadLetters).toEqual([
    {
      event: { batchId: 0, users: null },
      reason: 'invalid-result',
      message: 'aggregate users: there are more than 2 different values',
    },
  ]);
});

it.each<[unknown, string]>([
  [{ exactUpTo: -1 }, 'aggregate.users.exactUpTo: -1 is not allowed; use a whole number from 0 to 10000'],
  [{ precision: 20 }, 'aggregate.users.precision: 20 is not allowed; use a whole number from 10 to 16'],
  [{ beyond: 'stop' }, "aggregate.users.beyond: 'stop' is not allowed; use 'approximate' or 'refuse'"],
])('what is wrong with its options is told: %o', (options, message) => {
  const problems: Problem[] = [];
  read(options, problems);
  expect(problems.map((problem) => problem.message)).toEqual([message]);
});
