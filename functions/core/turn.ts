/**
 * What the driver does next: claim, end, hand over or go on. Pure: time and what was read are arguments.
 *
 * TURN-1 A driver that lost its place ends with success: an error would be retried into a duel (L2).
 * TURN-2 The lease covers the worst case up to the next write of the head (L3); it serves liveness only. Safety is the
 *    epoch's.
 */
import type { Pipeline } from '../pipeline/pipeline.ts';
import { type BatchState, type EndReason, hasFailed, type Outcome, type Request, type Timing } from './driver.ts';
import { type Ending, isAllRead } from './ending.ts';
import { hasOpenWindows } from './group-states.ts';
import { isHeld, unfinished } from './head.ts';
import type { BatchBody, Head } from './model.ts';
import { openRedrive } from './redrive.ts';

export type ClaimDecision = { readonly kind: 'claim' } | { readonly kind: 'done'; readonly reason: EndReason };

/** Before any write: may this run plan? `turn` 0 is the run's first plan, or a retry of it. */
export function decideClaim(head: Head, run: string, turn: number, now: number): ClaimDecision {
  if (head.holder?.owner === run) return { kind: 'claim' };
  if (turn > 0) return { kind: 'done', reason: 'superseded' };
  if (head.control === 'stop' && unfinished(head) === undefined) return { kind: 'done', reason: 'stopped' };
  if (isHeld(head, now)) return { kind: 'done', reason: 'another-driver' };
  return { kind: 'claim' };
}

/** The lease of a plan: through the seal, or, when nothing moves, through the wait up to the next plan. */
export function leaseAfterPlan(timing: Timing, now: number, waitUntil: number): number {
  return Math.max(now, waitUntil) + (timing.planToSealSeconds + timing.commitToPlanSeconds) * 1000;
}

/** The lease of a seal, and of each further round of the reduce: through the commit. */
export const leaseAfterSeal = (timing: Timing, now: number): number => now + timing.sealToCommitSeconds * 1000;

export const leaseAfterCommit = (timing: Timing, now: number, waitUntil: number): number =>
  Math.max(now, waitUntil) + timing.commitToPlanSeconds * 1000;

/**
 * more        is left to read, or nobody has looked
 * caught-up   everything available was read, as far as this run has seen
 * at-end      everything before the pipeline's or the run's end was read
 */
export type ReadSoFar = 'more' | 'caught-up' | 'at-end';

export type TurnFacts = {
  readonly request: Request;
  readonly timing: Timing;
  readonly turn: number;
  readonly now: number;
  readonly startedAt: number;
  /** When the pipeline was first planned. */
  readonly createdAt: number;
  readonly control: Head['control'];
  /** Undefined: none is. */
  readonly committedBatch: number | undefined;
  readonly read: ReadSoFar;
  readonly triggerMs: number;
  readonly stopWhenIdleMs: number | undefined;
  readonly lastDeliveryAt: number | null;
  /** `closeWindows` was asked for and windows are open still. */
  readonly mustCloseWindows: boolean;
};

/** What a turn's end is decided on, when its batch is committed and when the next one is planned. */
export function turnFacts(
  { trigger }: Pick<Pipeline, 'trigger'>,
  execution: Pick<TurnFacts, 'request' | 'timing' | 'turn' | 'now'> & { readonly startedAt: string },
  known: {
    readonly head: Head;
    /** The last batch that is committed, or about to be. */
    readonly body: BatchBody | undefined;
    readonly ending: Ending | undefined;
    readonly caughtUp: boolean;
  },
): TurnFacts {
  const { request, timing, turn, now, startedAt } = execution;
  const { head, body, ending, caughtUp } = known;
  const isAtEnd = body !== undefined && isAllRead(body.shards, ending);
  const hasLetters = openRedrive(head, body, now) !== undefined;
  return {
    request,
    timing,
    turn,
    now,
    startedAt: Date.parse(startedAt),
    createdAt: head.createdAt,
    control: head.control,
    committedBatch: body?.batchId ?? head.committed?.batchId,
    read: hasLetters ? 'more' : isAtEnd ? 'at-end' : caughtUp ? 'caught-up' : 'more',
    triggerMs: loopTriggerMs(trigger),
    stopWhenIdleMs: trigger.stopWhenIdleMs,
    lastDeliveryAt: body?.lastDeliveryAt ?? null,
    mustCloseWindows: mustCloseWindows(request, body, isAtEnd),
  };
}

/** Ends of a run that has done all there was. */
const wellEnded: readonly EndReason[] = ['caught-up', 'ended', 'idle', 'batch-reached', 'scheduled'];

/**
 * Whether a plan is a sign of life although nothing was committed. Who was stopped, or finds another driver, gives none: a driver that hangs
 * would seem alive for as long as it is started again.
 */
export function foundNothingToDo(caughtUp: boolean, state: BatchState): boolean {
  if (state.next === 'done') return wellEnded.includes(state.reason);
  return caughtUp;
}

export type TurnDecision =
  | { readonly kind: 'go-on' }
  | { readonly kind: 'continue-as-new' }
  | { readonly kind: 'done'; readonly reason: EndReason };

/** Longer triggers are the schedule's: it starts one batch at a time, and waiting inside an execution is billed. */
export const maxLoopTriggerMs = 59_999;

