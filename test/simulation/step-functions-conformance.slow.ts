/**
 * The same definitions on the simulated Step Functions and by the local runner: the same end, the same calls with the
 * same payloads in the same order, but for the listed differences, of which each is shown.
 */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type ExecutionResult, runExecution } from '../../local/driver/state-machine-runner.ts';
import type { Catcher, Definition, MapState, Retrier, State, TaskState } from '../../state-machine/asl.ts';
import { tasksOf } from '../../state-machine/asl.ts';
import { fatalErrors, throttledErrors } from '../../state-machine/retry.ts';
import {
  commit,
  done,
  definition as loop,
  named,
  past,
  process as processAnswer,
  reduce,
  reduced,
  type Script,
} from '../state-machine/scripted-loop.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { type DifferenceName, differences } from './services/step-functions/differences.ts';
import { type Execution, SimulatedStepFunctions } from './services/step-functions/simulated-step-functions.ts';

/** What is called in place of functions, made anew for each run; `abort` ends the execution. */
type Functions = (abort: () => void) => (step: string, payload: unknown) => unknown;
type Call = readonly [step: string, payload: unknown];
type Case = {
  readonly definition: Definition;
  readonly input?: unknown;
  readonly functions?: Functions;
  readonly type?: 'EXPRESS' | 'STANDARD';
  /** Of the simulated ones only. */
  readonly seed?: number;
};
type Run = { readonly outcome: Outcome; readonly calls: readonly Call[] };
type Outcome = {
  readonly status: Execution['status'];
  readonly output?: unknown;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
};

const executionId = 'execution:1';
const none: Functions = () => () => null;

async function runLocally({ definition, input = {}, functions = none, type = 'EXPRESS' }: Case): Promise<Run> {
  const calls: Call[] = [];
  const stop = new AbortController();
  const answer = functions(() => stop.abort());
  // All that run at the same time begin before the first of them ends.
  const call = (step: string) => async (payload: unknown) => {
    calls.push([step, structuredClone(payload)]);
    await turn();
    return answer(step, payload);
  };
  const result = await runExecution({
    definition,
    input,
    type,
    executionId,
    handlers: Object.fromEntries(tasksOf(definition).map(([name]) => [name, call(name)])),
    startExecution: call('startExecution'),
    signal: stop.signal,
    retryIntervalMs: 0,
  });
  return { outcome: outcomeOfResult(result), calls: [...calls] };
}

function outcomeOfResult(result: ExecutionResult): Outcome {
  if (result.kind === 'aborted') return { status: 'ABORTED' };
  if (result.kind === 'failed') return { status: 'FAILED', error: result.error, cause: result.cause };
  return { status: 'SUCCEEDED', output: result.output };
}

/** Longer than what lies between two states: all that run at the same time begin before the first of them ends. */
const callMs = 10;

async function runSimulated({
  definition,
  input = {},
  functions = none,
  type = 'EXPRESS',
  seed = 1,
}: Case): Promise<Run> {
  const calls: Call[] = [];
  const scheduler = new Scheduler(Date.parse('2030-01-01T00:00:00.000Z'));
  const answer = functions(() => service.abort(execution));
  const call = async (step: string, payload: unknown) => {
    calls.push([step, structuredClone(payload)]);
    await scheduler.sleep(callMs);
    return answer(step, payload);
  };
  const service = new SimulatedStepFunctions({
    scheduler,
    random: new Random(seed),
    type,
    task: async ({ state, resource, parameters }) => {
      const { Payload, Input } = parameters as { readonly Payload?: unknown; readonly Input?: unknown };
      if (resource.endsWith('startExecution')) return { ExecutionArn: await call('startExecution', Input) };
      return { ExecutedVersion: '$LATEST', Payload: (await call(state, Payload)) ?? null, StatusCode: 200 };
    },
  });
  const execution = service.start(definition, input, { id: executionId });
  await scheduler.run(Number.POSITIVE_INFINITY);
  const { status, output, error, cause } = execution;
  return { outcome: status === 'SUCCEEDED' ? { status, output } : { status, error, cause }, calls };
}

const onBoth = async (both: Case) => ({ local: await runLocally(both), simulated: await runSimulated(both) });

// What is to be compared.

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const mapSteps = ['ReadTask', 'ReduceKeyGroup', 'Each'];
/** What tells the calls of one map apart. */
const keyOf = (payload: unknown): string => {
  const { task, keyGroup, item } = (payload ?? {}) as Readonly<Record<string, unknown>>;
  return String(task ?? keyGroup ?? item);
};

/** Without what is chance or time, without the words of the service's own errors, and what ran together by its items. */
function comparable({ outcome, calls }: Run): object {
  const { cause, ...end } = outcome;
  const isOwn = outcome.error?.startsWith('States.') === true;
  const ids: string[] = [];
  const text = JSON.stringify(
    { ...end, ...(isOwn ? {} : { cause }), calls: byItems(calls, end.error) },
    (name, value) => {
      if (name === 'startedAt' || name === 'enteredAt')
        return new Date(value).toISOString() === value ? 'a time' : value;
      // A listed difference.
      if (name === 'retries') return 'a number';
      if (typeof value !== 'string' || !uuid.test(value)) return value;
      if (!ids.includes(value)) ids.push(value);
      return `uuid ${ids.indexOf(value)}`;
    },
  );
  return JSON.parse(text);
}

