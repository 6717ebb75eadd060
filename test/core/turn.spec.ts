/** L2, L3: who may plan, how a turn ends, and how long a lease must last. */

import { describe, expect, it } from 'vitest';
import type { EndReason, Outcome } from '../../functions/core/driver.ts';
import type { Head } from '../../functions/core/model.ts';
import {
  caughtUpAfterProbe,
  decideClaim,
  decideTurn,
  leaseAfterCommit,
  leaseAfterPlan,
  leaseAfterSeal,
  maxLoopTriggerMs,
  mayPlanAt,
  mustCloseWindows,
  nextTrigger,
  type TurnFacts,
  turnFacts,
} from '../../functions/core/turn.ts';
import {
  batchBody,
  checkpoint,
  ended,
  headOf,
  heldUntil,
  holderOf,
  openUntil,
  timing,
  turnFactsOf,
} from '../support/builders.ts';

describe('a claim', () => {
  const held = (until: number): Partial<Head> => ({ holder: holderOf({ lease: heldUntil(until) }) });

  it('is made where the lease has run out, at its very end too', () => {
    expect(decideClaim(headOf(held(999)), 'me', 0, 1000)).toEqual({ kind: 'claim' });
    expect(decideClaim(headOf(held(1000)), 'me', 0, 1000)).toEqual({ kind: 'claim' });
  });

  it.each<[string, Parameters<typeof headOf>[0], number, EndReason]>([
    ['ends under the lease of another', held(1001), 0, 'another-driver'],
    ['ends in a later turn when another took over, whatever the lease (L2)', {}, 1, 'superseded'],
    ['ends when the pipeline was stopped', { control: 'stop' }, 0, 'stopped'],
  ])('%s', (_, head, turn, reason) => {
    expect(decideClaim(headOf(head), 'me', turn, 1000)).toEqual({ kind: 'done', reason });
  });

  it('is made by the owner again, under its own lease, in any turn', () => {
    const mine = headOf({ holder: holderOf({ owner: 'me', lease: heldUntil(9999) }), control: 'stop' });
    expect(decideClaim(mine, 'me', 0, 1000)).toEqual({ kind: 'claim' });
    expect(decideClaim(mine, 'me', 3, 1000)).toEqual({ kind: 'claim' });
  });

  it('finishes a sealed batch although the pipeline was stopped', () => {
    const head = headOf({ control: 'stop', sealed: { batchId: 1, ref: 7 } });
    expect(decideClaim(head, 'me', 0, 1000)).toEqual({ kind: 'claim' });
  });
});

