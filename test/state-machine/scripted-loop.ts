import type { ExecutionOptions, ExecutionResult } from '../../local/driver/state-machine-runner.ts';
import { runExecution } from '../../local/driver/state-machine-runner.ts';
import { microBatch } from '../../state-machine/micro-batch.ts';

export const functions = {
  planBatch: 'plan:1',
  processShards: 'process:1',
  sealBatch: 'seal:1',
  reduceKeyGroup: 'reduce:1',
  commitBatch: 'commit:1',
};
export const { definition, timing } = microBatch({ functions, type: 'EXPRESS' });

export const past = '2020-01-01T00:00:00.000Z';

/** Answers of one function, call by call; the last one stays. An answer may be an error, which is thrown. */
export type Script = readonly unknown[];
export type Call = readonly [step: string, payload: Record<string, unknown>];
export type LoopRun = { readonly result: ExecutionResult; readonly calls: readonly Call[]; readonly steps: string };

export const process = {
  next: 'process',
  turn: 0,
  epoch: 7,
  batchId: 3,
  tasks: [0, 1],
  leavesUnread: false,
  plan: '',
  steps: [{ step: 'plan', at: 1 }],
  readDeadline: '2030-01-01T00:00:00.000Z',
  waitUntil: past,
};
export const reduce = {
  next: 'reduce',
  turn: 0,
  epoch: 7,
  batchId: 3,
  ref: 7,
  keyGroups: [0, 1, 2],
  reduced: { emitted: 0, stuckSince: 0 },
  again: false,
  steps: [{ step: 'plan', at: 1 }],
  waitUntil: past,
};
/** A reducer's answer that all its output is out. */
export const reduced = (emitted: number) => ({ keyGroup: 0, emitted, done: true, progressed: true });
export const commit = { ...reduce, next: 'commit' };
export const done = { next: 'done', turn: 1, reason: 'caught-up' };

export function named(name: string, message = 'as scripted'): Error {
  return Object.assign(new Error(message), { name });
}

/** Runs the loop with scripted functions, and notes what each was given, in order. */
export async function runLoop(
  scripts: Readonly<Record<string, Script>>,
  options: Partial<ExecutionOptions> = {},
): Promise<LoopRun> {
  const calls: Call[] = [];
  const answer = (step: string) => (payload: unknown) => {
    const script = scripts[step] ?? [named('Unexpected', `${step} is not in the script`)];
    const before = calls.filter(([name]) => name === step).length;
    calls.push([step, payload as Record<string, unknown>]);
    const value = script[Math.min(before, script.length - 1)];
    if (value instanceof Error) throw value;
    return value;
  };
  const steps = ['PlanBatch', 'ReadTask', 'SealBatch', 'ReduceKeyGroup', 'SumUpWave', 'CommitBatch'];
  const result = await runExecution({
    definition,
    input: {},
    handlers: Object.fromEntries(steps.map((step) => [step, answer(step)])),
    startExecution: answer('startExecution'),
    retryIntervalMs: 0,
    ...options,
  });
  return { result, calls, steps: calls.map(([step]) => step).join(' ') };
}

export function payloadsOf(run: LoopRun, step: string): readonly Record<string, unknown>[] {
  return run.calls.filter(([name]) => name === step).map(([, payload]) => payload);
}
