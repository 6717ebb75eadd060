/**
 * From the record of an event to what travels in the block: of a pipeline that does not group, for outputs that are sent to after the seal.
 *
 * SEALED-EVENT-1 All events of a shard go into the outbox of one key group, in the order of the shard (CARRY-4): so they are sent in it, within
 *    a batch and, since the next batch is read when this one is committed, from batch to batch.
 * SEALED-EVENT-2 An event travels once it is delivered to all outputs that are sent to while reading, and is counted with that: of what is
 *    read again nothing has travelled.
 */

import type { OutputRecord } from '../sinks/output-sink.ts';
import type { ToCarry } from './carried.ts';
import { keyGroupOf } from './key-group.ts';
import type { Encoded } from './output.ts';

type EventPlace = { readonly shardId: string; readonly sequenceNumber: string; readonly sub: number };

/** `records`: of one event, those that travel. */
export function sealedEvent(
  records: readonly Encoded[],
  { shardId, sequenceNumber, sub }: EventPlace,
  parallelism: number,
): readonly ToCarry[] {
  const keyGroup = keyGroupOf(shardId, parallelism);
  const next = new Map<string, number>();
  return records.map(({ output, record, bytes }) => {
    const at = next.get(output) ?? 0;
    next.set(output, at + 1);
    return { keyGroup, carried: { output, record: kept(record), place: [shardId, sequenceNumber, sub, at] }, bytes };
  });
}

/** Payloads that are passed on are views of what was read, nearly always: the block would keep all of that. */
const kept = (record: OutputRecord): OutputRecord =>
  record.data instanceof Uint8Array && record.data.length < record.data.buffer.byteLength
    ? { ...record, data: new Uint8Array(record.data) }
    : record;