describe('the end of a turn', () => {
  const decide = (given: Partial<TurnFacts>) => {
    const decision = decideTurn(turnFactsOf(given));
    return decision.kind === 'done' ? decision.reason : decision.kind;
  };

  it.each<[string, Partial<TurnFacts>, string]>([
    ['nothing special', {}, 'go-on'],
    ['caught up, with no wish to end', { read: 'caught-up' }, 'go-on'],
    [
      'windows to close, with time for a batch without reading',
      {
        read: 'caught-up',
        mustCloseWindows: true,
        now: timing.closeUntilSeconds * 1000 - 1,
        request: { untilCaughtUp: true },
      },
      'go-on',
    ],
    [
      'windows to close, after a reduce that left too little of the execution',
      {
        read: 'caught-up',
        mustCloseWindows: true,
        now: timing.closeUntilSeconds * 1000,
        request: { untilCaughtUp: true },
      },
      'continue-as-new',
    ],
    ['stopped', { control: 'stop', read: 'caught-up', request: { untilCaughtUp: true } }, 'stopped'],
    [
      'stopped though windows are to be closed',
      { control: 'stop', mustCloseWindows: true, read: 'caught-up' },
      'stopped',
    ],
    ['the batch before the one asked for', { request: { untilBatch: 6 } }, 'go-on'],
    ['the batch asked for', { request: { untilBatch: 5 } }, 'batch-reached'],
    ['a batch past the one asked for', { request: { untilBatch: 0 } }, 'batch-reached'],
    ['caught up, as asked for', { read: 'caught-up', request: { untilCaughtUp: true } }, 'caught-up'],
    ['not caught up, though asked for', { request: { untilCaughtUp: true } }, 'go-on'],
    [
      'caught up, with windows to close first',
      { read: 'caught-up', request: { untilCaughtUp: true, closeWindows: true }, mustCloseWindows: true },
      'go-on',
    ],
    ['a trigger of a minute', { read: 'caught-up', triggerMs: maxLoopTriggerMs + 1 }, 'scheduled'],
    ['a trigger just below', { read: 'caught-up', triggerMs: maxLoopTriggerMs }, 'go-on'],
    ['a trigger of a minute and a backlog', { triggerMs: 60_000 }, 'go-on'],
    [
      'quiet one tick short of stopWhenIdle',
      { read: 'caught-up', stopWhenIdleMs: 5001, lastDeliveryAt: 5000 },
      'go-on',
    ],
    ['quiet for stopWhenIdle', { read: 'caught-up', stopWhenIdleMs: 5000, lastDeliveryAt: 5000 }, 'idle'],
    ['nothing ever came: quiet counts from the first plan', { read: 'caught-up', stopWhenIdleMs: 10_000 }, 'idle'],
    ['nothing ever came, not for long', { read: 'caught-up', stopWhenIdleMs: 10_001 }, 'go-on'],
    ['quiet, but not caught up', { stopWhenIdleMs: 1 }, 'go-on'],
    ['at the end of the run, whatever was asked for', { read: 'at-end' }, 'ended'],
    ['at the end of the run, with windows to close first', { read: 'at-end', mustCloseWindows: true }, 'go-on'],
    ['at the end of the run, and stopped', { read: 'at-end', control: 'stop' }, 'stopped'],
  ])('%s', (_, given, expected) => {
    expect(decide(given)).toBe(expected);
  });

  it.each<[string, Partial<TurnFacts>, string]>([
    ['a tick before the time', { now: 199_999 }, 'go-on'],
    ['at the time', { now: 200_000 }, 'continue-as-new'],
    ['one turn before the last', { turn: 49 }, 'go-on'],
    ['at the last turn', { turn: 50 }, 'continue-as-new'],
    ['when it could end anyway', { turn: 50, read: 'caught-up', request: { untilCaughtUp: true } }, 'caught-up'],
    ['when the last windows are to be closed', { turn: 50, read: 'caught-up', mustCloseWindows: true }, 'go-on'],
  ])('rotation: %s', (_, given, expected) => {
    expect(decide(given)).toBe(expected);
  });
});

describe('the facts of a turn', () => {
  const trigger = { everyMs: 10_000, stopWhenIdleMs: 5_000 };
  const execution = { request: {}, timing, turn: 3, now: 9_000, startedAt: '1970-01-01T00:00:07Z' };
  const closed = ended('a');
  const open = checkpoint('b', { endedAt: { kind: 'at-timestamp', timestamp: 500, provesEndFrom: 600 } });
  const ending = { kind: 'at-timestamp', timestamp: 500, provesEndFrom: 600 } as const;
  const known = {
    head: headOf({ createdAt: 2 }),
    body: batchBody({ batchId: 8 }),
    ending: undefined,
    caughtUp: false,
  };

  it('are those of the execution, of the pipeline and of the last batch', () => {
    const body = batchBody({ batchId: 8, lastDeliveryAt: 4_000 });
    expect(turnFacts({ trigger }, execution, { ...known, body })).toEqual({
      request: {},
      timing,
      turn: 3,
      now: 9_000,
      startedAt: 7_000,
      createdAt: 2,
      control: 'run',
      committedBatch: 8,
      read: 'more',
      triggerMs: 10_000,
      stopWhenIdleMs: 5_000,
      lastDeliveryAt: 4_000,
      mustCloseWindows: false,
    });
  });

  it('of a pipeline without a batch are those of its head', () => {
    const head = headOf({ committed: undefined, sealed: undefined });
    const facts = turnFacts({ trigger }, execution, { ...known, head, body: undefined, ending });
    expect(facts).toMatchObject({ committedBatch: undefined, read: 'more', lastDeliveryAt: null });
  });

  it('say that all is read up to the end before they say that it is read up to the tip', () => {
    const body = batchBody({ shards: [closed, open] });
    const readOf = (given: Partial<typeof known>) =>
      turnFacts({ trigger }, execution, { ...known, body, ...given }).read;
    expect(readOf({ caughtUp: true })).toBe('caught-up');
    expect(turnFacts({ trigger }, execution, { ...known, body, ending, caughtUp: true }).read).toBe('at-end');
    expect(turnFacts({ trigger }, execution, { ...known, body, ending }).read).toBe('at-end');
  });

  it('have windows to close at the end of a run that asks for it', () => {
    const body = batchBody({ shards: [open], states: openUntil(30), watermarkOut: 20 });
    const asked = { ...execution, request: { closeWindows: true } };
    expect(turnFacts({ trigger }, asked, { ...known, body, ending }).mustCloseWindows).toBe(true);
    expect(turnFacts({ trigger }, asked, { ...known, body }).mustCloseWindows).toBe(false);
  });

  it('of a run of what is available now know no trigger', () => {
    expect(turnFacts({ trigger: { ...trigger, availableNow: true } }, execution, known).triggerMs).toBe(0);
  });
});

