import { describe, expect, it } from 'vitest';
import { nothingReduced } from '../../functions/core/driver.ts';
import type { GroupAnswer } from '../../functions/core/group-answer.ts';
import { decideRound } from '../../functions/core/reduce-rounds.ts';
import { timing } from '../support/builders.ts';

const done = (keyGroup: number, emitted: number): GroupAnswer => ({ keyGroup, emitted, done: true, progressed: true });
const open = (keyGroup: number, progressed: boolean, why?: string): GroupAnswer => ({
  keyGroup,
  emitted: 1_000,
  done: false,
  progressed,
  why,
});
const gatheringGroup = 40;
const early = { timing, turn: 1, now: 10_000, startedAt: 0, gatheringGroup };

describe('a round of the reduce', () => {
  it('in which all groups are done comes to what they and the rounds before have sent', () => {
    expect(decideRound([done(0, 3), done(2, 4)], { emitted: 10, stuckSince: 1 }, early)).toEqual({
      kind: 'all-done',
      emitted: 17,
    });
    expect(decideRound([], nothingReduced, early)).toEqual({ kind: 'all-done', emitted: 0 });
  });

  it('is followed by one for the groups that are left; what the others sent is kept (ROUND-1)', () => {
    expect(decideRound([done(0, 3), open(1, true), open(2, false)], { emitted: 10, stuckSince: 1 }, early)).toEqual({
      kind: 'again',
      keyGroups: [1, 2],
      reduced: { emitted: 13, stuckSince: 0 },
    });
  });

  it('in which no group got on is followed by others; after 45 seconds of them the batch fails, with reasons (ROUND-2)', () => {
    const stuck = [0, 1, 2, 3].map((group) => open(group, false, `no ${group}`));
    const again = { kind: 'again', keyGroups: [0, 1, 2, 3] };
    expect(decideRound(stuck, nothingReduced, early)).toEqual({
      ...again,
      reduced: { emitted: 0, stuckSince: early.now },
    });
    const since = (ms: number) => ({ emitted: 0, stuckSince: early.now - ms });
    const late = { ...early, now: early.now + 50_000 };
    const sinceThen = { emitted: 0, stuckSince: late.now - 44_999 };
    expect(decideRound(stuck, sinceThen, late)).toEqual({ ...again, reduced: sinceThen });
    expect(decideRound(stuck, since(1), { ...early, now: early.now + 45_000 })).toEqual({
      kind: 'stuck',
      why: 'key group 0: no 0; key group 1: no 1; key group 2: no 2; 1 more',
    });
    expect(decideRound([...stuck, open(4, true)], since(1), { ...early, now: early.now + 45_000 })).toMatchObject({
      kind: 'again',
      reduced: { stuckSince: 0 },
    });
  });

  it('in which no group got on is not handed over a second time: somebody should hear of it', () => {
    const facts = { ...early, turn: timing.maxTurns };
    expect(decideRound([open(0, false)], nothingReduced, facts)).toEqual({ kind: 'hand-over' });
    expect(decideRound([open(0, false)], { emitted: 0, stuckSince: 1 }, facts)).toMatchObject({ kind: 'stuck' });
  });

  it('in which rows wait for another try waits with them, and is no standstill', () => {
    const waiting = { ...open(0, false), waitUntil: early.now + 60_000 };
    const facts = { ...early, now: early.now + 45_000 };
    expect(decideRound([waiting, open(1, false)], { emitted: 0, stuckSince: 1 }, facts)).toEqual({
      kind: 'wait',
      until: early.now + 60_000,
    });
    expect(decideRound([waiting, open(1, true)], nothingReduced, facts)).toMatchObject({ kind: 'again' });
    const tooLate = timing.reduceUntilSeconds * 1000 - timing.commitToPlanSeconds * 1000;
    expect(decideRound([{ ...waiting, waitUntil: tooLate }], nothingReduced, early)).toEqual({ kind: 'hand-over' });
  });

  it.each([
    ['the last moment at which another still fits', timing.reduceUntilSeconds * 1000 - 1, 1, 'again'],
    ['the moment after', timing.reduceUntilSeconds * 1000, 1, 'hand-over'],
    ['the last turn that the history holds', 0, timing.maxTurns, 'hand-over'],
  ])('at %s (ROUND-3)', (_, now, turn, kind) => {
    expect(decideRound([open(0, true)], nothingReduced, { ...early, turn, now }).kind).toBe(kind);
  });

  it('in which all groups are done is followed by the gathering step, if they have handed rows on (ROUND-4)', () => {
    const handsOn = { ...done(0, 0), ranked: 3 };
    const again = { kind: 'again', keyGroups: [gatheringGroup], reduced: { emitted: 0, stuckSince: 0, ranked: 3 } };
    expect(decideRound([handsOn, done(1, 0)], nothingReduced, early)).toEqual(again);
    expect(decideRound([handsOn, open(1, true)], nothingReduced, early)).toMatchObject({ keyGroups: [1] });
    // Of rounds before this one, too.
    expect(decideRound([done(1, 0)], { ...nothingReduced, ranked: 3 }, early)).toEqual(again);
    const gathers = (group: GroupAnswer) => decideRound([group], { ...nothingReduced, ranked: 3 }, early);
    expect(gathers(open(gatheringGroup, true))).toEqual(again);
    expect(gathers(done(gatheringGroup, 2))).toEqual({ kind: 'all-done', emitted: 2 });
    expect(decideRound([handsOn], nothingReduced, { ...early, turn: timing.maxTurns })).toEqual({ kind: 'hand-over' });
  });

  it('that is done commits, however late it is', () => {
    const late = { ...early, turn: timing.maxTurns, now: 1e9 };
    expect(decideRound([done(0, 3)], nothingReduced, late)).toEqual({ kind: 'all-done', emitted: 3 });
  });
});