/** Calls of one map, item by item. If it has failed, others may have been about to be tried again or not. */
function byItems(calls: readonly Call[], error: string | undefined): readonly object[] {
  const groups: { step: string; isMap: boolean; payloads: Record<string, unknown[]> }[] = [];
  for (const [step, payload] of calls) {
    const isMap = mapSteps.includes(step);
    if (!isMap || groups.at(-1)?.step !== step) groups.push({ step, isMap, payloads: {} });
    const { payloads } = groups.at(-1)!;
    const key = isMap ? keyOf(payload) : '';
    payloads[key] = [...(payloads[key] ?? []), payload];
  }
  const last = groups.at(-1);
  if (error !== undefined && last?.isMap) for (const key of Object.keys(last.payloads)) last.payloads[key]!.splice(1);
  return groups.map(({ step, payloads }) => ({ step, payloads: Object.entries(payloads).sort(byName) }));
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) => (one < other ? -1 : 1);

const endOf = ({ outcome: { status, error } }: Run) => (error === undefined ? status : `${status} ${error}`);
/** The output, or how it ended instead. */
const shortly = (run: Run) => (run.outcome.status === 'SUCCEEDED' ? run.outcome.output : endOf(run));
const shortlyOnBoth = async (both: Case) => {
  const { local, simulated } = await onBoth(both);
  return { local: shortly(local), simulated: shortly(simulated) };
};

/** By step, or by step and item; answers call by call, of which the last one stays. */
const scripted =
  (scripts: Readonly<Record<string, Script>>): Functions =>
  () => {
    const counts = new Map<string, number>();
    return (step, payload) => {
      const item = `${step} ${keyOf(payload)}`;
      const key = item in scripts ? item : step;
      const script = scripts[key] ?? [named('Unexpected', `${step} is not in the script`)];
      const count = counts.get(item) ?? 0;
      counts.set(item, count + 1);
      return answerOf(script[Math.min(count, script.length - 1)]);
    };
  };

function answerOf(value: unknown): unknown {
  if (value instanceof Error) throw value;
  return value;
}

// Definitions in small.

const machine = (states: Readonly<Record<string, State>>, TimeoutSeconds = 290): Definition => ({
  StartAt: Object.keys(states)[0]!,
  States: states,
  TimeoutSeconds,
});
const alone = (state: State) => machine({ Alone: state });
const flow = (next: string | undefined) => (next === undefined ? { End: true } : { Next: next });
const pass = (over: object = {}, next?: string) => ({ Type: 'Pass', ...flow(next), ...over }) as State;
const ended: State = { Type: 'Succeed' };
const task = (over: Partial<TaskState> = {}, next?: string) =>
  ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: 'f', 'Payload.$': '$' },
    TimeoutSeconds: 5,
    ...flow(next),
    ...over,
  }) as TaskState;
const map = (inner: Readonly<Record<string, State>>, over: Partial<MapState> = {}, next?: string) =>
  ({
    Type: 'Map',
    ItemsPath: '$.items',
    MaxConcurrency: 40,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: Object.keys(inner)[0]!, States: inner },
    ...flow(next),
    ...over,
  }) as MapState;
