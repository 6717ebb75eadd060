/** What the state machine passes to each step and gets back: checked at the door, small enough for every shard count. */

import { deadLetterReasons } from '../core/dead-letter.ts';
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
import type { OutputCounts } from '../core/output-counts.ts';
import type { ReferenceUses } from '../core/references.ts';
import type { GroupSize, ReducerMemory, StateSizes } from '../core/sizes.ts';
import type { SlowOutputs, SlowSendings } from '../core/slow-outputs.ts';
import { type StepMark, stepNames } from '../core/step-times.ts';
import {
  array,
  isoTime,
  object,
  oneOf,
  optional,
  type Rule,
  record,
  text,
  trueOrFalse,
  type ValueOf,
  wholeNumber,
} from './message-rules.ts';

export { type BatchState, type EndReason, endReasons, type Outcome, outcomes, type Request, type Timing };

const count = wholeNumber({ least: 0 });
const name = text({ least: 1 });
/** Where it is no item; else empty. */
const plan = text({ least: 0 });

export const requestRule: Rule<Request> = object(
  {
    untilCaughtUp: optional(trueOrFalse),
    closeWindows: optional(trueOrFalse),
    untilBatch: optional(count),
  },
  'refused',
);

const seconds = wholeNumber({ least: 1 });

/** Of the state that calls the step: who calls it otherwise says nothing. */
const entered = { enteredAt: optional(isoTime), retries: optional(count) };
/** When the steps of the batch before this one began. */
const marks = optional(array<StepMark>(object({ step: oneOf(stepNames), at: count, tries: optional(seconds) })));

export const timingRule: Rule<Timing> = object({
  planToSealSeconds: seconds,
  sealToCommitSeconds: seconds,
  commitToPlanSeconds: seconds,
  rotateAfterSeconds: seconds,
  reduceUntilSeconds: seconds,
  closeUntilSeconds: seconds,
  readSeconds: seconds,
  maxTurns: seconds,
  maxTasks: seconds,
});

export const planBatchInputRule = object({
  request: requestRule,
  run: name,
  executionId: name,
  startedAt: isoTime,
  timing: timingRule,
  /** What the previous turn left in `$.batch`; `{ next: 'plan', turn: 0 }` at first. */
  batch: object(
    {
      next: text({ least: 0 }),
      turn: count,
      caughtUp: optional(trueOrFalse),
      /** Of the turn that read, if it ended with that. */
      epoch: optional(count),
      postponed: optional(trueOrFalse),
      leavesUnread: optional(trueOrFalse),
      plan: optional(plan),
      failingSince: optional(count),
      lacksReference: optional(trueOrFalse),
    },
    'kept',
  ),
  /** Outcomes of the previous turn's tasks; empty at first and after a commit. */
  outcomes: array(oneOf(outcomes)),
  ...entered,
});
export type PlanBatchInput = ValueOf<typeof planBatchInputRule>;

export const processShardsInputRule = object({
  run: name,
  epoch: count,
  batchId: count,
  task: count,
  plan: optional(plan),
  readSeconds: seconds,
});
export type ProcessShardsInput = ValueOf<typeof processShardsInputRule>;
export type ProcessShardsOutput = { readonly outcome: Outcome };

export const sealBatchInputRule = object({
  run: name,
  epoch: count,
  batchId: count,
  plan: optional(plan),
  turn: count,
  waitUntil: isoTime,
  timing: timingRule,
  /** Of this turn's tasks, in their order; none for a batch without tasks. */
  outcomes: array(oneOf(outcomes)),
  steps: marks,
  ...entered,
});
export type SealBatchInput = ValueOf<typeof sealBatchInputRule>;

export const reduceKeyGroupInputRule = object({
  epoch: count,
  batchId: count,
  ref: count,
  keyGroup: count,
  /** A reducer of this batch may have left something behind. */
  again: trueOrFalse,
});
export type ReduceKeyGroupInput = ValueOf<typeof reduceKeyGroupInputRule>;

