/**
 * The way in: events into aggregated records (the format is drawn in `aggregated-record.ts`).
 *
 * PACK-1 The keys' tables hold each key once.
 * PACK-2 No pack of two or more is larger than `maxBytes` or has more than `maxEvents`. A lone event may be larger: what
 *    Kinesis accepts at most is for the caller to check, since it is not this limit.
 * PACK-3 Order is kept: the events of the packs, one pack after the other, are the events given.
 * PACK-4 De-aggregating every pack gives back the events, byte by byte. So an event that is alone goes as an ordinary
 *    record, as with the KPL, unless its own bytes begin like an aggregate: then it is wrapped.
 * PACK-5 A pack goes by the keys of its first event. Give only events of one shard; the others would be stored in a shard
 *    that does not own their keys.
 */
import { digestBytes, magic, startsWithMagic } from './aggregated-record.ts';
import type { Md5 } from './hash-key.ts';
import { varintLength, writeBytes, writeVarint } from './protobuf.ts';
import { tags } from './read-aggregate.ts';

export type EventToPack = {
  readonly partitionKey: string;
  readonly explicitHashKey?: string | undefined;
  readonly data: Uint8Array;
};

export type PackedRecord = {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  /** Events in it. */
  readonly count: number;
};

/** Both default to what the KPL does: 51,200 bytes, and as many events as fit into them. */
export type PackLimits = { readonly maxBytes?: number; readonly maxEvents?: number };

const encoder = new TextEncoder();

export function aggregate(events: readonly EventToPack[], md5: Md5): Uint8Array {
  const pack = newPack();
  for (const event of events) add(pack, event, measure(pack, event));
  return write(pack, md5);
}

export function packEvents(events: readonly EventToPack[], limits: PackLimits, md5: Md5): PackedRecord[] {
  const { maxBytes = 51_200, maxEvents = Number.MAX_SAFE_INTEGER } = limits;
  const packed: PackedRecord[] = [];
  let pack = newPack();
  for (const event of events) {
    let addition = measure(pack, event);
    const isFull = pack.bytes + addition.bytes > maxBytes || pack.events.length >= maxEvents;
    if (isFull && pack.events.length > 0) {
      packed.push(close(pack, md5));
      pack = newPack();
      addition = measure(pack, event);
    }
    add(pack, event, addition);
  }
  if (pack.events.length > 0) packed.push(close(pack, md5));
  return packed;
}

/** Key to its index in a table. A Map keeps the order of insertion, which is the order of the table. */
type KeyTable = Map<string, { readonly index: number; readonly utf8: Uint8Array }>;

/** Filled event by event; mutable, and known only to the function that fills it. */
type Pack = {
  readonly events: { readonly event: EventToPack; readonly recordBytes: number }[];
  readonly partitionKeys: KeyTable;
  readonly explicitHashKeys: KeyTable;
  bytes: number;
};

/** What an event would add to a pack: keys that are not in it yet, the inside of its record, and all bytes in total. */
type Addition = {
  readonly partitionKey: Uint8Array | undefined;
  readonly explicitHashKey: Uint8Array | undefined;
  readonly recordBytes: number;
  readonly bytes: number;
};

function newPack(): Pack {
  return { events: [], partitionKeys: new Map(), explicitHashKeys: new Map(), bytes: magic.length + digestBytes };
}

function measure(pack: Pack, event: EventToPack): Addition {
  const { partitionKeys, explicitHashKeys } = pack;
  const { partitionKey, explicitHashKey, data } = event;
  const key = partitionKeys.get(partitionKey);
  const hashKey = explicitHashKey === undefined ? undefined : explicitHashKeys.get(explicitHashKey);
  const newKey = key === undefined ? encoder.encode(partitionKey) : undefined;
  const newHashKey =
    explicitHashKey !== undefined && hashKey === undefined ? encoder.encode(explicitHashKey) : undefined;

  let recordBytes = 1 + varintLength(key?.index ?? partitionKeys.size) + fieldBytes(data.length);
  if (explicitHashKey !== undefined) recordBytes += 1 + varintLength(hashKey?.index ?? explicitHashKeys.size);
  let bytes = fieldBytes(recordBytes);
  if (newKey !== undefined) bytes += fieldBytes(newKey.length);
  if (newHashKey !== undefined) bytes += fieldBytes(newHashKey.length);
  return { partitionKey: newKey, explicitHashKey: newHashKey, recordBytes, bytes };
}

/** A length-delimited field: one byte of tag, the length, the content. */
function fieldBytes(length: number): number {
  return 1 + varintLength(length) + length;
}

function add(pack: Pack, event: EventToPack, addition: Addition): void {
  const { partitionKeys, explicitHashKeys } = pack;
  if (addition.partitionKey !== undefined) {
    partitionKeys.set(event.partitionKey, { index: partitionKeys.size, utf8: addition.partitionKey });
  }
  if (addition.explicitHashKey !== undefined && event.explicitHashKey !== undefined) {
    explicitHashKeys.set(event.explicitHashKey, { index: explicitHashKeys.size, utf8: addition.explicitHashKey });
  }
  pack.events.push({ event, recordBytes: addition.recordBytes });
  pack.bytes += addition.bytes;
}

function close(pack: Pack, md5: Md5): PackedRecord {
  const { event } = pack.events[0]!;
  const { partitionKey, explicitHashKey } = event;
  const isOrdinary = pack.events.length === 1 && !startsWithMagic(event.data);
  const data = isOrdinary ? event.data : write(pack, md5);
  return { data, partitionKey, explicitHashKey, count: pack.events.length };
}

function write(pack: Pack, md5: Md5): Uint8Array {
  const target = new Uint8Array(pack.bytes);
  target.set(magic);
  let at = magic.length;
  for (const { utf8 } of pack.partitionKeys.values()) at = writeBytes(target, at, tags.partitionKey, utf8);
  for (const { utf8 } of pack.explicitHashKeys.values()) at = writeBytes(target, at, tags.explicitHashKey, utf8);
  for (const { event, recordBytes } of pack.events) {
    target[at] = tags.record;
    at = writeVarint(target, at + 1, recordBytes);
    target[at] = tags.partitionKeyIndex;
    at = writeVarint(target, at + 1, pack.partitionKeys.get(event.partitionKey)!.index);
    if (event.explicitHashKey !== undefined) {
      target[at] = tags.explicitHashKeyIndex;
      at = writeVarint(target, at + 1, pack.explicitHashKeys.get(event.explicitHashKey)!.index);
    }
    at = writeBytes(target, at, tags.data, event.data);
  }
  target.set(md5(target.subarray(magic.length, at)), at);
  return target;
}
