/** The simulated Step Functions: how states run on virtual time, which errors end what, and what an execution may do. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Catcher, Definition, MapState, Retrier, State, TaskState } from '../../state-machine/asl.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { copyJson, type Json } from './services/step-functions/json.ts';
import {
  type Execution,
  SimulatedStepFunctions,
  type StartOptions,
  type StepFunctionsParts,
  type TaskCall,
} from './services/step-functions/simulated-step-functions.ts';

const startTime = Date.parse('2030-01-01T00:00:00.000Z');
const iso = (sinceStart: number) => new Date(startTime + sinceStart).toISOString();

type Answer = (parameters: Json, call: TaskCall) => unknown;

let scheduler: Scheduler;
let service: SimulatedStepFunctions;
/** By the names of tasks. */
let answers: Record<string, Answer>;
let calls: { readonly at: number; readonly state: string; readonly parameters: Json }[];
let begun: { readonly at: number; readonly state: string }[];
beforeEach(() => {
  scheduler = new Scheduler(startTime);
  service = newService();
  answers = {};
  calls = [];
  begun = [];
});

const now = () => scheduler.now - startTime;
const newService = (parts: Partial<StepFunctionsParts> = {}) =>
  new SimulatedStepFunctions({
    scheduler,
    random: new Random(1),
    type: 'EXPRESS',
    task: async (call) => {
      const { state, parameters } = call;
      calls.push({ at: now(), state, parameters });
      return answers[state]!(parameters, call);
    },
    onState: (_, state) => begun.push({ at: now(), state }),
    ...parts,
  });

/** From its start until nothing is left to happen. */
async function run(definition: Definition, input: unknown = {}, options: StartOptions = {}): Promise<Execution> {
  const execution = service.start(definition, input, options);
  await scheduler.run(Number.POSITIVE_INFINITY);
  return execution;
}

const outcomeOf = ({ status, error, output }: Execution) =>
  status === 'SUCCEEDED' ? output : error === undefined ? status : `${status} ${error}`;
const runs = async (definition: Definition, input?: unknown) => outcomeOf(await run(definition, input));
const statesBegun = () => begun.map(({ state }) => state).join(' ');
const gaps = (times: readonly number[]) => times.slice(1).map((time, at) => time - times[at]!);

const error = (name: string, message = 'because') => Object.assign(new Error(message), { name });
const fail = (name: string) => () => {
  throw error(name);
};
const inMs = (ms: number, value: unknown) => async () => {
  await scheduler.sleep(ms);
  if (value instanceof Error) throw value;
  return value;
};
/** Call by call; the last one stays. */
const inTurn = (...values: readonly unknown[]): Answer => {
  let call = 0;
  return () => {
    const value = values[Math.min(call++, values.length - 1)];
    if (value instanceof Error) throw value;
    return value;
  };
};

const machine = (states: Readonly<Record<string, State>>, TimeoutSeconds = 290): Definition => ({
  StartAt: Object.keys(states)[0]!,
  States: states,
  TimeoutSeconds,
});
const alone = (state: State) => machine({ Alone: state });
const flow = (next: string | undefined) => (next === undefined ? { End: true } : { Next: next });
const task = (over: Partial<TaskState> = {}, next?: string) =>
  ({ Type: 'Task', Resource: 'r', Parameters: { 'p.$': '$' }, TimeoutSeconds: 5, ...flow(next), ...over }) as TaskState;
const pass = (over: object = {}, next?: string) => ({ Type: 'Pass', ...flow(next), ...over }) as State;
const done: State = { Type: 'Succeed' };
const map = (inner: Readonly<Record<string, State>>, over: Partial<MapState> = {}, next?: string) =>
  ({
    Type: 'Map',
    ItemsPath: '$.items',
    MaxConcurrency: 40,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: Object.keys(inner)[0]!, States: inner },
    ...flow(next),
    ...over,
  }) as MapState;
const retry = (ErrorEquals: readonly string[], MaxAttempts: number, over: Partial<Retrier> = {}): Retrier => ({
  ErrorEquals,
  MaxAttempts,
  ...over,
});
const catchTo = (Next: string, ErrorEquals: readonly string[] = ['States.ALL']): Catcher => ({
  ErrorEquals,
  ResultPath: '$.error',
  Next,
});
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('states', () => {
  it('begin one after the other, one to five milliseconds apart', async () => {
    const names = numbers(50).map((index) => `S${index}`);
    const states = names.map((name, index) => [name, pass({}, names[index + 1])] as const);
    await run(machine(Object.fromEntries(states)));
    expect(statesBegun()).toBe(names.join(' '));
    const times = [0, ...begun.map(({ at }) => at)];
    expect(new Set(gaps(times))).toEqual(new Set([1, 2, 3, 4, 5]));
  });

  it('run in the same way from the same seed', async () => {
    const definition = machine({ A: map({ I: pass({ Parameters: { 'u.$': 'States.UUID()' } }) }, {}, 'B'), B: pass() });
    const seen: unknown[] = [];
    for (const seed of [1, 1, 2]) {
      service = newService({ random: new Random(seed) });
      begun = [];
      const startedAt = now();
      const { output } = await run(definition, { items: numbers(5) });
      seen.push([output, begun.map(({ at, state }) => [at - startedAt, state])]);
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).not.toEqual(seen[0]);
  });

  it.each<[string, object, Json]>([
    ['nothing more: its input', {}, { a: { b: 1 }, c: 'x' }],
    ['Parameters', { Parameters: { 'd.$': '$.a.b', e: { f: true, 'g.$': '$.c' } } }, { d: 1, e: { f: true, g: 'x' } }],
    ['Parameters with lists', { Parameters: { d: [{ 'e.$': '$.c' }, '$.c', 1] } }, { d: [{ e: 'x' }, '$.c', 1] }],
    ['Result', { Result: { d: '$.c' } }, { d: '$.c' }],
    ['Result, and Parameters are for nothing', { Parameters: { 'd.$': '$.c' }, Result: 1 }, 1],
    ['Result null', { Result: null }, null],
    ['Result false', { Result: false }, false],
    ['Result and ResultPath', { Result: 1, ResultPath: '$.d.e' }, { a: { b: 1 }, c: 'x', d: { e: 1 } }],
    ['ResultPath within', { Result: 1, ResultPath: '$.a.d' }, { a: { b: 1, d: 1 }, c: 'x' }],
    ['ResultPath $', { Result: 1, ResultPath: '$' }, 1],
    [
      'Parameters and ResultPath',
      { Parameters: { 'd.$': '$.a' }, ResultPath: '$.c' },
      { a: { b: 1 }, c: { d: { b: 1 } } },
    ],
  ])('Pass with %s', async (_, over, output) => {
    expect(await runs(alone(pass(over)), { a: { b: 1 }, c: 'x' })).toEqual(output);
  });

  it.each<[string, object, Json]>([
    ['a path that leads nowhere', { Parameters: { 'a.$': '$.b' } }, {}],
    ['a path into a text', { Parameters: { 'a.$': '$.b.length' } }, { b: 'text' }],
    ['a path to what all objects inherit', { Parameters: { 'a.$': '$.constructor' } }, {}],
    ['a context that is not there', { Parameters: { 'a.$': '$$.Map.Item.Index' } }, {}],
  ])('Pass with %s fails with States.Runtime', async (_, over, input) => {
    expect(await runs(alone(pass(over)), input)).toBe('FAILED States.Runtime');
  });

  it.each<[Json, string]>([
    ['text', '$.a'],
    [null, '$.a'],
    [[1], '$.a'],
    [{ a: 'text' }, '$.a.b'],
  ])('cannot put a result into %j at %s', async (input, ResultPath) => {
    expect(await runs(alone(pass({ Result: 1, ResultPath })), input)).toBe('FAILED States.ResultPathMatchFailure');
  });

  it('Succeed ends with its input', async () => {
    expect(await runs(machine({ A: pass({ Result: 7 }, 'B'), B: done }))).toBe(7);
  });

  it('Fail ends with the error and the cause that its paths give', async () => {
    const definition = alone({ Type: 'Fail', ErrorPath: '$.e.name', CausePath: '$.e.text' });
    const execution = await run(definition, { e: { name: 'Wrong', text: 'all of it' } });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Wrong', cause: 'all of it', output: undefined });
    expect(await runs(definition, { e: { name: 1, text: 'all of it' } })).toBe('FAILED States.Runtime');
    expect(await runs(definition, {})).toBe('FAILED States.Runtime');
  });
});

