/** Histories of executions that the interpreter runs, as Step Functions would write them. */
import { expect, test } from 'vitest';
import { type ExecutionOptions, type Handler, runExecution } from '../../../local/driver/state-machine-runner.ts';
import { type ExecutionEnd, History, type HistoryEvent } from '../../../local/step-functions/history.ts';
import type { Definition, MapState, State, TaskState } from '../../../state-machine/asl.ts';

const task = (over: object = {}) =>
  ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: 'f', 'Payload.$': '$' },
    TimeoutSeconds: 5,
    End: true,
    ...over,
  }) as TaskState;
const machine = (states: Record<string, State>): Definition => ({
  StartAt: Object.keys(states)[0]!,
  States: states,
  TimeoutSeconds: 60,
});
const retryOnce = [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 1 }];
const succeeded: ExecutionEnd = { type: 'ExecutionSucceeded', output: '{}' };

async function historyOf(
  definition: Definition,
  handlers: Record<string, Handler>,
  { input = {}, end = succeeded }: { readonly input?: unknown; readonly end?: ExecutionEnd } = {},
): Promise<readonly HistoryEvent[]> {
  const history = new History(definition, 'eu-west-1');
  history.start(JSON.stringify(input), 'arn:aws:iam::000000000000:role/r', 1);
  const options: ExecutionOptions = {
    ...{ definition, handlers, input, startExecution: () => {}, retryIntervalMs: 0 },
    onEvent: (event) => history.observe(event),
    onTask: (each) => history.observeTry(each, () => 2),
  };
  await runExecution(options);
  history.end(end, 3);
  return history.events;
}

const steps = (events: readonly HistoryEvent[]) =>
  events.map(({ id, previousEventId, type }) => `${previousEventId} > ${id} ${type}`);
const detailsOf = (events: readonly HistoryEvent[], type: string) =>
  events.filter((event) => event.type === type).map(({ details }) => details);

test('a task is scheduled, started and ended between its entry and its exit', async () => {
  const events = await historyOf(machine({ Work: task() }), { Work: () => 'done' }, { input: { a: 1 } });
  expect(steps(events)).toEqual([
    '0 > 1 ExecutionStarted',
    '0 > 2 TaskStateEntered',
    '2 > 3 TaskScheduled',
    '3 > 4 TaskStarted',
    '4 > 5 TaskSucceeded',
    '5 > 6 TaskStateExited',
    '6 > 7 ExecutionSucceeded',
  ]);
  const resource = { resourceType: 'lambda', resource: 'invoke' };
  expect(detailsOf(events, 'TaskScheduled')).toEqual([
    {
      taskScheduledEventDetails: {
        ...{ ...resource, region: 'eu-west-1', timeoutInSeconds: 5 },
        parameters: '{"FunctionName":"f","Payload":{"a":1}}',
      },
    },
  ]);
  expect(detailsOf(events, 'TaskSucceeded')).toEqual([
    {
      taskSucceededEventDetails: {
        ...{ ...resource, outputDetails: { truncated: false } },
        output: '{"ExecutedVersion":"$LATEST","Payload":"done","StatusCode":200}',
      },
    },
  ]);
});