const wait = (next?: string) => ({ Type: 'Wait', TimestampPath: '$.until', ...flow(next) }) as State;
const failed = { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' } as const;
const retry = (ErrorEquals: readonly string[], MaxAttempts: number): Retrier => ({ ErrorEquals, MaxAttempts });
const catchTo = (Next: string, ErrorEquals: readonly string[] = ['States.ALL']): Catcher => ({
  ErrorEquals,
  ResultPath: '$.error',
  Next,
});
const text = (bytes: number) => 'x'.repeat(bytes - '""'.length);
const items = (...values: readonly unknown[]) => ({ items: values.map((item) => ({ item })) });
const wrong = named('Wrong', 'because');

type Row = [name: string, end: string, definition: Definition, input?: unknown, functions?: Functions];

// Each definition is checked by the interpreter once, which takes long: cases share them.

const passes = machine({
  Template: pass(
    { Parameters: { 'b.$': '$.a', c: [{ 'd.$': '$.a' }, '$.a', [2]], e: { f: null } }, ResultPath: '$.g' },
    'Context',
  ),
  Context: pass(
    {
      Parameters: { 'id.$': '$$.Execution.Id', 'run.$': 'States.UUID()', 'startedAt.$': '$$.Execution.StartTime' },
      ResultPath: '$.h.i',
    },
    'Literal',
  ),
  Literal: pass({ Result: { 'a.$': '$.a' }, ResultPath: '$.h.j' }, 'Nothing'),
  Nothing: pass({}, 'Whole'),
  Whole: pass({ Parameters: { 'a.$': '$', 'k.$': '$.h.j' } }),
});
const put = alone(pass({ Result: 1, ResultPath: '$.a' }));
const inherited = alone(pass({ Parameters: { 'a.$': '$.constructor' } }));
const fails = alone(failed);
const waits = machine({ Wait: wait('End'), End: ended });
const states: readonly Row[] = [
  ['Pass', 'SUCCEEDED', passes, { a: { b: [1] }, h: {} }],
  ['Pass with null', 'SUCCEEDED', passes, { a: null, h: { x: 1 } }],
  ['Pass with false', 'SUCCEEDED', passes, { a: false }],
  ['Pass with lists', 'SUCCEEDED', passes, { a: [[], [0]] }],
  ['Pass with too little', 'FAILED States.Runtime', passes, { b: 1 }],
  ['Pass with a text', 'FAILED States.Runtime', passes, 'text'],
  ['Pass with what objects inherit', 'FAILED States.Runtime', inherited, {}],
  ['a result in its place', 'SUCCEEDED', put, { a: 'b', c: 'd' }],
  ['a result in a list', 'FAILED States.ResultPathMatchFailure', put, [1]],
  ['a result in a text', 'FAILED States.ResultPathMatchFailure', put, 'text'],
  ['Fail', 'FAILED Wrong', fails, { error: { Error: 'Wrong', Cause: 'all of it' } }],
  ['Fail without a text', 'FAILED States.Runtime', fails, { error: { Error: 'Wrong', Cause: 1 } }],
  ['Fail without an error', 'FAILED States.Runtime', fails, {}],
  ['Wait for a time that has passed', 'SUCCEEDED', waits, { until: past }],
  ['Wait without a time', 'FAILED States.Runtime', waits, {}],
];

const rules = [
  { Variable: '$.a', StringEquals: 'x', Next: 'X' },
  { Variable: '$.b', BooleanEquals: true, Next: 'B' },
];
const ends = { X: pass({ Result: 'x' }), B: pass() };
const choose = machine({ Choice: { Type: 'Choice', Choices: rules }, ...ends });
const orElse = machine({
  Choice: { Type: 'Choice', Choices: rules, Default: 'Else' },
  ...ends,
  Else: pass({ Result: 'else' }),
});
const choices: readonly Row[] = [
  ['by a text', 'SUCCEEDED', choose, { a: 'x', b: true }],
  ['by a boolean', 'SUCCEEDED', choose, { a: 'X', b: true }],
  ['by nothing', 'FAILED States.NoChoiceMatched', choose, { a: null, b: 1 }],
  ['by default', 'SUCCEEDED', orElse, { a: ['x'], b: 'true' }],
  ['by what is not there', 'FAILED States.Runtime', orElse, { b: true }],
];

const select = { 'answer.$': '$.Payload' };
const plain = machine({ Task: task() });
const shaped = machine({
  Task: task({ ResultSelector: { ...select, c: [1] }, ResultPath: '$.a.b' }, 'Dropped'),
  Dropped: task({ ResultPath: null }, 'Part'),
  Part: task({
    Parameters: { FunctionName: 'f', Payload: { 'x.$': '$.a' } },
    ResultPath: '$.c',
    OutputPath: '$.c.Payload',
  }),
});
const strict = machine({
  Task: task({ ResultSelector: { 'a.$': '$.Payload.a' }, Catch: [catchTo('After')] }),
  After: ended,
});
const tried = machine({
  Task: task({
    Retry: [retry(['Refused'], 0), retry(['Other'], 1), retry(['States.ALL'], 2)],
    Catch: [catchTo('Failed', ['Wrong'])],
  }),
  Failed: failed,
});
const caught = machine({
  Task: task({
    Retry: [retry(['States.TaskFailed'], 1)],
    Catch: [catchTo('Failed', ['Other']), catchTo('After', ['States.TaskFailed']), catchTo('Late')],
  }),
  After: task(),
  Late: pass({ Result: 'late' }),
  Failed: failed,
});
const unfit = machine({
  Task: task({ ResultPath: '$.a', Catch: [{ ...catchTo('After'), ResultPath: null }] }),
  After: ended,
});
const answering = (...Task: Script) => scripted({ Task, Dropped: [1], Part: [{ d: 1 }], After: ['after'] });
const wireless = { a: undefined, b: new Date(0), c: Number.NaN, d: [undefined], e: () => 1 };
const refused = named('Refused');
const other = named('Other', 'another');
const tasks: readonly Row[] = [
  ['its result', 'SUCCEEDED', plain, { a: 1 }, answering({ b: [1, null] })],
  ['an error', 'FAILED Wrong', plain, {}, answering(wrong)],
  ['an error that is none', 'FAILED string', plain, {}, () => () => Promise.reject('text')],
  ['what is made of it', 'SUCCEEDED', shaped, { a: {} }, answering({ b: 1 })],
  ['null for nothing', 'SUCCEEDED', shaped, {}, answering(undefined)],
  ['no more than JSON has', 'SUCCEEDED', shaped, {}, answering(wireless)],
  ['enough', 'SUCCEEDED', strict, {}, answering({ a: null })],
  ['too little', 'FAILED States.Runtime', strict, {}, answering({})],
  ['an error, then an answer', 'SUCCEEDED', tried, {}, answering(wrong, 'right')],
  ['an error too often', 'FAILED Wrong', tried, { a: 1 }, answering(wrong)],
  ['errors that are counted apart', 'FAILED Wrong', tried, {}, answering(wrong, other, wrong, wrong, 'late')],
  ['errors up to the last try', 'SUCCEEDED', tried, {}, answering(wrong, other, wrong, 'right')],
  ['an error not to be tried again', 'FAILED Refused', tried, {}, answering(refused, 'late')],
  ['an error that is caught', 'SUCCEEDED', caught, { a: 1 }, answering(wrong)],
  ['an error that is passed on', 'FAILED Other', caught, {}, answering(other)],
  ['an error where none can be put', 'FAILED States.ResultPathMatchFailure', caught, 'text', answering(wrong)],
  ['a result that cannot be put', 'SUCCEEDED', unfit, 'text', answering(1)],
];

const mapOf = (ofMap: Partial<MapState> = {}, over: Partial<TaskState> = {}) =>
  machine({
    Map: map({ Each: task({ ResultSelector: select, ...over }) }, ofMap),
    ...('Catch' in ofMap ? { After: task() } : {}),
  });
const mapped = mapOf({}, { Retry: [retry(['Again'], 1)] });
const two = mapOf({ MaxConcurrency: 2 });
const unlimited = mapOf({ MaxConcurrency: 0 });
const composed = mapOf(
  {
    ItemSelector: { 'value.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index', 'more.$': '$.more' },
    ResultSelector: { 'has.$': "States.ArrayContains($, 'a')", 'not.$': "States.ArrayContains($, 'd')", 'all.$': '$' },
    ResultPath: '$.results',
  },
  { Parameters: { FunctionName: 'f', Payload: { 'item.$': '$.value.item', 'all.$': '$' } }, OutputPath: '$.answer' },
);
const guarded = mapOf({ Catch: [catchTo('After', ['Wrong'])] });
const branching = machine({
  Map: map(
    {
      Choice: { Type: 'Choice', Choices: [{ Variable: '$', StringEquals: 'b', Next: 'Fail' }], Default: 'Pass' },
      Pass: pass({}, 'End'),
      End: ended,
      Fail: { Type: 'Fail', ErrorPath: '$', CausePath: '$' },
    },
    { Catch: [catchTo('Failed')] },
  ),
  Failed: failed,
});
const nested = machine({ Map: map({ Inner: map({ Each: pass() }) }) });
const itemOf: Functions = () => (_, payload) => keyOf(payload);
const failing = (...script: Script) => scripted({ 'Each b': script, Each: ['x'], After: ['after'] });
const again = named('Again');
const maps: readonly Row[] = [
  ['of no items', 'SUCCEEDED', mapped, items(), itemOf],
  ['of some items', 'SUCCEEDED', mapped, items('c', 'a', 'b'), itemOf],
  ['of many items', 'SUCCEEDED', mapped, items(...Array.from({ length: 100 }, (_, index) => `${index}`)), itemOf],
  ['of no list', 'FAILED States.Runtime', mapped, { items: 'text' }, itemOf],
  ['with an iteration that fails', 'FAILED Wrong', mapped, items('a', 'b', 'c'), failing(wrong)],
  ['with an iteration that is tried again', 'SUCCEEDED', mapped, items('a', 'b'), failing(again, 'y')],
  ['with an iteration that fails twice', 'FAILED Again', mapped, items('a', 'b'), failing(again)],
  ['of two at a time', 'SUCCEEDED', two, items('c', 'a', 'b', 'd', 'e'), itemOf],
  ['of as many as can be', 'SUCCEEDED', unlimited, items('c', 'a', 'b'), itemOf],
  ['of what is made for each, and of its results', 'SUCCEEDED', composed, { ...items('a', 'b'), more: [1] }, itemOf],
  ['with a failure that is caught', 'SUCCEEDED', guarded, items('a', 'b'), failing(wrong)],
  ['with a failure that is not', 'FAILED Other', guarded, items('a', 'b'), failing(other)],
  ['of choices and ends', 'SUCCEEDED', branching, { items: ['a', 'c'] }],
  ['with an end that fails', 'FAILED b', branching, { items: ['a', 'b', 'c'] }],
  ['within a map', 'SUCCEEDED', nested, { items: [{ items: [1, 2] }, { items: [] }] }],
];

const twice = { 'a.$': '$.a', 'b.$': '$.a' };
const dropped = alone(pass({ Result: 1 }));
const grown = machine({ A: pass({ Parameters: twice }, 'B'), B: pass({ Result: 1 }) });
const sized = machine({
  Task: task({
    Parameters: { FunctionName: 'f', Payload: twice },
    ResultPath: null,
    Retry: [retry(['States.ALL'], 2)],
    Catch: [catchTo('After')],
  }),
  After: ended,
});
const sizedMap = mapOf(
  { ItemSelector: twice, ResultPath: null, Catch: [catchTo('After')] },
  { ResultSelector: select },
);
const tooLarge = 'FAILED States.DataLimitExceeded';
const sizes: readonly Row[] = [
  ['of an input at the limit', 'SUCCEEDED', dropped, text(262_144)],
  ['of an input', tooLarge, dropped, text(262_145)],
  ['of an input in bytes', tooLarge, dropped, 'é'.repeat(140_000)],
  ['of an output at the limit', 'SUCCEEDED', grown, { a: text(131_066) }],
  ['of an output', tooLarge, grown, { a: text(131_067) }],
  ['of a task', 'SUCCEEDED', sized, { a: text(100_000) }, answering(text(200_000))],
  ['of what a task gets', tooLarge, sized, { a: text(140_000) }, answering(1)],
  ['of what a task gives', tooLarge, sized, { a: 1 }, answering(text(262_144))],
  ['of an iteration', tooLarge, sizedMap, { a: text(140_000), items: [1] }, itemOf],
  ['of a map', 'SUCCEEDED', sizedMap, { a: 1, items: [1, 2] }, () => () => text(90_000)],
  ['of what a map gives', tooLarge, sizedMap, { a: 1, items: [1, 2, 3] }, () => () => text(90_000)],
];

const batch = {
  PlanBatch: [processAnswer, done],
  ReadTask: [{ outcome: 'moved' }],
  SealBatch: [reduce],
  ReduceKeyGroup: [reduced(2)],
  CommitBatch: [{ next: 'plan', turn: 1, caughtUp: false }],
};
const loopOf = (name: string, end: string, over: Readonly<Record<string, Script>>): Row => [
  name,
  end,
  loop,
  { untilBatch: 9 },
  scripted({ ...batch, ...over }),
];
const temporary = named('TemporaryFailure');
const throttled = named(throttledErrors[0]);
const notStarted = named('Sfn.ThrottlingException');
const rotation = { CommitBatch: [{ next: 'continue-as-new', turn: 1 }] };
const batches: readonly Row[] = [
  loopOf('a batch', 'SUCCEEDED', {}),
  loopOf('a turn in which nothing moved', 'SUCCEEDED', { ReadTask: [{ outcome: 'caught-up' }] }),
  loopOf('a turn that is behind', 'SUCCEEDED', {
    'ReadTask 0': [{ outcome: 'behind' }],
    ReadTask: [{ outcome: 'caught-up' }],
  }),
  loopOf('a batch that is resumed', 'SUCCEEDED', { PlanBatch: [reduce, done] }),
  loopOf('a batch without key groups', 'SUCCEEDED', { SealBatch: [commit] }),
  loopOf('a rotation', 'SUCCEEDED', { ...rotation, startExecution: ['started'] }),
  loopOf('a rotation at the second try', 'SUCCEEDED', { ...rotation, startExecution: [notStarted, 'started'] }),
  loopOf('a successor that cannot be started', 'SUCCEEDED', { ...rotation, startExecution: [notStarted] }),
  loopOf('a plan that is refused', 'FAILED FingerprintChanged', { PlanBatch: [named('FingerprintChanged')] }),
  loopOf('a plan that fails for good', 'FAILED TemporaryFailure', { PlanBatch: [temporary] }),
  loopOf('a plan that fails for now', 'SUCCEEDED', {
    PlanBatch: [throttled, throttled, temporary, throttled, temporary, processAnswer, done],
  }),
  loopOf('a task that fails', 'SUCCEEDED', { 'ReadTask 0': [temporary] }),
  loopOf('a task that is refused', 'FAILED NotAllowed', { 'ReadTask 1': [named('NotAllowed')] }),
  loopOf('a key group that is tried again', 'SUCCEEDED', { 'ReduceKeyGroup 1': [temporary, reduced(3)] }),
  loopOf('a key group that fails for now', 'SUCCEEDED', { 'ReduceKeyGroup 1': [temporary] }),
  loopOf('a key group that fails', 'FAILED MissingItem', { 'ReduceKeyGroup 1': [named('MissingItem')] }),
  loopOf('an answer that is not known', 'FAILED States.NoChoiceMatched', { SealBatch: [{ next: 'dance' }] }),
  loopOf('an answer that lacks something', 'FAILED States.Runtime', { PlanBatch: [{ next: 'wait' }] }),
];

describe.each<[string, readonly Row[]]>([
  ['states', states],
  ['a choice', choices],
  ['a task gives', tasks],
  ['a map', maps],
  ['the size', sizes],
  ['the loop', batches],
])('%s', (_, rows) => {
  it.each<Row>(rows)('%s: %s', async (_name, end, definition, input, functions = none) => {
    const { local, simulated } = await onBoth({ definition, input, functions });
    expect(comparable(simulated)).toEqual(comparable(local));
    expect(endOf(simulated)).toBe(end);
  });
});

/** Runs locally on timers that this moves on, as soon as the first call has begun. */
async function runLocallyFor(ms: number, one: Case): Promise<Run> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const begun = Promise.withResolvers<void>();
    const functions: Functions = (abort) => {
      const answer = (one.functions ?? none)(abort);
      return (step, payload) => {
        begun.resolve();
        return answer(step, payload);
      };
    };
    const run = runLocally({ ...one, functions });
    await begun.promise;
    await vi.advanceTimersByTimeAsync(ms);
    return await run;
  } finally {
    vi.useRealTimers();
  }
}

