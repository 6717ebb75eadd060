/**
 * Aggregated records: the format in which the Kinesis Producer Library (KPL) puts many events into one record.
 *
 *     0       4                        n-16      n
 *     +-------+------------------------+---------+
 *     | magic | AggregatedRecord       | MD5 of  |     message AggregatedRecord {
 *     | F3 89 | (protobuf)             | the     |       repeated string partition_key_table     = 1;
 *     | 9A C2 |                        | message |       repeated string explicit_hash_key_table = 2;
 *     +-------+------------------------+---------+       repeated Record records                 = 3;
 *                                                      }
 *     message Record {                                 // keys stand once in a table, records name their index
 *       required uint64 partition_key_index = 1;  optional uint64 explicit_hash_key_index = 2;
 *       required bytes  data = 3;                 repeated Tag tags = 4;   // tags: reserved, skipped
 *     }
 *
 * KPL-1 Without the magic: an ordinary record, whatever its bytes are.
 * KPL-2 With the magic, but with a digest that does not fit or a message that cannot be read: `corrupt`. A producer meant
 *    this to be an aggregate, so handing its bytes on as one event (as the Kinesis Client Library, KCL, does) would make an
 *    event that nobody sent, and dropping the unreadable rest (as the KCL does too) would lose some unseen. That other
 *    bytes begin like this by chance happens once in 2^32; they are kept then, and said to be unreadable.
 * KPL-3 All events or none: a corrupt aggregate gives no events, also if its first records can be read.
 * KPL-4 No bytes make `deaggregate` throw.
 * KPL-5 `data` of an event is a view into the record, not a copy: it lives and dies with the record's buffer.
 *
 * Which events belong to the shard the record was read from is not decided here (see `resent-events.ts`).
 */
import type { Md5 } from './hash-key.ts';
import { fail, type ProtobufCursor, readLength, readVarint, skipField, tagOf, wireTypes } from './protobuf.ts';

export type { Md5 };

export type AggregatedEvent = {
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
};

export type Deaggregated =
  | { readonly kind: 'plain' }
  | { readonly kind: 'aggregated'; readonly events: readonly AggregatedEvent[] }
  | { readonly kind: 'corrupt'; readonly reason: string };

export const magic: readonly number[] = [0xf3, 0x89, 0x9a, 0xc2];
export const digestBytes = 16;
export const tags = {
  partitionKey: tagOf(1, wireTypes.lengthDelimited),
  explicitHashKey: tagOf(2, wireTypes.lengthDelimited),
  record: tagOf(3, wireTypes.lengthDelimited),
  partitionKeyIndex: tagOf(1, wireTypes.varint),
  explicitHashKeyIndex: tagOf(2, wireTypes.varint),
  data: tagOf(3, wireTypes.lengthDelimited),
} as const;

// A byte order mark is part of a key like any other character.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads one Kinesis record. Only `data` decides; the keys of the record itself say nothing about the events in it. */
export function deaggregate(record: { readonly data: Uint8Array }, md5: Md5): Deaggregated {
  const { data } = record;
  if (!startsWithMagic(data)) return { kind: 'plain' };

  const message = aggregatedMessage(data);
  if (message === undefined) return { kind: 'corrupt', reason: `${data.length} bytes have no room for the digest` };
  const end = data.length - digestBytes;
  if (!isDigestAt(data, end, md5(message))) return { kind: 'corrupt', reason: 'the digest does not fit the message' };

  return readMessage({ bytes: data, at: magic.length, end, problem: undefined });
}

/** What the digest is of; undefined for a record that has none. */
export function aggregatedMessage(data: Uint8Array): Uint8Array | undefined {
  const end = data.length - digestBytes;
  if (!startsWithMagic(data) || end < magic.length) return undefined;
  return new Uint8Array(data.buffer, data.byteOffset + magic.length, end - magic.length);
}

export function startsWithMagic(data: Uint8Array): boolean {
  return data[0] === 0xf3 && data[1] === 0x89 && data[2] === 0x9a && data[3] === 0xc2;
}

