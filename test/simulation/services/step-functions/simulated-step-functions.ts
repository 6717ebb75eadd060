/**
 * Step Functions on virtual time: runs a definition as the service does, with tasks that are given. The same draws give
 * the same run. What it does not know ends the test and is never passed over.
 */
import type {
  ChoiceState,
  Definition,
  FailState,
  Machine,
  MapState,
  PassState,
  Retrier,
  State,
  TaskState,
  WaitState,
} from '../../../../state-machine/asl.ts';
import type { Random } from '../../random.ts';
import type { Scheduler } from '../../scheduler.ts';
import { matches, retryDelayMs, runtimeError, StateError, taskError } from './errors.ts';
import { Execution } from './execution.ts';
import { copyJson, type Json, type JsonObject } from './json.ts';
import { checkDefinition } from './known-fields.ts';
import { readPath, type Scope, withValueAt } from './paths.ts';
import { fillTemplate } from './templates.ts';

export { Execution } from './execution.ts';

export type TaskCall = {
  readonly state: string;
  readonly resource: string;
  readonly parameters: Json;
  readonly execution: Execution;
};

export type StepFunctionsParts = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly type: 'EXPRESS' | 'STANDARD';
  /** What a task does; it goes on after its state has timed out. */
  readonly task: (call: TaskCall) => Promise<unknown>;
  readonly onState?: (execution: Execution, state: string) => void;
};

export type StartOptions = {
  readonly id?: string;
  readonly stateMachineId?: string;
  /** If not that of all. */
  readonly type?: 'EXPRESS' | 'STANDARD';
};

const expressSeconds = 300;
/** Iterations at a time, whatever MaxConcurrency allows beyond it. */
const maxIterations = 40;

/** RFC 3339, as for all times in ASL: T and Z are capitals. */
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

type Result = { readonly next: string | undefined; readonly output: Json };

/** States that run one after the other: an execution's own, or those of one iteration. */
type Lane = { readonly execution: Execution; readonly context: JsonObject; readonly isOver: () => boolean };

export class SimulatedStepFunctions {
  readonly #parts: StepFunctionsParts;
  #executions = 0;

  constructor(parts: StepFunctionsParts) {
    this.#parts = parts;
  }

  /** An id that is given may be that of another execution, which goes on. */
  start(definition: Definition, input: unknown, options: StartOptions = {}): Execution {
    checkDefinition(definition);
    const { scheduler } = this.#parts;
    const { type = this.#parts.type, id = `execution-${++this.#executions}`, stateMachineId = 'machine' } = options;
    const execution = new Execution({ id, startedAt: scheduler.now, definition, type });
    const seconds =
      type === 'EXPRESS' ? Math.min(definition.TimeoutSeconds, expressSeconds) : definition.TimeoutSeconds;
    const cancelTimeout = scheduler.at(scheduler.now + seconds * 1000, () => execution.end('TIMED_OUT'));
    void execution.ended.then(cancelTimeout);
    const context = {
      Execution: { Id: id, StartTime: new Date(scheduler.now).toISOString() },
      StateMachine: { Id: stateMachineId },
    };
    const lane = { execution, context, isOver: () => execution.status !== 'RUNNING' };
    this.#run(lane, definition, copyJson(input)).then(
      (output) => execution.end('SUCCEEDED', { output }),
      (error: unknown) => {
        // Anything else is no outcome, but a fault of the simulation.
        if (!(error instanceof StateError)) throw error;
        execution.end('FAILED', { error });
      },
    );
    return execution;
  }

  abort(execution: Execution): void {
    execution.end('ABORTED');
  }

