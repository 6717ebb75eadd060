/**
 * The two Maps of the loop: an executor for each task, a reducer for each key group. What an iteration does is the same in the machine itself
 * and in a wave (waves.ts).
 */
import type { Catcher, Machine, State, Template } from './asl.ts';
import { type Invocation, invoke, stopOnError } from './invoke.ts';
import { callErrors, deathErrors, fatalErrors, retryFunction, temporaryErrors, throttledErrors } from './retry.ts';
import { maxConcurrency, taskMarginSeconds } from './timing.ts';

type Iterations = Machine & { readonly ProcessorConfig: { readonly Mode: 'INLINE' } };

/** A task's failure stays inside its iteration: its shards keep their positions, the others go on. */
export function processShards(arn: string, timeoutSeconds: number): State {
  return {
    Type: 'Map',
    Comment: 'One executor per task. Blocks go to the table; only a word comes back from each task.',
    ItemsPath: '$.turn.batch.tasks',
    MaxConcurrency: maxConcurrency,
    ItemSelector: { ...ofRead, 'task.$': '$$.Map.Item.Value', ...ofPlan },
    ItemProcessor: taskIterations(invoke(arn, '$'), timeoutSeconds),
    ResultSelector: { 'outcomes.$': '$', ...whetherAny('$') },
    ResultPath: '$.turn.read',
    Catch: stopOnError,
    Next: 'AnyMoved',
  };
}

/** What every task is given. */
export const ofRead: Template = {
  'run.$': '$.run',
  'epoch.$': '$.turn.batch.epoch',
  'batchId.$': '$.turn.batch.batchId',
  'readSeconds.$': '$.timing.readSeconds',
};

/** Where it is no item. */
export const ofPlan: Template = { 'plan.$': '$.turn.batch.plan' };

/** `outcomes`: the path of their list. */
export const whetherAny = (outcomes: string): Template => ({
  'anyMoved.$': `States.ArrayContains(${outcomes}, 'moved')`,
  'anyBehind.$': `States.ArrayContains(${outcomes}, 'behind')`,
  'anyFailed.$': `States.ArrayContains(${outcomes}, 'failed')`,
  'anyCrashed.$': `States.ArrayContains(${outcomes}, 'crashed')`,
});

export function taskIterations(invocation: Invocation, timeoutSeconds: number): Iterations {
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'ReadTask',
    States: {
      ReadTask: {
        Type: 'Task',
        Comment: 'Reads the shards of one task and writes their block. One more try: the next turn is another.',
        ...invocation,
        ResultSelector: { 'outcome.$': '$.Payload.outcome' },
        OutputPath: '$.outcome',
        TimeoutSeconds: timeoutSeconds + taskMarginSeconds,
        Retry: retryFunction({ again: 1, deaths: 'told' }),
        Catch: catchTask,
        End: true,
      },
      TaskFailed: taskFailed,
      TaskCrashed: taskCrashed,
      TaskRefused: taskRefused,
    },
  };
}

const catchTask: readonly Catcher[] = [
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
];

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
    ItemSelector: { ...ofReduce('$.turn.batch'), 'keyGroup.$': '$$.Map.Item.Value' },
    ItemProcessor: groupIterations(invoke(arn, '$'), timeoutSeconds, '$.keyGroup'),
    ResultPath: '$.turn.groups',
    Catch: stopOnError,
    Next: 'CommitBatch',
  };
}

/** What every key group is given. `batch`: the path where it is. */
export const ofReduce = (batch: string): Template => ({
  'epoch.$': `${batch}.epoch`,
  'batchId.$': `${batch}.batchId`,
  'ref.$': `${batch}.ref`,
  'again.$': `${batch}.again`,
});

/** `keyGroup`: the path of its number. */
export function groupIterations(invocation: Invocation, timeoutSeconds: number, keyGroup: string): Iterations {
  const failedGroup = {
    'keyGroup.$': keyGroup,
    emitted: 0,
    done: false,
    progressed: false,
    'why.$': '$.error.Error',
  };
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: 'ReduceKeyGroup',
    States: {
      ReduceKeyGroup: {
        Type: 'Task',
        Comment: 'Puts state and output once; a repeat sends what is stored.',
        ...invocation,
        ResultSelector: { 'group.$': '$.Payload' },
        OutputPath: '$.group',
        TimeoutSeconds: timeoutSeconds + taskMarginSeconds,
        Retry: retryFunction({ again: 1, deaths: 'told' }),
        Catch: catchGroup,
        End: true,
      },
      GroupFailed: {
        Type: 'Pass',
        Comment:
          'The other groups go on. The cause is in the log of the function: times 40 groups it has no room here.',
        Parameters: failedGroup,
        End: true,
      },
      GroupDied: {
        Type: 'Pass',
        Comment: 'As above; the commit step notes it beside the state that the group is to have.',
        Parameters: { ...failedGroup, died: true },
        End: true,
      },
    },
  };
}

const catchGroup: readonly Catcher[] = [
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
];
