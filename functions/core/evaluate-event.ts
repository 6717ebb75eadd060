/**
 * One event through the user's decoder and operations, in the order written.
 *
 * EVENT-1 Every event ends in exactly one verdict. What cannot be decoded or makes a callback throw is 'dead', never lost
 *    and never a failed batch.
 * EVENT-2 An event time counts towards the watermark where the pipeline declares it, before later filters, as in Spark.
 */
import { type Decode, isUndecoded } from '../decoders/decoder-kind.ts';
import type { EventMeta } from '../pipeline/callback.ts';
import type { Operation, Pipeline } from '../pipeline/pipeline.ts';
import { failureOf } from '../user-code/callback-failure.ts';
import { SluiceError } from './errors.ts';
import { evaluateElements, nothing, type TakeElement } from './evaluate-elements.ts';
import type { ExpandPayload } from './expand-payload.ts';
import { die, type Evaluation, type OneToOne, runOperation } from './run-operation.ts';

export type EvaluateEvent = {
  /** `take`: of a pipeline with `flatMap`, what is done with each element that comes through (see `evaluate-elements.ts`). */
  (data: Uint8Array | undefined, meta: EventMeta, take?: TakeElement, arrival?: number, decoded?: unknown): Evaluation;
  /** Absent: payloads are not decoded as they came, or one by one. What it says of one is `decoded`, in place of its bytes. */
  readonly ahead?: Decode['ahead'];
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

/**
 * `expand`: what is done with the bytes before they are decoded; undefined: nothing. `inflate`: what a decoder is given for
 * what is compressed within them.
 */
export function createEvaluator(
  pipeline: Pick<Pipeline, 'decoder' | 'operations'> & Partial<Pick<Pipeline, 'aggregation' | 'outputs'>>,
  expand?: ExpandPayload,
  inflate: ExpandPayload = noInflate,
): EvaluateEvent {
  const { kind, options } = pipeline.decoder;
  const sharesBytes = kind.sharesBytes && isSeenByCallbacks(pipeline);
  const evaluation: Evaluation = {
    verdict: 'passed',
    value: undefined,
    eventTime: undefined,
    reason: 'callback-failed',
    message: '',
    expandedBytes: 0,
  };
  const decode = kind.open(options, (data) => {
    const inflated = inflate(data);
    if (inflated.kind === 'expanded') evaluation.expandedBytes += inflated.data.length;
    if (inflated.kind === 'too-large') evaluation.expandedBytes += inflate.maxBytes ?? 0;
    return inflated;
  });
  const { operations } = pipeline;
  const through: Through = isOneToOne(operations)
    ? (meta, arrival) => runOperations(operations, evaluation, meta, arrival)
    : (meta, arrival, take) => evaluateElements(operations, evaluation, { meta, arrival, take });
  // Callbacks may change what they are given: what counts of it is read before.
  const decodeOne = (data: Uint8Array): unknown => {
    const payload = expand === undefined ? data : expandedOf(expand, data, evaluation);
    if (evaluation.verdict !== 'passed') return undefined;
    return decode(sharesBytes && payload === data ? new Uint8Array(data) : payload);
  };
  const evaluate = (
    data: Uint8Array | undefined,
    meta: EventMeta,
    take: TakeElement = nothing,
    arrival = meta.arrivalTime.getTime(),
    ahead?: unknown,
  ): Evaluation => {
    evaluation.verdict = 'passed';
    evaluation.eventTime = undefined;
    evaluation.expandedBytes = 0;
    const decoded = data === undefined ? ahead : decodeOne(data);
    if (evaluation.verdict !== 'passed') return evaluation;
    if (isUndecoded(decoded)) die(evaluation, decoded.reason, decoded.message);
    else {
      evaluation.value = decoded;
      through(meta, arrival, take);
    }
    return evaluation;
  };
  return Object.assign(evaluate, {
    promises: decode.promises ?? [],
    ...(expand === undefined && decode.ahead && { ahead: decode.ahead }),
  });
}

/** All operations, of what was decoded. */
type Through = (meta: EventMeta, arrival: number, take: TakeElement) => void;

const noInflate = (): never => {
  throw new Error('nothing is given that could inflate a payload');
};

const isOneToOne = (operations: readonly Operation[]): operations is readonly OneToOne[] =>
  !operations.some(({ kind }) => kind === 'flatMap');

function isSeenByCallbacks({ operations, aggregation, outputs = [] }: Parameters<typeof createEvaluator>[0]): boolean {
  const areAsked = outputs.some(
    ({ sink, filter, map, flatMap }) => filter ?? map ?? flatMap ?? sink.kind.runsUserCode(sink.options),
  );
  return operations.length > 0 || aggregation !== undefined || areAsked;
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
  operations: readonly OneToOne[],
  evaluation: Evaluation,
  meta: EventMeta,
  arrival: number,
): void {
  try {
    for (const operation of operations) if (!runOperation(operation, evaluation, meta, arrival)) return;
  } catch (error) {
    const { reason, message } = failureOf(error);
    die(evaluation, reason, message);
  }
}
