/** A record as a Kinesis stream takes it. What is written on a machine of one's own is what a stream would be sent. */
import { murmur3 } from '../pipeline/murmur3.ts';
import { utf8Length } from '../pipeline/utf8.ts';
import { refusePromise } from '../user-code/callback-failure.ts';
import { jsonText } from '../user-code/json-text.ts';
import { withIdentity } from './identity-text.ts';
import type { OutputRecord } from './output-sink.ts';
import type { AboutRecord, RecordLimits } from './sink-kind.ts';

const mebibyte = 1_048_576;
/** Every stream takes records of 1 MiB, one that was set to it more, and none more than 10 MiB. */
export const everyStreamTakes = mebibyte;
export const noStreamTakesMore = 10 * mebibyte;

export const streamLimits = (said: number | undefined): RecordLimits => ({
  always: everyStreamTakes,
  atMost: noStreamTakesMore,
  said,
  remedy: 'allow kinesis:DescribeStreamSummary, or say it as maxRecordBytes of the sink',
});

export type RecordForm = {
  /** Undefined: the default key. */
  readonly partitionKey: ((row: never) => string) | undefined;
  /** The field of the identity; undefined: none is written. */
  readonly identityField: string | undefined;
};

export function streamRecord(
  { partitionKey, identityField }: RecordForm,
  value: unknown,
  about: AboutRecord,
): OutputRecord {
  const choose = about.isRetraction === true ? undefined : partitionKey;
  // First: the callback may change what it is given.
  const data = dataOf(value, identityField, about);
  const subject = about.madeOf === undefined ? value : about.madeOf.value;
  const key = choose === undefined ? about.defaultKey : chosenKey(choose(subject as never));
  return {
    partitionKey: legalPartitionKey(key),
    // A chosen key decides the shard itself.
    explicitHashKey: choose === undefined ? legalHashKey(about.explicitHashKey) : undefined,
    data,
  };
}

/** Bytes that Kinesis counts for this record. */
export function streamBytes({ data, partitionKey }: Pick<OutputRecord, 'data' | 'partitionKey'>): number {
  return byteLength(data) + byteLength(partitionKey);
}

function chosenKey(given: unknown): string {
  refusePromise(given, 'partitionKey of the sink');
  return String(given);
}

export const byteLength = (data: string | Uint8Array): number =>
  typeof data === 'string' ? utf8Length(data) : data.length;

function dataOf(
  value: unknown,
  identityField: string | undefined,
  { identity, madeOf }: AboutRecord,
): string | Uint8Array {
  // Whoever made bytes may use them again for the next event.
  if (value instanceof Uint8Array) return madeOf === undefined ? new Uint8Array(value) : value;
  const text = jsonText(value);
  return identityField === undefined || identity === undefined ? text : withIdentity(text, identityField, identity);
}

export const maxPartitionKeyLength = 256;

/**
 * Kinesis takes 1 to 256 characters: longer keys keep their start and get a hash of the whole. Half a surrogate pair
 * is no character.
 */
export function legalPartitionKey(key: string, longest = maxPartitionKeyLength): string {
  if (key.length === 0) return '(empty)';
  if (key.length <= longest) return key.toWellFormed();
  return `${key.slice(0, longest - 9)}~${murmur3(key).toString(16).padStart(8, '0')}`.toWellFormed();
}

/** One that Kinesis refuses would have the whole request refused, for ever: the partition key decides then. */
function legalHashKey(hashKey: string | undefined): string | undefined {
  const isLegal = hashKey !== undefined && /^(0|[1-9]\d{0,38})$/.test(hashKey) && BigInt(hashKey) < 2n ** 128n;
  return isLegal ? hashKey : undefined;
}
