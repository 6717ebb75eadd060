/**
 * How a turn starts, now that it is known what the last one left: it ends the run, hands over, waits, or makes a batch.
 * Pure; the step of the plan carries it out.
 */
import type { Outcome } from './driver.ts';
import { planFor, readableNext } from './read-pace.ts';
import type { ShardCheckpoint } from './shard-checkpoint.ts';
import { waitsForUnknown } from './shard-lineage.ts';
import { plannedGapMs, subscribingTriggerMs } from './subscription-pace.ts';
import {
  decideTurn,
  mayCloseWindows,
  mayPlanAt,
  pauseMs,
  type TurnDecision,
  type TurnFacts,
  triggerWaitMs,
} from './turn.ts';

export type LastTurn = {
  /** Of its tasks, if it ended with its reads: one that went on to a seal or a commit says so itself. */
  readonly outcomes: readonly Outcome[];
  /** It ended with its reads, and shards that had no task in it are this turn's. */
  readonly leavesUnread: boolean;
};

export type StartFacts = {
  readonly turn: TurnFacts;
  readonly last: LastTurn;
  /** As committed. */
  readonly shards: readonly ShardCheckpoint[];
  /** By enhanced fan-out: nobody knows what a turn that left nothing behind subscribed to. */
  readonly subscribes: boolean;
  readonly isListingDue: boolean;
};

export type Start =
  | Extract<TurnDecision, { readonly kind: 'done' }>
  | { readonly kind: 'hand-over' }
  | { readonly kind: 'wait'; readonly until: number }
  /** `closesWindows`: unless the listing finds shards to read first. */
  | { readonly kind: 'batch'; readonly lists: boolean; readonly closesWindows: boolean };

export function decideStart(facts: StartFacts): Start {
  const { turn, shards, isListingDue } = facts;
  const decision = decideTurn(turn);
  if (decision.kind === 'done') return decision;
  const pausedUntil = mustPause(facts) ? pauseUntil(facts) : undefined;
  // The first plan of a run never hands over: it has done nothing yet.
  const handsOver = decision.kind === 'continue-as-new' && turn.turn > 0;
  if (handsOver && !holdsBack(facts, pausedUntil)) return { kind: 'hand-over' };
  if (pausedUntil !== undefined) return { kind: 'wait', until: pausedUntil };
  const closesWindows = mayCloseWindows(turn);
  return { kind: 'batch', lists: isListingDue || closesWindows || waitsForUnknown(shards), closesWindows };
}

/**
 * Whether to pause before the batch: the last turn moved nothing although something is left, because Kinesis throttles or
 * a shard fails. Shards that it left without a task are no reason to pause, since they are read now; nor is then a shard
 * that is held before a deadly event, which waits longer than a pause anyway. Where only such shards are left, the trigger
 * has been waited for, which is a pause if it is long enough. By fan-out there is one after shards without a task, too: when
 * the last turn subscribed is not known.
 */
function mustPause(facts: StartFacts): boolean {
  const { last, subscribes } = facts;
  if (last.leavesUnread && subscribes) return true;
  const left = last.outcomes.filter((outcome) => outcome !== 'caught-up');
  if (left.some((outcome) => outcome !== 'held')) return true;
  return left.length > 0 && !last.leavesUnread && waitedMs(facts) < (subscribes ? plannedGapMs : pauseMs);
}

/**
 * How long ago the last turn began, at least: if all its shards were caught up or held, the state machine waited for its
 * trigger.
 */
function waitedMs({ turn: { request, triggerMs }, last, subscribes }: StartFacts): number {
  const isQuiet = last.outcomes.every((outcome) => outcome === 'caught-up' || outcome === 'held');
  if (last.leavesUnread || !isQuiet) return 0;
  return triggerWaitMs({ request, triggerMs: subscribes ? subscribingTriggerMs(triggerMs) : triggerMs });
}

/** Where shards only had to wait after large answers: until the first of them may be read again. Else for two seconds. */
function pauseUntil(facts: StartFacts): number {
  const { last, shards, subscribes } = facts;
  const { now } = facts.turn;
  // When the last turn subscribed is not known: assume just now.
  if (subscribes) return now + plannedGapMs;
  const onlyWaited = last.outcomes.every((outcome) => outcome === 'behind' || outcome === 'caught-up');
  const readable = onlyWaited ? readableNext(shards, now) : undefined;
  return readable === undefined ? now + pauseMs - waitedMs(facts) : Math.max(now, planFor(readable));
}

/** SUBSCRIBE-1: the successor would plan at once, and knows nothing of what the last turn subscribed to. */
function holdsBack({ turn, subscribes }: StartFacts, pausedUntil: number | undefined): boolean {
  return pausedUntil !== undefined && subscribes && mayPlanAt(turn.timing, turn.startedAt, pausedUntil);
}