/** A run of what is available now never waits: its trigger only says how often it is started. */
export const loopTriggerMs = ({ everyMs, availableNow }: Pipeline['trigger']): number =>
  availableNow === true ? 0 : everyMs;

/** Of a run that ends because nothing is left to read, and not because somebody has said so. */
export const endsWhenRead = (reason: EndReason): boolean =>
  reason === 'ended' || reason === 'caught-up' || reason === 'idle' || reason === 'scheduled';

/** After a turn: end, hand over to a next execution, or go on in this one. */
export function decideTurn(facts: TurnFacts): TurnDecision {
  const { request, committedBatch } = facts;
  if (facts.control === 'stop') return { kind: 'done', reason: 'stopped' };
  if (isReached(request.untilBatch, committedBatch)) return { kind: 'done', reason: 'batch-reached' };
  const reason = facts.mustCloseWindows ? undefined : reasonToEnd(facts);
  if (reason !== undefined) return { kind: 'done', reason };
  return mustHandOver(facts) ? { kind: 'continue-as-new' } : { kind: 'go-on' };
}

const isReached = (untilBatch: number | undefined, committedBatch: number | undefined): boolean =>
  untilBatch !== undefined && committedBatch !== undefined && committedBatch >= untilBatch;

/** Whether a batch is due that reads nothing and closes windows. */
export const mayCloseWindows = ({ read, mustCloseWindows }: TurnFacts): boolean => read !== 'more' && mustCloseWindows;

/** Of a turn that has no windows to close. */
function reasonToEnd(facts: TurnFacts): EndReason | undefined {
  if (facts.read === 'more') return undefined;
  if (facts.read === 'at-end') return 'ended';
  if (facts.request.untilCaughtUp === true) return 'caught-up';
  if (isIdle(facts)) return 'idle';
  return facts.triggerMs > maxLoopTriggerMs ? 'scheduled' : undefined;
}

function mustHandOver(facts: TurnFacts): boolean {
  const { timing, turn, now, startedAt } = facts;
  const ranSeconds = (now - startedAt) / 1000;
  // The batch that closes the windows is made in this execution if there is time for it: a successor would first have to
  // catch up again.
  if (mayCloseWindows(facts) && ranSeconds < timing.closeUntilSeconds) return false;
  return ranSeconds >= timing.rotateAfterSeconds || turn >= timing.maxTurns;
}

/**
 * Whether an execution can wait until then, plan, and hand over before its time is up. One that waits for longer is cut.
 */
export function mayPlanAt(timing: Timing, startedAt: number, at: number): boolean {
  const lastSeconds = timing.reduceUntilSeconds + timing.sealToCommitSeconds;
  return at <= startedAt + (lastSeconds - timing.commitToPlanSeconds) * 1000;
}

/** A backlog and a run until caught up don't wait; otherwise the next batch starts at the trigger. */
export function nextTrigger(facts: {
  readonly request: Request;
  readonly turnStartedAt: number;
  readonly triggerMs: number;
}): number {
  return facts.turnStartedAt + triggerWaitMs(facts);
}

/** So long after its start a turn that has nothing left to do is followed by the next, at the earliest. */
export function triggerWaitMs({ request, triggerMs }: Pick<TurnFacts, 'request' | 'triggerMs'>): number {
  // A longer trigger is the schedule's: this execution only finishes what there is.
  return request.untilCaughtUp !== true && triggerMs <= maxLoopTriggerMs ? triggerMs : 0;
}

/** Without event-time windows none is open. */
export function mustCloseWindows(request: Request, body: BatchBody | undefined, isAtEnd = false): boolean {
  const ends = request.untilCaughtUp === true || isAtEnd;
  return ends && request.closeWindows === true && hasOpenWindows(body);
}

/** `postponed`: shards had no task, so nobody knows what is left in them. */
export const caughtUpAfterProbe = (outcomes: readonly Outcome[], postponed = false): boolean =>
  !postponed && outcomes.length > 0 && outcomes.every((outcome) => outcome === 'caught-up');

/**
 * A turn in which nothing moved and not all was caught up is tried again after this, whatever the trigger; one that only
 * stands before deadly events at the trigger, and after this at least.
 */
export const pauseMs = 2_000;

/** One failing shard stops nothing; when for so long nothing at all can be read, somebody should hear of it. */
export const maxFailingMs = 45_000;

/**
 * Since when reading fails. A run until caught up can't end with any shard failing, others only when every task does.
 */
export function failingSince(
  before: number | undefined,
  outcomes: readonly Outcome[],
  request: Request,
  now: number,
): number | undefined {
  // A pause has no outcomes of its own: it is part of the trouble it followed.
  if (outcomes.length === 0) return before;
  const failed = outcomes.filter(hasFailed).length;
  const isFailing = request.untilCaughtUp === true ? failed > 0 : failed > 0 && failed === outcomes.length;
  return isFailing ? (before ?? now) : undefined;
}

function isIdle(facts: TurnFacts): boolean {
  if (facts.stopWhenIdleMs === undefined) return false;
  return facts.now - (facts.lastDeliveryAt ?? facts.createdAt) >= facts.stopWhenIdleMs;
}
