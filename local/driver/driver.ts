/**
 * Drives a pipeline on this machine: the deployed state machine's definition and the deployed handlers, one execution
 * after the other.
 *
 * DRIVER-1 `stop` lets the running batch commit. Only the wait for the next batch is cut short.
 * DRIVER-2 `abort` leaves everything as a crash would; the next run goes on from there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndReason, Request } from '../../functions/core/driver.ts';
import { createHandlers } from '../../functions/steps/handlers.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import type { StepHandler } from '../../functions/steps/step-handler.ts';
import { type FunctionName, functionTimeoutSeconds, type Width } from '../../state-machine/micro-batch.ts';
import { LocalProblem } from '../local-problem.ts';
import { openExecution, releaseDeadLease } from './dead-lease.ts';
import type { Executions, WatchedExecution } from './executions.ts';
import { functionNames, localMachine, widthOf } from './loop-definition.ts';
import { type ExecutionResult, type Handler, runExecution } from './state-machine-runner.ts';

export type CommittedBatch = { readonly batchId: number; readonly ref: number };

export type RunEnd =
  | { readonly kind: 'ended'; readonly reason: EndReason }
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string }
  | { readonly kind: 'aborted' };

export type Driver = {
  /** Executions until one ends for another reason than handing over to the next. */
  run(request: Request): Promise<RunEnd>;
  stop(): Promise<void>;
  abort(): void;
  /** Whether an execution of this driver has taken the lease and runs. */
  hasLease(): Promise<boolean>;
  isRunning(): boolean;
};

const waitState = 'WaitForTrigger';
const pollMs = 50;
const restartMs = 500;
/** Errors that a server leaves behind which gave no answer. */
const passing = new Set(['TemporaryFailure', 'TimeoutError', 'States.Timeout', 'AllTasksFailed']);

/** Whether the servers answer, and for how long an execution that failed over one is begun again. */
export type DriverWatch = { hadTroubleSince(time: number): boolean; readonly triesForMs: number };

/** `fails`: it ends with this error. */
export type StepWatch = (name: string, what: 'begins' | 'ends' | 'fails', error?: unknown) => void;

export type DriverOptions = {
  readonly watch?: DriverWatch;
  readonly onStep?: StepWatch | undefined;
  /** Who keeps what each execution does. Then they are Standard ones. Default: nobody, and they are Express. */
  readonly executions?: Executions | undefined;
};

type DriverState = {
  readonly runtime: Runtime;
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly watch: DriverWatch | undefined;
  readonly executions: Executions | undefined;
  readonly aborted: AbortController;
  /** Set while an execution runs or the next one is waited for. */
  cutWait: (() => void) | undefined;
  executionId: string | undefined;
  /** Of the last batch. */
  committedAt: number;
  isRunning: boolean;
  isStopping: boolean;
};

export function createDriver(
  runtime: Runtime,
  onCommit: (batch: CommittedBatch) => void,
  { watch, onStep = () => {}, executions }: DriverOptions = {},
): Driver {
  const committed = (batch: CommittedBatch): void => {
    state.committedAt = Date.now();
    onCommit(batch);
  };
  const state: DriverState = {
    runtime,
    handlers: stateHandlers(runtime, committed, onStep),
    watch,
    executions,
    aborted: new AbortController(),
    cutWait: undefined,
    executionId: undefined,
    committedAt: 0,
    isRunning: false,
    isStopping: false,
  };
  return {
    async run(request) {
      state.isRunning = true;
      try {
        return await runExecutions(state, request);
      } finally {
        state.isRunning = false;
      }
    },
    isRunning: () => state.isRunning,
    stop: () => requestStop(state),
    abort: () => state.aborted.abort(),
    async hasLease() {
      const head = await runtime.ports.head.load();
      return state.executionId !== undefined && head?.holder?.execution === state.executionId;
    },
  };
}

async function runExecutions(state: DriverState, request: Request): Promise<RunEnd> {
  state.isStopping = false;
  let input: unknown = request;
  for (;;) {
    const startedAt = Date.now();
    const end = await runPatiently(state, input);
    if (end.kind === 'successor') {
      input = end.input;
      continue;
    }
    if (end.kind !== 'ended' || end.reason !== 'scheduled') return end;
    // What a schedule does for a deployed pipeline.
    await waitUntil(state, startedAt + state.runtime.pipeline.trigger.everyMs);
    if (state.aborted.signal.aborted) return { kind: 'aborted' };
    if (state.isStopping) return { kind: 'ended', reason: 'stopped' };
  }
}

/** An execution that a server ended which gave no answer is begun again, as a schedule would. */
async function runPatiently(state: DriverState, input: unknown): ReturnType<typeof runOne> {
  const { watch } = state;
  let triesUntil: number | undefined;
  for (;;) {
    const startedAt = Date.now();
    const end = await runOne(state, input);
    const isOurs = end.kind === 'ended' && end.reason === 'another-driver' && triesUntil !== undefined;
    const isTrouble = end.kind === 'failed' && passing.has(end.error) && watch?.hadTroubleSince(startedAt) === true;
    if (watch === undefined || (!isOurs && !isTrouble)) return end;
    if (triesUntil === undefined || state.committedAt >= startedAt) triesUntil = Date.now() + watch.triesForMs;
    if (!(await untilFree(state, triesUntil))) return state.aborted.signal.aborted ? { kind: 'aborted' } : end;
  }
}

