/** One operation on one value: what it makes of it, and whether there is a next one. */
import type { EventMeta } from '../pipeline/callback.ts';
import { toEpochMs } from '../pipeline/event-time.ts';
import type { EventTime, Operation } from '../pipeline/pipeline.ts';
import { refusePromise } from '../user-code/callback-failure.ts';
import type { DeadLetterReason } from './dead-letter.ts';

/** Reused from event to event: read it before the next call. */
export type Evaluation = {
  verdict: 'passed' | 'filtered' | 'dead';
  value: unknown;
  /** Undefined before the pipeline declares an event time. */
  eventTime: number | undefined;
  reason: DeadLetterReason;
  message: string;
  /** What its payload became, or began to become; 0 if it was not compressed. */
  expandedBytes: number;
};

/** What becomes of one value: at most one. */
export type OneToOne = Exclude<Operation, { kind: 'flatMap' }>;

export function die(evaluation: Evaluation, reason: DeadLetterReason, message: string): void {
  evaluation.verdict = 'dead';
  evaluation.reason = reason;
  evaluation.message = message;
}

/** Whether the next one is to be run. Whatever a callback throws is thrown. */
export function runOperation(operation: OneToOne, evaluation: Evaluation, meta: EventMeta, arrival: number): boolean {
  switch (operation.kind) {
    case 'filter': {
      const passes: unknown = operation.predicate(evaluation.value as never, meta);
      if (typeof passes !== 'boolean') refusePromise(passes, 'filter');
      if (!passes) evaluation.verdict = 'filtered';
      return Boolean(passes);
    }
    case 'map':
      evaluation.value = operation.mapper(evaluation.value as never, meta);
      refusePromise(evaluation.value, 'map');
      return true;
    case 'watermark':
      return takeEventTime(operation.eventTime, evaluation, meta, arrival);
  }
}

function takeEventTime(rules: EventTime, evaluation: Evaluation, meta: EventMeta, arrival: number): boolean {
  const given = rules.selector(evaluation.value as never, meta);
  const time = toEpochMs(given);
  if (time === undefined) {
    refusePromise(given, 'withWatermark');
    die(
      evaluation,
      'invalid-event-time',
      'no valid event time: use a Date, epoch milliseconds or an ISO time with a zone',
    );
    return false;
  }
  if (time > arrival + rules.maxFutureMs) {
    const ahead = `${new Date(time).toISOString()} is more than ${rules.maxFutureMs} ms after its arrival`;
    die(evaluation, 'event-time-in-future', ahead);
    return false;
  }
  evaluation.eventTime = time;
  return true;
}
