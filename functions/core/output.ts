/**
 * From a value to the bytes of a sink record, with the identity by which a reader can drop repeats.
 *
 * O1 Equal identity means equal bytes and sink key: nothing here depends on a clock, on chance or on who resumes.
 */
import type { KeyValue, Output, Sink } from '../pipeline/pipeline.ts';
import { canonicalKey, murmur3 } from './key-group.ts';

/** Of an aggregated result: `index` is its place in the stored outbox of (batch, ref, group). */
export type ResultIdentity = {
  readonly v: 1;
  readonly pipeline: string;
  readonly output: string;
  readonly generation: number;
  readonly batch: number;
  readonly ref: number;
  readonly group: number;
  readonly index: number;
  /** 0: the window's first and only result. Corrections of late data will count up. */
  readonly revision: number;
};

/** Of a mapped event: the event it came from, and the position from which the attempt that wrote it had started. */
export type EventIdentity = {
  readonly v: 1;
  readonly pipeline: string;
  readonly output: string;
  readonly generation: number;
  readonly shard: string;
  readonly sequence: string;
  readonly sub: number;
  readonly index: number;
  readonly base: string;
};

export type OutputRecord = {
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly data: string | Uint8Array;
};

/** Limits of a Kinesis record: data and partition key together, unless the stream allows more. */
export const maxOutputBytes = 1_048_576;
const maxPartitionKeyLength = 256;

export function toOutputRecord(
  output: Output,
  value: unknown,
  about: {
    readonly identity: ResultIdentity | EventIdentity;
    readonly defaultKey: string;
    readonly explicitHashKey?: string | undefined;
    /** What the sink's partitionKey callback is given; the value itself unless the record passes through untouched. */
    readonly keySubject?: unknown;
  },
): OutputRecord {
  const { sink } = output;
  const chosen = sink.kind === 'kinesis' ? sink.partitionKey : undefined;
  const partitionKey = chosen === undefined ? about.defaultKey : String(chosen((about.keySubject ?? value) as never));
  return {
    partitionKey: legalPartitionKey(partitionKey),
    // A chosen key decides the shard itself.
    explicitHashKey: chosen === undefined ? legalHashKey(about.explicitHashKey) : undefined,
    data: value instanceof Uint8Array ? value : JSON.stringify(withIdentity(sink, value, about.identity)),
  };
}

export function defaultPartitionKey(keyValues: readonly KeyValue[]): string {
  return keyValues.length === 1 ? String(keyValues[0]) : canonicalKey(keyValues);
}

/** Bytes that Kinesis counts for this record. */
export function outputBytes(record: OutputRecord): number {
  return byteLength(record.data) + byteLength(record.partitionKey);
}

const encoder = new TextEncoder();
const byteLength = (data: string | Uint8Array): number =>
  typeof data === 'string' ? encoder.encode(data).length : data.length;

function withIdentity(sink: Sink, value: unknown, identity: ResultIdentity | EventIdentity): unknown {
  if (sink.kind !== 'kinesis' || sink.identity === 'none' || !isPlainObject(value)) return value ?? null;
  // A field of that name (an event that a pipeline wrote) would keep its place.
  const { [sink.identityField]: _, ...rest } = value;
  return { ...rest, [sink.identityField]: identity };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('toJSON' in value);
}

/**
 * Kinesis takes 1 to 256 characters: longer keys keep their start and get a hash of the whole. Half a surrogate pair
 * is no character.
 */
function legalPartitionKey(key: string): string {
  if (key.length === 0) return '(empty)';
  if (key.length <= maxPartitionKeyLength) return key.toWellFormed();
  return `${key.slice(0, maxPartitionKeyLength - 9)}~${murmur3(key).toString(16).padStart(8, '0')}`.toWellFormed();
}

/** One that Kinesis refuses would have the whole request refused, for ever: the partition key decides then. */
function legalHashKey(hashKey: string | undefined): string | undefined {
  const isLegal = hashKey !== undefined && /^(0|[1-9]\d{0,38})$/.test(hashKey) && BigInt(hashKey) < 2n ** 128n;
  return isLegal ? hashKey : undefined;
}