describe('a choice', () => {
  const ends = { One: pass({ Result: 'one' }), Two: pass({ Result: 'two' }), Other: pass({ Result: 'other' }) };
  const choices = [
    { Variable: '$.text', StringEquals: 'x', Next: 'One' },
    { Variable: '$.flag', BooleanEquals: true, Next: 'Two' },
    { Variable: '$.flag', BooleanEquals: false, Next: 'One' },
  ];
  const choice = (over: object = {}) =>
    machine({ Choice: { Type: 'Choice', Choices: choices, Default: 'Other', ...over } as State, ...ends });

  it.each<[Json, string]>([
    [{ text: 'x', flag: true }, 'one'],
    [{ text: 'y', flag: true }, 'two'],
    [{ text: 'y', flag: false }, 'one'],
    [{ text: 'X', flag: 'true' }, 'other'],
    [{ text: ['x'], flag: 1 }, 'other'],
    [{ text: null, flag: null }, 'other'],
    [{ text: 'x' }, 'one'],
  ])('for %j goes to %s: the first rule that holds', async (input, output) => {
    expect(await runs(choice(), input)).toBe(output);
  });

  it('passes its input on', async () => {
    const definition = machine({ C: { Type: 'Choice', Choices: [{ ...choices[0]!, Next: 'D' }] }, D: done });
    expect(await runs(definition, { text: 'x', more: 1 })).toEqual({ text: 'x', more: 1 });
  });

  it('without a rule that holds and without a default is States.NoChoiceMatched', async () => {
    const { Other: _, ...states } = ends;
    const definition = machine({ Choice: { Type: 'Choice', Choices: choices }, ...states });
    expect(await runs(definition, { text: 'y', flag: 'z' })).toBe('FAILED States.NoChoiceMatched');
  });

  it('by what is not there is States.Runtime', async () => {
    expect(await runs(choice(), { flag: true })).toBe('FAILED States.Runtime');
  });
});

describe('a wait', () => {
  const wait = machine({ Wait: { Type: 'Wait', TimestampPath: '$.until', Next: 'After' }, After: pass() }, 100_000);
  beforeEach(() => {
    service = newService({ type: 'STANDARD' });
  });
  const afterAt = () => begun.find(({ state }) => state === 'After')!.at;

  it.each([
    ['a day later', iso(86_400_000), 86_400_000],
    ['in another time zone', '2030-01-01T02:00:00+01:00', 3_600_000],
    ['fractions of a second later', '2030-01-01T00:00:00.250Z', 250],
  ])('lasts until a time: %s', async (_, until, ms) => {
    expect(await runs(wait, { until })).toEqual({ until });
    expect(afterAt()).toBeGreaterThan(ms);
    expect(afterAt()).toBeLessThanOrEqual(ms + 5);
  });

  it('for a time that has passed is none', async () => {
    expect(await runs(wait, { until: iso(-86_400_000) })).toEqual({ until: iso(-86_400_000) });
    expect(afterAt()).toBeLessThanOrEqual(10);
  });

  it.each([['soon', null, 5, '2030-01-01', '2030-01-01T00:00:00', '2030-01-01 00:00:00Z', '2030-13-01T00:00:00Z']])(
    'for what is no time is States.Runtime',
    async (...values) => {
      for (const until of values) expect(await runs(wait, { until }), String(until)).toBe('FAILED States.Runtime');
      expect(await runs(wait, {})).toBe('FAILED States.Runtime');
    },
  );
});

