/**
 * The loop: plan, process, seal, reduce, commit, and again, until an execution hands over to its successor or ends.
 *
 * NewRun ──► PlanBatch ──► WhatNext ─┬─ process ─────────► ProcessShards ──► AnyMoved ─┬─ anyMoved ────► SealBatch
 *                                    │                                                 ├─ leavesUnread ► PlanBatch
 *                                    │                                                 ├─ anyBehind ───► PlanBatch
 *                                    │                                                 ├─ anyFailed ───► PlanBatch
 *                                    │                                                 ├─ anyCrashed ──► PlanBatch
 *                                    │                                                 └─ else ────────► WaitForTrigger
 *                                    ├─ seal ────────────► SealBatch ──► WhatNext
 *                                    ├─ reduce ──────────► ReduceKeyGroups ──► CommitBatch ──► WhatNext
 *                                    ├─ commit ──────────► CommitBatch
 *                                    ├─ plan ────────────► PlanBatch
 *                                    ├─ wait ────────────► WaitForTrigger ──► PlanBatch
 *                                    ├─ continue-as-new ─► ContinueAsNew ──► Done
 *                                    └─ done ────────────► Done
 *
 * Between states there is only this, whatever the number of shards:
 *   request, run, executionId, startedAt, timing   made once, by NewRun
 *   turn.batch      the last driver step's answer: what comes next, and what that needs; with it a plan that is small
 *   turn.read       the outcomes of this turn's tasks, and whether any of them read something
 *   turn.groups     what each key group says that this round went to
 * A driver step replaces the whole of `turn`, so nothing of one batch is seen by the next.
 */
import { type ChoiceRule, type Definition, graphProblems, type State } from './asl.ts';
import { commitBatch, nothingYet, planBatchState, processShards, reduceKeyGroups, sealBatchState } from './steps.ts';
import {
  deriveTiming,
  expressSeconds,
  type FunctionName,
  type FunctionTimeouts,
  functionTimeoutSeconds,
  type MachineTiming,
  type MachineType,
  refuse,
  standardSeconds,
} from './timing.ts';

export {
  type FunctionName,
  functionTimeoutSeconds,
  type MachineTiming,
  type MachineType,
  maxKeyGroups,
  maxTasks,
} from './timing.ts';

export type MicroBatchOptions = {
  /** Version ARNs, or placeholders that a template fills in. */
  readonly functions: Readonly<Record<FunctionName, string>>;
  readonly type: MachineType;
  /** Refused if a batch could then take too long. */
  readonly functionTimeoutSeconds?: Partial<FunctionTimeouts>;
};
export type MicroBatch = { readonly definition: Definition; readonly timing: MachineTiming };

/** Throws if the graph is broken or a batch could outlast its execution. */
export function microBatch(options: MicroBatchOptions): MicroBatch {
  const timeouts = { ...functionTimeoutSeconds, ...options.functionTimeoutSeconds };
  const machine = { StartAt: 'NewRun', States: loopStates(options.functions, timeouts) };
  refuse(graphProblems(machine));
  const timing = deriveTiming(machine, options.type, timeouts);
  const definition: Definition = {
    Comment: 'Sluice: micro-batches from Kinesis, each planned, processed, sealed, reduced and committed.',
    TimeoutSeconds: options.type === 'EXPRESS' ? expressSeconds : standardSeconds,
    StartAt: 'NewRun',
    States: { ...machine.States, NewRun: { ...newRun, Parameters: { ...newRun.Parameters, timing } } },
  };
  return { definition, timing };
}

const newRun = {
  Type: 'Pass',
  Comment: 'Makes the token of this run. A restarted or doubled execution gets another one, and fences this one.',
  Parameters: {
    'request.$': '$',
    'run.$': 'States.UUID()',
    'executionId.$': '$$.Execution.Id',
    'startedAt.$': '$$.Execution.StartTime',
    turn: { batch: { next: 'plan', turn: 0 }, ...nothingYet },
  },
  Next: 'PlanBatch',
} as const;

