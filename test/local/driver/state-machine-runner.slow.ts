import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { maxPayloadBytes } from '../../../local/driver/execution-limits.ts';
import { type ExecutionOptions, type Handler, runExecution } from '../../../local/driver/state-machine-runner.ts';
import type { Catcher, Definition, MapState, Retrier, State, TaskState } from '../../../state-machine/asl.ts';
import { microBatch } from '../../../state-machine/micro-batch.ts';
import { done, functions, past, process as processAnswer, reduce, runLoop } from '../../state-machine/scripted-loop.ts';

const catchAll: readonly Catcher[] = [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Caught' }];
const retryAll: readonly Retrier[] = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 3 }];
const caught: State = { Type: 'Succeed' };
const task = (over: Partial<TaskState> = {}): TaskState =>
  ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: 'f', 'Payload.$': '$' },
    TimeoutSeconds: 5,
    Retry: retryAll,
    Catch: catchAll,
    End: true,
    ...over,
  }) as TaskState;
const machine = (states: Record<string, State>, timeoutSeconds = 60): Definition => ({
  StartAt: Object.keys(states)[0]!,
  States: states,
  TimeoutSeconds: timeoutSeconds,
});
const map = (inner: State, over: Partial<MapState> = {}): MapState =>
  ({
    Type: 'Map',
    ItemsPath: '$.items',
    MaxConcurrency: 40,
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Each', States: { Each: inner } },
    Catch: catchAll,
    End: true,
    ...over,
  }) as MapState;
const named = (name: string) => Object.assign(new Error('because'), { name });
/** Node warns once per process: listen from the start. */
const warnings: Error[] = [];
process.on('warning', (warning) => warnings.push(warning));
const withoutCatch = { Retry: [], Catch: [] };

function run(definition: Definition, handlers: Record<string, Handler>, options: Partial<ExecutionOptions> = {}) {
  return runExecution({ definition, handlers, input: {}, startExecution: () => {}, retryIntervalMs: 0, ...options });
}

const tooLarge = { kind: 'failed', error: 'States.DataLimitExceeded' };
/** A string that is this long as JSON in UTF-8. */
const text = (bytes: number) => 'x'.repeat(bytes - 2);

