import type { Definition, Machine, Retrier, State } from '../../../../state-machine/asl.ts';
import type { Random } from '../../random.ts';
import type { Scheduler } from '../../scheduler.ts';

export type TaskCall = {
  readonly state: string;
  readonly resource: string;
  readonly parameters: unknown;
  readonly execution: Execution;
};
export type Execution = {
  readonly id: string;
  readonly startedAt: number;
  readonly definition: Definition;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  error?: string;
  cause?: string;
  output?: unknown;
  readonly ended: Promise<void>;
};
type Json = any;
class AslError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
const uncatchable = new Set(['States.DataLimitExceeded', 'States.Runtime']);

export class SimulatedStepFunctions {
  readonly parts: {
    scheduler: Scheduler;
    random: Random;
    type: 'EXPRESS' | 'STANDARD';
    task: (call: TaskCall) => Promise<unknown>;
    onState?: (e: Execution, s: string) => void;
  };
  #count = 0;
  constructor(parts: SimulatedStepFunctions['parts']) {
    this.parts = parts;
  }

  start(definition: Definition, input: unknown, options: { id?: string; stateMachineId?: string } = {}): Execution {
    const { scheduler } = this.parts;
    const ended = Promise.withResolvers<void>();
    const execution: Execution & { finish?: (s: Execution['status']) => void } = {
      id: options.id ?? `execution-${++this.#count}`,
      startedAt: scheduler.now,
      definition,
      status: 'RUNNING',
      ended: ended.promise,
    };
    const limit = Math.min(definition.TimeoutSeconds, this.parts.type === 'EXPRESS' ? 300 : Infinity);
    const cancel = scheduler.at(scheduler.now + limit * 1000, () => {
      if (execution.status === 'RUNNING') execution.finish!('TIMED_OUT');
    });
    execution.finish = (status) => {
      if (execution.status !== 'RUNNING') return;
      execution.status = status;
      cancel();
      ended.resolve();
    };
    const context = {
      Execution: { Id: execution.id, StartTime: new Date(scheduler.now).toISOString() },
      StateMachine: { Id: options.stateMachineId ?? 'machine' },
    };
    this.#machine(execution, definition, structuredClone(input), context).then(
      (output) => {
        execution.output = output;
        execution.finish!('SUCCEEDED');
      },
      (error: Error) => {
        if (execution.status === 'RUNNING') {
          execution.error = error.name;
          execution.cause = error.message;
        }
        execution.finish!('FAILED');
      },
    );
    return execution;
  }

  abort(execution: Execution): void {
    (execution as any).finish('ABORTED');
  }

  async #machine(execution: Execution, machine: Machine, input: Json, context: Json): Promise<Json> {
    const { scheduler, random } = this.parts;
    let name = machine.StartAt;
    let data = input;
    for (;;) {
      if (execution.status !== 'RUNNING') await new Promise(() => {});
      await scheduler.sleep(random.int(1, 5));
      if (execution.status !== 'RUNNING') await new Promise(() => {});
      this.parts.onState?.(execution, name);
      const state = machine.States[name]!;
      this.#limit(data);
      const { next, output } = await this.#state(execution, name, state, data, context);
      this.#limit(output);
      if (next === undefined) return output;
      name = next;
      data = output;
    }
  }

  #limit(value: Json): void {
    if (JSON.stringify(value ?? null).length > 262_144) throw new AslError('States.DataLimitExceeded', 'payload');
  }

  async #state(
    execution: Execution,
    name: string,
    state: State,
    data: Json,
    context: Json,
  ): Promise<{ next: string | undefined; output: Json }> {
    const { scheduler } = this.parts;
    switch (state.Type) {
      case 'Succeed':
        return { next: undefined, output: data };
      case 'Fail':
        throw new AslError(String(at(state.ErrorPath, data, context)), String(at(state.CausePath, data, context)));
      case 'Choice': {
        for (const c of state.Choices) {
          const v = at(c.Variable, data, context);
          if (c.StringEquals !== undefined ? v === c.StringEquals : v === c.BooleanEquals)
            return { next: c.Next, output: data };
        }
        if (state.Default === undefined) throw new AslError('States.NoChoiceMatched', name);
        return { next: state.Default, output: data };
      }
      case 'Wait': {
        const until = Date.parse(at(state.TimestampPath, data, context));
        if (until > scheduler.now) await scheduler.sleep(until - scheduler.now);
        return { next: state.Next, output: data };
      }
      case 'Pass': {
        const result =
          state.Result !== undefined
            ? structuredClone(state.Result)
            : state.Parameters
              ? this.#fill(state.Parameters, data, context)
              : data;
        return { next: state.Next, output: put(data, state.ResultPath, result) };
      }
      case 'Task':
      case 'Map':
        return this.#work(execution, name, state, data, context);
    }
  }

  async #work(
    execution: Execution,
    name: string,
    state: any,
    data: Json,
    context: Json,
  ): Promise<{ next: string | undefined; output: Json }> {
    const { scheduler, random } = this.parts;
    const attempts = new Map<Retrier, number>();
    for (;;) {
      try {
        let result =
          state.Type === 'Task'
            ? await this.#task(execution, name, state, data, context)
            : await this.#map(execution, state, data, context);
        if (state.ResultSelector) result = this.#fill(state.ResultSelector, result, context);
        let output = state.ResultPath === null ? data : put(data, state.ResultPath, result);
        if (state.OutputPath) output = at(state.OutputPath, output, context);
        return { next: state.Next, output };
      } catch (error: any) {
        if (uncatchable.has(error.name)) throw error;
        const matches = (names: readonly string[]) =>
          names.includes(error.name) ||
          names.includes('States.ALL') ||
          (names.includes('States.TaskFailed') && error.name !== 'States.Timeout');
        const retrier = (state.Retry ?? []).find((r: Retrier) => matches(r.ErrorEquals));
        const used = retrier === undefined ? 0 : (attempts.get(retrier) ?? 0);
        if (retrier !== undefined && used < retrier.MaxAttempts) {
          attempts.set(retrier, used + 1);
          const delay =
            Math.min(
              (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** used,
              retrier.MaxDelaySeconds ?? Infinity,
            ) * 1000;
          await scheduler.sleep(retrier.JitterStrategy === 'FULL' ? random.next() * delay : delay);
          if (execution.status !== 'RUNNING') await new Promise(() => {});
          continue;
        }
        const catcher = (state.Catch ?? []).find((c: any) => matches(c.ErrorEquals));
        if (catcher === undefined) throw error;
        const output =
          catcher.ResultPath === null
            ? data
            : put(data, catcher.ResultPath, { Error: error.name, Cause: error.message });
        return { next: catcher.Next, output };
      }
    }
  }

  async #task(execution: Execution, name: string, state: any, data: Json, context: Json): Promise<Json> {
    const { scheduler } = this.parts;
    const parameters = this.#fill(state.Parameters, data, context);
    this.#limit(parameters);
    const timeout = Promise.withResolvers<never>();
    const cancel = scheduler.at(scheduler.now + state.TimeoutSeconds * 1000, () =>
      timeout.reject(new AslError('States.Timeout', name)),
    );
    timeout.promise.catch(() => {});
    const work = this.parts.task({ state: name, resource: state.Resource, parameters, execution });
    work.catch(() => {});
    try {
      const result = structuredClone(await Promise.race([work, timeout.promise]));
      this.#limit(result);
      return result;
    } finally {
      cancel();
    }
  }

  async #map(execution: Execution, state: any, data: Json, context: Json): Promise<Json> {
    const items: Json[] = at(state.ItemsPath, data, context);
    const results = new Array(items.length);
    let next = 0;
    let failed = false;
    const worker = async () => {
      while (next < items.length && !failed) {
        const index = next++;
        const inner = { ...context, Map: { Item: { Value: items[index], Index: index } } };
        const input = state.ItemSelector ? this.#fill(state.ItemSelector, data, inner) : items[index];
        try {
          results[index] = await this.#machine(execution, state.ItemProcessor, input, inner);
        } catch (e) {
          failed = true;
          throw e;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(40, state.MaxConcurrency || 40, items.length) }, worker));
    return results;
  }

  #fill(template: Json, data: Json, context: Json): Json {
    if (Array.isArray(template)) return template.map((v) => this.#fill(v, data, context));
    if (typeof template !== 'object' || template === null) return template;
    return Object.fromEntries(
      Object.entries(template).map(([key, value]) =>
        key.endsWith('.$')
          ? [key.slice(0, -2), this.#value(String(value), data, context)]
          : [key, this.#fill(value, data, context)],
      ),
    );
  }

  #value(text: string, data: Json, context: Json): Json {
    if (text === 'States.UUID()') return this.parts.random.id('run');
    const contains = /^States\.ArrayContains\((.+), '(.+)'\)$/.exec(text);
    if (contains) return at(contains[1]!, data, context).includes(contains[2]);
    return structuredClone(at(text, data, context));
  }
}

function at(path: string, data: Json, context: Json): Json {
  let value = path.startsWith('$$') ? context : data;
  const rest = path.startsWith('$$') ? path.slice(2) : path.slice(1);
  for (const part of rest.split('.').filter((p) => p !== '')) {
    if (value === null || typeof value !== 'object' || !(part in value))
      throw new AslError('States.Runtime', `no ${path}`);
    value = value[part];
  }
  return value;
}
function put(data: Json, path: string | undefined, value: Json): Json {
  if (path === undefined || path === '$') return value;
  const parts = path.slice(2).split('.');
  const copy = { ...data };
  let into = copy;
  for (const part of parts.slice(0, -1)) {
    into[part] = { ...into[part] };
    into = into[part];
  }
  into[parts.at(-1)!] = value;
  return copy;
}