  async #run(lane: Lane, machine: Machine, input: Json): Promise<Json> {
    const { random, onState } = this.#parts;
    const { execution } = lane;
    let name = machine.StartAt;
    let data = input;
    for (;;) {
      await this.#sleep(lane, random.int(1, 5));
      onState?.(execution, name);
      execution.wrote(2);
      execution.measure(`the input of ${name}`, data);
      const { next, output } = await this.#state(lane, name, machine.States[name]!, data);
      execution.measure(`the output of ${name}`, output);
      if (next === undefined) return output;
      name = next;
      data = output;
    }
  }

  async #state(lane: Lane, name: string, state: State, data: Json): Promise<Result> {
    const entered = contextOf(lane, this.#parts.scheduler.now);
    const scope = { data, context: entered };
    switch (state.Type) {
      case 'Succeed':
        return { next: undefined, output: data };
      case 'Fail':
        throw failure(state, scope);
      case 'Choice':
        return { next: choose(name, state, scope), output: data };
      case 'Wait':
        await this.#wait(lane, state, scope);
        return { next: state.Next, output: data };
      case 'Pass':
        return { next: state.Next, output: this.#pass(state, scope) };
      case 'Task':
        return this.#withRetries(lane, state, scope, (again) => this.#task(lane, name, state, again));
      case 'Map':
        return this.#withRetries(lane, state, scope, (again) => this.#map(lane, name, state, again));
    }
  }

  #pass(state: PassState, scope: Scope): Json {
    const { Result: result, Parameters, ResultPath = '$', OutputPath = '$' } = state;
    const input = Parameters === undefined ? scope.data : this.#fill(Parameters, scope);
    const output = withValueAt(ResultPath, scope.data, result === undefined ? input : result);
    return readPath(OutputPath, { data: output, context: scope.context });
  }

  async #wait(lane: Lane, { TimestampPath }: WaitState, scope: Scope): Promise<void> {
    const time = readPath(TimestampPath, scope);
    const until = typeof time === 'string' && timestamp.test(time) ? Date.parse(time) : Number.NaN;
    if (Number.isNaN(until)) throw runtimeError(`${TimestampPath} is no time`);
    await this.#sleep(lane, Math.max(0, until - this.#parts.scheduler.now));
  }

  async #withRetries(
    lane: Lane,
    state: TaskState | MapState,
    { data, context }: Scope,
    work: (scope: Scope) => Promise<Json>,
  ): Promise<Result> {
    const { random } = this.#parts;
    let count = 0;
    const retries = new Map<Retrier, number>();
    for (;;) {
      const scope = { data, context: withRetryCount(context, count++) };
      try {
        return { next: state.Next, output: this.#output(state, scope, await work(scope)) };
      } catch (thrown) {
        if (!(thrown instanceof StateError)) throw thrown;
        const retriers = state.Type === 'Task' ? (state.Retry ?? []) : [];
        const retrier = retriers.find((one) => matches(one.ErrorEquals, thrown));
        const used = retrier === undefined ? 0 : (retries.get(retrier) ?? 0);
        if (retrier === undefined || used >= retrier.MaxAttempts) return caught(state, data, thrown);
        retries.set(retrier, used + 1);
        await this.#sleep(
          lane,
          retryDelayMs(retrier, used, () => random.next()),
        );
      }
    }
  }

  #output(state: TaskState | MapState, { data, context }: Scope, result: Json): Json {
    const { ResultSelector, ResultPath = '$' } = state;
    const selected = ResultSelector === undefined ? result : this.#fill(ResultSelector, { data: result, context });
    const output = ResultPath === null ? data : withValueAt(ResultPath, data, selected);
    if (state.Type === 'Map' || state.OutputPath === undefined) return output;
    return readPath(state.OutputPath, { data: output, context });
  }

  async #task({ execution }: Lane, name: string, state: TaskState, scope: Scope): Promise<Json> {
    const { scheduler } = this.#parts;
    const parameters = this.#fill(state.Parameters, scope);
    execution.measure(`the input of task ${name}`, parameters);
    // Scheduled, started, ended.
    execution.wrote(3);
    const timeout = Promise.withResolvers<never>();
    const cancel = scheduler.at(scheduler.now + state.TimeoutSeconds * 1000, () =>
      timeout.reject(new StateError('States.Timeout', `${name} took more than ${state.TimeoutSeconds} s`)),
    );
    try {
      const call = { state: name, resource: state.Resource, parameters: copyJson(parameters), execution };
      const result = copyJson(await Promise.race([this.#answer(call), timeout.promise]));
      execution.measure(`the result of task ${name}`, result);
      return result;
    } finally {
      cancel();
    }
  }

  async #answer(call: TaskCall): Promise<unknown> {
    try {
      return await this.#parts.task(call);
    } catch (thrown) {
      throw taskError(thrown);
    }
  }

  async #map(lane: Lane, name: string, state: MapState, scope: Scope): Promise<Json> {
    const items = readPath(state.ItemsPath, scope);
    if (!Array.isArray(items)) throw runtimeError(`${state.ItemsPath} is no list`);
    const { execution } = lane;
    execution.wrote(2);
    const results: Json[] = new Array(items.length);
    let next = 0;
    let isOver = false;
    const iterate = async (): Promise<void> => {
      while (next < items.length && !isOver) {
        const index = next++;
        const context = { ...scope.context, Map: { Item: { Value: items[index] as Json, Index: index } } };
        const inner = { execution, context, isOver: () => isOver || lane.isOver() };
        execution.wrote(2);
        const input = this.#itemInput(state, { data: scope.data, context }, items[index] as Json);
        results[index] = await this.#run(inner, state.ItemProcessor, input);
      }
    };
    const lanes = Math.min(maxIterations, state.MaxConcurrency || maxIterations, items.length);
    try {
      await Promise.all(Array.from({ length: lanes }, iterate));
    } catch (error) {
      // The first iteration that fails ends the others: no further state of theirs begins.
      isOver = true;
      throw error;
    }
    execution.measure(`the result of ${name}`, results);
    return results;
  }

  #itemInput({ ItemSelector }: MapState, scope: Scope, item: Json): Json {
    return ItemSelector === undefined ? item : this.#fill(ItemSelector, scope);
  }

  #fill(template: JsonObject, scope: Scope): Json {
    return fillTemplate(template, scope, () => version4(this.#parts.random.uuid()));
  }

  /** What is over meanwhile never goes on. */
  async #sleep(lane: Lane, ms: number): Promise<void> {
    await this.#parts.scheduler.sleep(ms);
    if (lane.isOver()) await new Promise<never>(() => {});
  }
}