describe('the payload limit', () => {
  test('holds at 262,144 bytes: one more is refused', async () => {
    const pass = machine({ Same: { Type: 'Pass', End: true } });
    expect(maxPayloadBytes).toBe(262_144);
    expect((await run(pass, {}, { input: text(262_144) })).kind).toBe('succeeded');
    expect(await run(pass, {}, { input: text(262_145) })).toMatchObject(tooLarge);
  });

  test('counts bytes, not characters, and counts an input that no state passes on', async () => {
    const shrink = machine({ Shrink: { Type: 'Pass', Result: 'small', End: true } });
    expect((await run(shrink, {}, { input: 'x'.repeat(140_000) })).kind).toBe('succeeded');
    expect(await run(shrink, {}, { input: 'é'.repeat(140_000) })).toMatchObject(tooLarge);
  });

  test('holds for the input of a task, and the function does not run', async () => {
    let runs = 0;
    const twice = { FunctionName: 'f', Payload: { 'one.$': '$.a', 'two.$': '$.a' } };
    const result = await run(
      machine({ Twice: task({ Parameters: twice }), Caught: caught }),
      { Twice: () => runs++ },
      { input: { a: text(140_000) } },
    );
    expect(result).toMatchObject({
      ...tooLarge,
      cause: expect.stringMatching(/^the input of task Twice has 280\d{3} bytes/),
    });
    expect(runs).toBe(0);
  });

  test('holds for the result of a task, also where it would be dropped; no Retry or Catch sees it', async () => {
    let runs = 0;
    const large = () => {
      runs++;
      return text(262_144);
    };
    const states = { Large: task({ ResultPath: null }), Caught: caught };
    expect(await run(machine(states), { Large: large })).toMatchObject(tooLarge);
    expect(runs).toBe(1);
  });

  test('holds for the output of a state, and nothing runs after it', async () => {
    let after = 0;
    const definition = machine({
      Grow: { Type: 'Pass', Parameters: { 'a.$': '$.a', 'b.$': '$.a' }, Next: 'After' },
      After: task({ Parameters: { FunctionName: 'f', Payload: {} } }),
      Caught: caught,
    });
    const result = await run(definition, { After: () => after++ }, { input: { a: text(140_000) } });
    expect(result).toMatchObject({ ...tooLarge, cause: expect.stringContaining('the output of Grow') });
    expect(after).toBe(0);
  });

  test('holds for what ItemSelector gives an iteration', async () => {
    const inner = { Type: 'Pass', Result: 'small', End: true } as const;
    const selector = { 'one.$': '$.a', 'two.$': '$.a' };
    const result = await run(
      machine({ Each40: map(inner, { ItemSelector: selector, ResultPath: null }), Caught: caught }),
      {},
      { input: { a: text(140_000), items: [1] } },
    );
    expect(result).toMatchObject(tooLarge);
  });

  test('holds for the result of a map, also where it is dropped; its Catch does not see it', async () => {
    const definition = machine({ Map: map(task(withoutCatch), { ResultPath: null }), Caught: caught });
    const items = Array.from({ length: 40 }, (_, index) => index + 1);
    const small = await run(definition, { Each: () => text(6000) }, { input: { items } });
    expect(small).toEqual({ kind: 'succeeded', output: { items } });
    const large = await run(definition, { Each: () => text(7000) }, { input: { items } });
    expect(large).toMatchObject({ ...tooLarge, cause: expect.stringContaining('the result of Map') });
  });

  test('holds for a map of 1,000 items, forty at a time', async () => {
    let running = 0;
    let most = 0;
    const each = (bytes: number) => async () => {
      most = Math.max(most, ++running);
      await sleep(1);
      running--;
      return text(bytes);
    };
    const answer = { 'answer.$': '$.Payload' };
    const definition = machine({ Map: map(task({ ...withoutCatch, ResultSelector: answer })), Caught: caught });
    const input = { items: Array.from({ length: 1000 }, (_, index) => index + 1) };
    const small = await run(definition, { Each: each(100) }, { input });
    expect(small).toMatchObject({ kind: 'succeeded', output: { length: 1000 } });
    expect(most).toBe(40);
    expect(await run(definition, { Each: each(300) }, { input })).toMatchObject(tooLarge);
  });

  test('stops the loop when a driver step answers too much', async () => {
    const loop = await runLoop({ PlanBatch: [{ ...processAnswer, tasks: [], shards: 's'.repeat(300_000) }] });
    expect(loop.result).toMatchObject({ ...tooLarge, cause: expect.stringContaining('the result of task PlanBatch') });
    expect(loop.calls).toHaveLength(1);
  });
});

