import { expect, it } from 'vitest';
import { afterRound, slowPart } from '../../functions/core/slow-outputs.ts';

it('names outputs that took long or have not taken all, and no others', () => {
  expect(slowPart([{ output: 'main', ms: 999, left: 0 }])).toEqual({});
  expect(
    slowPart([
      { output: 'long', ms: 1_000, left: 0, error: 'TemporaryFailure' },
      { output: 'full', ms: 3, left: 7, error: 'TemporaryFailure' },
      { output: 'late', ms: 15_000, left: 9, error: undefined },
    ]),
  ).toEqual({
    // It has taken all in the end.
    slow: { long: { ms: 1_000 }, full: { ms: 3, left: 7, error: 'TemporaryFailure' }, late: { ms: 15_000, left: 9 } },
  });
});

it('adds up rounds: of each the key group that took the longest', () => {
  const first = afterRound({}, [
    { slow: { main: { ms: 2_000, left: 5, error: 'TemporaryFailure' } } },
    { slow: { main: { ms: 3_000, left: 1 }, other: { ms: 1_500 } } },
    {},
  ]);
  expect(first).toEqual({ main: { ms: 3_000, rounds: 1, error: 'TemporaryFailure' }, other: { ms: 1_500 } });
  expect(afterRound(first, [{ slow: { main: { ms: 1_000, left: 1 } } }])).toEqual({
    main: { ms: 4_000, rounds: 2, error: 'TemporaryFailure' },
    other: { ms: 1_500 },
  });
  expect(afterRound(first, [{ slow: { main: { ms: 1_000 } } }]).main).toEqual({
    ...{ ms: 4_000, rounds: 1, error: 'TemporaryFailure' },
  });
});
