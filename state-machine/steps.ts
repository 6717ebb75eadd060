/** The driver steps: states that call a function and go by its answer. Payloads are the input schemas of functions/steps/messages.ts, field by field. */
import type { State } from './asl.ts';
import { type Invocation, invoke, stopOnError } from './invoke.ts';
import { retryFunction } from './retry.ts';
import { taskMarginSeconds } from './timing.ts';

/** What `turn` holds beside the driver's answer when nothing has been read or reduced yet. */
export const nothingYet = {
  read: { outcomes: [], anyMoved: false, anyBehind: false, anyFailed: false, anyCrashed: false },
  groups: [],
};

export function planBatchState(arn: string, timeoutSeconds: number): State {
  return driverStep({
    Comment:
      'Takes or renews the lease with a new epoch, and says which shards are read from where; or resumes a sealed batch.',
    invoke: invoke(arn, {
      'request.$': '$.request',
      'run.$': '$.run',
      'executionId.$': '$.executionId',
      'startedAt.$': '$.startedAt',
      'timing.$': '$.timing',
      'batch.$': '$.turn.batch',
      'outcomes.$': '$.turn.read.outcomes',
      'enteredAt.$': '$$.State.EnteredTime',
      'retries.$': '$$.State.RetryCount',
    }),
    timeoutSeconds,
  });
}

export function sealBatchState(arn: string, timeoutSeconds: number): State {
  return driverStep({
    Comment: 'Fixes once and for all what the batch contains: its blocks, end positions and watermark.',
    invoke: invoke(arn, {
      'run.$': '$.run',
      'epoch.$': '$.turn.batch.epoch',
      'batchId.$': '$.turn.batch.batchId',
      'plan.$': '$.turn.batch.plan',
      'turn.$': '$.turn.batch.turn',
      'waitUntil.$': '$.turn.batch.waitUntil',
      'timing.$': '$.timing',
      'outcomes.$': '$.turn.read.outcomes',
      'steps.$': '$.turn.batch.steps',
      'enteredAt.$': '$$.State.EnteredTime',
      'retries.$': '$$.State.RetryCount',
    }),
    timeoutSeconds,
  });
}

export function commitBatch(arn: string, timeoutSeconds: number): State {
  return driverStep({
    Comment: 'Makes the batch the truth with one conditional write, and says what comes next.',
    invoke: invoke(arn, {
      'request.$': '$.request',
      'run.$': '$.run',
      'startedAt.$': '$.startedAt',
      'timing.$': '$.timing',
      'epoch.$': '$.turn.batch.epoch',
      'batchId.$': '$.turn.batch.batchId',
      'ref.$': '$.turn.batch.ref',
      'turn.$': '$.turn.batch.turn',
      'waitUntil.$': '$.turn.batch.waitUntil',
      'reduced.$': '$.turn.batch.reduced',
      'groups.$': '$.turn.groups',
      'steps.$': '$.turn.batch.steps',
      'enteredAt.$': '$$.State.EnteredTime',
      'retries.$': '$$.State.RetryCount',
    }),
    timeoutSeconds,
  });
}

/** A driver step's answer becomes `turn.batch`, and what the turn had gathered is forgotten: the step has used it. */
function driverStep(step: {
  readonly Comment: string;
  readonly invoke: Invocation;
  readonly timeoutSeconds: number;
}): State {
  return {
    Type: 'Task',
    Comment: step.Comment,
    ...step.invoke,
    ResultSelector: { 'batch.$': '$.Payload', ...nothingYet },
    ResultPath: '$.turn',
    TimeoutSeconds: step.timeoutSeconds + taskMarginSeconds,
    Retry: retryFunction({ again: 2 }),
    Catch: stopOnError,
    Next: 'WhatNext',
  };
}