it('a task that takes too long is States.Timeout on both, which is no failed task', async () => {
  const one = { definition: caught, functions: () => () => new Promise(() => {}) };
  const local = await runLocallyFor(5000, one);
  const simulated = await runSimulated(one);
  expect(comparable(simulated)).toEqual(comparable(local));
  expect(shortly(simulated)).toBe('late');
});

it('an abort ends both while a task runs', async () => {
  const functions: Functions = (abort) => () => abort();
  const { local, simulated } = await onBoth({ definition: caught, functions });
  expect(comparable(simulated)).toEqual(comparable(local));
  expect(endOf(simulated)).toBe('ABORTED');
  expect(simulated.calls.map(([step]) => step)).toEqual(['Task']);
});

/** A turn is 7 events, the states after the last one are 2 each. */
const turns = machine(
  {
    Turn: task({ ResultSelector: select }, 'More'),
    More: { Type: 'Choice', Choices: [{ Variable: '$.answer', StringEquals: 'again', Next: 'Turn' }], Default: 'A' },
    A: pass({}, 'B'),
    B: pass({}, 'C'),
    C: pass({}, 'End'),
    End: ended,
  },
  86_400,
);

it('a Standard execution with a history that is too long fails on both', async () => {
  const { local, simulated } = await onBoth({ definition: turns, functions: () => () => 'again', type: 'STANDARD' });
  expect([endOf(local), endOf(simulated)]).toEqual(['FAILED States.Runtime', 'FAILED States.Runtime']);
});

