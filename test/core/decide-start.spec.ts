/** How a turn starts after what the last one left: it ends, hands over, pauses or makes a batch. */
import { describe, expect, it } from 'vitest';
import { decideStart, type StartFacts } from '../../functions/core/decide-start.ts';
import type { Outcome } from '../../functions/core/driver.ts';
import { planLeadMs } from '../../functions/core/read-pace.ts';
import { plannedGapMs } from '../../functions/core/subscription-pace.ts';
import { maxLoopTriggerMs, pauseMs, type TurnFacts } from '../../functions/core/turn.ts';
import { checkpoint, timing, turnFactsOf } from '../support/builders.ts';

const left = (...outcomes: readonly Outcome[]) => ({ outcomes, leavesUnread: false });
const startOf = (given: Partial<Omit<StartFacts, 'turn'>> & { readonly turn?: Partial<TurnFacts> } = {}) =>
  decideStart({
    last: left(),
    shards: [],
    subscribes: false,
    isListingDue: false,
    ...given,
    turn: turnFactsOf(given.turn),
  });

const rotates = { now: timing.rotateAfterSeconds * 1000 };

describe('a turn', () => {
  it('makes a batch, and lists nothing unless it is due', () => {
    expect(startOf()).toEqual({ kind: 'batch', lists: false, closesWindows: false });
    expect(startOf({ isListingDue: true })).toEqual({ kind: 'batch', lists: true, closesWindows: false });
  });

  it('lists where a shard waits for a parent that nobody knows', () => {
    const child = checkpoint('child', { parents: ['parent'] });
    expect(startOf({ shards: [child] })).toMatchObject({ lists: true });
    expect(startOf({ shards: [child, checkpoint('parent')] })).toMatchObject({ lists: false });
  });

  it.each(['caught-up', 'at-end'] as const)('closes windows where all is read (%s), and lists first', (read) => {
    const start = startOf({ turn: { read, mustCloseWindows: true } });
    expect(start).toEqual({ kind: 'batch', lists: true, closesWindows: true });
  });

  it('closes no windows while more is left', () => {
    expect(startOf({ turn: { mustCloseWindows: true } })).toMatchObject({ closesWindows: false });
  });

  it('ends rather than that it pauses', () => {
    expect(startOf({ turn: { control: 'stop' }, last: left('behind') })).toEqual({ kind: 'done', reason: 'stopped' });
  });
});

describe('after a turn that moved nothing', () => {
  it.each<Outcome>(['behind', 'failed', 'crashed', 'moved'])('the next one pauses where a task was %s', (outcome) => {
    expect(startOf({ last: left('caught-up', outcome) })).toEqual({ kind: 'wait', until: 10_000 + pauseMs });
  });

  it('the trigger is pause enough for who stands before a deadly event: it has been waited for', () => {
    const held = left('caught-up', 'held');
    const waited = (turn: Partial<TurnFacts>) => startOf({ last: held, turn });
    expect(waited({ triggerMs: pauseMs })).toMatchObject({ kind: 'batch' });
    expect(waited({ triggerMs: 1_500 })).toEqual({ kind: 'wait', until: 10_000 + pauseMs - 1_500 });
    expect(waited({ triggerMs: 0 })).toEqual({ kind: 'wait', until: 10_000 + pauseMs });
    expect(startOf({ last: left('behind', 'held') })).toEqual({ kind: 'wait', until: 10_000 + pauseMs });
  });

  it('the trigger was not waited for until caught up, nor where it is the schedule’s: there the pause is whole', () => {
    const last = left('held');
    const paused = { kind: 'wait', until: 10_000 + pauseMs };
    expect(startOf({ last, turn: { request: { untilCaughtUp: true } } })).toEqual(paused);
    expect(startOf({ last, turn: { triggerMs: maxLoopTriggerMs } })).toMatchObject({ kind: 'batch' });
    expect(startOf({ last, turn: { triggerMs: maxLoopTriggerMs + 1 } })).toEqual(paused);
  });

  it('nothing pauses where all was read', () => {
    expect(startOf({ last: left('caught-up', 'caught-up') })).toMatchObject({ kind: 'batch' });
  });

  it('a turn that waited for its own reads to be paid off goes on when they are', () => {
    const shards = [checkpoint('a', { readableAt: 14_000 })];
    expect(startOf({ last: left('behind'), shards })).toEqual({ kind: 'wait', until: 14_000 - planLeadMs });
    expect(startOf({ last: left('behind'), shards: [checkpoint('a', { readableAt: 10_001 })] })).toEqual({
      kind: 'wait',
      until: 10_000,
    });
    expect(startOf({ last: left('behind', 'failed'), shards })).toEqual({ kind: 'wait', until: 10_000 + pauseMs });
  });

  it('shards that had no task are read at once, those before a deadly event do not hold them up', () => {
    expect(startOf({ last: { outcomes: ['held'], leavesUnread: true } })).toMatchObject({ kind: 'batch' });
    expect(startOf({ last: { outcomes: ['failed'], leavesUnread: true } })).toMatchObject({ kind: 'wait' });
  });

  it('subscriptions are kept clear of, whatever was polled, and also where shards are left (SUBSCRIBE-1)', () => {
    const until = 10_000 + plannedGapMs;
    const shards = [checkpoint('a', { readableAt: 10_001 })];
    expect(startOf({ subscribes: true, last: left('behind'), shards })).toEqual({ kind: 'wait', until });
    expect(startOf({ subscribes: true, last: { outcomes: [], leavesUnread: true } })).toEqual({ kind: 'wait', until });
    // As after a turn that was caught up: the trigger keeps clear of them, and is longer than the gap.
    const held = { subscribes: true, last: left('caught-up', 'held') };
    expect(startOf({ ...held, turn: { triggerMs: 0 } })).toMatchObject({ kind: 'batch' });
    expect(startOf({ ...held, turn: { request: { untilCaughtUp: true } } })).toEqual({ kind: 'wait', until });
  });
});

describe('where the execution is to end', () => {
  it('a turn hands over, but the first plan of a run never does', () => {
    expect(startOf({ turn: rotates })).toEqual({ kind: 'hand-over' });
    expect(startOf({ turn: { ...rotates, turn: 0 } })).toMatchObject({ kind: 'batch' });
  });

  it('a pause of one that polls is the successor’s', () => {
    expect(startOf({ turn: rotates, last: left('behind') })).toEqual({ kind: 'hand-over' });
  });

  it('a pause of one that subscribes is kept here, as long as a plan after it ends in time (SUBSCRIBE-1)', () => {
    const paused = { subscribes: true, last: left('behind') };
    const until = rotates.now + plannedGapMs;
    expect(startOf({ turn: rotates, ...paused })).toEqual({ kind: 'wait', until });
    const now = (timing.reduceUntilSeconds + timing.sealToCommitSeconds - timing.commitToPlanSeconds) * 1000;
    expect(startOf({ turn: { now }, ...paused })).toEqual({ kind: 'hand-over' });
  });
});
