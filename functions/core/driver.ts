/** What travels between the states of the driver: a few words and numbers, never anything per shard or record. */

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
  readonly readSeconds: number;
  readonly maxTurns: number;
  readonly maxTasks: number;
};

/** What one task's executor reports; everything else it found is in its block. */
export const outcomes = ['moved', 'caught-up', 'behind', 'failed'] as const;
export type Outcome = (typeof outcomes)[number];

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

/** `$.batch` of the state machine: the state of the turn, replaced by each driver step. */
export type BatchState =
  | {
      readonly next: 'process';
      readonly turn: number;
      readonly epoch: number;
      readonly batchId: number;
      readonly tasks: readonly number[];
      /** Epoch ms since which reading failed, turn after turn. */
      readonly failingSince?: number | undefined;
      readonly waitUntil: string;
    }
  | {
      readonly next: 'seal';
      readonly turn: number;
      readonly epoch: number;
      readonly batchId: number;
      readonly waitUntil: string;
    }
  | {
      readonly next: 'reduce' | 'commit';
      readonly turn: number;
      readonly epoch: number;
      readonly batchId: number;
      readonly ref: number;
      readonly keyGroups: readonly number[];
      readonly waitUntil: string;
    }
  | { readonly next: 'plan'; readonly turn: number; readonly caughtUp: boolean }
  | {
      readonly next: 'wait';
      readonly turn: number;
      readonly caughtUp: boolean;
      readonly failingSince?: number | undefined;
      readonly waitUntil: string;
    }
  | { readonly next: 'continue-as-new'; readonly turn: number }
  | { readonly next: 'done'; readonly turn: number; readonly reason: EndReason };