// Any way through the loop.

const some = <Value>(values: fc.Arbitrary<Value>) => fc.uniqueArray(values, { maxLength: 4 });
const refusal = fc.constantFrom(...fatalErrors.map((name) => named(name)));
const passing = fc.constantFrom(temporary, throttled, named('States.Timeout'), named('Lambda.Unknown'));
const waitUntil = fc.constantFrom(past, '2020-01-01T00:00:00Z', '2020-01-01T00:00:00+01:00');
const seal = { ...commit, next: 'seal' };
const driverAnswer = fc.oneof(
  { weight: 6, arbitrary: some(fc.nat(5)).map((tasks) => ({ ...processAnswer, tasks })) },
  { weight: 4, arbitrary: some(fc.nat(5)).map((keyGroups) => ({ ...reduce, keyGroups })) },
  { weight: 3, arbitrary: fc.constantFrom(seal, commit, { next: 'plan', turn: 1 }) },
  { weight: 2, arbitrary: waitUntil.map((until) => ({ next: 'wait', turn: 1, waitUntil: until })) },
  { weight: 1, arbitrary: fc.constantFrom(done, { next: 'continue-as-new', turn: 1 }) },
);
/** What ends the execution: a shape that is not known, something that is missing, a refusal, a bug. */
const lastAnswer = fc.oneof(
  refusal,
  fc.constantFrom<unknown>(temporary, throttled),
  fc.constantFrom<unknown>(named('TypeError'), { next: 'continue-as-new' }),
  fc.constantFrom<unknown>(null, 'text', {}, { next: 'wait' }, { next: 'process', tasks: 'all' }),
  fc.constant({ next: 'dance' }),
);
/** The calls of the driver, whichever steps they are of: errors that pass, then an answer, and so on to the last. */
const driver = fc
  .tuple(
    fc.array(fc.tuple(fc.array(passing, { maxLength: 2 }), driverAnswer), { maxLength: 12 }),
    fc.option(lastAnswer, { nil: done, freq: 3 }),
  )
  .map(([steps, last]) => [...steps.flatMap(([errors, answer]) => [...errors, answer]), last, last, last, last]);

