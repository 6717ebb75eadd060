/**
 * Runs a state machine's definition on this machine, with functions in place of Lambda.
 *
 * The interpreter runs the definition; this adds what Step Functions does and the interpreter does not:
 * - every input, output and result of a state, a task or a map is held to 256 KiB, and a breach can't be caught;
 * - a Standard execution is held to 25,000 history events. They are counted from the interpreter's events by what Step
 *   Functions would write for each, which is right to a few events an execution;
 * - payloads are copied on their way in and out, as JSON: no step can reach into another's data;
 * - after an abort or a timeout no function starts. One that runs already goes on, as a Lambda would.
 *
 * Events are taken from the interpreter as they come, so an endless execution stays as small as its state.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { ExecutionTimeoutError, type RunOptions, StateMachine } from 'aws-local-stepfunctions';
import { type Definition, type TaskState, tasksOf } from '../../state-machine/asl.ts';
import { type ExecutionEvent, type Limits, watchLimits } from './execution-limits.ts';
import { waitLocally, waitResource } from './local-definition.ts';

/** Stands for a Lambda function: gets the payload, answers the function's answer. A thrown error's `name` is its ASL name. */
export type Handler = (payload: unknown) => unknown;

export type ExecutionOptions = {
  readonly definition: Definition;
  readonly input: unknown;
  /** By the name of the task's state. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** What `startSyncExecution` runs, by the names that the definition has for them, with the same handlers. */
  readonly waves?: Readonly<Record<string, Definition>>;
  /** What `states:startExecution` does. It must not wait for the end of what it starts. */
  readonly startExecution: (input: unknown) => unknown;
  readonly executionId?: string;
  /** What `$$.StateMachine.Id` is. Default: a name that no machine has. */
  readonly stateMachineArn?: string | undefined;
  /** Standard executions have the history limit. Default: EXPRESS. */
  readonly type?: 'EXPRESS' | 'STANDARD';
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ExecutionEvent) => void;
  /** Told of each try of a task before it begins; what it returns, of its end. Not of waits, which are tasks here alone. */
  readonly onTask?: ((task: TaskTry) => (end: TaskEnd) => void) | undefined;
  /** Instead of the waits that the Retry lists ask for. */
  readonly retryIntervalMs?: number;
};

export type TaskTry = { readonly name: string; readonly task: TaskState; readonly parameters: unknown };

export type TaskEnd =
  | { readonly kind: 'succeeded'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string };

export type ExecutionResult =
  | { readonly kind: 'succeeded'; readonly output: unknown }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string }
  | { readonly kind: 'aborted' };

const startExecutionResource = 'arn:aws:states:::states:startExecution';
const startSyncExecutionResource = 'arn:aws:states:::aws-sdk:sfn:startSyncExecution';
const stateMachineId = 'arn:aws:states:local:000000000000:stateMachine:sluice';

/** Whatever the execution does is its result; throws if a task has no handler. */
export async function runExecution(options: ExecutionOptions): Promise<ExecutionResult> {
  const { definition, signal } = options;
  const stop = new AbortController();
  const limits = watchLimits({ definition, type: options.type ?? 'EXPRESS', onBreach: () => stop.abort() });
  const overrides = localOverrides(options, { limits, signal: stop.signal });
  if (signal?.aborted) return { kind: 'aborted' };
  const execution = machineOf(definition).run(copyJson(options.input) as never, {
    context: localContext(options),
    overrides,
  });
  stop.signal.addEventListener('abort', () => execution.abort(), { once: true });
  const abort = () => stop.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const drained = drain(execution.eventLogs, limits, options.onEvent);
  const end = await execution.result.then(
    (output): ExecutionResult => ({ kind: 'succeeded', output: copyJson(output) }),
    whyFailed,
  );
  await drained;
  signal?.removeEventListener('abort', abort);
  stop.abort();
  const breach = limits.breach();
  return breach ? { kind: 'failed', ...breach } : end;
}

const machines = new WeakMap<Definition, StateMachine>();

/** Reading a definition takes longer than running a batch: once is enough. It is not validated: it is the product's own, whose tests do that, and to compile the schema takes 0.17 s of each start. */
function machineOf(definition: Definition): StateMachine {
  const known = machines.get(definition);
  if (known) return known;
  const machine = new StateMachine(copyJson(waitLocally(definition)) as never, {
    validationOptions: { noValidate: true },
  });
  machines.set(definition, machine);
  return machine;
}

function localContext({ stateMachineArn = stateMachineId, ...of }: ExecutionOptions) {
  const { executionId = `${stateMachineArn.replace('stateMachine', 'execution')}:${randomUUID()}` } = of;
  const name = stateMachineArn.split(':').at(-1)!;
  return { Execution: { Id: executionId }, StateMachine: { Id: stateMachineArn, Name: name }, State: localState };
}

/** The interpreter has nothing of the state that it is in. A template is filled when its state is entered, and again for each try. */
const localState = {
  get EnteredTime(): string {
    return new Date().toISOString();
  },
  RetryCount: 0,
};

type Run = { readonly limits: Limits; readonly signal: AbortSignal };