describe('the history limit', () => {
  const forever = machine({
    Again: { Type: 'Pass', Next: 'Often' },
    Often: task({ Next: 'More', End: undefined } as never),
    More: {
      Type: 'Choice',
      Choices: [{ Variable: '$.Payload', StringEquals: 'enough', Next: 'Caught' }],
      Default: 'Again',
    },
    Caught: caught,
  });
  // A turn writes 2 + 5 + 2 events.
  const enoughAfter = (turns: number) => {
    let turn = 0;
    return { Often: () => (++turn >= turns ? 'enough' : 'more') };
  };

  test('ends a Standard execution after 25,000 events, and not before', async () => {
    expect((await run(forever, enoughAfter(2770), { type: 'STANDARD' })).kind).toBe('succeeded');
    expect(await run(forever, enoughAfter(2790), { type: 'STANDARD' })).toMatchObject({
      kind: 'failed',
      error: 'States.Runtime',
      cause: expect.stringContaining('25000 history events'),
    });
  });

  test('is not for Express executions', async () => {
    expect((await run(forever, enoughAfter(2790))).kind).toBe('succeeded');
  });

  test('leaves room for as many turns as the Standard machine may take, each as long as can be', async () => {
    const { definition, timing } = microBatch({ functions, type: 'STANDARD' });
    const forty = Array.from({ length: 40 }, (_, index) => index);
    const throttles = Array.from({ length: 3 }, () => named('Lambda.TooManyRequestsException'));
    const tries = (again: number, answer: unknown) => {
      const seen = new Map<string, number>();
      const errors = [...throttles, ...Array.from({ length: again }, () => named('TemporaryFailure')), answer];
      return (payload: unknown) => {
        const { task, keyGroup } = payload as { task?: number; keyGroup?: number };
        const key = `${task}/${keyGroup}`;
        const before = seen.get(key) ?? 0;
        seen.set(key, before + 1);
        const value = errors[before % errors.length];
        if (value instanceof Error) throw value;
        return typeof value === 'function' ? value() : value;
      };
    };
    let turns = 0;
    const next = () => (turns++ < timing.maxTurns ? { ...processAnswer, tasks: forty } : done);
    const handlers = {
      PlanBatch: tries(2, next),
      ReadTask: tries(1, { outcome: 'moved' }),
      SealBatch: tries(2, { ...reduce, keyGroups: forty }),
      ReduceKeyGroup: tries(1, { keyGroup: 0, emitted: 1, done: true, progressed: true }),
      CommitBatch: tries(2, { next: 'wait', turn: 1, caughtUp: false, waitUntil: past }),
    };
    expect((await run(definition, handlers, { type: 'STANDARD' })).kind).toBe('succeeded');
    expect(turns).toBe(timing.maxTurns + 1);
  });
});

describe('errors', () => {
  test('are known by the name of what was thrown', async () => {
    const retry = [{ ErrorEquals: ['Passing'], MaxAttempts: 2 }];
    const states = { Once: task({ Retry: retry, Catch: [] }) };
    for (const [name, attempts] of [
      ['Passing', 3],
      ['Lasting', 1],
    ] as const) {
      let runs = 0;
      const handler = () => {
        runs++;
        throw named(name);
      };
      expect(await run(machine(states), { Once: handler })).toEqual({ kind: 'failed', error: name, cause: 'because' });
      expect(runs).toBe(attempts);
    }
  });

  test('that are no Error have the name of their type', async () => {
    const handler = () => {
      throw 'a string';
    };
    const result = await run(machine({ Once: task(withoutCatch) }), { Once: handler });
    expect(result).toEqual({ kind: 'failed', error: 'string', cause: 'a string' });
  });

  test('of a task that takes too long are States.Timeout', async () => {
    const states = { Slow: task({ ...withoutCatch, TimeoutSeconds: 1 }) };
    const result = await run(machine(states), { Slow: () => sleep(1500) });
    expect(result).toMatchObject({ kind: 'failed', error: 'States.Timeout' });
  });

  test('of an execution that takes too long are States.Timeout, and cannot be caught', async () => {
    const result = await run(machine({ Slow: task(), Caught: caught }, 1), { Slow: () => sleep(1500) });
    expect(result).toMatchObject({ kind: 'failed', error: 'States.Timeout' });
  });

  test('in the definition are told: a task without a handler would go to AWS', async () => {
    await expect(run(machine({ Once: task(withoutCatch) }), {})).rejects.toThrow('the task Once has no handler');
  });
});

