/**
 * One event through the user's decoder and operations, in the order written.
 *
 * EVENT-1 Every event ends in exactly one verdict. What cannot be decoded or makes a callback throw is 'dead', never lost
 *    and never a failed batch.
 * EVENT-2 An event time counts towards the watermark where the pipeline declares it, before later filters, as in Spark.
 */
import { Undecoded } from '../decoders/decoder-kind.ts';
import type { EventMeta } from '../pipeline/callback.ts';
import { toEpochMs } from '../pipeline/event-time.ts';
import type { EventTime, Operation, Pipeline } from '../pipeline/pipeline.ts';
import { failureOf, refusePromise } from '../user-code/callback-failure.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import { SluiceError } from './errors.ts';
import type { ExpandPayload } from './expand-payload.ts';

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

export type EvaluateEvent = {
  (data: Uint8Array, meta: EventMeta): Evaluation;
  /** What schemas promised instead of answering; see `isAsynchronous`. */
  readonly promises: readonly Promise<unknown>[];
};

/** A promise that is kept comes from an asynchronous schema; one that is broken only from a callback that threw. */
export async function isAsynchronous({ promises }: Pick<EvaluateEvent, 'promises'>): Promise<boolean> {
  const settled = await Promise.allSettled(promises);
  return settled.some(({ status }) => status === 'fulfilled');
}

export const asynchronousSchema = (): SluiceError =>
  new SluiceError('InvalidPipeline', 'decode: the schema is asynchronous; use one that validates at once');

/** `expand`: what is done with the bytes before they are decoded; undefined: nothing. */
export function createEvaluator(
  pipeline: Pick<Pipeline, 'decoder' | 'operations'> & Partial<Pick<Pipeline, 'aggregation' | 'outputs'>>,
  expand?: ExpandPayload,
): EvaluateEvent {
  const { kind, options } = pipeline.decoder;
  const decode = kind.open(options);
  const sharesBytes = kind.sharesBytes && isSeenByCallbacks(pipeline);
  const evaluation: Evaluation = {
    verdict: 'passed',
    value: undefined,
    eventTime: undefined,
    reason: 'callback-failed',
    message: '',
    expandedBytes: 0,
  };
  const evaluate = (data: Uint8Array, meta: EventMeta): Evaluation => {
    evaluation.verdict = 'passed';
    evaluation.eventTime = undefined;
    evaluation.expandedBytes = 0;
    // Callbacks may change what they are given: what counts of it is read before.
    const arrival = meta.arrivalTime.getTime();
    const payload = expand === undefined ? data : expandedOf(expand, data, evaluation);
    if (evaluation.verdict === 'passed') {
      const decoded = decode(sharesBytes && payload === data ? new Uint8Array(data) : payload);
      if (decoded instanceof Undecoded) die(evaluation, decoded.reason, decoded.message);
      else evaluation.value = decoded;
    }
    if (evaluation.verdict === 'passed') runOperations(pipeline.operations, evaluation, meta, arrival);
    return evaluation;
  };
  return Object.assign(evaluate, { promises: decode.promises ?? [] });
}

function isSeenByCallbacks({ operations, aggregation, outputs = [] }: Parameters<typeof createEvaluator>[0]): boolean {
  const areAsked = outputs.some(({ sink, filter, map }) => filter ?? map ?? sink.kind.runsUserCode(sink.options));
  return operations.length > 0 || aggregation !== undefined || areAsked;
}

export function die(evaluation: Evaluation, reason: DeadLetterReason, message: string): void {
  evaluation.verdict = 'dead';
  evaluation.reason = reason;
  evaluation.message = message;
}

function expandedOf(expand: ExpandPayload, data: Uint8Array, evaluation: Evaluation): Uint8Array {
  const expanded = expand(data);
  if (expanded.kind === 'expanded') {
    evaluation.expandedBytes = expanded.data === data ? 0 : expanded.data.length;
    return expanded.data;
  }
  if (expanded.kind === 'too-large') {
    evaluation.expandedBytes = expand.maxBytes ?? 0;
    die(evaluation, 'payload-too-large', 'decompressed, it would be larger than maxDecompressedBytes');
  } else die(evaluation, 'invalid-compression', expanded.reason);
  return data;
}

function runOperations(
  operations: readonly Operation[],
  evaluation: Evaluation,
  meta: EventMeta,
  arrival: number,
): void {
  try {
    for (const operation of operations) {
      switch (operation.kind) {
        case 'filter': {
          const passes: unknown = operation.predicate(evaluation.value as never, meta);
          if (typeof passes !== 'boolean') refusePromise(passes, 'filter');
          if (!passes) {
            evaluation.verdict = 'filtered';
            return;
          }
          break;
        }
        case 'map':
          evaluation.value = operation.mapper(evaluation.value as never, meta);
          refusePromise(evaluation.value, 'map');
          break;
        case 'watermark':
          if (!takeEventTime(operation.eventTime, evaluation, meta, arrival)) return;
          break;
      }
    }
  } catch (error) {
    const { reason, message } = failureOf(error);
    die(evaluation, reason, message);
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