/** Two failures of one map would be a race: what makes a map fail is the same for all its items. */
const perItem = (answer: fc.Arbitrary<unknown>, failure: fc.Arbitrary<unknown>) =>
  fc.tuple(fc.boolean(), failure).chain(([mayFail, fails]) =>
    fc.array(
      fc.array(fc.oneof({ weight: 9, arbitrary: answer }, { weight: mayFail ? 1 : 0, arbitrary: fc.constant(fails) }), {
        maxLength: 8,
      }),
      { minLength: 6, maxLength: 6 },
    ),
  );
const outcome = fc.constantFrom('moved', 'moved', 'behind', 'caught-up', 'failed').map((name) => ({ outcome: name }));
const readAnswer = fc.oneof(outcome, outcome, passing, fc.constant(named('TypeError')));
const reads = perItem(readAnswer, fc.oneof(refusal, fc.constantFrom<unknown>({}, null)));
const reductions = perItem(fc.nat(9).map(reduced), fc.oneof(refusal, passing));
const starts = fc.array(fc.constantFrom('started', named('Sfn.ThrottlingException')), { minLength: 1, maxLength: 2 });
const loopScript = fc.record({ driver, reads, reductions, starts });
type LoopScript = typeof loopScript extends fc.Arbitrary<infer Value> ? Value : never;

/** When a script is at its end, drivers are done and items have an ordinary answer. */
const loopFunctions =
  (script: LoopScript): Functions =>
  () => {
    const counts = new Map<string, number>();
    const nextOf = (list: readonly unknown[] | undefined, name: string, otherwise: unknown): unknown => {
      const count = counts.get(name) ?? 0;
      counts.set(name, count + 1);
      return answerOf(list !== undefined && count < list.length ? list[count] : otherwise);
    };
    return (step, payload) => {
      const key = keyOf(payload);
      if (step === 'ReadTask') return nextOf(script.reads[Number(key)], `read ${key}`, { outcome: 'moved' });
      if (step === 'ReduceKeyGroup') return nextOf(script.reductions[Number(key)], `reduce ${key}`, reduced(1));
      if (step === 'startExecution') return nextOf(script.starts, 'start', 'started');
      return nextOf(script.driver, 'driver', done);
    };
  };

it('any way through the loop has the same end and the same calls', async () => {
  const seen = new Map<string, number>();
  const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(loopScript, fc.nat(), async (script, seed) => {
      const functions = loopFunctions(script);
      const { local, simulated } = await onBoth({ definition: loop, input: { untilBatch: 9 }, functions, seed });
      expect(comparable(simulated)).toEqual(comparable(local));
      note(endOf(simulated));
      for (const step of new Set(simulated.calls.map(([name]) => name))) note(step);
    }),
    { numRuns: 300 },
  );
  // Ways that never come to anything would be the same as well.
  for (const end of ['SUCCEEDED', 'FAILED States.Runtime', 'FAILED States.NoChoiceMatched'])
    expect(seen.get(end), end).toBeGreaterThan(3);
  const triesUsedUp = [temporary, throttled].map(({ name }) => seen.get(`FAILED ${name}`) ?? 0);
  expect(Math.max(...triesUsedUp)).toBeGreaterThan(3);
  expect(fatalErrors.filter((name) => seen.has(`FAILED ${name}`)).length).toBeGreaterThan(3);
  for (const step of ['PlanBatch', 'ReadTask', 'SealBatch', 'ReduceKeyGroup', 'CommitBatch', 'startExecution'])
    expect(seen.get(step), step).toBeGreaterThan(10);
}, 60_000);

