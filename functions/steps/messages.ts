/** What the state machine passes to each step and gets back: checked at the door, small enough for every shard count. */
import * as z from 'zod';
import type { RowFates } from '../core/dead-letter-tally.ts';
import {
  type BatchState,
  type EndReason,
  endReasons,
  type Outcome,
  outcomes,
  type ReduceSoFar,
  type Request,
  type Timing,
} from '../core/driver.ts';
import { deadLetterReasons } from '../core/evaluate-event.ts';

export { type BatchState, type EndReason, endReasons, type Outcome, outcomes, type Request, type Timing };

const isoTime = z.iso.datetime({ offset: true });
const count = z.int().nonnegative();

export const requestSchema: z.ZodType<Request> = z.strictObject({
  untilCaughtUp: z.boolean().optional(),
  closeWindows: z.boolean().optional(),
  untilBatch: count.optional(),
});

const seconds = z.int().positive();
export const timingSchema: z.ZodType<Timing> = z.object({
  planToSealSeconds: seconds,
  sealToCommitSeconds: seconds,
  commitToPlanSeconds: seconds,
  rotateAfterSeconds: seconds,
  reduceUntilSeconds: seconds,
  closeUntilSeconds: seconds,
  readSeconds: seconds,
  maxTurns: z.int().positive(),
  maxTasks: z.int().positive(),
});

export const planBatchInputSchema = z.object({
  request: requestSchema,
  run: z.string().min(1),
  executionId: z.string().min(1),
  startedAt: isoTime,
  timing: timingSchema,
  /** What the previous turn left in `$.batch`; `{ next: 'plan', turn: 0 }` at first. */
  batch: z.looseObject({
    next: z.string(),
    turn: count,
    caughtUp: z.boolean().optional(),
    /** Of the turn that read, if it ended with that. */
    epoch: count.optional(),
    postponed: z.boolean().optional(),
    leavesUnread: z.boolean().optional(),
    failingSince: count.optional(),
  }),
  /** Outcomes of the previous turn's tasks; empty at first and after a commit. */
  outcomes: z.array(z.enum(outcomes)),
});
export type PlanBatchInput = z.infer<typeof planBatchInputSchema>;

export const processShardsInputSchema = z.object({
  run: z.string().min(1),
  epoch: count,
  batchId: count,
  task: count,
  readSeconds: seconds,
});
export type ProcessShardsInput = z.infer<typeof processShardsInputSchema>;
export type ProcessShardsOutput = { readonly outcome: Outcome };

export const sealBatchInputSchema = z.object({
  run: z.string().min(1),
  epoch: count,
  batchId: count,
  turn: count,
  waitUntil: isoTime,
  timing: timingSchema,
  /** Of this turn's tasks, in their order; none for a batch without tasks. */
  outcomes: z.array(z.enum(outcomes)),
});
export type SealBatchInput = z.infer<typeof sealBatchInputSchema>;

export const reduceKeyGroupInputSchema = z.object({
  epoch: count,
  batchId: count,
  ref: count,
  keyGroup: count,
  /** A reducer of this batch may have left something behind. */
  again: z.boolean(),
});
export type ReduceKeyGroupInput = z.infer<typeof reduceKeyGroupInputSchema>;

const tallySchema = z.array(
  z.object({
    reason: z.enum(deadLetterReasons),
    count: z.int().positive(),
    example: z.object({
      shardId: z.string(),
      sequenceNumber: z.string(),
      subSequenceNumber: count,
    }),
  }),
);
const rowFatesSchema: z.ZodType<RowFates> = z.object({ results: count, filtered: count, refused: tallySchema });

/** What one key group's reducer says, or the state machine in its place (`progressed: false`) when all its tries failed. */
const reducedGroupSchema = z.object({
  keyGroup: count,
  /** Records of its output, once all of it is acknowledged. */
  emitted: count,
  /** All of its output is acknowledged. If not, the driver comes back. */
  done: z.boolean(),
  /** This try has done a part of what was left. */
  progressed: z.boolean(),
  rows: rowFatesSchema.optional(),
  /** What kept it from more. */
  why: z.string().optional(),
  /** Its function died, of what user code did perhaps. */
  died: z.boolean().optional(),
  /** Epoch ms before which another try is of no use. */
  waitUntil: count.optional(),
});
export type ReducedGroup = z.infer<typeof reducedGroupSchema>;
export type ReduceKeyGroupOutput = ReducedGroup;

export const reduceSoFarSchema: z.ZodType<ReduceSoFar> = z.object({
  emitted: count,
  stuckSince: count,
  rows: rowFatesSchema.optional(),
});

export const commitBatchInputSchema = z.object({
  request: requestSchema,
  run: z.string().min(1),
  startedAt: isoTime,
  timing: timingSchema,
  epoch: count,
  batchId: count,
  ref: count,
  turn: count,
  waitUntil: isoTime,
  /** What the rounds before have come to. */
  reduced: reduceSoFarSchema,
  /** What this round's groups say; none without aggregation. */
  groups: z.array(reducedGroupSchema),
});
export type CommitBatchInput = z.infer<typeof commitBatchInputSchema>;