describe('a task', () => {
  it('gets what its Parameters make, by its resource', async () => {
    let seen: TaskCall | undefined;
    answers.Alone = (_, call) => {
      seen = call;
    };
    const Parameters = {
      FunctionName: 'f:1',
      Payload: { 'a.$': '$.in.a', b: [1], 'id.$': '$$.Execution.Id' },
      'all.$': '$',
    };
    const execution = await run(alone(task({ Parameters })), { in: { a: 'x' } }, { id: 'e' });
    expect(seen).toMatchObject({ state: 'Alone', resource: 'r' });
    expect(seen!.execution).toBe(execution);
    expect(seen!.parameters).toEqual({
      FunctionName: 'f:1',
      Payload: { a: 'x', b: [1], id: 'e' },
      all: { in: { a: 'x' } },
    });
  });

  it.each<[string, Partial<TaskState>, Json]>([
    ['its result', {}, { r: { s: 1 }, t: null }],
    ['ResultSelector', { ResultSelector: { 'u.$': '$.r.s', v: 'w' } }, { u: 1, v: 'w' }],
    ['ResultPath', { ResultPath: '$.b' }, { a: 1, b: { r: { s: 1 }, t: null } }],
    ['ResultPath null: its input', { ResultPath: null }, { a: 1 }],
    ['OutputPath', { OutputPath: '$.r' }, { s: 1 }],
    ['OutputPath after ResultPath null', { ResultPath: null, OutputPath: '$.a' }, 1],
    [
      'a selector, then a path, then an output',
      { ResultSelector: { 'u.$': '$.r.s' }, ResultPath: '$.b.c', OutputPath: '$.b' },
      { c: { u: 1 } },
    ],
    ['the context', { ResultSelector: { 'machine.$': '$$.StateMachine.Id' } }, { machine: 'machine' }],
  ])('gives %s', async (_, over, output) => {
    answers.Alone = () => ({ r: { s: 1 }, t: null, u: undefined });
    expect(await runs(alone(task(over)), { a: 1 })).toEqual(output);
  });

  it('that answers nothing gives null', async () => {
    answers.Alone = () => undefined;
    expect(await runs(alone(task()))).toBeNull();
  });

  it('takes its time', async () => {
    answers.A = inMs(4000, 1);
    await run(machine({ A: task({}, 'B'), B: pass() }));
    expect(gaps([calls[0]!.at, begun[1]!.at])[0]).toBeGreaterThan(4000);
    expect(gaps([calls[0]!.at, begun[1]!.at])[0]).toBeLessThanOrEqual(4005);
  });

  it.each([
    [[error('Wrong', 'a reason')], 'Wrong', 'a reason'],
    [['text'], 'string', 'text'],
    [[null], 'object', 'null'],
  ])('fails by the name of what was thrown: %o', async ([thrown], name, cause) => {
    answers.Alone = () => {
      throw thrown;
    };
    expect(await run(alone(task()))).toMatchObject({ status: 'FAILED', error: name, cause });
  });

  it('can ask whether a list contains a text; what is no list is States.IntrinsicFailure', async () => {
    const ResultSelector = { 'has.$': "States.ArrayContains($.list, 'x')" };
    for (const [list, outcome] of [
      [['y', 'x'], { has: true }],
      [['y', 'xx', ['x']], { has: false }],
      [[], { has: false }],
      ['x', 'FAILED States.IntrinsicFailure'],
    ]) {
      answers.Alone = () => ({ list });
      expect(await runs(alone(task({ ResultSelector })))).toEqual(outcome);
    }
  });

  it('whose result lacks what is selected fails with States.Runtime: not tried again, not caught', async () => {
    answers.A = () => ({});
    const over = { ResultSelector: { 'a.$': '$.missing' }, Retry: [retry(['States.ALL', 'States.Runtime'], 3)] };
    const Catch = [catchTo('B', ['States.Runtime']), catchTo('B')];
    expect(await runs(machine({ A: task({ ...over, Catch }, 'B'), B: done }))).toBe('FAILED States.Runtime');
    expect(calls).toHaveLength(1);
  });
});

describe('a retry', () => {
  const tries = async (Retry: readonly Retrier[], answer: Answer): Promise<readonly number[]> => {
    answers.Alone = answer;
    await run(alone(task({ Retry })));
    return gaps(calls.map(({ at }) => at));
  };

  it('waits one second, then twice as long each time', async () => {
    expect(await tries([retry(['Wrong'], 4)], fail('Wrong'))).toEqual([1000, 2000, 4000, 8000]);
  });

  it('waits as its interval, its backoff rate and its longest delay say', async () => {
    const over = { IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10 };
    expect(await tries([retry(['Wrong'], 4, over)], fail('Wrong'))).toEqual([2000, 6000, 10_000, 10_000]);
  });

  it('with full jitter waits between nothing and the whole delay', async () => {
    const over = { IntervalSeconds: 4, BackoffRate: 2, JitterStrategy: 'FULL' } as const;
    const waits: number[] = [];
    for (let round = 0; round < 200; round++) {
      calls = [];
      const [first, second] = await tries([retry(['Wrong'], 2, over)], fail('Wrong'));
      waits.push(first! / 4000, second! / 8000);
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...waits)).toBeLessThan(0.1);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1);
    expect(Math.max(...waits)).toBeGreaterThan(0.9);
    expect(new Set(waits.map((wait) => Math.floor(wait * 10))).size).toBe(10);
  });

  it('ends with the first try that succeeds', async () => {
    answers.Alone = inTurn(error('Wrong'), error('Wrong'), 'right');
    expect(await runs(alone(task({ Retry: [retry(['Wrong'], 5)] })))).toBe('right');
    expect(calls).toHaveLength(3);
  });

  it('counts for each retrier: A, B, C, B are waits of 1, 2 and 5 seconds, then the catcher', async () => {
    answers.A = inTurn(error('ErrorA'), error('ErrorB'), error('ErrorC'), error('ErrorB', 'the last'));
    const Retry = [retry(['ErrorA', 'ErrorB'], 2), retry(['ErrorC'], 3, { IntervalSeconds: 5 })];
    const execution = await run(machine({ A: task({ Retry, Catch: [catchTo('B')] }), B: done }), {});
    expect(gaps(calls.map(({ at }) => at))).toEqual([1000, 2000, 5000]);
    expect(execution.output).toEqual({ error: { Error: 'ErrorB', Cause: 'the last' } });
  });

  it('counts anew when its state is visited again', async () => {
    answers.A = inTurn(error('Wrong'), 'again', error('Wrong'), 'enough');
    const Choices = [{ Variable: '$', StringEquals: 'again', Next: 'A' }];
    const states = {
      A: task({ Retry: [retry(['Wrong'], 1)] }, 'B'),
      B: { Type: 'Choice', Choices, Default: 'C' },
      C: done,
    };
    expect(await runs(machine(states as Record<string, State>))).toBe('enough');
    expect(calls).toHaveLength(4);
  });

  it.each<[string, readonly Retrier[], string, number]>([
    ['names it', [retry(['Other', 'Wrong'], 2)], 'Wrong', 3],
    ['names another', [retry(['Other'], 2)], 'Wrong', 1],
    ['names a part of it', [retry(['Wro'], 2)], 'Wrong', 1],
    ['is for States.ALL', [retry(['States.ALL'], 2)], 'Wrong', 3],
    ['is for States.TaskFailed', [retry(['States.TaskFailed'], 2)], 'Wrong', 3],
    ['is for States.TaskFailed, not for States.Timeout', [retry(['States.TaskFailed'], 2)], 'States.Timeout', 1],
    ['is for States.ALL, States.Timeout too', [retry(['States.ALL'], 2)], 'States.Timeout', 3],
    ['allows none, whatever follows', [retry(['Wrong'], 0), retry(['States.ALL'], 2)], 'Wrong', 1],
  ])('happens if the retrier %s', async (_, Retry, name, count) => {
    expect(await tries(Retry, fail(name))).toHaveLength(count - 1);
  });
});