/** Of a state that is tried for the first time. */
const contextOf = ({ context }: Lane, enteredAt: number): JsonObject => ({
  ...context,
  State: { EnteredTime: new Date(enteredAt).toISOString(), RetryCount: 0 },
});

const withRetryCount = (context: JsonObject, count: number): JsonObject => ({
  ...context,
  State: { ...(context.State as JsonObject), RetryCount: count },
});

function choose(name: string, { Choices, Default }: ChoiceState, scope: Scope): string {
  for (const { Variable, StringEquals, BooleanEquals, Next } of Choices) {
    const value = readPath(Variable, scope);
    if (StringEquals === undefined ? value === BooleanEquals : value === StringEquals) return Next;
  }
  if (Default === undefined) throw new StateError('States.NoChoiceMatched', `no choice of ${name} matches`);
  return Default;
}

const failure = ({ ErrorPath, CausePath }: FailState, scope: Scope): StateError =>
  new StateError(readText(ErrorPath, scope), readText(CausePath, scope));

function readText(path: string, scope: Scope): string {
  const text = readPath(path, scope);
  if (typeof text !== 'string') throw runtimeError(`${path} is no text`);
  return text;
}

/** Marks it as made by chance. */
const version4 = (uuid: string): string =>
  uuid.replace(/^(.{14}).(.{4})./, (_, start: string, middle: string) => `${start}4${middle}8`);

function caught(state: TaskState | MapState, data: Json, error: Error): Result {
  const catcher = state.Catch?.find((one) => matches(one.ErrorEquals, error));
  if (catcher === undefined) throw error;
  const { Next, ResultPath } = catcher;
  const value = { Error: error.name, Cause: error.message };
  return { next: Next, output: ResultPath === null ? data : withValueAt(ResultPath, data, value) };
}
