import { describe, expect, it } from 'vitest';
import { nothingReduced } from '../../functions/core/driver.ts';
import { decideRound, type GroupAnswer } from '../../functions/core/reduce-rounds.ts';
import { timing } from '../support/builders.ts';

const done = (keyGroup: number, emitted: number): GroupAnswer => ({ keyGroup, emitted, done: true, progressed: true });
const open = (keyGroup: number, progressed: boolean, why?: string): GroupAnswer => ({
  keyGroup,
  emitted: 1_000,
  done: false,
  progressed,
  why,
});
const early = { timing, turn: 1, now: 10_000, startedAt: 0 };

describe('a round of the reduce', () => {
  it('in which all groups are done comes to what they and the rounds before have sent', () => {
    expect(decideRound([done(0, 3), done(2, 4)], { emitted: 10, stuck: 1 }, early)).toEqual({
      kind: 'all-done',
      emitted: 17,
    });
    expect(decideRound([], nothingReduced, early)).toEqual({ kind: 'all-done', emitted: 0 });
  });

  it('is followed by one for the groups that are left; what the others sent is kept (RR1)', () => {
    expect(decideRound([done(0, 3), open(1, true), open(2, false)], { emitted: 10, stuck: 1 }, early)).toEqual({
      kind: 'again',
      keyGroups: [1, 2],
      reduced: { emitted: 13, stuck: 0 },
    });
  });

  it('in which no group got on is followed by one more; two of them in a row fail, with their reasons (RR2)', () => {
    const stuck = [0, 1, 2, 3].map((group) => open(group, false, `no ${group}`));
    const again = decideRound(stuck, nothingReduced, early);
    expect(again).toEqual({ kind: 'again', keyGroups: [0, 1, 2, 3], reduced: { emitted: 0, stuck: 1 } });
    expect(decideRound(stuck, { emitted: 0, stuck: 1 }, early)).toEqual({
      kind: 'stuck',
      why: 'key group 0: no 0; key group 1: no 1; key group 2: no 2; 1 more',
    });
    expect(decideRound([...stuck, open(4, true)], { emitted: 0, stuck: 1 }, early)).toMatchObject({ kind: 'again' });
  });

  it.each([
    ['the last moment at which another still fits', timing.reduceUntilSeconds * 1000 - 1, 1, 'again'],
    ['the moment after', timing.reduceUntilSeconds * 1000, 1, 'hand-over'],
    ['the last turn that the history holds', 0, timing.maxTurns, 'hand-over'],
  ])('at %s (RR3)', (_, now, turn, kind) => {
    expect(decideRound([open(0, true)], nothingReduced, { timing, turn, now, startedAt: 0 }).kind).toBe(kind);
  });

  it('that is done commits, however late it is', () => {
    const late = { timing, turn: timing.maxTurns, now: 1e9, startedAt: 0 };
    expect(decideRound([done(0, 3)], nothingReduced, late)).toEqual({ kind: 'all-done', emitted: 3 });
  });
});
