/** The rules of messages say what zod says of the same values: that is where their words are from. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import {
  array,
  check,
  isoTime,
  object,
  oneOf,
  optional,
  type Rule,
  text,
  trueOrFalse,
  wholeNumber,
} from '../../functions/steps/message-rules.ts';

const fields = {
  count: wholeNumber({ least: 0 }),
  seconds: wholeNumber({ least: 1 }),
  name: text({ least: 1 }),
  why: optional(text({ least: 0 })),
  done: optional(trueOrFalse),
  at: isoTime,
  words: array(oneOf(['moved', 'held'])),
};
const zodFields = {
  count: z.int().nonnegative(),
  seconds: z.int().positive(),
  name: z.string().min(1),
  why: z.string().optional(),
  done: z.boolean().optional(),
  at: z.iso.datetime({ offset: true }),
  words: z.array(z.enum(['moved', 'held'])),
};
const pairs: readonly (readonly [Rule<unknown>, z.ZodType])[] = [
  [object({ inner: object(fields) }), z.object({ inner: z.object(zodFields) })],
  [object({ inner: object(fields, 'kept') }), z.object({ inner: z.looseObject(zodFields) })],
  [object({ inner: object(fields, 'refused') }), z.object({ inner: z.strictObject(zodFields) })],
];

const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'moved', 'x', 0, 1, -1, 1.5, Number.NaN, 2 ** 53, true, [], {}),
  fc.constantFrom(
    '2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00.123+02:00',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-11-28T05:00+00:00',
    '2026-13-01T00:00:00Z',
  ),
);
const good = {
  count: fc.nat(),
  seconds: fc.integer({ min: 1 }),
  name: fc.constant('n'),
  why: fc.constantFrom('', undefined),
  done: fc.boolean(),
  at: fc.constantFrom('2026-01-01T00:00:00Z', '2026-11-28T05:00:00.5+01:00'),
  words: fc.array(fc.constantFrom('moved', 'held')),
};
const input = fc
  .record(
    Object.fromEntries(
      Object.entries(good).map(([name, value]) => [
        name,
        fc.oneof({ arbitrary: value, weight: 6 }, { arbitrary: anything, weight: 1 }),
      ]),
    ),
    { requiredKeys: [] },
  )
  .chain((inner) =>
    fc.constantFrom<unknown>(
      { inner },
      { inner: { ...inner, other: 1 } },
      { inner: { ...inner, words: ['held', 'no', 5] } },
      inner,
      undefined,
      { inner: null },
    ),
  );

test.each(pairs.map(([rule, schema], at) => ({ rule, schema, at })))('object rule $at', ({ rule, schema }) => {
  fc.assert(
    fc.property(input, (given) => {
      const theirs = schema.safeParse(given);
      // Of a value of another kind zod may say more: the first word counts.
      const byPath = Map.groupBy(theirs.error?.issues ?? [], ({ path }) => path.join('.') || 'input');
      const problems = [...byPath].map(([path, issues]) => `${path}: ${issues[0]!.message}`);
      expect(check(rule, given)).toEqual(
        theirs.success ? { kind: 'fits', value: theirs.data } : { kind: 'does-not-fit', problems },
      );
    }),
    { numRuns: 2_000 },
  );
});