describe('a catch', () => {
  const caught = (Catch: readonly Catcher[], answer: Answer, over: Partial<TaskState> = {}) => {
    answers.A = answer;
    const ends = Object.fromEntries(Catch.map(({ Next }) => [Next, pass({ Parameters: { to: Next, 'in.$': '$' } })]));
    return runs(machine({ A: task({ Catch, ...over }), ...ends }), { a: 1 });
  };

  it('goes on at the first catcher that matches, with error and cause', async () => {
    const Catch = [catchTo('B', ['Other']), catchTo('C', ['Wrong']), catchTo('D')];
    expect(await caught(Catch, fail('Wrong'))).toEqual({
      to: 'C',
      in: { a: 1, error: { Error: 'Wrong', Cause: 'because' } },
    });
    expect(statesBegun()).toBe('A C');
  });

  it('puts them where its ResultPath says, or nowhere', async () => {
    const B = catchTo('B');
    const error = { Error: 'Wrong', Cause: 'because' };
    expect(await caught([{ ...B, ResultPath: null }], fail('Wrong'))).toMatchObject({ in: { a: 1 } });
    expect(await caught([{ ...B, ResultPath: '$' }], fail('Wrong'))).toMatchObject({ in: error });
    expect(await caught([{ ...B, ResultPath: '$.b.c' }], fail('Wrong'))).toMatchObject({
      in: { a: 1, b: { c: error } },
    });
  });

  it('that does not match fails the execution with the error itself', async () => {
    expect(await caught([catchTo('B', ['Other'])], fail('Wrong'))).toBe('FAILED Wrong');
  });

  it('of States.TaskFailed is not for States.Timeout', async () => {
    const Catch = [catchTo('B', ['States.TaskFailed']), catchTo('C', ['States.Timeout'])];
    expect(await caught(Catch, fail('Wrong'))).toMatchObject({ to: 'B' });
    expect(await caught(Catch, inMs(6000, 1))).toMatchObject({ to: 'C' });
  });

  it('happens when the retries are used up', async () => {
    expect(await caught([catchTo('B')], fail('Wrong'), { Retry: [retry(['Wrong'], 2)] })).toMatchObject({ to: 'B' });
    expect(calls).toHaveLength(3);
  });

  it('is for a result that cannot be put at its path as well', async () => {
    answers.A = () => 1;
    const Catch: Catcher[] = [{ ...catchTo('B'), ResultPath: null }];
    expect(await runs(machine({ A: task({ ResultPath: '$.r', Catch }), B: done }), 'text')).toBe('text');
  });
});

describe('the timeout of a task', () => {
  it('is States.Timeout after its seconds, while the task goes on', async () => {
    let endedAt: number | undefined;
    answers.Alone = async () => {
      await scheduler.sleep(9000);
      endedAt = now();
      return 'late';
    };
    const execution = service.start(alone(task()), {});
    await scheduler.run(startTime + 5000 + 5);
    expect(outcomeOf(execution)).toBe('FAILED States.Timeout');
    expect(endedAt).toBeUndefined();
    await scheduler.run(Number.POSITIVE_INFINITY);
    expect(endedAt).toBe(calls[0]!.at + 9000);
    expect(execution).toMatchObject({ status: 'FAILED', output: undefined });
  });

  it('does not come when the answer comes in time', async () => {
    answers.Alone = inMs(4990, 'in time');
    expect(await runs(alone(task()))).toBe('in time');
    expect(now()).toBeLessThan(5000);
  });

  it('is for each try, and a try does not wait for the one before', async () => {
    answers.A = (_, { execution }) => (calls.length === 1 ? inMs(60_000, error('Late'))() : execution.id);
    const definition = machine({ A: task({ Retry: [retry(['States.Timeout'], 1)] }) });
    const execution = await run(definition, {}, { id: 'second try' });
    expect(execution.output).toBe('second try');
    expect(gaps(calls.map(({ at }) => at))).toEqual([5000 + 1000]);
  });
});

