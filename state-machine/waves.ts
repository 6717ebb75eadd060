/**
 * More tasks or key groups than run at once: a Map over waves of them, each a nested execution with a Map of its own.
 *
 *   ProcessShards ─┬─ ReadWave ──► tasks-in-wave ─┬─ ReadTask
 *                  ├─ …                           ├─ …
 *                  └─ ReadWave                    └─ ReadTask          40 waves at once at most, of 40 tasks each
 *
 * WAVE-1 A nested execution that has failed is an answer like any other: its status says so, and nothing else does.
 * WAVE-2 What failed in a wave for good (a refusal, a bug) fails the execution by its own name, as it does without waves.
 * WAVE-3 A wave without an answer has failed for now, with all of its tasks or key groups. What its functions have stored by then, and store
 *    later, counts by the rules for functions whose answers are lost: a block that is there at the seal is in the batch, a state is found by the
 *    next round.
 * WAVE-4 A wave is longer at worst than all that is in it, and who waits for it waits longer than that.
 *
 * Functions are named by the input, not by the nested machine: an execution goes on with the versions that it began with, whatever is
 * deployed meanwhile.
 */
import { type Definition, type MapState, notStarted, type State, type Template, worstCaseSeconds } from './asl.ts';
import { groupIterations, ofPlan, ofRead, ofReduce, taskIterations, whetherAny } from './executors.ts';
import { invokeNamed, stopOnError } from './invoke.ts';
import { throttledErrors } from './retry.ts';
import { type FunctionTimeouts, maxConcurrency, taskMarginSeconds } from './timing.ts';

/** Nested machines, by what their waves are of. */
export type WaveKind = 'tasks' | 'keyGroups';

/** A nested execution takes this much longer than what it waits for. */
const waveMarginSeconds = 2;
/** Adding up takes milliseconds, in a sandbox that has just reduced: one that doesn't answer is not waited for. */
const sumSeconds = 5;

/** The nested machine itself, always an Express one. */
export function waveMachine(kind: WaveKind, timeouts: FunctionTimeouts): Definition {
  return kind === 'tasks' ? tasksInWave(timeouts.processShards) : groupsInWave(timeouts.reduceKeyGroup);
}

function tasksInWave(timeoutSeconds: number): Definition {
  const map: State = {
    Type: 'Map',
    Comment: 'One executor per task of the wave. Blocks go to the table; only a word comes back from each task.',
    ItemsPath: '$.tasks',
    MaxConcurrency: maxConcurrency,
    ItemSelector: {
      'function.$': '$.function',
      payload: {
        'run.$': '$.run',
        'epoch.$': '$.epoch',
        'batchId.$': '$.batchId',
        'readSeconds.$': '$.readSeconds',
        'task.$': '$$.Map.Item.Value',
        'plan.$': '$.plan',
      },
    },
    ItemProcessor: taskIterations(invokeNamed, timeoutSeconds),
    End: true,
  };
  return {
    Comment: 'Sluice: a wave of executors.',
    TimeoutSeconds: worstCaseSeconds(map) + waveMarginSeconds,
    StartAt: 'TasksOfWave',
    States: { TasksOfWave: map },
  };
}

function groupsInWave(timeoutSeconds: number): Definition {
  const map: State = {
    Type: 'Map',
    Comment: 'One reducer per key group of the wave.',
    ItemsPath: '$.keyGroups',
    MaxConcurrency: maxConcurrency,
    ItemSelector: {
      'function.$': '$.function',
      payload: { ...ofReduce('$'), 'keyGroup.$': '$$.Map.Item.Value' },
    },
    ItemProcessor: groupIterations(invokeNamed, timeoutSeconds, '$.payload.keyGroup'),
    ResultPath: '$.payload.answers',
    Next: 'SumUpWave',
  };
  return {
    Comment: 'Sluice: a wave of reducers.',
    TimeoutSeconds: worstCaseSeconds(map) + worstCaseSeconds(sumUpWave) + waveMarginSeconds,
    StartAt: 'GroupsOfWave',
    States: { GroupsOfWave: map, SumUpWave: sumUpWave, WaveNotSummedUp: notSummedUp },
  };
}

const sumUpWave: State = {
  Type: 'Task',
  Comment: 'What forty reducers say, as one answer: that of four hundred has no room in a payload.',
  ...invokeNamed,
  ResultSelector: { 'wave.$': '$.Payload' },
  OutputPath: '$.wave',
  TimeoutSeconds: sumSeconds,
  Retry: [
    {
      Comment: 'Throttled: the function did not run.',
      ErrorEquals: throttledErrors,
      IntervalSeconds: 1,
      BackoffRate: 2,
      MaxDelaySeconds: 4,
      MaxAttempts: 2,
      JitterStrategy: 'FULL',
    },
  ],
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'WaveNotSummedUp' }],
  End: true,
};

const notAnswered = 'its wave has given no answer';

const notSummedUp: State = {
  Type: 'Pass',
  Comment: 'The next round hears of these groups again: what they have done is stored.',
  Parameters: { 'lost.$': '$.keyGroups', why: notAnswered },
  End: true,
};

