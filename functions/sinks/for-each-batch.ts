/**
 * A function of the user's own that is called with rows, or events. `functions/adapters/callback/for-each-batch-sink.ts` calls it.
 *
 * CALL-1 A record is the JSON of the row or event with its identity as last field, as in a stream. What is no object stands in one, as its only other
 *    field `_value`, and so does an object that begins with that field.
 */
import { readOptions, wholeNumber } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject, type RawOptions } from '../pipeline/options.ts';
import { missing, notAllowed } from '../pipeline/problems.ts';
import { type DeadLetterRecord, letterOutput } from '../pipeline/side-outputs.ts';
import { jsonText } from '../user-code/json-text.ts';
import type { BatchEvent, BatchRow } from './batch-row.ts';
import { isOfResult, type SentIdentity } from './identity.ts';
import { withIdentity } from './identity-text.ts';
import type { OutputRecord, PartOfBatch } from './output-sink.ts';
import type { CalledSink, SinkKind } from './sink-kind.ts';
import { legalPartitionKey, noStreamTakesMore, streamBytes } from './stream-record.ts';

/** Which rows they are. All but `signal` is the same when the rows come again. */
export type BatchCall = Omit<PartOfBatch, 'alone'> & {
  /** All of the others as one text, which no other rows of any output have: what a transaction may be remembered by. */
  readonly id: string;
  /** Aborted when the time of the call is over. What has not answered a second later is not waited for, and its rows come again. */
  readonly signal: AbortSignal;
};

/**
 * What `forEachBatch` takes: `Given` is `BatchRow<Row>`, or without `groupBy` `BatchEvent<Event>`; of late events it is `BatchEvent<LateEvent>`, and of dead letters
 * `BatchEvent<DeadLetterRecord>`. When it has answered the rows count as taken; if it throws, or its promise is rejected, they come again.
 */
export type BatchCallback<Given> = (rows: readonly Given[], call: BatchCall) => unknown;

/** The second argument of `forEachBatch`. */
export type ForEachBatchOptions = {
  /**
   * Rows in one call at most. A call never has more than is stored together: 1,000 rows, or 4 MB and a row.
   * @default 1000
   */
  readonly maxRows?: number | undefined;
};

/** What `forEachBatch` returns. */
export type ForEachBatchSink<Given> = CalledSink<Given> & {
  /** Always 'forEachBatch'. */
  readonly kind: 'forEachBatch';
  /** What `forEachBatch` was given, not yet checked. */
  readonly options: RawOptions;
};

let sinks = 0;

/**
 * Calls a function of your own with the rows of each batch, part by part, and waits for its answer: at least once, and rows that come
 * again come in the same parts under the same `id`. With a transaction that remembers the `id` it is exactly once. Without `groupBy` it
 * is called with the events of sealed batches, each as a `BatchEvent`, as it is with late events (`sideOutputLate`) and dead letters (`deadLettersTo`).
 *
 * A part has rows of one key group. Of a key they come in order, one call after the other; key groups are called side by side. A
 * batch is committed when each of its parts was taken. What throws is called again with growing pauses; in the end the execution
 * fails with an error that names the output, and the next one goes on with the same part.
 *
 * @example
 * ```ts
 * const tables = new Map<string, unknown>();
 *
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(perMicroBatch())
 *   .aggregate({ flights: count() })
 *   .writeStream(
 *     forEachBatch(async (rows, { id, signal }) => {
 *       if (signal.aborted || tables.has(id)) return;
 *       tables.set(id, rows.flatMap((row) => (row.retracted ? [] : [row.value.flights])));
 *     }),
 *   );
 * ```
 */
export function forEachBatch<Given>(
  callback: BatchCallback<Given>,
  options: ForEachBatchOptions = {},
): ForEachBatchSink<Given> {
  sinks += 1;
  return Object.freeze({
    kind: 'forEachBatch',
    callback,
    number: sinks,
    options: frozenCopy(options),
    '~sink': Object.freeze(forEachBatchKind),
  }) as unknown as ForEachBatchSink<Given>;
}