describe('a map', () => {
  const each = (over: Partial<MapState> = {}, inner: Partial<TaskState> = {}) =>
    machine({ Map: map({ Each: task({ Parameters: { 'item.$': '$' }, ...inner }) }, over) });
  const itemOf = (parameters: Json) => (parameters as { readonly item: number }).item;

  it('gives the results in the order of the items, whichever ends first', async () => {
    answers.Each = (parameters) => inMs(100 - itemOf(parameters), `result ${itemOf(parameters)}`)();
    expect(await runs(each(), { items: [3, 1, 2] })).toEqual(['result 3', 'result 1', 'result 2']);
  });

  it('of no items gives none', async () => {
    expect(await runs(each(), { items: [] })).toEqual([]);
    expect(calls).toEqual([]);
  });

  it.each([
    [1, 100, 1],
    [3, 100, 3],
    [40, 100, 40],
    [0, 100, 40],
    [1000, 100, 40],
    [40, 7, 7],
  ])('with MaxConcurrency %i runs %i items, %i at a time', async (MaxConcurrency, count, most) => {
    let running = 0;
    let highest = 0;
    answers.Each = async (parameters) => {
      highest = Math.max(highest, ++running);
      await scheduler.sleep(50);
      running -= 1;
      return itemOf(parameters);
    };
    expect(await runs(each({ MaxConcurrency }), { items: numbers(count) })).toEqual(numbers(count));
    expect(highest).toBe(most);
  });

  it('begins the items in their order, as places become free', async () => {
    answers.Each = () => null;
    await run(each({ MaxConcurrency: 1 }), { items: [3, 1, 2] });
    expect(calls.map(({ parameters }) => itemOf(parameters))).toEqual([3, 1, 2]);
  });

  it('makes the input of an iteration by its ItemSelector, from its input and from the item', async () => {
    const ItemSelector = { 'all.$': '$.x', 'value.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index', y: 1 };
    const definition = machine({ Map: map({ Each: pass() }, { ItemSelector }) });
    expect(await runs(definition, { x: 'x', items: ['a', { b: 1 }] })).toEqual([
      { all: 'x', value: 'a', at: 0, y: 1 },
      { all: 'x', value: { b: 1 }, at: 1, y: 1 },
    ]);
  });

  it('has its item in the context of all states of the iteration, whatever their input', async () => {
    const Parameters = {
      'b.$': '$$.Map.Item.Value.b',
      'at.$': '$$.Map.Item.Index',
      'start.$': '$$.Execution.StartTime',
    };
    const definition = machine({ Map: map({ One: pass({ Result: 'gone' }, 'Two'), Two: pass({ Parameters }) }) });
    expect(await runs(definition, { items: [{ b: 'x' }, { b: 'y' }] })).toEqual([
      { b: 'x', at: 0, start: iso(0) },
      { b: 'y', at: 1, start: iso(0) },
    ]);
  });

  it('puts its results through ResultSelector and ResultPath', async () => {
    const over = {
      ResultSelector: { 'all.$': '$', 'any.$': "States.ArrayContains($, 'b')" },
      ResultPath: '$.x',
    } as const;
    expect(await runs(machine({ Map: map({ Each: pass() }, over) }), { items: ['a', 'b'] })).toEqual({
      items: ['a', 'b'],
      x: { all: ['a', 'b'], any: true },
    });
  });

  it.each([[{}], [{ items: 'text' }], [{ items: { 0: 1 } }]])('of %j fails with States.Runtime', async (input) => {
    expect(await runs(each(), input)).toBe('FAILED States.Runtime');
  });

  it('may be within a map', async () => {
    const inner = map({ Each: pass({ Parameters: { 'of.$': '$$.Map.Item.Value' } }) });
    const definition = machine({ Map: map({ Inner: inner }) });
    expect(await runs(definition, { items: [{ items: [1, 2] }, { items: [3] }] })).toEqual([
      [{ of: 1 }, { of: 2 }],
      [{ of: 3 }],
    ]);
  });

  it('fails with the error of its first iteration that fails, and can catch it', async () => {
    answers.Each = (parameters) => inMs(100 * itemOf(parameters), error(`Wrong${itemOf(parameters)}`))();
    expect(await runs(each(), { items: [3, 1, 2] })).toBe('FAILED Wrong1');
    const inner = { Each: task({ Parameters: { 'item.$': '$' } }) };
    const definition = machine({
      Map: map(inner, { Catch: [catchTo('B', ['Wrong1']), catchTo('C')] }),
      B: done,
      C: pass(),
    });
    expect(await runs(definition, { items: [3, 1, 2] })).toMatchObject({
      error: { Error: 'Wrong1', Cause: 'because' },
    });
    expect(statesBegun()).toMatch(/ B$/);
  });

  it('catches what choices and fails of an iteration end with', async () => {
    const choice: State = { Type: 'Choice', Choices: [{ Variable: '$', StringEquals: 'x', Next: 'Fail' }] };
    const states = { Choice: choice, Fail: { Type: 'Fail', ErrorPath: '$', CausePath: '$' } } as const;
    const definition = machine({ Map: map(states, { Catch: [catchTo('B')] }), B: done });
    expect(await runs(definition, { items: ['y'] })).toMatchObject({ error: { Error: 'States.NoChoiceMatched' } });
    expect(await runs(definition, { items: ['x'] })).toMatchObject({ error: { Error: 'x' } });
  });
});

it('the first iteration that fails ends the others: nothing of theirs begins, what runs goes on', async () => {
  const wait = (next?: string) => ({ Type: 'Wait', TimestampPath: '$.until', ...flow(next) }) as State;
  const kinds = ['Fails', 'Slow', 'Again', 'Waits', 'Nested'];
  const Choices = kinds.map((kind) => ({ Variable: '$.kind', StringEquals: kind, Next: kind }));
  const inner = {
    Kind: { Type: 'Choice', Choices } as State,
    Fails: task(),
    Slow: task({}, 'After'),
    Again: task({ Retry: [retry(['Wrong'], 9, { IntervalSeconds: 2 })] }, 'After'),
    Waits: wait('After'),
    Nested: map({ Part: task() }, { MaxConcurrency: 1 }, 'After'),
    After: pass(),
  };
  const Catch = [{ ...catchTo('Caught'), ResultPath: null }];
  let slowEnded = 0;
  answers.Fails = inMs(1000, error('Wrong'));
  answers.Slow = () => scheduler.sleep(1500).then(() => void slowEnded++);
  answers.Again = fail('Wrong');
  answers.Part = inMs(600, null);
  const items = [...kinds.map((kind) => ({ kind, until: iso(2000), items: [1, 2, 3] })), { kind: 'Slow' }];
  const definition = machine({ Map: map(inner, { MaxConcurrency: kinds.length, Catch }), Caught: wait() });
  const execution = await run(definition, { items, until: iso(100_000) });
  expect(execution.status).toBe('SUCCEEDED');
  expect(calls.map(({ state }) => state).sort()).toEqual(['Again', 'Fails', 'Part', 'Part', 'Slow']);
  expect(slowEnded).toBe(1);
  expect(statesBegun()).not.toContain('After');
  expect(begun.at(-1)!.state).toBe('Caught');
});