/** `function`: of the executors. */
export function readInWaves(names: { readonly machine: string; readonly function: string }, seconds: number): State {
  return inWaves({
    Comment: 'One nested execution per wave of tasks, which runs an executor for each. Only words come back.',
    ItemsPath: '$.turn.batch.tasks',
    ItemSelector: { function: names.function, ...ofRead, 'tasks.$': '$$.Map.Item.Value', ...ofPlan },
    ItemProcessor: iterations(names.machine, seconds, {
      ...{ run: 'ReadWave', ended: 'HowReadWaveEnded', done: 'WaveRead', lost: 'WaveNotRead', refused: 'WaveRefused' },
      ofLost: {
        Comment:
          'None of its tasks has said anything. Who reads the list knows how many tasks there are: it may be longer.',
        Result: Array.from({ length: maxConcurrency }, () => 'failed'),
      },
    }),
    // A list of lists becomes one list.
    ResultSelector: { 'outcomes.$': '$[*][*]' },
    ResultPath: '$.turn.read',
    Catch: stopOnError,
    Next: 'WavesRead',
  });
}

/** What a Map without waves says of its outcomes itself. */
export const wavesRead: State = {
  Type: 'Pass',
  Comment: 'What came back from all waves.',
  Parameters: { 'outcomes.$': '$.turn.read.outcomes', ...whetherAny('$.turn.read.outcomes') },
  ResultPath: '$.turn.read',
  Next: 'AnyMoved',
};

/** `function`: of the reducers. */
export function reduceInWaves(names: { readonly machine: string; readonly function: string }, seconds: number): State {
  return inWaves({
    Comment: 'One nested execution per wave of key groups, which runs a reducer for each and adds up what they say.',
    ItemsPath: '$.turn.batch.keyGroups',
    ItemSelector: {
      function: names.function,
      ...ofReduce('$.turn.batch'),
      'keyGroups.$': '$$.Map.Item.Value',
      payload: {},
    },
    ItemProcessor: iterations(names.machine, seconds, {
      ...{ run: 'ReduceWave', ended: 'HowReduceWaveEnded', done: 'WaveReduced', lost: 'WaveNotReduced' },
      ...{ refused: 'ReduceRefused' },
      ofLost: {
        Comment: 'The other waves go on; the commit step hears of all, and decides whether to come back.',
        Parameters: { 'lost.$': '$.keyGroups', why: notAnswered },
      },
    }),
    ResultPath: '$.turn.groups',
    Catch: stopOnError,
    Next: 'CommitBatch',
  });
}

const inWaves = (map: Omit<MapState & { readonly Next: string }, 'Type' | 'MaxConcurrency' | 'End'>): State => ({
  Type: 'Map',
  MaxConcurrency: maxConcurrency,
  ...map,
});

type Names = Readonly<Record<'run' | 'ended' | 'done' | 'lost' | 'refused', string>>;
type OfLost = { readonly Comment: string } & (
  | { readonly Result: readonly string[] }
  | { readonly Parameters: Template }
);

function iterations(
  machine: string,
  seconds: number,
  names: Names & { readonly ofLost: OfLost },
): MapState['ItemProcessor'] {
  return {
    ProcessorConfig: { Mode: 'INLINE' },
    StartAt: names.run,
    States: {
      [names.run]: {
        Type: 'Task',
        Comment:
          'Runs the wave and waits for its end. A wave that could not be started has not run: it is tried again.',
        Resource: 'arn:aws:states:::aws-sdk:sfn:startSyncExecution',
        Parameters: { StateMachineArn: machine, 'Input.$': 'States.JsonToString($)' },
        ResultPath: '$.wave',
        TimeoutSeconds: seconds + taskMarginSeconds,
        Retry: [
          {
            Comment: 'Refused at once, as a rule by a limit.',
            ErrorEquals: notStarted,
            IntervalSeconds: 1,
            BackoffRate: 2,
            MaxDelaySeconds: 2,
            MaxAttempts: 2,
            JitterStrategy: 'FULL',
          },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: names.lost }],
        Next: names.ended,
      },
      [names.ended]: {
        Type: 'Choice',
        Comment: 'The call goes well whatever becomes of the wave. What is neither took too long.',
        Choices: [
          { Variable: '$.wave.Status', StringEquals: 'SUCCEEDED', Next: names.done },
          { Variable: '$.wave.Status', StringEquals: 'FAILED', Next: names.refused },
        ],
        Default: names.lost,
      },
      [names.done]: {
        Type: 'Pass',
        Comment: 'What the wave says.',
        Parameters: { 'answer.$': 'States.StringToJson($.wave.Output)' },
        OutputPath: '$.answer',
        End: true,
      },
      [names.lost]: { Type: 'Pass', ...names.ofLost, End: true },
      [names.refused]: {
        Type: 'Fail',
        Comment: 'Fails the Map, and with it the execution, by the name of what failed in the wave.',
        ErrorPath: '$.wave.Error',
        CausePath: '$.wave.Cause',
      },
    },
  };
}