/** A lease of the execution that failed is nobody's; that it is free may have to wait for the table's server. */
async function untilFree({ runtime, aborted }: DriverState, until: number): Promise<boolean> {
  for (;;) {
    await sleep(restartMs, undefined, { signal: aborted.signal }).catch(() => {});
    if (aborted.signal.aborted || Date.now() > until) return false;
    try {
      await releaseDeadLease(runtime.ports.head, Date.now());
      return true;
    } catch (error) {
      if (error instanceof LocalProblem) return false;
    }
  }
}

async function runOne(state: DriverState, input: unknown): Promise<RunEnd | { kind: 'successor'; input: unknown }> {
  const watched = state.executions?.begin(input);
  const execution = openExecution(watched?.arn);
  state.executionId = execution.id;
  const cut = new AbortController();
  let successor: { readonly input: unknown } | undefined;
  let isWaiting = false;
  state.cutWait = () => isWaiting && cut.abort();
  try {
    const result = await runExecution({
      ...settingsOf(watched, widthOf(state.runtime.pipeline)),
      input,
      executionId: execution.id,
      handlers: state.handlers,
      startExecution: (next) => {
        successor = { input: next };
      },
      signal: AbortSignal.any([cut.signal, state.aborted.signal, ...(watched === undefined ? [] : [watched.signal])]),
      onEvent(event) {
        if (event.type === 'StateEntered') isWaiting = event.state.name === waitState;
        if (isWaiting && state.isStopping) cut.abort();
        watched?.onEvent(event);
      },
    });
    watched?.end(result);
    if (state.aborted.signal.aborted || watched?.signal.aborted) return { kind: 'aborted' };
    if (cut.signal.aborted) {
      await releaseOwnLease(state.runtime, execution.id);
      return { kind: 'ended', reason: 'stopped' };
    }
    return successor === undefined ? endOf(result) : { kind: 'successor', input: successor.input };
  } finally {
    state.cutWait = undefined;
    state.executionId = undefined;
    execution.close();
  }
}

function settingsOf(watched: WatchedExecution | undefined, width: Width) {
  if (watched === undefined) return localMachine('EXPRESS', width);
  const { stateMachineArn, onTask } = watched;
  return { ...localMachine('STANDARD', width), type: 'STANDARD' as const, stateMachineArn, onTask };
}

function endOf(result: ExecutionResult): RunEnd {
  if (result.kind !== 'succeeded') return result;
  const { reason } = (result.output as { turn: { batch: { reason?: EndReason } } }).turn.batch;
  if (reason === undefined)
    return { kind: 'failed', error: 'States.Runtime', cause: 'the execution ended without a reason' };
  return { kind: 'ended', reason };
}

/** The word goes through the table, as `sluice stop` says it to a deployed pipeline. */
async function requestStop(state: DriverState): Promise<void> {
  state.isStopping = true;
  state.cutWait?.();
  const { head } = state.runtime.ports;
  // Before the first plan there is no head to write to, but there will be.
  while (state.cutWait !== undefined && (await head.load()) === undefined) await sleep(pollMs);
  if ((await head.load()) !== undefined) await head.setControl('stop');
}

async function releaseOwnLease({ ports }: Runtime, executionId: string): Promise<void> {
  const head = await ports.head.load();
  if (head?.holder?.execution === executionId) await ports.head.release(head.epoch, head.holder.owner);
}

async function waitUntil(state: DriverState, time: number): Promise<void> {
  const cut = new AbortController();
  state.cutWait = () => cut.abort();
  if (state.isStopping) cut.abort();
  const signal = AbortSignal.any([cut.signal, state.aborted.signal]);
  await sleep(Math.max(0, time - Date.now()), undefined, { signal }).catch(() => {});
  state.cutWait = undefined;
}

function stateHandlers(
  runtime: Runtime,
  onCommit: (batch: CommittedBatch) => void,
  onStep: StepWatch,
): Record<string, Handler> {
  const asFunction = (name: FunctionName, handler: StepHandler) => withLimits(name, handler, onStep);
  const handlers = createHandlers(runtime);
  const commit = asFunction('commitBatch', handlers.commitBatch);
  const reduce = asFunction('reduceKeyGroup', handlers.reduceKeyGroup);
  return {
    PlanBatch: asFunction('planBatch', handlers.planBatch),
    ReadTask: asFunction('processShards', handlers.processShards),
    SealBatch: asFunction('sealBatch', handlers.sealBatch),
    ReduceKeyGroup: reduce,
    SumUpWave: reduce,
    async CommitBatch(payload) {
      const answer = await commit(payload);
      const { batchId, ref } = payload as CommittedBatch;
      const isLost = (answer as { reason?: EndReason }).reason === 'superseded';
      if (!isLost) onCommit({ batchId, ref });
      return answer;
    },
  };
}

function withLimits(
  name: FunctionName,
  handler: StepHandler,
  onStep: StepWatch,
): (payload: unknown) => Promise<unknown> {
  return async (payload) => {
    const deadline = Date.now() + functionTimeoutSeconds[name] * 1000;
    const context = {
      functionName: functionNames[name],
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    };
    onStep(functionNames[name], 'begins');
    try {
      const answer = await handler(payload, context as Parameters<StepHandler>[1]);
      onStep(functionNames[name], 'ends');
      return answer;
    } catch (error) {
      onStep(functionNames[name], 'fails', error);
      throw error;
    }
  };
}
