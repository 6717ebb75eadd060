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
 * KPL-4 No bytes make `openAggregate` throw.
 * KPL-5 `data` of an event is a view into the record, not a copy: it lives and dies with the record's buffer.
 *
 * Which events belong to the shard the record was read from is not decided here (see `resent-events.ts`).
 */
import type { AggregatedEvent, EventsInRecord } from './events-in-record.ts';
import type { Md5 } from './hash-key.ts';
import { readAggregate } from './read-aggregate.ts';

export type { AggregatedEvent, Md5 };

/** Without events, where there is no more to say of it than its kind. */
type Unpacked<Events> =
  | { readonly kind: 'plain' }
  | { readonly kind: 'aggregated'; readonly events: Events }
  | { readonly kind: 'corrupt'; readonly reason: string };

export type OpenedAggregate = Unpacked<EventsInRecord>;
export type Deaggregated = Unpacked<readonly AggregatedEvent[]>;

export const magic: readonly number[] = [0xf3, 0x89, 0x9a, 0xc2];
export const digestBytes = 16;

/** Reads one Kinesis record. Only `data` decides; the keys of the record itself say nothing about the events in it. */
export function openAggregate({ data }: { readonly data: Uint8Array }, md5: Md5): OpenedAggregate {
  if (!startsWithMagic(data)) return { kind: 'plain' };

  const message = aggregatedMessage(data);
  if (message === undefined) return { kind: 'corrupt', reason: `${data.length} bytes have no room for the digest` };
  const end = data.length - digestBytes;
  if (!isDigestAt(data, end, md5(message))) return { kind: 'corrupt', reason: 'the digest does not fit the message' };

  const events = readAggregate(data, magic.length, end);
  return typeof events === 'string' ? { kind: 'corrupt', reason: events } : { kind: 'aggregated', events };
}

/** The same, with its events one by one. */
export function deaggregate(record: { readonly data: Uint8Array }, md5: Md5): Deaggregated {
  const opened = openAggregate(record, md5);
  return opened.kind === 'aggregated' ? { kind: 'aggregated', events: opened.events.all() } : opened;
}

/** What the digest is of; undefined for a record that has none. */
export function aggregatedMessage(data: Uint8Array): Uint8Array | undefined {
  const end = data.length - digestBytes;
  if (!startsWithMagic(data) || end < magic.length) return undefined;
  return new Uint8Array(data.buffer, data.byteOffset + magic.length, end - magic.length);
}

export function startsWithMagic(data: Uint8Array, at = 0): boolean {
  return data[at] === 0xf3 && data[at + 1] === 0x89 && data[at + 2] === 0x9a && data[at + 3] === 0xc2;
}

function isDigestAt(data: Uint8Array, start: number, digest: Uint8Array): boolean {
  for (let i = 0; i < digestBytes; i++) {
    if (data[start + i] !== digest[i]) return false;
  }
  return true;
}
