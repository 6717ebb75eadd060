/** What travels between the states of the driver: a few words and numbers, and a plan that is small. Nothing of it grows with shards or records. */

import type { BatchSizes } from '../pipeline/reporter.ts';
import type { RowFates } from './dead-letter-tally.ts';
import type { RowsByOutput } from './detached.ts';
import type { OutputCounts } from './output-counts.ts';
import type { ReferenceUses } from './references.ts';
import type { SlowSendings } from './slow-outputs.ts';
import type { StepMark } from './step-times.ts';
import type { Items } from './waves.ts';

/** The execution's input: what the starter asks for. A schedule sends `{}`. */
export type Request = {
  /** End once every shard was read to its tip. */
  readonly untilCaughtUp?: boolean | undefined;
  /** With `untilCaughtUp`, or at the end of a pipeline or run that has one: close the windows still open before ending. What arrives later is late. */
  readonly closeWindows?: boolean | undefined;
  /** End when the batch with this id is committed. */
  readonly untilBatch?: number | undefined;
};

/** Worst-case spans of the machine that runs; leases and rotation follow from them. */
export type Timing = {
  readonly planToSealSeconds: number;
  readonly sealToCommitSeconds: number;
  readonly commitToPlanSeconds: number;
  readonly rotateAfterSeconds: number;
  /** Until so long after the execution's start another round of the reduce may begin. */
  readonly reduceUntilSeconds: number;
  /** Until then a batch that closes windows, and reads nothing, may begin. */
  readonly closeUntilSeconds: number;
  readonly readSeconds: number;
  readonly maxTurns: number;
  readonly maxTasks: number;
  /** The machine runs tasks in waves of so many. Absent: all at once. */
  readonly tasksInWave?: number | undefined;
  /** As of tasks. */
  readonly groupsInWave?: number | undefined;
};

/**
 * What one task's executor reports; everything else it found is in its block.
 *
 * held          stands before an event that its executor died of, and nothing moved
 * failed        an error ended it
 * no-reference  what its callbacks need could not be loaded, and nothing was read
 * crashed       its function died: it can't have said so itself
 */
export const outcomes = ['moved', 'caught-up', 'behind', 'held', 'failed', 'no-reference', 'crashed'] as const;
export type Outcome = (typeof outcomes)[number];

export const hasFailed = (outcome: Outcome): boolean => outcome === 'failed' || outcome === 'no-reference';

export const endReasons = [
  'another-driver',
  'superseded',
  'stopped',
  'caught-up',
  'ended',
  'idle',
  'batch-reached',
  'scheduled',
] as const;
export type EndReason = (typeof endReasons)[number];

/** What the rounds of a batch's reduce have come to, in this execution: the groups that are done are not gone to again. */
export type ReduceSoFar = {
  /** Records that the groups that are done have sent. */
  readonly emitted: number;
  /** What became of their rows. */
  readonly rows?: RowFates | undefined;
  /** Of each output, where there are several. */
  readonly outputs?: OutputCounts | undefined;
  /** Rows that they have handed on to the gathering step. Absent: none. */
  readonly ranked?: number | undefined;
  /** Rows of detached outputs, which they have not sent. Absent: none. */
  readonly kept?: RowsByOutput | undefined;
  /** Of a batch that sends what was kept: how many rows that were. Absent: it is none. */
  readonly resent?: RowsByOutput | undefined;
  /** What they have used. */
  readonly references?: ReferenceUses | undefined;
  /** How large their states are. Absent: they have put none. */
  readonly states?: BatchSizes['states'];
  /** Of the reducer that came nearest to its end. Absent: none has said it. */
  readonly memory?: BatchSizes['reducerMemory'];
  /** Outputs that took long, or did not take all at once. Absent: none. */
  readonly slow?: SlowSendings | undefined;
  /** Epoch ms since which no group has got on, round after round; 0: one has, in the last. */
  readonly stuckSince: number;
};

export const nothingReduced: ReduceSoFar = { emitted: 0, stuckSince: 0 };

/** `$.batch` of the state machine: the state of the turn, replaced by each driver step. */
export type BatchState =
  | {
      readonly next: 'process';
      readonly turn: number;
      readonly epoch: number;
      readonly batchId: number;
      readonly tasks: Items;
      /** Where it is no item (PASSED-1); else empty. */
      readonly plan: string;
      /** There are shards that have no task in this turn. */
      readonly postponed?: true | undefined;
      /** Some of them wait for more than this turn: the next one is at once, however this one ends. */
      readonly leavesUnread: boolean;
      /** Epoch ms since which reading failed, turn after turn. */
      readonly failingSince?: number | undefined;
      /** When the steps of the batch began, so far. */
      readonly steps: readonly StepMark[];
      readonly waitUntil: string;
    }
  | {
      readonly next: 'seal';
      readonly turn: number;
      readonly epoch: number;
      readonly batchId: number;
      readonly plan: string;
      readonly steps: readonly StepMark[];
      readonly waitUntil: string;
    }
  | {
      readonly next: 'reduce' | 'commit';
      readonly turn: number;
      readonly epoch: number;
      readonly batchId: number;
      readonly ref: number;
      /** Those that the reduce goes to. */
      readonly keyGroups: Items;
      readonly reduced: ReduceSoFar;
      /** Another round, or another driver's batch: something may be noted beside the states. */
      readonly again: boolean;
      /** Empty: another driver's batch. */
      readonly steps: readonly StepMark[];
      readonly waitUntil: string;
    }
  | { readonly next: 'plan'; readonly turn: number; readonly caughtUp: boolean }
  | {
      readonly next: 'wait';
      readonly turn: number;
      readonly caughtUp: boolean;
      readonly failingSince?: number | undefined;
      /** That is why. */
      readonly lacksReference?: true | undefined;
      readonly waitUntil: string;
    }
  | { readonly next: 'continue-as-new'; readonly turn: number }
  | { readonly next: 'done'; readonly turn: number; readonly reason: EndReason };
