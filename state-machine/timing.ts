/**
 * How long each part of a batch may take, and what follows from it.
 *
 *   0 s                      64 s                       288 s                        295 s
 *   | batches may start here | worst batch takes 224 s  | hand-over takes 7 s        | an Express execution ends
 *
 *   64 s is rotateAfterSeconds. The worst batch is PlanBatch + ProcessShards + SealBatch + ReduceKeyGroups + CommitBatch, each
 *   with all its retries. A test compares these figures.
 */
import { historyEvents, type Machine, worstCaseSeconds } from './asl.ts';

export type MachineType = 'EXPRESS' | 'STANDARD';
export type FunctionName = 'planBatch' | 'processShards' | 'sealBatch' | 'reduceKeyGroup' | 'commitBatch';
export type FunctionTimeouts = Readonly<Record<FunctionName, number>>;

/** The functions' own timeouts. */
export const functionTimeoutSeconds: FunctionTimeouts = {
  planBatch: 6,
  processShards: 22,
  sealBatch: 6,
  reduceKeyGroup: 22,
  commitBatch: 5,
};

/** A task waits this much longer than its function runs: for a cold start and the way there and back. */
export const taskMarginSeconds = 3;

/** Of an executor's time, what is kept for writing its block, dead letters and records after it stopped reading. */
const writeSeconds = 10;

/** So many iterations of an inline Map run at once: more tasks or key groups come in waves, each an execution of its own (waves.ts). */
export const maxConcurrency = 40;
/** Of a batch, at most. */
export const maxTasks = maxConcurrency ** 2;
/** Each has a state of its own, and what each says comes to the commit step. */
export const maxKeyGroups = 400;

/** How much a batch may have, and how much of it runs in one wave. */
export type Width = {
  readonly tasks: number;
  readonly keyGroups: number;
  /** @default 40, what an inline Map runs at once */
  readonly atOnce?: number;
};
export const usualWidth: Width = { tasks: maxConcurrency, keyGroups: maxConcurrency };

/** Undefined: all run in one Map, without waves. */
export const inWave = (count: number, { atOnce = maxConcurrency }: Width): number | undefined =>
  count > atOnce ? atOnce : undefined;

/** An Express execution is cut after five minutes; five seconds before, it ends itself. */
export const expressSeconds = 295;
const maxBatchSeconds = 270;
/** ContinueAsNew at worst: two tries of three seconds and a second between. */
const handOverSeconds = 7;
const minRotateAfterSeconds = 20;

const standardRotateAfterSeconds = 6 * 3600;
/** A Standard execution past its rotation hangs: an hour later it is cut. */
export const standardSeconds = 7 * 3600;
/** Step Functions fails a Standard execution at this many events; Express executions have no such limit. */
const maxHistoryEvents = 25_000;
/** The start, NewRun, two plans that wait before they hand over, and the end with ContinueAsNew and all its retries. */
const historyReserve = 100;
const expressMaxTurns = 100_000;

export type MachineTiming = {
  /** From a plan's write to the head until the seal's, at worst. */
  readonly planToSealSeconds: number;
  readonly sealToCommitSeconds: number;
  /** The next PlanBatch; the wait for the trigger comes on top. */
  readonly commitToPlanSeconds: number;
  /** No batch starts later than this after the execution's start. */
  readonly rotateAfterSeconds: number;
  /** A round of the reduce may begin until then: it, a commit and the hand-over still fit. */
  readonly reduceUntilSeconds: number;
  /** A batch that closes windows may begin until then: it reads nothing. */
  readonly closeUntilSeconds: number;
  /** How long an executor may read. */
  readonly readSeconds: number;
  readonly maxTurns: number;
  readonly maxTasks: number;
  /** Tasks come in waves of so many. Absent: in none. */
  readonly tasksInWave?: number;
  /** As of tasks. */
  readonly groupsInWave?: number;
};

/** What one turn visits at most; the timing follows from these states, wherever they are in the machine. */
const turn = [
  ...['PlanBatch', 'WhatNext', 'ProcessShards', 'WavesRead', 'AnyMoved', 'SealBatch', 'WhatNext'],
  ...['ReduceKeyGroups', 'CommitBatch', 'WhatNext', 'WaitForTrigger'],
];

