/** What reducers say, each for itself or in waves, and what that has come to: checked at the door of the commit step. */
import { deadLetterReasons } from '../core/dead-letter.ts';
import type { RowFates } from '../core/dead-letter-tally.ts';
import type { ReduceSoFar } from '../core/driver.ts';
import type { OutputCounts } from '../core/output-counts.ts';
import type { LostWave, SaidOfGroups, WaveAnswer } from '../core/reduced-wave.ts';
import type { ReferenceUses } from '../core/references.ts';
import type { GroupSize, ReducerMemory, StateSizes } from '../core/sizes.ts';
import type { SlowOutputs, SlowSendings } from '../core/slow-outputs.ts';
import {
  array,
  object,
  oneOf,
  oneRuleOf,
  optional,
  type Rule,
  record,
  text,
  trueOrFalse,
  type ValueOf,
  wholeNumber,
} from './message-rules.ts';

const count = wholeNumber({ least: 0 });
const seconds = wholeNumber({ least: 1 });

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

/** What is added up, of rows that are out and of whoever made them. */
const sums = {
  rows: optional(rowFatesRule),
  /** Of each output, where there are several. */
  outputs: optional(outputCountsRule),
  /** What rows were given. */
  references: optional(referenceUsesRule),
  /** By output that is detached: rows that were not sent. */
  kept: optional(record(count)),
  /** Of a batch that sends what was kept: so many rows there were. */
  resent: optional(record(count)),
  /** Of the function that has most. */
  memory: optional(memoryRule),
};

/** What one key group's reducer says, or the state machine in its place (`progressed: false`) when all its tries failed. */
const reducedGroupRule = object({
  keyGroup: count,
  /** Records of its output, once all of it is acknowledged. */
  emitted: count,
  /** All of its output is acknowledged. If not, the driver comes back. */
  done: trueOrFalse,
  /** This try has done a part of what was left. */
  progressed: trueOrFalse,
  ...sums,
  /** What kept it from more. */
  why: optional(text({ least: 0 })),
  /** Its function died, of what user code did perhaps. */
  died: optional(trueOrFalse),
  /** Epoch ms before which another try is of no use. */
  waitUntil: optional(count),
  /** Rows that it has handed on to the gathering step. */
  ranked: optional(count),
  /** Of the state that it has put. */
  size: optional(groupSizeRule),
  /** Outputs that took long in this try, or have not taken all. */
  slow: optional(slowOutputsRule),
});
export type ReducedGroup = ValueOf<typeof reducedGroupRule>;

/** What a wave of reducers says (`SumUpWave`). */
const waveAnswerRule: Rule<WaveAnswer> = object({
  outputs: optional(array(text({ least: 1 }))),
  groups: array(
    object({
      ...{ keyGroup: count, emitted: count, done: trueOrFalse, progressed: trueOrFalse },
      ...{ why: optional(text({ least: 0 })), died: optional(trueOrFalse), waitUntil: optional(count) },
      ...{ ranked: optional(count), sent: optional(array(count)) },
    }),
  ),
  sums: object({ ...sums, states: optional(stateSizesRule), slow: optional(slowOutputsRule) }),
});
const lostWaveRule: Rule<LostWave> = object({ lost: array(count), why: text({ least: 0 }) });

/** For the function of a reducer: to add up what it and its neighbours have said. */
export const sumUpWaveInputRule = object({ answers: array(reducedGroupRule) });
export type SumUpWaveInput = ValueOf<typeof sumUpWaveInputRule>;

const has = (name: string) => (given: unknown) => typeof given === 'object' && given !== null && name in given;

export const reduceSoFarRule: Rule<ReduceSoFar> = object({
  emitted: count,
  stuckSince: count,
  ...sums,
  ranked: optional(count),
  states: optional(stateSizesRule),
  slow: optional(slowSendingsRule),
});

/** What the commit step hears: each key group, or waves of them. */
export const saidOfGroupsRule: Rule<SaidOfGroups> = oneRuleOf(has('sums'), {
  yes: waveAnswerRule,
  no: oneRuleOf(has('lost'), { yes: lostWaveRule, no: reducedGroupRule }),
});
