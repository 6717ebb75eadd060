/**
 * One event through the user's decoder and operations, in the order written.
 *
 * V1 Every event ends in exactly one verdict. What cannot be decoded or makes a callback throw is 'dead', never lost
 *    and never a failed batch.
 * V2 An event time counts towards the mark where the pipeline declares it, before later filters, as in Spark.
 */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { toEpochMs } from '../pipeline/event-time.ts';
import type { Decoder, EventMeta, EventTime, Operation, Pipeline } from '../pipeline/pipeline.ts';
import { failureOf, refusePromise } from './callback-failure.ts';
import { SluiceError } from './errors.ts';
import { parseExactly } from './exact-json.ts';
import type { ExpandPayload } from './expand-payload.ts';
import { thrownText } from './thrown-text.ts';

export const deadLetterReasons = [
  'invalid-compression',
  'payload-too-large',
  'empty-record',
  'invalid-utf8',
  'invalid-json',
  'schema-mismatch',
  'invalid-event-time',
  'event-time-in-future',
  'invalid-key',
  'invalid-aggregate-value',
  'callback-failed',
  'corrupt-aggregated-record',
  'invalid-result',
  'output-too-large',
  'crashed-reducer',
  'crashed-executor',
] as const;
export type DeadLetterReason = (typeof deadLetterReasons)[number];

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

/** Of many, a few tell. */
const maxPromises = 16;

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
  const promises: Promise<unknown>[] = [];
  const decode = createDecoder(pipeline.decoder, promises);
  const sharesBytes = pipeline.decoder.kind === 'bytes' && isSeenByCallbacks(pipeline);
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
    if (evaluation.verdict === 'passed')
      decode(sharesBytes && payload === data ? new Uint8Array(data) : payload, evaluation);
    if (evaluation.verdict === 'passed') runOperations(pipeline.operations, evaluation, meta, arrival);
    return evaluation;
  };
  return Object.assign(evaluate, { promises });
}

function isSeenByCallbacks({ operations, aggregation, outputs = [] }: Parameters<typeof createEvaluator>[0]): boolean {
  const choosesKeys = outputs.some(({ sink }) => sink.kind === 'kinesis' && sink.partitionKey !== undefined);
  return operations.length > 0 || aggregation !== undefined || choosesKeys;
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

function createDecoder(
  decoder: Decoder,
  promises: Promise<unknown>[],
): (data: Uint8Array, evaluation: Evaluation) => void {
  if (decoder.kind === 'bytes') {
    return (data, evaluation) => {
      evaluation.value = data;
    };
  }
  const text = new TextDecoder('utf-8', { fatal: true });
  const { schema, largeIntegers } = decoder;
  const { validate } = schema['~standard'];
  const parse = largeIntegers === 'text' ? parseExactly : JSON.parse;
  return (data, evaluation) => {
    if (data.length === 0) return die(evaluation, 'empty-record', 'the record has no bytes');
    const parsed = parseJson(parse, text, data, evaluation);
    if (evaluation.verdict === 'dead') return;
    try {
      takeResult(validate(parsed), evaluation, promises);
    } catch (error) {
      die(evaluation, 'callback-failed', `decode: ${thrownText(error)}`);
    }
  };
}

/** Libraries answer with objects of their own making: whatever looking at them throws is the schema's. */
function takeResult(
  result: ReturnType<StandardSchemaV1['~standard']['validate']>,
  evaluation: Evaluation,
  promises: Promise<unknown>[],
): void {
  if (result instanceof Promise) {
    // Some libraries (zod) answer with a promise also when a callback of the schema throws. Which it is shows later.
    result.catch(() => {});
    if (promises.length < maxPromises) promises.push(result);
    die(evaluation, 'callback-failed', 'decode: the schema threw, or is asynchronous');
  } else if (result.issues === undefined) evaluation.value = result.value;
  else die(evaluation, 'schema-mismatch', issueText(result.issues[0]));
}

/** Keys of a path, and messages, are what the data or the user's own rules make of them. */
function issueText(issue: StandardSchemaV1.Issue | undefined): string {
  const keys = Array.from(issue?.path ?? [], (part) => (typeof part === 'object' ? part.key : part));
  const path = keys.map((key) => (typeof key === 'string' ? key : thrownText(key))).join('.');
  const text = issue?.message === undefined ? 'does not match the schema' : thrownText(issue.message);
  return path === '' ? text : `${path}: ${text}`;
}

function parseJson(
  parse: (text: string) => unknown,
  text: InstanceType<typeof TextDecoder>,
  data: Uint8Array,
  evaluation: Evaluation,
): unknown {
  let decoded: string;
  try {
    decoded = text.decode(data);
  } catch {
    return die(evaluation, 'invalid-utf8', 'the bytes are not UTF-8');
  }
  try {
    return parse(decoded);
  } catch (error) {
    return die(evaluation, 'invalid-json', thrownText(error));
  }
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