const tallyRule = array(
  object({
    reason: oneOf(deadLetterReasons),
    count: seconds,
    example: object({
      source: text({ least: 0 }),
      shardId: text({ least: 0 }),
      sequenceNumber: text({ least: 0 }),
      subSequenceNumber: count,
    }),
  }),
);
const outputCountsRule: Rule<OutputCounts> = record(
  object({ emitted: count, filtered: count, refused: count, made: optional(count), retracted: optional(count) }),
);
const referenceUsesRule: Rule<ReferenceUses> = record(
  object({ versions: array(text({ least: 1 })), more: optional(count), loadedAt: count, failed: optional(count) }),
);
const groupSizeRule: Rule<GroupSize> = object({
  ...{ entries: count, bytes: count, segments: count, runs: count, inlineChars: count },
  ...{ manifestChars: count, steps: count },
});
const stateSizesRule: Rule<StateSizes> = object({ groups: count, total: groupSizeRule, most: groupSizeRule });
const memoryRule: Rule<ReducerMemory> = object({ peakBytes: count, limitBytes: count });
const slowOutputsRule: Rule<SlowOutputs> = record(
  object({ ms: count, left: optional(count), error: optional(text({ least: 0 })) }),
);
const slowSendingsRule: Rule<SlowSendings> = record(
  object({ ms: count, rounds: optional(count), error: optional(text({ least: 0 })) }),
);
const rowFatesRule: Rule<RowFates> = object({
  results: count,
  filtered: count,
  refused: tallyRule,
  late: optional(count),
  retracted: optional(count),
  made: optional(count),
});

/** What one key group's reducer says, or the state machine in its place (`progressed: false`) when all its tries failed. */
const reducedGroupRule = object({
  keyGroup: count,
  /** Records of its output, once all of it is acknowledged. */
  emitted: count,
  /** All of its output is acknowledged. If not, the driver comes back. */
  done: trueOrFalse,
  /** This try has done a part of what was left. */
  progressed: trueOrFalse,
  rows: optional(rowFatesRule),
  /** Of each output, where there are several. */
  outputs: optional(outputCountsRule),
  /** What its rows were given. */
  references: optional(referenceUsesRule),
  /** What kept it from more. */
  why: optional(text({ least: 0 })),
  /** Its function died, of what user code did perhaps. */
  died: optional(trueOrFalse),
  /** Epoch ms before which another try is of no use. */
  waitUntil: optional(count),
  /** Rows that it has handed on to the gathering step. */
  ranked: optional(count),
  /** By output that is detached: rows that it has not sent. */
  kept: optional(record(count)),
  /** Of a batch that sends what was kept: so many rows there were. */
  resent: optional(record(count)),
  /** Of the state that it has put. */
  size: optional(groupSizeRule),
  /** Of its function. */
  memory: optional(memoryRule),
  /** Outputs that took long in this try, or have not taken all. */
  slow: optional(slowOutputsRule),
});
export type ReducedGroup = ValueOf<typeof reducedGroupRule>;
export type ReduceKeyGroupOutput = ReducedGroup;

export const reduceSoFarRule: Rule<ReduceSoFar> = object({
  emitted: count,
  stuckSince: count,
  rows: optional(rowFatesRule),
  outputs: optional(outputCountsRule),
  ranked: optional(count),
  kept: optional(record(count)),
  resent: optional(record(count)),
  references: optional(referenceUsesRule),
  states: optional(stateSizesRule),
  memory: optional(memoryRule),
  slow: optional(slowSendingsRule),
});

export const commitBatchInputRule = object({
  request: requestRule,
  run: name,
  startedAt: isoTime,
  timing: timingRule,
  epoch: count,
  batchId: count,
  ref: count,
  turn: count,
  waitUntil: isoTime,
  /** What the rounds before have come to. */
  reduced: reduceSoFarRule,
  /** What this round's groups say; none without aggregation. */
  groups: array(reducedGroupRule),
  steps: marks,
  ...entered,
});
export type CommitBatchInput = ValueOf<typeof commitBatchInputRule>;