function localOverrides(options: ExecutionOptions, run: Run): NonNullable<RunOptions['overrides']> {
  const tasks = tasksOf(waitLocally(options.definition));
  const handlers = tasks.map(([name, task]) => {
    const begun = task.Resource === waitResource ? undefined : options.onTask;
    const watch = (parameters: unknown) => begun?.({ name, task, parameters });
    return [name, runTask(name, { action: actionOf(name, task, options, run), watch }, run)] as const;
  });
  const { retryIntervalMs } = options;
  const retries = retryIntervalMs === undefined ? [] : tasks.map(([name]) => [name, retryIntervalMs] as const);
  return {
    taskResourceLocalHandlers: Object.fromEntries(handlers),
    retryIntervalOverrides: Object.fromEntries(retries),
  };
}

/** From what a task's Parameters made to its raw result. */
type Action = (parameters: Record<string, unknown>) => unknown;

/** Without a handler the interpreter would call AWS. */
function actionOf(name: string, task: TaskState, options: ExecutionOptions, run: Run): Action {
  if (task.Resource === waitResource) return ({ until }) => waitUntil(name, until, run.signal);
  if (task.Resource === startExecutionResource) return ({ Input }) => startLocally(options, Input);
  if (task.Resource === startSyncExecutionResource) return (parameters) => runWave(options, parameters, run);
  const handler = options.handlers[name];
  if (!handler) throw new Error(`the task ${name} has no handler`);
  return async ({ Payload }) => {
    const answer: unknown = await handler(copyJson(Payload));
    return { ExecutedVersion: '$LATEST', Payload: copyJson(answer), StatusCode: 200 };
  };
}

async function startLocally(options: ExecutionOptions, input: unknown): Promise<unknown> {
  await options.startExecution(copyJson(input));
  return { ExecutionArn: stateMachineId, StartDate: new Date().toISOString() };
}

/**
 * A nested execution, which is an answer whatever becomes of it. It goes on when nobody waits for it any more, and ends with this execution.
 */
async function runWave(
  { waves = {}, handlers, startExecution, retryIntervalMs }: ExecutionOptions,
  { StateMachineArn: name, Input }: Record<string, unknown>,
  { signal }: Run,
): Promise<unknown> {
  const definition = waves[name as string];
  if (definition === undefined) throw new Error(`there is no nested state machine ${String(name)}`);
  const input: unknown = JSON.parse(Input as string);
  const end = await runExecution({
    ...{ definition, input, handlers, startExecution, signal },
    ...(retryIntervalMs === undefined ? {} : { retryIntervalMs }),
  });
  if (end.kind === 'succeeded') return { Status: 'SUCCEEDED', Output: JSON.stringify(end.output) };
  if (end.kind === 'aborted') throw new Error('the execution has ended');
  // Its own end in time: that of a task is caught where it happens.
  if (end.error === 'States.Timeout') return { Status: 'TIMED_OUT', Error: end.error, Cause: end.cause };
  return { Status: 'FAILED', Error: end.error, Cause: end.cause };
}

/** Node's timers count to 24 days and end at once beyond: a longer wait takes several. */
const longestTimerMs = 2 ** 31 - 1;

async function waitUntil(name: string, until: unknown, signal: AbortSignal): Promise<Record<string, never>> {
  const end = typeof until === 'string' ? Date.parse(until) : Number.NaN;
  if (Number.isNaN(end)) throw new Error(`${name} can't wait until ${until}`);
  for (let left = end - Date.now(); left > 0; left = end - Date.now()) {
    await sleep(Math.min(left, longestTimerMs), undefined, { signal });
  }
  return {};
}

type WatchedAction = {
  readonly action: Action;
  readonly watch: (parameters: unknown) => ((end: TaskEnd) => void) | undefined;
};

/** One attempt of a task, held to the limits. */
function runTask(name: string, { action, watch }: WatchedAction, { limits, signal }: Run) {
  return async (parameters: unknown): Promise<never> => {
    await nextTurn();
    limits.measure(`the input of task ${name}`, parameters);
    refuseIfEnded(signal);
    const onEnd = watch(parameters);
    try {
      const result = await unlessAborted(async () => action(parameters as Record<string, unknown>), signal);
      limits.measure(`the result of task ${name}`, result);
      refuseIfEnded(signal);
      onEnd?.({ kind: 'succeeded', result });
      return result as never;
    } catch (thrown) {
      const error = taskError(thrown);
      onEnd?.({ kind: 'failed', error: error.name, cause: error.message });
      throw error;
    }
  };
}

/** After a breach too: it stops the execution where it is found. Nobody sees this error, its execution is over. */
function refuseIfEnded(signal: AbortSignal): void {
  if (signal.aborted) throw new Error('the execution has ended');
}

async function unlessAborted(action: () => Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(new Error('the execution has ended'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([action(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What Step Functions makes of a thrown value: its `name` is the error, its message the cause. */
function taskError(thrown: unknown): Error {
  const error = new Error(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  error.name = thrown instanceof Error ? thrown.name : typeof thrown;
  return error;
}

async function drain(
  events: AsyncGenerator<ExecutionEvent>,
  limits: Limits,
  onEvent: ExecutionOptions['onEvent'],
): Promise<void> {
  for await (const event of events) {
    limits.observe(event);
    onEvent?.(event);
  }
}

function whyFailed(error: unknown): ExecutionResult {
  if (error instanceof ExecutionTimeoutError) return { kind: 'failed', error: 'States.Timeout', cause: error.message };
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? { kind: 'failed', error: cause.name, cause: cause.message } : { kind: 'aborted' };
}

function copyJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
