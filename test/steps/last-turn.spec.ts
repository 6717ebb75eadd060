import { expect, it } from 'vitest';
import { isCaughtUp, withoutSurplus } from '../../functions/steps/plan-batch/last-turn.ts';

const turn = (tasks: readonly (readonly number[])[] | readonly number[] | undefined, outcomes: readonly string[]) =>
  ({ batch: { next: 'process', turn: 1, ...(tasks && { tasks }) }, outcomes }) as never;

it('takes no more outcomes than there were tasks, where a wave without an answer says more', () => {
  const words = ['caught-up', 'caught-up', ...Array(40).fill('failed')];
  expect(withoutSurplus(turn([[0, 1], [2]], words)).outcomes).toEqual(['caught-up', 'caught-up', 'failed']);
  expect(withoutSurplus(turn([0, 1, 2], words.slice(0, 3))).outcomes).toHaveLength(3);
  expect(withoutSurplus(turn(undefined, ['failed'])).outcomes).toEqual(['failed']);
});

it('is not caught up with a task that nobody has heard of', () => {
  expect(isCaughtUp(withoutSurplus(turn([[0]], ['caught-up'])))).toBe(true);
  expect(isCaughtUp(withoutSurplus(turn([[0], [1]], ['caught-up', ...Array(40).fill('failed')])))).toBe(false);
});