export type CheckedForEachBatch = {
  readonly callback: BatchCallback<never>;
  /** Tells sinks of this process apart. */
  readonly number: number;
  readonly maxRows: number;
};

const callbackAllowed = 'a function, such as async (rows, { id }) => …';
const rules = { maxRows: wholeNumber({ atLeast: 1, atMost: 1_000 }, 1_000) };

export const forEachBatchKind: SinkKind<CheckedForEachBatch> = {
  kind: 'forEachBatch',
  usage: 'forEachBatch(async (rows, { id }) => …)',
  isForDevelopment: false,
  isStream: false,
  sentAfterSeal: true,
  read(given, { path }, problems) {
    const { callback } = given;
    if (callback === undefined) problems.push(missing(`${path}.callback`, callbackAllowed));
    else if (typeof callback !== 'function') problems.push(notAllowed(`${path}.callback`, callback, callbackAllowed));
    const { maxRows } = readOptions(path, isPlainObject(given.options) ? given.options : {}, rules, problems);
    return { callback: callback as BatchCallback<never>, number: Number(given.number), maxRows };
  },
  destination: ({ number }) => `forEachBatch ${number}`,
  runsUserCode: () => false,
  encode: (_, given, { identity, defaultKey, madeOf }): OutputRecord => {
    const text = jsonText(madeOf === undefined ? given : madeOf.value);
    return {
      partitionKey: legalPartitionKey(defaultKey),
      explicitHashKey: undefined,
      data: identity === undefined ? text : withIdentity(inObject(text), identityField, identity),
    };
  },
  bytesOf: streamBytes,
  limits: () => ({
    always: noStreamTakesMore,
    atMost: noStreamTakesMore,
    said: noStreamTakesMore,
    remedy: 'write less',
  }),
  takesRetractions: () => true,
  rowsInPart: ({ maxRows }) => maxRows,
  resultIn,
  grants: () => [],
};

const identityField = '_sluice';
const inItself = '{"_value":';

const inObject = (text: string): string =>
  text.startsWith('{') && !text.startsWith(inItself) ? text : `${inItself}${text}}`;

function resultIn({ data }: Pick<OutputRecord, 'data'>): {
  readonly value: unknown;
  readonly identity: SentIdentity;
} {
  const text = String(data);
  const { [identityField]: identity, ...value } = JSON.parse(text) as { readonly [identityField]: SentIdentity };
  return { identity, value: text.startsWith(inItself) ? (value as { readonly _value: unknown })._value : value };
}

/** What the callback is given of a record. */
export function rowOf(record: Pick<OutputRecord, 'data'>): BatchRow<unknown> | BatchEvent<unknown> {
  const { value, identity } = resultIn(record);
  if (isOfLetter(identity)) return letterOf(value as DeadLetterRecord);
  if (!isOfResult(identity)) {
    const { shard: shardId, sequence: sequenceNumber, sub: subSequenceNumber, index: element } = identity;
    return { value, shardId, sequenceNumber, subSequenceNumber, element } as BatchEvent<unknown>;
  }
  const { index, window, key, row, revision, timing, final, retracted } = identity;
  return { value, index, window, key, row, revision, timing, final, retracted } as BatchRow<unknown>;
}

/** That of a row which some output gave up has that output's name behind it. */
const isOfLetter = ({ output }: SentIdentity): boolean => output.split('/')[0] === letterOutput;

/** A row is in the table under a place as well, as an event is. */
function letterOf(value: DeadLetterRecord): BatchEvent<DeadLetterRecord> {
  const { shardId, sequenceNumber, subSequenceNumber } = value;
  return { value, shardId, sequenceNumber, subSequenceNumber, element: 0 };
}

/** What the callback is told of a part. */
export function callOf({ alone, ...part }: PartOfBatch): Omit<BatchCall, 'signal'> {
  const { pipeline, output, generation, batchId, ref, keyGroup, part: number } = part;
  const names = [
    pipeline,
    output,
    generation,
    batchId,
    ref,
    keyGroup,
    alone === undefined ? number : `${number}.${alone}`,
  ];
  return { ...part, id: names.join('/') };
}