type Arns = MicroBatchOptions['functions'];

function loopStates(arns: Arns, timeouts: FunctionTimeouts): Record<string, State> {
  return {
    NewRun: newRun,
    PlanBatch: planBatchState(arns.planBatch, timeouts.planBatch),
    WhatNext: whatNext,
    ProcessShards: processShards(arns.processShards, timeouts.processShards),
    AnyMoved: anyMoved,
    SealBatch: sealBatchState(arns.sealBatch, timeouts.sealBatch),
    ReduceKeyGroups: reduceKeyGroups(arns.reduceKeyGroup, timeouts.reduceKeyGroup),
    CommitBatch: commitBatch(arns.commitBatch, timeouts.commitBatch),
    WaitForTrigger: {
      Type: 'Wait',
      Comment: 'Waits for the next trigger. A time that has passed is no wait.',
      TimestampPath: '$.turn.batch.waitUntil',
      Next: 'PlanBatch',
    },
    ContinueAsNew: continueAsNew,
    Done: { Type: 'Succeed', Comment: 'Stopped, caught up, idle, or another driver runs this pipeline.' },
    LeftToSchedule: {
      Type: 'Succeed',
      Comment: 'The successor could not be started. Nothing is lost: the schedule starts the pipeline again.',
    },
    PipelineRefused: {
      Type: 'Fail',
      Comment: 'Trying again cannot help: someone has to read the error and change something.',
      ErrorPath: '$.error.Error',
      CausePath: '$.error.Cause',
    },
    BatchFailed: {
      Type: 'Fail',
      Comment: 'All tries failed. The next start resumes a sealed batch, or plans the same one again.',
      ErrorPath: '$.error.Error',
      CausePath: '$.error.Cause',
    },
  };
}

const whatNext: State = {
  Type: 'Choice',
  Comment: 'The last driver step has decided. An answer that is not listed fails the execution.',
  Choices: [
    next('process', 'ProcessShards'),
    next('seal', 'SealBatch'),
    next('reduce', 'ReduceKeyGroups'),
    next('commit', 'CommitBatch'),
    next('plan', 'PlanBatch'),
    next('wait', 'WaitForTrigger'),
    next('continue-as-new', 'ContinueAsNew'),
    next('done', 'Done'),
  ],
};

function next(value: string, state: string): ChoiceRule {
  return { Variable: '$.turn.batch.next', StringEquals: value, Next: state };
}

const anyMoved: State = {
  Type: 'Choice',
  Comment:
    'A batch in which no shard moved is not sealed: the next plan starts from the same positions, at once if something is left to read.',
  Choices: [
    { Variable: '$.turn.read.anyMoved', BooleanEquals: true, Next: 'SealBatch' },
    { Variable: '$.turn.batch.leavesUnread', BooleanEquals: true, Next: 'PlanBatch' },
    { Variable: '$.turn.read.anyBehind', BooleanEquals: true, Next: 'PlanBatch' },
    { Variable: '$.turn.read.anyFailed', BooleanEquals: true, Next: 'PlanBatch' },
    { Variable: '$.turn.read.anyCrashed', BooleanEquals: true, Next: 'PlanBatch' },
  ],
  Default: 'WaitForTrigger',
};

/** The token is not passed on: the successor makes its own. */
const continueAsNew: State = {
  Type: 'Task',
  Comment: 'Starts the next execution with the same request. The lease is free already: the last commit released it.',
  Resource: 'arn:aws:states:::states:startExecution',
  Parameters: { 'StateMachineArn.$': '$$.StateMachine.Id', 'Input.$': '$.request' },
  ResultPath: null,
  TimeoutSeconds: 3,
  Retry: [
    {
      ErrorEquals: ['States.TaskFailed'],
      IntervalSeconds: 1,
      BackoffRate: 2,
      MaxDelaySeconds: 1,
      MaxAttempts: 1,
      JitterStrategy: 'FULL',
    },
  ],
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'LeftToSchedule' }],
  Next: 'Done',
};
