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
 *
 * Where a batch may have more tasks than run at once, ProcessShards runs waves of them, and WavesRead stands behind it; so does
 * ReduceKeyGroups with key groups (waves.ts). Then `turn.batch.tasks` and `turn.batch.keyGroups` are lists of waves.
 */
import { type ChoiceRule, type Definition, graphProblems, type State } from './asl.ts';
import { processShards, reduceKeyGroups } from './executors.ts';
import { commitBatch, nothingYet, planBatchState, sealBatchState } from './steps.ts';
import {
  deriveTiming,
  expressSeconds,
  type FunctionName,
  type FunctionTimeouts,
  functionTimeoutSeconds,
  inWave,
  type MachineTiming,
  type MachineType,
  refuse,
  standardSeconds,
  usualWidth,
  type Width,
} from './timing.ts';
import { readInWaves, reduceInWaves, type WaveKind, waveMachine, wavesRead } from './waves.ts';

export {
  type FunctionName,
  functionTimeoutSeconds,
  type MachineTiming,
  type MachineType,
  maxKeyGroups,
  maxTasks,
  type Width,
} from './timing.ts';
export type { WaveKind } from './waves.ts';

export type MicroBatchOptions = {
  /** Version ARNs, or placeholders that a template fills in. */
  readonly functions: Readonly<Record<FunctionName, string>>;
  readonly type: MachineType;
  /** Refused if a batch could then take too long. */
  readonly functionTimeoutSeconds?: Partial<FunctionTimeouts>;
  /** Most tasks and key groups of a batch. Beyond what runs at once they come in waves. @default 40 of each */
  readonly width?: Width;
  /** ARNs of the nested machines, or placeholders. @default those of `waveName` */
  readonly waves?: Readonly<Partial<Record<WaveKind, string>>>;
};
export type MicroBatch = {
  readonly definition: Definition;
  readonly timing: MachineTiming;
  /** Definitions of the nested machines, by the names that the definition has for them. None: there are no waves. */
  readonly waves: Readonly<Record<string, Definition>>;
};

/** By which a definition names a nested machine if it is not told another. */
export const waveName = (kind: WaveKind): string => `${kind}-in-wave`;

/** Throws if the graph is broken or a batch could outlast its execution. */
export function microBatch(options: MicroBatchOptions): MicroBatch {
  const timeouts = { ...functionTimeoutSeconds, ...options.functionTimeoutSeconds };
  const { width = usualWidth } = options;
  const waves = wavesOf(width, timeouts).map((wave) => ({
    ...wave,
    name: options.waves?.[wave.kind] ?? waveName(wave.kind),
  }));
  const machine = { StartAt: 'NewRun', States: loopStates(options.functions, timeouts, waves) };
  refuse([machine, ...waves.map(({ definition }) => definition)].flatMap(graphProblems));
  const timing = deriveTiming(machine, options.type, timeouts, width);
  const definition: Definition = {
    Comment: 'Sluice: micro-batches from Kinesis, each planned, processed, sealed, reduced and committed.',
    TimeoutSeconds: options.type === 'EXPRESS' ? expressSeconds : standardSeconds,
    StartAt: 'NewRun',
    States: { ...machine.States, NewRun: { ...newRun, Parameters: { ...newRun.Parameters, timing } } },
  };
  return { definition, timing, waves: Object.fromEntries(waves.map((wave) => [wave.name, wave.definition])) };
}

/** The nested machines that a width takes. */
export function wavesOf(
  width: Width,
  timeouts: FunctionTimeouts,
): readonly { readonly kind: WaveKind; readonly definition: Definition }[] {
  const kinds: readonly WaveKind[] = ['tasks', 'keyGroups'];
  return kinds
    .filter((kind) => inWave(width[kind], width) !== undefined)
    .map((kind) => ({ kind, definition: waveMachine(kind, timeouts) }));
}

type Wave = ReturnType<typeof wavesOf>[number] & { readonly name: string };

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

function loopStates(arns: Arns, timeouts: FunctionTimeouts, waves: readonly Wave[]): Record<string, State> {
  const tasks = waves.find(({ kind }) => kind === 'tasks');
  const groups = waves.find(({ kind }) => kind === 'keyGroups');
  return {
    NewRun: newRun,
    PlanBatch: planBatchState(arns.planBatch, timeouts.planBatch),
    WhatNext: whatNext,
    ...(tasks === undefined
      ? { ProcessShards: processShards(arns.processShards, timeouts.processShards) }
      : { ProcessShards: readInWaves(namesOf(tasks, arns.processShards), secondsOf(tasks)), WavesRead: wavesRead }),
    AnyMoved: anyMoved,
    SealBatch: sealBatchState(arns.sealBatch, timeouts.sealBatch),
    ReduceKeyGroups:
      groups === undefined
        ? reduceKeyGroups(arns.reduceKeyGroup, timeouts.reduceKeyGroup)
        : reduceInWaves(namesOf(groups, arns.reduceKeyGroup), secondsOf(groups)),
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

const namesOf = ({ name }: Wave, arn: string) => ({ machine: name, function: arn });
const secondsOf = ({ definition }: Wave): number => definition.TimeoutSeconds;

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
