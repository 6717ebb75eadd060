/** What the state machine passes to each step and gets back: checked at the door, small enough for every shard count. */

import {
  type BatchState,
  type EndReason,
  endReasons,
  type Outcome,
  outcomes,
  type Request,
  type Timing,
} from '../core/driver.ts';
import { type StepMark, stepNames } from '../core/step-times.ts';
import type { Items } from '../core/waves.ts';
import {
  array,
  isoTime,
  object,
  oneOf,
  oneRuleOf,
  optional,
  type Rule,
  text,
  trueOrFalse,
  type ValueOf,
  wholeNumber,
} from './message-rules.ts';
import { type ReducedGroup, reduceSoFarRule, saidOfGroupsRule } from './reduced-messages.ts';

export type { ReducedGroup } from './reduced-messages.ts';
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
  tasksInWave: optional(seconds),
  groupsInWave: optional(seconds),
});

/** Numbers, or waves of them. */
const itemsRule: Rule<Items> = oneRuleOf((given) => Array.isArray(given) && Array.isArray(given[0]), {
  yes: array(array(count)),
  no: array(count),
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
      /** Of the turn that read: as the plan before has said it. */
      tasks: optional(itemsRule),
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
export type ReduceKeyGroupOutput = ReducedGroup;

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
  /** What this round's groups say, or its waves of them; none without aggregation. */
  groups: array(saidOfGroupsRule),
  steps: marks,
  ...entered,
});
export type CommitBatchInput = ValueOf<typeof commitBatchInputRule>;
