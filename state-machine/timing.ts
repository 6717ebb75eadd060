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

/** One wave of an inline Map: at most so many tasks and so many key groups in a batch. */
export const maxTasks = 40;
export const maxKeyGroups = maxTasks;
export const maxConcurrency = 40;

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
};

/** What one turn visits at most; the timing follows from these states, wherever they are in the machine. */
const turn = [
  ...['PlanBatch', 'WhatNext', 'ProcessShards', 'AnyMoved', 'SealBatch', 'WhatNext'],
  ...['ReduceKeyGroups', 'CommitBatch', 'WhatNext', 'WaitForTrigger'],
];

export function deriveTiming(machine: Machine, type: MachineType, timeouts: FunctionTimeouts): MachineTiming {
  const seconds = (name: string) => worstCaseSeconds(machine.States[name]!);
  const planToSealSeconds = seconds('ProcessShards') + seconds('SealBatch');
  const sealToCommitSeconds = seconds('ReduceKeyGroups') + seconds('CommitBatch');
  const commitToPlanSeconds = seconds('PlanBatch');
  const batchSeconds = commitToPlanSeconds + planToSealSeconds + sealToCommitSeconds;
  const turnEvents = turn.reduce((total, name) => total + historyEvents(machine.States[name]!, maxTasks), 0);
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
    maxTasks,
  };
  refuse(timingProblems(timing, batchSeconds));
  return timing;
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
  if (maxTasks > maxConcurrency) problems.push(`${maxTasks} tasks don't run at once: ${maxConcurrency} do`);
  return problems;
}

/** Throws all problems at once. */
export function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`the state machine can't be built: ${problems.join('; ')}`);
}
