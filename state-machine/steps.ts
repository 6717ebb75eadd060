/** The states that call a function. Payloads are the input schemas of functions/steps/messages.ts, field by field. */
import type { Catcher, State, TaskState, Template } from './asl.ts';
import { callErrors, deathErrors, fatalErrors, retryFunction, temporaryErrors, throttledErrors } from './retry.ts';
import { maxConcurrency, taskMarginSeconds } from './timing.ts';

/** What `turn` holds beside the driver's answer when nothing has been read or reduced yet. */
export const nothingYet = {
  read: { outcomes: [], anyMoved: false, anyBehind: false, anyFailed: false, anyCrashed: false },
  groups: [],
};

export function planBatchState(arn: string, timeoutSeconds: number): State {
  return driverStep({
    Comment:
      'Takes or renews the lease with a new epoch, and says which shards are read from where; or resumes a sealed batch.',
    invoke: invoke(arn, {
      'request.$': '$.request',
      'run.$': '$.run',
      'executionId.$': '$.executionId',
      'startedAt.$': '$.startedAt',
      'timing.$': '$.timing',
      'batch.$': '$.turn.batch',
      'outcomes.$': '$.turn.read.outcomes',
      'enteredAt.$': '$$.State.EnteredTime',
      'retries.$': '$$.State.RetryCount',
    }),
    timeoutSeconds,
  });
}

export function sealBatchState(arn: string, timeoutSeconds: number): State {
  return driverStep({
    Comment: 'Fixes once and for all what the batch contains: its blocks, end positions and watermark.',
    invoke: invoke(arn, {
      'run.$': '$.run',
      'epoch.$': '$.turn.batch.epoch',
      'batchId.$': '$.turn.batch.batchId',
      'plan.$': '$.turn.batch.plan',
      'turn.$': '$.turn.batch.turn',
      'waitUntil.$': '$.turn.batch.waitUntil',
      'timing.$': '$.timing',
      'outcomes.$': '$.turn.read.outcomes',
      'steps.$': '$.turn.batch.steps',
      'enteredAt.$': '$$.State.EnteredTime',
      'retries.$': '$$.State.RetryCount',
    }),
    timeoutSeconds,
  });
}

export function commitBatch(arn: string, timeoutSeconds: number): State {
  return driverStep({
    Comment: 'Makes the batch the truth with one conditional write, and says what comes next.',
    invoke: invoke(arn, {
      'request.$': '$.request',
      'run.$': '$.run',
      'startedAt.$': '$.startedAt',
      'timing.$': '$.timing',
      'epoch.$': '$.turn.batch.epoch',
      'batchId.$': '$.turn.batch.batchId',
      'ref.$': '$.turn.batch.ref',
      'turn.$': '$.turn.batch.turn',
      'waitUntil.$': '$.turn.batch.waitUntil',
      'reduced.$': '$.turn.batch.reduced',
      'groups.$': '$.turn.groups',
      'steps.$': '$.turn.batch.steps',
      'enteredAt.$': '$$.State.EnteredTime',
      'retries.$': '$$.State.RetryCount',
    }),
    timeoutSeconds,
  });
}

/** A task's failure stays inside its iteration: its shards keep their positions, the others go on. */
export function processShards(arn: string, timeoutSeconds: number): State {
  return {
    Type: 'Map',
    Comment: 'One executor per task. Blocks go to the table; only a word comes back from each task.',
    ItemsPath: '$.turn.batch.tasks',
    MaxConcurrency: maxConcurrency,
    ItemSelector: {
      'run.$': '$.run',
      'epoch.$': '$.turn.batch.epoch',
      'batchId.$': '$.turn.batch.batchId',
      'readSeconds.$': '$.timing.readSeconds',
      'task.$': '$$.Map.Item.Value',
      'plan.$': '$.turn.batch.plan',
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'ReadTask',
      States: {
        ReadTask: readTask(arn, timeoutSeconds),
        TaskFailed: taskFailed,
        TaskCrashed: taskCrashed,
        TaskRefused: taskRefused,
      },
    },
    ResultSelector: {
      'outcomes.$': '$',
      'anyMoved.$': "States.ArrayContains($, 'moved')",
      'anyBehind.$': "States.ArrayContains($, 'behind')",
      'anyFailed.$': "States.ArrayContains($, 'failed')",
      'anyCrashed.$': "States.ArrayContains($, 'crashed')",
    },
    ResultPath: '$.turn.read',
    Catch: stopOnError,
    Next: 'AnyMoved',
  };
}