test('each try that fails is told with its error; a catcher is an exit like another', async () => {
  const again = { Retry: retryOnce, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Told' }] };
  const events = await historyOf(
    machine({ Work: task(again), Told: { Type: 'Succeed' } }),
    {
      Work() {
        throw Object.assign(new Error('no luck'), { name: 'TemporaryFailure' });
      },
    },
    {},
  );
  expect(events.map(({ type }) => type)).toEqual([
    ...['ExecutionStarted', 'TaskStateEntered'],
    ...['TaskScheduled', 'TaskStarted', 'TaskFailed', 'TaskScheduled', 'TaskStarted', 'TaskFailed', 'TaskStateExited'],
    ...['SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded'],
  ]);
  expect(detailsOf(events, 'TaskFailed')[1]).toEqual({
    taskFailedEventDetails: {
      ...{ resourceType: 'lambda', resource: 'invoke', error: 'TemporaryFailure', cause: 'no luck' },
    },
  });
});

test('a try that takes too long is timed out, and what it says later is not told', async () => {
  const late = Promise.withResolvers<string>();
  const short = { TimeoutSeconds: 1, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Told' }] };
  const states = { Work: task(short), Told: { Type: 'Succeed' } as const };
  const running = historyOf(machine(states), { Work: () => late.promise });
  const events = await running;
  late.resolve('too late');
  expect(events.map(({ type }) => type).filter((type) => type.startsWith('Task'))).toEqual([
    ...['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskTimedOut', 'TaskStateExited'],
  ]);
  expect(detailsOf(events, 'TaskTimedOut')).toMatchObject([{ taskTimedOutEventDetails: { error: 'States.Timeout' } }]);
});

const each = (inner: State, over: object = {}): MapState =>
  ({
    Type: 'Map',
    ItemsPath: '$.turn.items',
    MaxConcurrency: 40,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Each', States: { Each: inner } },
    End: true,
    ...over,
  }) as MapState;

test('iterations of a map that run at once are told apart: each event follows one of its own', async () => {
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const running = historyOf(
    machine({ All: each(task()) }),
    {
      async Each(item) {
        if (item === 'b') second.resolve('of b');
        return item === 'a'
          ? second.promise.then(() => first.promise)
          : second.promise.finally(() => first.resolve('of a'));
      },
    },
    { input: { turn: { items: ['a', 'b'] } } },
  );
  const events = await running;
  const byId = new Map(events.map((event) => [event.id, event]));
  expect(detailsOf(events, 'MapStateStarted')).toEqual([{ mapStateStartedEventDetails: { length: 2 } }]);
  const chain = (event: HistoryEvent): HistoryEvent[] =>
    event.type === 'MapStateStarted' ? [] : [...chain(byId.get(event.previousEventId)!), event];
  const ends = events.filter(({ type }) => type === 'MapIterationSucceeded');
  expect(ends).toHaveLength(2);
  for (const [index, item] of ['a', 'b'].entries()) {
    const end = ends.find(
      ({ details }) => (details.mapIterationSucceededEventDetails as { index: number }).index === index,
    )!;
    const own = chain(end);
    expect(own.map(({ type }) => type)).toEqual([
      ...[
        'MapIterationStarted',
        'TaskStateEntered',
        'TaskScheduled',
        'TaskStarted',
        'TaskSucceeded',
        'TaskStateExited',
      ],
      'MapIterationSucceeded',
    ]);
    expect(own[2]!.details.taskScheduledEventDetails).toMatchObject({
      parameters: JSON.stringify({ FunctionName: 'f', Payload: item }),
    });
    expect(JSON.stringify(own[4]!.details)).toContain(`of ${item}`);
  }
  expect(events.slice(-3).map(({ type }) => type)).toEqual([
    'MapStateSucceeded',
    'MapStateExited',
    'ExecutionSucceeded',
  ]);
});

test('of several that wait for a try, it is the one whose input the try has', () => {
  const history = new History(machine({ All: each(task()) }), 'eu-west-1');
  history.start('{}', 'role', 1);
  for (const [index, input] of ['a', 'b'].entries()) {
    const state = { name: 'Each', type: 'Task' as const, input };
    history.observe({ type: 'StateEntered', state, index, timestamp: 1 });
  }
  const tryOf = (Payload: string) =>
    history.observeTry(
      { name: 'Each', task: task(), parameters: { Payload } },
      () => 2,
    )({ kind: 'succeeded', result: 1 });
  tryOf('b');
  tryOf('a');
  expect(steps(history.events).filter((step) => step.includes('TaskScheduled'))).toEqual([
    '3 > 4 TaskScheduled',
    '2 > 7 TaskScheduled',
  ]);
});

test('a map whose iteration fails has failed, and so has the execution', async () => {
  const failed = { type: 'ExecutionFailed', error: 'Bad', cause: 'because' } as const;
  const events = await historyOf(
    machine({ All: each(task()) }),
    {
      Each() {
        throw Object.assign(new Error('because'), { name: 'Bad' });
      },
    },
    { input: { turn: { items: [1] } }, end: failed },
  );
  expect(events.slice(-4).map(({ type }) => type)).toEqual([
    ...['TaskFailed', 'MapIterationFailed', 'MapStateFailed', 'ExecutionFailed'],
  ]);
  expect(events.at(-1)!.details).toEqual({ executionFailedEventDetails: { error: 'Bad', cause: 'because' } });
});

test('nothing follows the end', async () => {
  const history = new History(machine({ Done: { Type: 'Succeed' } }), 'eu-west-1');
  history.start('{}', 'role', 1);
  history.end({ type: 'ExecutionAborted', error: undefined, cause: 'mine' }, 2);
  history.end(succeeded, 3);
  history.observe({ type: 'StateEntered', state: { name: 'Done', type: 'Succeed', input: {} }, timestamp: 4 });
  expect(steps(history.events)).toEqual(['0 > 1 ExecutionStarted', '0 > 2 ExecutionAborted']);
});