export function deriveTiming(
  machine: Machine,
  type: MachineType,
  timeouts: FunctionTimeouts,
  width: Width = usualWidth,
): MachineTiming {
  const { tasks, keyGroups } = width;
  const [tasksInWave, groupsInWave] = [inWave(tasks, width), inWave(keyGroups, width)];
  const seconds = (name: string) => worstCaseSeconds(machine.States[name]!);
  const planToSealSeconds = seconds('ProcessShards') + seconds('SealBatch');
  const sealToCommitSeconds = seconds('ReduceKeyGroups') + seconds('CommitBatch');
  const commitToPlanSeconds = seconds('PlanBatch');
  const batchSeconds = commitToPlanSeconds + planToSealSeconds + sealToCommitSeconds;
  const items: Readonly<Record<string, number>> = {
    ProcessShards: itemsOf(tasks, tasksInWave),
    ReduceKeyGroups: itemsOf(keyGroups, groupsInWave),
  };
  const visited = turn.flatMap((name) => {
    const state = machine.States[name];
    return state === undefined ? [] : [historyEvents(state, items[name] ?? 0)];
  });
  const turnEvents = visited.reduce((total, events) => total + events, 0);
  const express = type === 'EXPRESS';
  const lastSeconds = (express ? expressSeconds : standardSeconds) - handOverSeconds;
  const timing = {
    planToSealSeconds,
    sealToCommitSeconds,
    commitToPlanSeconds,
    rotateAfterSeconds: express ? lastSeconds - batchSeconds : standardRotateAfterSeconds,
    reduceUntilSeconds: lastSeconds - sealToCommitSeconds,
    closeUntilSeconds: lastSeconds - (batchSeconds - seconds('ProcessShards')),
    readSeconds: timeouts.processShards - writeSeconds,
    maxTurns: express ? expressMaxTurns : Math.floor((maxHistoryEvents - historyReserve) / turnEvents),
    maxTasks: Math.max(maxConcurrency, tasks),
    ...(tasksInWave === undefined ? {} : { tasksInWave }),
    ...(groupsInWave === undefined ? {} : { groupsInWave }),
  };
  refuse([...widthProblems(width), ...timingProblems(timing, batchSeconds)]);
  return timing;
}

/** Of the Map of the machine itself, which has waves where there are any. */
const itemsOf = (count: number, wave: number | undefined): number =>
  wave === undefined ? maxConcurrency : Math.ceil(count / wave);

function widthProblems({ tasks, keyGroups, atOnce = maxConcurrency }: Width): readonly string[] {
  const most = { tasks: Math.min(maxTasks, atOnce * maxConcurrency), keyGroups: maxKeyGroups };
  const problems: string[] = [];
  if (tasks > most.tasks) problems.push(`${tasks} tasks don't run at once: ${most.tasks} do`);
  if (keyGroups > most.keyGroups) problems.push(`${keyGroups} key groups are too many: ${most.keyGroups} are allowed`);
  return problems;
}

function timingProblems(timing: MachineTiming, batchSeconds: number): readonly string[] {
  const problems: string[] = [];
  const { rotateAfterSeconds, readSeconds, maxTurns } = timing;
  if (batchSeconds >= maxBatchSeconds) {
    problems.push(`a batch may take ${batchSeconds} s at worst; ${maxBatchSeconds} s is too long`);
  }
  if (rotateAfterSeconds < minRotateAfterSeconds) {
    problems.push(`batches may start for ${rotateAfterSeconds} s only; at least ${minRotateAfterSeconds} s are needed`);
  }
  // L3: a plan that resumes a sealed batch writes the head again at its commit.
  if (timing.planToSealSeconds + timing.commitToPlanSeconds < timing.sealToCommitSeconds) {
    problems.push(
      `a reduce may take ${timing.sealToCommitSeconds} s, longer than the lease of the plan that resumes it`,
    );
  }
  if (readSeconds < 1) problems.push(`executors have ${readSeconds} s to read`);
  if (maxTurns < 1) problems.push('one turn may write more history events than an execution can hold');
  return problems;
}

/** Throws all problems at once. */
export function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`the state machine can't be built: ${problems.join('; ')}`);
}