function isDigestAt(data: Uint8Array, start: number, digest: Uint8Array): boolean {
  for (let i = 0; i < digestBytes; i++) {
    if (data[start + i] !== digest[i]) return false;
  }
  return true;
}

/** What a record says before its indexes are looked up: protobuf lets the tables come after the records. */
type RawRecord = { partitionKeyIndex: number; explicitHashKeyIndex: number; data: Uint8Array | undefined };

const absent = -1;

function readMessage(cursor: ProtobufCursor): Deaggregated {
  const partitionKeys: string[] = [];
  const explicitHashKeys: string[] = [];
  const records: RawRecord[] = [];

  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === tags.record) records.push(readRecord(cursor));
    else if (tag === tags.partitionKey) partitionKeys.push(readString(cursor));
    else if (tag === tags.explicitHashKey) explicitHashKeys.push(readString(cursor));
    else skipField(cursor, tag);
  }
  if (cursor.problem !== undefined) return { kind: 'corrupt', reason: cursor.problem };

  return resolve(records, partitionKeys, explicitHashKeys);
}

function readRecord(cursor: ProtobufCursor): RawRecord {
  const record: RawRecord = { partitionKeyIndex: absent, explicitHashKeyIndex: absent, data: undefined };
  const length = readLength(cursor);
  const endOfMessage = cursor.end;
  cursor.end = cursor.at + length;

  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    if (tag === tags.data) record.data = readView(cursor);
    else if (tag === tags.partitionKeyIndex) record.partitionKeyIndex = readVarint(cursor);
    else if (tag === tags.explicitHashKeyIndex) record.explicitHashKeyIndex = readVarint(cursor);
    else skipField(cursor, tag);
  }
  cursor.end = endOfMessage;
  if (cursor.problem !== undefined) fail(cursor, cursor.problem);
  return record;
}

function readString(cursor: ProtobufCursor): string {
  const length = readLength(cursor);
  const { bytes, at } = cursor;
  cursor.at += length;
  const ascii = length <= 64 ? asciiIn(bytes, at, at + length) : undefined;
  return ascii ?? decoder.decode(bytes.subarray(at, at + length));
}

/** Keys are short and nearly always ASCII, where a loop beats the decoder's call by far; and four at a time one by one. */
function asciiIn(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const one = bytes[at] as number;
    const two = bytes[at + 1] as number;
    const three = bytes[at + 2] as number;
    const four = bytes[at + 3] as number;
    if ((one | two | three | four) >= 0x80) return undefined;
    text += String.fromCharCode(one, two, three, four);
  }
  for (; at < end; at++) {
    if (bytes[at]! >= 0x80) return undefined;
    text += String.fromCharCode(bytes[at]!);
  }
  return text;
}

/** `new Uint8Array` rather than `subarray`: on a Buffer, the latter makes a Buffer and takes several times as long. */
function readView(cursor: ProtobufCursor): Uint8Array {
  const length = readLength(cursor);
  const { bytes, at } = cursor;
  cursor.at += length;
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}

function resolve(
  records: readonly RawRecord[],
  partitionKeys: readonly string[],
  explicitHashKeys: readonly string[],
): Deaggregated {
  const events: AggregatedEvent[] = [];
  for (const { partitionKeyIndex, explicitHashKeyIndex, data } of records) {
    const partitionKey = partitionKeys[partitionKeyIndex];
    const explicitHashKey = explicitHashKeyIndex === absent ? undefined : explicitHashKeys[explicitHashKeyIndex];
    if (data === undefined) return corrupt(events.length, 'has no data');
    if (partitionKey === undefined) return corrupt(events.length, 'has no partition key in the table');
    if (explicitHashKey === undefined && explicitHashKeyIndex !== absent) {
      return corrupt(events.length, 'names an explicit hash key that is not in the table');
    }
    events.push({ partitionKey, explicitHashKey, data });
  }
  return { kind: 'aggregated', events };
}

function corrupt(index: number, what: string): Deaggregated {
  return { kind: 'corrupt', reason: `record ${index} of the aggregate ${what}` };
}