describe('an abort', () => {
  test('before the start runs nothing', async () => {
    expect(
      await run(machine({ Once: task(withoutCatch) }), { Once: () => 1 }, { signal: AbortSignal.abort() }),
    ).toEqual({
      kind: 'aborted',
    });
  });

  test('does not wait for a running function, and starts no other', async () => {
    const stop = new AbortController();
    const slow = Promise.withResolvers<void>();
    let after = 0;
    const states = { Slow: task({ Next: 'After', End: undefined } as never), After: task(), Caught: caught };
    const handlers = {
      Slow: () => {
        stop.abort();
        return slow.promise;
      },
      After: () => after++,
    };
    expect(await run(machine(states), handlers, { signal: stop.signal })).toEqual({ kind: 'aborted' });
    slow.resolve();
    await sleep(20);
    expect(after).toBe(0);
  });

  test('ends a wait, and a wait between two tries', async () => {
    const wait: State = { Type: 'Wait', TimestampPath: '$.until', End: true };
    const until = new Date(Date.now() + 60_000).toISOString();
    const waiting = run(machine({ Wait: wait }), {}, { input: { until }, signal: AbortSignal.timeout(50) });
    expect(await waiting).toEqual({ kind: 'aborted' });
    const months = new Date(Date.now() + 60 * 86_400_000).toISOString();
    const signal50 = AbortSignal.timeout(50);
    expect(await run(machine({ Wait: wait }), {}, { input: { until: months }, signal: signal50 })).toEqual({
      kind: 'aborted',
    });
    expect(warnings).toEqual([]);

    let tries = 0;
    const stop = new AbortController();
    const { signal } = stop;
    const failing = () => {
      tries++;
      setTimeout(() => stop.abort(), 20);
      throw new Error('again');
    };
    const states = { Once: task(), Caught: caught };
    expect(await run(machine(states), { Once: failing }, { signal, retryIntervalMs: 60_000 })).toEqual({
      kind: 'aborted',
    });
    await sleep(20);
    expect(tries).toBe(1);
  });
});

describe('payloads', () => {
  test('are copies: what a function does to one is not there at its next try', async () => {
    const seen: unknown[] = [];
    const spoil = (payload: unknown) => {
      seen.push(structuredClone(payload));
      (payload as { list: number[] }).list.push(9);
      throw named('Passing');
    };
    await run(machine({ Spoil: task(), Caught: caught }), { Spoil: spoil }, { input: { list: [1] } });
    expect(seen).toEqual(Array.from({ length: 4 }, () => ({ list: [1] })));
  });

  test('of the context name the execution, its start and the machine', async () => {
    const context = {
      'id.$': '$$.Execution.Id',
      'start.$': '$$.Execution.StartTime',
      'machine.$': '$$.StateMachine.Id',
    };
    const definition = machine({ Context: { Type: 'Pass', Parameters: context, End: true } });
    const result = await run(definition, {}, { executionId: 'e:1' });
    expect(result).toMatchObject({
      kind: 'succeeded',
      output: { id: 'e:1', machine: expect.stringContaining('stateMachine') },
    });
    expect(Date.parse((result as { output: { start: string } }).output.start)).toBeGreaterThan(Date.now() - 5000);
  });

  test('an answer of nothing is null', async () => {
    const states = { Nothing: task({ ResultSelector: { 'answer.$': '$.Payload' } }), Caught: caught };
    expect(await run(machine(states), { Nothing: () => undefined })).toEqual({
      kind: 'succeeded',
      output: { answer: null },
    });
  });
});

describe('a wait', () => {
  test('for a time that has passed is over at once, without a warning', async () => {
    const definition = machine({ Wait: { Type: 'Wait', TimestampPath: '$.until', End: true } });
    const started = Date.now();
    const result = await run(definition, {}, { input: { until: past } });
    await sleep(20);
    expect(result).toEqual({ kind: 'succeeded', output: { until: past } });
    expect(Date.now() - started).toBeLessThan(1000);
    expect(warnings).toEqual([]);
  });
});

test('events come as they happen, and none is kept', async () => {
  const events: string[] = [];
  const definition = machine({ One: { Type: 'Pass', Next: 'Two' }, Two: { Type: 'Succeed' } });
  await run(
    definition,
    {},
    { onEvent: (event) => events.push('state' in event ? `${event.type} ${event.state.name}` : event.type) },
  );
  expect(events).toEqual([
    'ExecutionStarted',
    'StateEntered One',
    'StateExited One',
    'StateEntered Two',
    'StateExited Two',
    'ExecutionSucceeded',
  ]);
});