describe('the listed differences', () => {
  const minutes = 60_000;
  const caughtBy = (...names: readonly string[]) => ({ Catch: [{ ...catchTo('After', names), ResultPath: null }] });

  const shows: Record<DifferenceName, () => Promise<void>> = {
    async 'execution that takes too long'() {
      const long = {
        definition: machine({ A: task({ TimeoutSeconds: 60 }) }, 10),
        functions: () => () => new Promise(() => {}),
      };
      const { outcome: local } = await runLocallyFor(10_000, long);
      const { outcome: simulated } = await runSimulated(long);
      expect(local).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
      expect(simulated).toEqual({ status: 'TIMED_OUT', error: undefined, cause: undefined });
    },
    async 'five minutes of an Express execution'() {
      const slow = { definition: machine({ A: task({ TimeoutSeconds: 900, ResultPath: null }) }, 1000) };
      const local = await runLocallyFor(6 * minutes, {
        ...slow,
        functions: () => () => new Promise((resolve) => setTimeout(resolve, 6 * minutes)),
      });
      const simulated = await runSimulated({ ...slow, functions: () => () => new Promise(() => {}) });
      expect([endOf(local), endOf(simulated)]).toEqual(['SUCCEEDED', 'TIMED_OUT']);
    },
    async 'end of a long history'() {
      // One event to begin with, 3,570 turns, 4 states after them: 24,999. Then there is the event of the end.
      const enough: Functions = () => {
        let turn = 0;
        return () => (++turn < 3570 ? 'again' : 'enough');
      };
      const { local, simulated } = await onBoth({ definition: turns, functions: enough, type: 'STANDARD' });
      expect([endOf(local), endOf(simulated)]).toEqual(['FAILED States.Runtime', 'SUCCEEDED']);
    },
    async 'causes of own errors'() {
      const { local, simulated } = await onBoth({ definition: alone(pass({ Parameters: { 'a.$': '$.b' } })) });
      expect(local.outcome.error).toBe(simulated.outcome.error);
      expect(local.outcome.cause).toBe("Path expression '$.b' does not point to a value");
      expect(simulated.outcome.cause).toBe("The JSONPath '$.b' could not be found in the input");
    },
    async 'order of iterations'() {
      const one = { definition: mapped, input: items('c', 'a', 'b', 'd'), functions: itemOf };
      const order = ({ calls }: Run) => calls.map(([, payload]) => keyOf(payload)).join('');
      expect(order(await runLocally(one))).toBe('cabd');
      const orders = await Promise.all([1, 2, 3, 4].map(async (seed) => order(await runSimulated({ ...one, seed }))));
      expect(new Set(orders).size).toBeGreaterThan(1);
    },
    async 'iterations that wait for their turn'() {
      const definition = mapOf({ MaxConcurrency: 1, ...caughtBy('Wrong') });
      const functions = scripted({ 'Each a': [wrong], Each: ['x'], After: ['y'] });
      const { local, simulated } = await onBoth({ definition, input: items('a', 'b', 'c'), functions });
      expect(local.calls.filter(([step]) => step === 'Each').length).toBeGreaterThan(1);
      expect(simulated.calls.map(([step]) => step)).toEqual(['Each', 'After']);
    },
    async 'retries of other iterations'() {
      const Retry = [retry(['Again'], 9)];
      const inner = { Each: task({ Retry }) };
      const definition = machine({ Map: map(inner, caughtBy('Wrong')), After: task({ Retry }) });
      const functions = scripted({ 'Each a': [wrong], 'Each b': [again], After: [again] });
      const { local, simulated } = await onBoth({ definition, input: items('a', 'b'), functions });
      const triesAfter = ({ calls }: Run) =>
        calls.slice(calls.findIndex(([step]) => step === 'After')).filter(([step]) => step === 'Each').length;
      expect(triesAfter(local)).toBeGreaterThan(0);
      expect(triesAfter(simulated)).toBe(0);
    },
    async 'item in the context of an iteration'() {
      const definition = machine({ Map: map({ Each: pass({ Parameters: { 'at.$': '$$.Map.Item.Index' } }) }) });
      expect(await shortlyOnBoth({ definition, input: { items: ['a'] } })).toEqual({
        local: 'FAILED States.Runtime',
        simulated: [{ at: 0 }],
      });
    },
    async 'start in the context of an iteration'() {
      const Parameters = { 'start.$': '$$.Execution.StartTime' };
      const definition = machine({
        Start: pass({ Parameters, ResultPath: '$.outside' }, 'Task'),
        Task: task({ ResultPath: null }, 'Map'),
        Map: map({ Each: pass({ Parameters }) }, { ResultPath: '$.inside' }),
      });
      vi.useFakeTimers({ toFake: ['Date'] });
      try {
        const functions: Functions = () => () => vi.setSystemTime(Date.now() + minutes);
        const { local, simulated } = await onBoth({ definition, input: { items: ['a'] }, functions });
        const isSame = (run: Run) => {
          const { outside, inside } = run.outcome.output as { outside: { start: string }; inside: { start: string }[] };
          return inside[0]!.start === outside.start;
        };
        expect([isSame(local), isSame(simulated)]).toEqual([false, true]);
      } finally {
        vi.useRealTimers();
      }
    },
    async 'state in the context'() {
      const Parameters = {
        FunctionName: 'f',
        Payload: { 'at.$': '$$.State.EnteredTime', 'retries.$': '$$.State.RetryCount' },
      };
      const definition = alone(task({ Parameters, Retry: [retry(['Wrong'], 1)] }));
      vi.useFakeTimers({ toFake: ['Date'] });
      try {
        const functions: Functions = () => {
          let tries = 0;
          return () => {
            vi.setSystemTime(Date.now() + minutes);
            if (++tries === 1) throw wrong;
            return {};
          };
        };
        const { local, simulated } = await onBoth({ definition, functions });
        const told = ({ calls }: Run) => calls.map(([, payload]) => payload as { at: string; retries: number });
        expect(told(local).map(({ retries }) => retries)).toEqual([0, 0]);
        expect(told(simulated).map(({ retries }) => retries)).toEqual([0, 1]);
        const isSame = ([first, second]: readonly { at: string }[]) => first!.at === second!.at;
        expect([isSame(told(local)), isSame(told(simulated))]).toEqual([false, true]);
      } finally {
        vi.useRealTimers();
      }
    },
    async 'States.TaskFailed of a map'() {
      const definition = mapOf({ ...caughtBy('States.TaskFailed') });
      const both = await onBoth({ definition, input: items('b'), functions: failing(wrong) });
      expect([endOf(both.local), endOf(both.simulated)]).toEqual(['FAILED Wrong', 'SUCCEEDED']);
    },
    async 'empty results'() {
      const results = { A: false, B: 0, C: null, D: '' };
      const names = Object.keys(results);
      const Choices = names.map((name) => ({ Variable: '$', StringEquals: name, Next: name }));
      const passes = Object.entries(results).map(([name, Result]) => [name, pass({ Result })] as const);
      const definition = machine({ Which: { Type: 'Choice', Choices }, ...Object.fromEntries(passes) });
      for (const [name, Result] of Object.entries(results))
        expect(await shortlyOnBoth({ definition, input: name })).toEqual({ local: name, simulated: Result });
    },
    async 'result in place of everything'() {
      const definition = alone(pass({ Result: 'r', ResultPath: '$' }));
      expect(await shortlyOnBoth({ definition, input: { a: 1 } })).toEqual({ local: { a: 1, $: 'r' }, simulated: 'r' });
    },
    async 'result where no object is'() {
      const definition = alone(pass({ Result: 'r', ResultPath: '$.a.b' }));
      expect(await shortlyOnBoth({ definition, input: { a: 'text' } })).toEqual({
        local: { a: { b: 'r' } },
        simulated: 'FAILED States.ResultPathMatchFailure',
      });
    },
    async 'nothing at the root'() {
      const definition = alone(pass({ Parameters: { 'a.$': '$' } }));
      for (const input of [null, 0, false, '']) {
        const both = await shortlyOnBoth({ definition, input });
        expect(both).toEqual({ local: 'FAILED States.Runtime', simulated: { a: input } });
      }
    },
    async 'insides of lists and texts'() {
      const insides = { 'a.$': '$.list.length', 'b.$': '$.list.0', 'c.$': '$.text.length' };
      const input = { list: ['x'], text: 'abc' };
      const local = await runLocally({ definition: alone(pass({ Parameters: insides })), input });
      expect(shortly(local)).toEqual({ a: 1, b: 'x', c: 3 });
      for (const [name, path] of Object.entries(insides)) {
        const definition = alone(pass({ Parameters: { [name]: path } }));
        expect(shortly(await runSimulated({ definition, input }))).toBe('FAILED States.Runtime');
      }
    },
    async 'intrinsics that cannot work'() {
      const ResultSelector = { 'a.$': "States.ArrayContains($.Payload, 'x')" };
      const states = { Task: task({ ResultSelector, ...caughtBy('States.ALL') }), After: pass({ Result: 'caught' }) };
      const definition = machine(states);
      expect(await shortlyOnBoth({ definition, functions: answering('text') })).toEqual({
        local: 'FAILED States.Runtime',
        simulated: 'caught',
      });
    },
    async 'times of a wait'() {
      const states = { Map: map({ Wait: wait() }, caughtBy('States.ALL')), After: pass({ Result: 'caught' }) };
      const definition = machine(states);
      for (const [until, local] of [
        ['2020-01-01', [{ until: '2020-01-01' }]],
        ['soon', 'caught'],
      ]) {
        const both = await shortlyOnBoth({ definition, input: { items: [{ until }] } });
        expect(both).toEqual({ local, simulated: 'FAILED States.Runtime' });
      }
    },
    async 'names that are not for functions'() {
      const definition = machine({
        Task: task({
          Catch: [
            { ...catchTo('Failed', ['States.TaskFailed']), ResultPath: null },
            { ...catchTo('Any'), ResultPath: null },
          ],
        }),
        Failed: pass({ Result: 'failed' }),
        Any: pass({ Result: 'any' }),
      });
      for (const [name, simulated] of [
        ['States.Timeout', 'any'],
        ['States.Runtime', 'FAILED States.Runtime'],
      ] as const) {
        const both = await shortlyOnBoth({ definition, functions: answering(named(name)) });
        expect(both).toEqual({ local: 'failed', simulated });
      }
    },
    async 'what the product does not use'() {
      const branch = { StartAt: 'Branch', States: { Branch: ended } };
      const unused = {
        A: { InputPath: '$.x', ResultPath: '$.a' },
        B: { Parameters: { 'y.$': '$.list[1]' }, ResultPath: '$.b' },
        C: { Parameters: { 'y.$': "States.Format('{}', $.x)" }, ResultPath: '$.c' },
        D: { Parameters: { 'y.$': '$$.Execution.Input.x' }, ResultPath: '$.d' },
        E: { Type: 'Parallel', Branches: [branch], ResultSelector: { 'y.$': '$[0].x' }, ResultPath: '$.e' },
      };
      const input = { x: 'x', list: [1, 2] };
      const names = Object.keys(unused);
      const all = Object.entries(unused).map(([name, over], at) => [name, pass(over, names[at + 1])] as const);
      const local = await runLocally({ definition: machine(Object.fromEntries(all)), input });
      expect(shortly(local)).toEqual({ ...input, a: 'x', b: { y: 2 }, c: { y: 'x' }, d: { y: 'x' }, e: { y: 'x' } });
      for (const over of Object.values(unused)) {
        const run = runSimulated({ definition: alone(pass(over)), input });
        await expect(run).rejects.toThrow('the simulated Step Functions do not know');
      }
    },
  };

  const names: readonly DifferenceName[] = differences.map(({ name }) => name);

  it.each(names)('%s', (name) => shows[name]());

  it('are all shown, each by one name', () => {
    expect(Object.keys(shows).sort()).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
  });
});