describe('leases (L3)', () => {
  it('of a plan last through the read and the seal, or through the wait and the next plan', () => {
    expect(leaseAfterPlan(timing, 1000, 500)).toBe(1000 + 120_000);
    expect(leaseAfterPlan(timing, 1000, 61_000)).toBe(61_000 + 120_000);
  });

  it('of a seal last through reduce and commit', () => {
    expect(leaseAfterSeal(timing, 1000)).toBe(61_000);
  });

  it('of a commit last through the wait and the next plan', () => {
    expect(leaseAfterCommit(timing, 1000, 500)).toBe(21_000);
    expect(leaseAfterCommit(timing, 1000, 31_000)).toBe(51_000);
  });
});

it('lets an execution wait for another plan as long as it ends, and hands over, within the execution', () => {
  const latest = 1_000 + (timing.reduceUntilSeconds + timing.sealToCommitSeconds - timing.commitToPlanSeconds) * 1_000;
  expect(latest).toBe(341_000);
  expect([latest, latest + 1].map((at) => mayPlanAt(timing, 1_000, at))).toEqual([true, false]);
});

it('starts the next batch at the trigger; a run until caught up does not wait', () => {
  expect(nextTrigger({ request: {}, turnStartedAt: 1000, triggerMs: 10_000 })).toBe(11_000);
  expect(nextTrigger({ request: {}, turnStartedAt: 1000, triggerMs: 3_600_000 })).toBe(1000);
  expect(nextTrigger({ request: { untilCaughtUp: true }, turnStartedAt: 1000, triggerMs: 10_000 })).toBe(1000);
});

it.each<[readonly Outcome[], boolean]>([
  [['caught-up', 'caught-up'], true],
  [['caught-up', 'behind'], false],
  [['caught-up', 'failed'], false],
  [['moved'], false],
  [[], false],
])('a probe with the outcomes %j is caught up: %s', (outcomes, expected) => {
  expect(caughtUpAfterProbe(outcomes)).toBe(expected);
});

it('a probe of some of the shards only is never caught up', () => {
  expect(caughtUpAfterProbe(['caught-up'], true)).toBe(false);
});

it('closes windows only at the end of a run until caught up, if any are open', () => {
  const open = batchBody({ states: openUntil(30), watermarkOut: 20 });
  expect(mustCloseWindows({ untilCaughtUp: true, closeWindows: true }, open)).toBe(true);
  expect(mustCloseWindows({ closeWindows: true }, open)).toBe(false);
  expect(mustCloseWindows({ untilCaughtUp: true }, open)).toBe(false);
  expect(mustCloseWindows({ untilCaughtUp: true, closeWindows: true }, { ...open, states: openUntil() })).toBe(false);
  expect(mustCloseWindows({ untilCaughtUp: true, closeWindows: true }, undefined)).toBe(false);
});
