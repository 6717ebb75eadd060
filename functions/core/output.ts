/**
 * From a value to the bytes of a sink record, with the identity by which a reader can drop repeats.
 *
 * OUTPUT-1 Equal identity means equal bytes and sink key: nothing here depends on a clock, on chance or on who resumes.
 */
import type { KeyValue, Output, Sink } from '../pipeline/pipeline.ts';
import { refusePromise } from '../user-code/callback-failure.ts';
import { jsonText } from '../user-code/json-text.ts';
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

const maxPartitionKeyLength = 256;

export function toOutputRecord(
  output: Output,
  value: unknown,
  about: {
    readonly identity: ResultIdentity | EventIdentity;
    readonly defaultKey: string;
    readonly explicitHashKey?: string | undefined;
    /** Where bytes pass through untouched: the event made of them, which the sink's partitionKey callback is given. */
    readonly madeOf?: { readonly value: unknown };
  },
): OutputRecord {
  const { sink } = output;
  const chosen = sink.kind === 'kinesis' ? sink.partitionKey : undefined;
  // First: the callback may change what it is given.
  const data = dataOf(sink, value, about);
  const subject = about.madeOf === undefined ? value : about.madeOf.value;
  const partitionKey = chosen === undefined ? about.defaultKey : chosenKey(chosen(subject as never));
  return {
    partitionKey: legalPartitionKey(partitionKey),
    // A chosen key decides the shard itself.
    explicitHashKey: chosen === undefined ? legalHashKey(about.explicitHashKey) : undefined,
    data,
  };
}

function chosenKey(given: unknown): string {
  refusePromise(given, 'partitionKey of the sink');
  return String(given);
}

export function defaultPartitionKey(keyValues: readonly KeyValue[]): string {
  return keyValues.length === 1 ? String(keyValues[0]) : canonicalKey(keyValues);
}

/** Bytes that Kinesis counts for this record. */
export function outputBytes(record: OutputRecord): number {
  return byteLength(record.data) + byteLength(record.partitionKey);
}

/**
 * Names an output and the sink it goes to: what one sink has acknowledged says nothing of another. With another role the
 * same name may be a stream of another account.
 */
export function destinationOf({ id, sink }: Output): string {
  if (sink.kind !== 'kinesis') return `${id} ${sink.kind}`;
  const { stream, region = '', endpointUrl = '', role } = sink;
  const name = stream.kind === 'name' ? stream.streamName : stream.streamArn;
  return [id, name, region, endpointUrl, role?.arn ?? ''].join(' ');
}

const encoder = new TextEncoder();
const byteLength = (data: string | Uint8Array): number =>
  typeof data === 'string' ? encoder.encode(data).length : data.length;

function dataOf(sink: Sink, value: unknown, about: Parameters<typeof toOutputRecord>[2]): string | Uint8Array {
  // Whoever made bytes may use them again for the next event.
  if (value instanceof Uint8Array) return about.madeOf === undefined ? new Uint8Array(value) : value;
  const text = jsonText(value);
  return sink.kind !== 'kinesis' || sink.identity === 'none'
    ? text
    : withIdentity(text, sink.identityField, about.identity);
}

/** Into the text itself: whatever wrote it as an object, its identity is the last field. */
function withIdentity(text: string, name: string, identity: ResultIdentity | EventIdentity): string {
  if (!text.startsWith('{')) return text;
  const field = `${JSON.stringify(name)}:`;
  const object = text.includes(field) ? withoutField(text, name) : text;
  return `${object.slice(0, -1)}${object === '{}' ? '' : ','}${field}${JSON.stringify(identity)}}`;
}

/** A field of that name (an event that a pipeline wrote) would be there twice. */
function withoutField(text: string, name: string): string {
  const { [name]: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(rest);
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