describe('a payload', () => {
  /** So many bytes as JSON. */
  const text = (bytes: number) => 'x'.repeat(bytes - '""'.length);
  const most = 262_144;
  const tooLarge = 'FAILED States.DataLimitExceeded';
  const overAll = {
    Retry: [retry(['States.ALL', 'States.DataLimitExceeded'], 3)],
    Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], ResultPath: null, Next: 'Caught' }, catchTo('Caught')],
  };
  const twice = { 'a.$': '$.a', 'b.$': '$.a' };

  it('has 262,144 bytes of UTF-8 at most', async () => {
    expect(await runs(alone(pass({ Result: 1 })), text(most))).toBe(1);
    expect(await runs(alone(pass({ Result: 1 })), text(most + 1))).toBe(tooLarge);
    expect(await runs(alone(pass({ Result: 1 })), 'é'.repeat((most - 2) / 2))).toBe(1);
    expect(await runs(alone(pass({ Result: 1 })), 'é'.repeat(most / 2))).toBe(tooLarge);
    expect(await runs(alone(pass({ Result: 1 })), ['é'.repeat((most - 4) / 2)])).toBe(1);
    expect(await runs(alone(pass({ Result: 1 })), ['é'.repeat((most - 2) / 2)])).toBe(tooLarge);
  });

  it('that a state gives is held to that, and nothing begins after it', async () => {
    const definition = machine({ A: pass({ Parameters: twice }, 'B'), B: pass({ Result: 1 }) });
    expect(await runs(definition, { a: text(131_066) })).toBe(1);
    begun = [];
    const execution = await run(definition, { a: text(131_067) });
    expect(outcomeOf(execution)).toBe(tooLarge);
    expect(execution.cause).toBe('the output of A has 262145 bytes; 262144 are allowed');
    expect(statesBegun()).toBe('A');
  });

  it('for a task is held to that: the task does not run; not tried again, not caught', async () => {
    answers.A = () => 1;
    const definition = machine({ A: task({ Parameters: twice, ...overAll }), Caught: done });
    expect(await runs(definition, { a: text(131_066) })).toBe(1);
    calls = [];
    expect(await runs(definition, { a: text(131_067) })).toBe(tooLarge);
    expect(calls).toEqual([]);
  });

  it('of a task is held to that, even if it is dropped; not tried again, not caught', async () => {
    const definition = machine({ A: task({ ResultPath: null, ...overAll }), Caught: done });
    answers.A = () => text(most);
    expect(await runs(definition)).toEqual({});
    calls = [];
    answers.A = () => text(most + 1);
    expect(await runs(definition)).toBe(tooLarge);
    expect(calls).toHaveLength(1);
  });

  it('of an iteration is held to that, as ItemSelector makes it', async () => {
    const definition = machine({
      Map: map({ Each: pass({ Result: 1 }) }, { ItemSelector: twice, Catch: overAll.Catch }),
      Caught: done,
    });
    expect(await runs(definition, { a: text(131_066), items: [1] })).toEqual([1]);
    expect(await runs(definition, { a: text(131_067), items: [1] })).toBe(tooLarge);
  });

  it('of all results of a map is held to that, even if they are dropped; not caught', async () => {
    const over = { ResultPath: null, Catch: overAll.Catch };
    const definition = machine({ Map: map({ Each: task() }, over), Caught: done });
    const input = { items: numbers(4) };
    // Four texts, three commas, two brackets.
    answers.Each = (parameters) => text(65_534 + ((parameters as { p: number }).p === 0 ? 3 : 0));
    expect(await runs(definition, input)).toEqual(input);
    answers.Each = (parameters) => text(65_534 + ((parameters as { p: number }).p === 0 ? 4 : 0));
    expect(await runs(definition, input)).toBe(tooLarge);
  });

  it('is a copy: nobody reaches into what another has', async () => {
    const input = { list: [1] };
    const answer = { list: [2] };
    answers.A = (parameters) => {
      (parameters as { p: { list: number[] } }).p.list.push(9);
      if (calls.length === 1) throw error('Wrong');
      return answer;
    };
    answers.B = () => {
      answer.list.push(9);
    };
    const Retry = [retry(['Wrong'], 1)];
    const execution = service.start(
      machine({ A: task({ Retry, ResultPath: '$.a' }, 'B'), B: task({ ResultPath: null }) }),
      input,
    );
    input.list.push(9);
    await scheduler.run(Number.POSITIVE_INFINITY);
    // What a call was given shows what it did to it, and no more.
    expect(calls.map(({ parameters }) => parameters)).toEqual([
      { p: { list: [1, 9] } },
      { p: { list: [1, 9] } },
      { p: { list: [1], a: { list: [2] } } },
    ]);
    expect(execution.output).toEqual({ list: [1], a: { list: [2] } });
  });

  it('is what comes out of JSON', () => {
    const value = fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true, maxDepth: 3 });
    fc.assert(
      fc.property(value, (given) => {
        const text = JSON.stringify(given) ?? 'null';
        fc.pre(!text.includes('__proto__'));
        expect(copyJson(given)).toEqual(JSON.parse(text));
      }),
    );
    expect(copyJson({ a: undefined, b: () => 1, c: [undefined, Number.NaN], d: new Date(0) })).toEqual({
      c: [null, null],
      d: '1970-01-01T00:00:00.000Z',
    });
    expect(() => copyJson({ a: 1n })).toThrow(TypeError);
  });
});