function readTask(arn: string, timeoutSeconds: number): State {
  return {
    Type: 'Task',
    Comment: 'Reads the shards of one task and writes their block. One more try: the next turn is another.',
    ...invoke(arn, '$'),
    ResultSelector: { 'outcome.$': '$.Payload.outcome' },
    OutputPath: '$.outcome',
    TimeoutSeconds: timeoutSeconds + taskMarginSeconds,
    Retry: retryFunction({ again: 1, deaths: 'told' }),
    Catch: [
      {
        Comment: 'A wrong pipeline or a missing permission is wrong for all tasks, and stays so.',
        ErrorEquals: fatalErrors,
        ResultPath: '$.error',
        Next: 'TaskRefused',
      },
      {
        Comment: 'The function died, which a record may do to it again: the next plan packs its shards apart.',
        ErrorEquals: deathErrors,
        ResultPath: null,
        Next: 'TaskCrashed',
      },
      {
        Comment: 'The error is in the log of the function; its cause times 40 tasks has no room here.',
        ErrorEquals: ['States.ALL'],
        ResultPath: null,
        Next: 'TaskFailed',
      },
    ],
    End: true,
  };
}

const taskRefused: State = {
  Type: 'Fail',
  Comment: 'Fails the Map, and with it the execution.',
  ErrorPath: '$.error.Error',
  CausePath: '$.error.Cause',
};

const taskFailed: State = {
  Type: 'Pass',
  Comment: 'These shards stay where they were; the seal finds no block of this task.',
  Result: 'failed',
  End: true,
};

const taskCrashed: State = {
  Type: 'Pass',
  Comment: 'As above; the word tells a death from an error, and nothing else.',
  Result: 'crashed',
  End: true,
};

/**
 * Without one of its key groups a batch can't be committed, but a group that failed for now takes nothing from what the
 * others did: the commit step hears of all, and decides whether to come back.
 */
export function reduceKeyGroups(arn: string, timeoutSeconds: number): State {
  return {
    Type: 'Map',
    Comment:
      'One reducer per key group: merges the sealed blocks into its state, then sends what its state says, as far as its time goes.',
    ItemsPath: '$.turn.batch.keyGroups',
    MaxConcurrency: maxConcurrency,
    ItemSelector: {
      'epoch.$': '$.turn.batch.epoch',
      'batchId.$': '$.turn.batch.batchId',
      'ref.$': '$.turn.batch.ref',
      'keyGroup.$': '$$.Map.Item.Value',
      'again.$': '$.turn.batch.again',
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'ReduceKeyGroup',
      States: {
        ReduceKeyGroup: {
          Type: 'Task',
          Comment: 'Puts state and output once; a repeat sends what is stored.',
          ...invoke(arn, '$'),
          ResultSelector: { 'group.$': '$.Payload' },
          OutputPath: '$.group',
          TimeoutSeconds: timeoutSeconds + taskMarginSeconds,
          Retry: retryFunction({ again: 1, deaths: 'told' }),
          Catch: [
            {
              Comment: 'The function died, which a row may do to it again: the next round runs its user code apart.',
              ErrorEquals: deathErrors,
              ResultPath: '$.error',
              Next: 'GroupDied',
            },
            {
              Comment: 'What is in no list is a bug, and what is refused stays so: both fail the Map.',
              ErrorEquals: [...throttledErrors, ...callErrors, ...temporaryErrors, 'TimeoutError'],
              ResultPath: '$.error',
              Next: 'GroupFailed',
            },
          ],
          End: true,
        },
        GroupFailed: groupFailed,
        GroupDied: groupDied,
      },
    },
    ResultPath: '$.turn.groups',
    Catch: stopOnError,
    Next: 'CommitBatch',
  };
}

const failedGroup = {
  'keyGroup.$': '$.keyGroup',
  emitted: 0,
  done: false,
  progressed: false,
  'why.$': '$.error.Error',
};

const groupFailed: State = {
  Type: 'Pass',
  Comment: 'The other groups go on. The cause is in the log of the function: times 40 groups it has no room here.',
  Parameters: failedGroup,
  End: true,
};

const groupDied: State = {
  Type: 'Pass',
  Comment: 'As above; the commit step notes it beside the state that the group is to have.',
  Parameters: { ...failedGroup, died: true },
  End: true,
};

const stopOnError: readonly Catcher[] = [
  { ErrorEquals: fatalErrors, ResultPath: '$.error', Next: 'PipelineRefused' },
  { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'BatchFailed' },
];

/** A driver step's answer becomes `turn.batch`, and what the turn had gathered is forgotten: the step has used it. */
function driverStep(step: {
  readonly Comment: string;
  readonly invoke: Invocation;
  readonly timeoutSeconds: number;
}): State {
  return {
    Type: 'Task',
    Comment: step.Comment,
    ...step.invoke,
    ResultSelector: { 'batch.$': '$.Payload', ...nothingYet },
    ResultPath: '$.turn',
    TimeoutSeconds: step.timeoutSeconds + taskMarginSeconds,
    Retry: retryFunction({ again: 2 }),
    Catch: stopOnError,
    Next: 'WhatNext',
  };
}

type Invocation = Pick<TaskState, 'Resource' | 'Parameters'>;

function invoke(arn: string, payload: Template | '$'): Invocation {
  return {
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: arn, ...(payload === '$' ? { 'Payload.$': '$' } : { Payload: payload }) },
  };
}