describe('the history', () => {
  /** A turn is 7 events: a task 2 and 3 for its try, a choice 2. The start is 1, the last state 2. */
  const turns = (count: number) => {
    answers.Turn = (_, { execution: { id } }) => {
      const turn = calls.length;
      return { next: turn < count ? 'again' : `enough of ${id}` };
    };
    const Choices = [{ Variable: '$.next', StringEquals: 'again', Next: 'Turn' }];
    return machine({ Turn: task({}, 'More'), More: { Type: 'Choice', Choices, Default: 'End' }, End: done }, 86_400);
  };
  const tooLong = 'FAILED States.Runtime';

  it('of a Standard execution ends it at 25,000 events', async () => {
    service = newService({ type: 'STANDARD' });
    expect((await run(turns(3570))).status).toBe('SUCCEEDED');
    calls = [];
    const execution = await run(turns(3571));
    expect(outcomeOf(execution)).toBe(tooLong);
    expect(execution.cause).toContain('25000 history events');
  });

  it('of an Express execution has no limit', async () => {
    expect((await run(turns(4000))).status).toBe('SUCCEEDED');
  });

  it('counts each try and each iteration; nothing catches its end', async () => {
    service = newService({ type: 'STANDARD' });
    answers.Each = (parameters) => (calls.length % 2 === 1 ? fail('Wrong')() : parameters);
    // A map 4, an iteration 2, its task 2 and 3 for each of two tries; the start is 1, the last state 2.
    const Retry = [retry(['Wrong'], 1)];
    const Catch = [catchTo('End'), catchTo('End', ['States.Runtime'])];
    const over = { MaxConcurrency: 1, ResultPath: null, Catch };
    const definition = machine({ Map: map({ Each: task({ Retry }) }, over, 'End'), End: done }, 86_400);
    expect((await run(definition, { items: numbers(2499) })).status).toBe('SUCCEEDED');
    calls = [];
    expect(await runs(definition, { items: numbers(2500) })).toBe(tooLong);
  });
});

describe('an execution', () => {
  it('is running until its end, which others can wait for', async () => {
    answers.Alone = inMs(1000, 'x');
    const execution = service.start(alone(task()), {});
    let endedAt: number | undefined;
    void execution.ended.then(() => {
      endedAt = now();
    });
    await scheduler.run(startTime + 900);
    expect(execution).toMatchObject({ status: 'RUNNING', output: undefined, startedAt: startTime });
    await scheduler.run(Number.POSITIVE_INFINITY);
    expect(execution.status).toBe('SUCCEEDED');
    expect(endedAt).toBe(calls[0]!.at + 1000);
  });

  it.each([
    ['EXPRESS', 1000, 300],
    ['EXPRESS', 10, 10],
    ['STANDARD', 1000, 1000],
  ] as const)(
    'as %s of %i s ends after %i s as TIMED_OUT, and nothing begins or catches that',
    async (type, seconds, at) => {
      service = newService({ type });
      answers.Slow = inMs(at * 1000 - 100, null);
      const wait = { Type: 'Wait', TimestampPath: '$.until', Next: 'Never' } as const;
      const Catch = [catchTo('Never')];
      const definition = machine(
        { Slow: task({ TimeoutSeconds: 5000, Catch, ResultPath: null }, 'Wait'), Wait: wait, Never: done },
        seconds,
      );
      const execution = service.start(definition, { until: iso(at * 1000 + 5) });
      await scheduler.run(startTime + at * 1000 - 1);
      expect(execution.status).toBe('RUNNING');
      await scheduler.run(startTime + at * 1000);
      expect(outcomeOf(execution)).toBe('TIMED_OUT');
      await scheduler.run(Number.POSITIVE_INFINITY);
      expect(outcomeOf(execution)).toBe('TIMED_OUT');
      expect(statesBegun()).toBe('Slow Wait');
    },
  );

  it('that is aborted begins nothing more, while its task goes on', async () => {
    let ended = 0;
    answers.A = () => scheduler.sleep(2000).then(() => ended++);
    const execution = service.start(machine({ A: task({}, 'B'), B: pass() }), {});
    await scheduler.run(startTime + 1000);
    service.abort(execution);
    expect(execution.status).toBe('ABORTED');
    await execution.ended;
    await scheduler.run(Number.POSITIVE_INFINITY);
    expect(outcomeOf(execution)).toBe('ABORTED');
    expect(ended).toBe(1);
    expect(statesBegun()).toBe('A');
  });

  it.each<[string, State, Json]>([
    ['before its first state', pass(), {}],
    ['between two tries', task({ Retry: [retry(['Wrong'], 3, { IntervalSeconds: 60 })] }, 'After'), {}],
    ['in a wait', { Type: 'Wait', TimestampPath: '$.until', Next: 'After' }, { until: iso(60_000) }],
    ['in a map', map({ Each: task({}, 'Then'), Then: pass() }, { MaxConcurrency: 1 }, 'After'), { items: [1, 2] }],
  ])('that is aborted %s begins nothing more', async (when, state, input) => {
    answers.One = fail('Wrong');
    answers.Each = inMs(3000, null);
    const isEnd = 'End' in state && state.End;
    const execution = service.start(machine({ One: state, ...(isEnd ? {} : { After: pass() }) }), input);
    if (when !== 'before its first state') await scheduler.run(startTime + 500);
    const before = [begun.length, calls.length];
    service.abort(execution);
    await scheduler.run(Number.POSITIVE_INFINITY);
    expect(outcomeOf(execution)).toBe('ABORTED');
    expect([begun.length, calls.length]).toEqual(before);
  });

  it('keeps its first end', async () => {
    const execution = await run(alone(pass({ Result: 'x' })));
    service.abort(execution);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: 'x' });
  });

  it('may run beside another with the same id, each to its own end', async () => {
    answers.Alone = (parameters) => inMs(1000, parameters)();
    const definition = alone(task({ Parameters: { 'p.$': '$', 'id.$': '$$.Execution.Id' } }));
    const executions = ['one', 'two'].map((input) => service.start(definition, input, { id: 'twin' }));
    await scheduler.run(startTime + 500);
    service.abort(executions[0]!);
    await scheduler.run(Number.POSITIVE_INFINITY);
    expect(executions.map(({ id }) => id)).toEqual(['twin', 'twin']);
    expect(executions.map(outcomeOf)).toEqual(['ABORTED', { p: 'two', id: 'twin' }]);
    expect(calls).toHaveLength(2);
  });

  it('has an id of its own if none is given', () => {
    const ids = numbers(3).map(() => service.start(alone(done), {}).id);
    expect(new Set(ids).size).toBe(3);
  });

  it('knows itself, its start and its machine by its context', async () => {
    const Parameters = {
      'id.$': '$$.Execution.Id',
      'start.$': '$$.Execution.StartTime',
      'machine.$': '$$.StateMachine.Id',
    };
    scheduler.at(startTime + 1500, () => {});
    await scheduler.run(Number.POSITIVE_INFINITY);
    const { output } = await run(alone(pass({ Parameters })), {}, { id: 'e:1', stateMachineId: 'm:1' });
    expect(output).toEqual({ id: 'e:1', start: iso(1500), machine: 'm:1' });
  });

  it('knows when its state was entered and how often it was tried again', async () => {
    const Parameters = {
      FunctionName: 'f',
      Payload: { 'at.$': '$$.State.EnteredTime', 'retries.$': '$$.State.RetryCount' },
    };
    answers.A = () => {
      if (calls.length === 1) throw Object.assign(new Error('once'), { name: 'Wrong' });
      return { Payload: {} };
    };
    answers.B = () => ({ Payload: {} });
    const again = { ErrorEquals: ['Wrong'], MaxAttempts: 1 };
    await run(machine({ A: task({ Parameters, Retry: [again], ResultPath: null }, 'B'), B: task({ Parameters }) }));
    const [a, b] = begun;
    expect(calls.map(({ parameters }) => (parameters as { Payload: unknown }).Payload)).toEqual([
      { at: iso(a!.at), retries: 0 },
      { at: iso(a!.at), retries: 1 },
      { at: iso(b!.at), retries: 0 },
    ]);
  });

  it('makes UUIDs of version 4, all of them different', async () => {
    const Parameters = { 'one.$': 'States.UUID()', 'two.$': 'States.UUID()' };
    const { output } = await run(machine({ Map: map({ Each: pass({ Parameters }) }) }), { items: numbers(100) });
    const uuids = (output as { one: string; two: string }[]).flatMap(({ one, two }) => [one, two]);
    expect(new Set(uuids).size).toBe(200);
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('what is not simulated is refused at the start', () => {
  const within = (state: State) => machine({ Map: map({ Each: state }) });

  it.each<[string, object]>([
    ['state type Parallel', alone({ Type: 'Parallel', Branches: [], End: true } as never)],
    ['state type Parallel', within({ Type: 'Parallel', Branches: [], End: true } as never)],
    ['Version in the definition', { ...alone(done), Version: '1.0' }],
    ['InputPath in Alone', alone(pass({ InputPath: '$' }))],
    ['HeartbeatSeconds in Alone', alone(task({ HeartbeatSeconds: 1 } as never))],
    ['Retry in Alone', alone(map({ Each: done }, { Retry: [] } as never))],
    ['ToleratedFailureCount in Alone', alone(map({ Each: done }, { ToleratedFailureCount: 1 } as never))],
    ['Label in Each', within(pass({ Label: 'x' }))],
    ['Seconds in Alone', alone({ Type: 'Wait', TimestampPath: '$.a', Seconds: 1, End: true } as never)],
    ['Error in Alone', alone({ Type: 'Fail', ErrorPath: '$.a', CausePath: '$.b', Error: 'x' } as never)],
    ['Other in Alone', alone(task({ Retry: [{ ...retry(['x'], 1), Other: 1 } as never] }))],
    ['Output in A', machine({ A: task({ Catch: [{ ...catchTo('B'), Output: 1 } as never] }), B: done })],
    ['And in A', machine({ A: { Type: 'Choice', Choices: [{ And: [], Next: 'B' } as never] }, B: done })],
    [
      'anything but one comparison',
      machine({ A: { Type: 'Choice', Choices: [{ Variable: '$', Next: 'B' }] }, B: done }),
    ],
    ['maps in the mode DISTRIBUTED', alone(withMode('DISTRIBUTED'))],
    ['the path $.a[0]', alone(pass({ Parameters: { 'a.$': '$.a[0]' } }))],
    ['the path $.a[*].b', within(pass({ Parameters: { a: { b: [{ 'c.$': '$.a[*].b' }] } } }))],
    ['the path a', alone(task({ OutputPath: 'a' }))],
    ['the path $..a', alone(task({ ResultSelector: { 'a.$': '$..a' } }))],
    ['the path $.a b', alone(map({ Each: done }, { ItemSelector: { 'a.$': '$.a b' } }))],
    ['the path $$.Execution.Input', alone(pass({ Parameters: { 'a.$': '$$.Execution.Input' } }))],
    ['the path $$', alone(pass({ Parameters: { 'a.$': '$$' } }))],
    ['the path $$.Execution', alone(pass({ Parameters: { 'a.$': '$$.Execution' } }))],
    ['the path null', alone(pass({ ResultPath: null }))],
    ['the result path $$.Execution.Id', alone(task({ ResultPath: '$$.Execution.Id' }))],
    ['the path $.a[0]', machine({ A: task({ Catch: [{ ...catchTo('B'), ResultPath: '$.a[0]' }] }), B: done })],
    [
      'the path $[0]',
      machine({ A: { Type: 'Choice', Choices: [{ Variable: '$[0]', StringEquals: '', Next: 'B' }] }, B: done }),
    ],
    ['the path $.a-b', alone({ Type: 'Wait', TimestampPath: '$.a-b', End: true })],
    ['the path States.Format', alone(pass({ Parameters: { 'a.$': "States.Format('{}', $.a)" } }))],
    ['the path States.ArrayContains($, 1)', alone(pass({ Parameters: { 'a.$': 'States.ArrayContains($, 1)' } }))],
    ['the path $..a', alone(pass({ Parameters: { 'a.$': "States.ArrayContains($..a, 'x')" } }))],
    [
      "the path States.ArrayContains($, 'a\\'b')",
      alone(pass({ Parameters: { 'a.$': "States.ArrayContains($, 'a\\'b')" } })),
    ],
    ['the expression 5', alone(pass({ Parameters: { 'a.$': 5 } }))],
    ['Nowhere is named but does not exist', alone(pass({}, 'Nowhere'))],
    ["B can't be reached", machine({ A: done, B: done })],
  ])('%s', (problem, definition) => {
    expect(() => service.start(definition as Definition, {})).toThrow(problem);
  });

  function withMode(Mode: string): State {
    const state = map({ Each: done });
    return { ...state, ItemProcessor: { ...state.ItemProcessor, ProcessorConfig: { Mode } } } as never;
  }

  it('each time, before anything has begun', async () => {
    const definition = machine({ A: pass({}, 'B'), B: pass({ Parameters: { 'a.$': '$[0]' } }) });
    for (let time = 0; time < 2; time++) expect(() => service.start(definition, {})).toThrow('$[0]');
    expect(await scheduler.run(Number.POSITIVE_INFINITY)).toBe('nothing-due');
    expect(begun).toEqual([]);
  });
});
