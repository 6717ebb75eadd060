/**
 * Records of an output into aggregated ones, so that no reader that goes by hash ranges loses any of them.
 *
 * HASHPACK-1 A record's bucket follows from its partition key alone: one of 256 equal parts of the key space, by its hash. (A hash key that an
 *    event brought is left out: of a key all records are to be in one lane.) All of a bucket are put under the
 *    bucket's own hash key, its first, and each part of a pack says the same one. So whatever the ranges of the shards are when a pack is
 *    made, arrives or is read, a reader that leaves out what is not of its shard (as the KCL does) has all of a pack or nothing.
 * HASHPACK-2 Of a bucket, packs and the records in them keep the order given.
 * HASHPACK-3 Packs follow from the records: given the same ones, or those of a bucket from the first of one of its packs on, they are the same,
 *    byte by byte.
 * HASHPACK-4 A record that is alone goes as it is, under its own partition key; one of several has the partition key `a`, as from the KPL.
 */
import type { OutputRecord } from '../sinks/output-sink.ts';
import { hashKeyOf, type Md5 } from './hash-key.ts';
import { type EventToPack, packEvents } from './pack-events.ts';

/** `places`: of the records in it, in what was given. */
export type PackOfRecords = { readonly record: OutputRecord; readonly places: readonly number[] };

/** 2^128 in 256 parts. */
const bitsOfBucket = 120n;
const partitionKeyOfKpl = 'a';
const encoder = new TextEncoder();

type Bucket = { readonly places: number[]; readonly events: EventToPack[] };

/** In the order of their first records. */
export function packByHash(records: readonly OutputRecord[], md5: Md5): readonly PackOfRecords[] {
  const packs: PackOfRecords[] = [];
  for (const { places, events } of bucketsOf(records, md5).values()) {
    let from = 0;
    for (const { data, partitionKey, explicitHashKey, count } of packEvents(events, {}, md5)) {
      const key = count === 1 ? partitionKey : partitionKeyOfKpl;
      packs.push({
        record: { partitionKey: key, explicitHashKey, data },
        places: places.slice(from, from + count),
      });
      from += count;
    }
  }
  return packs.sort((one, other) => one.places[0]! - other.places[0]!);
}

function bucketsOf(records: readonly OutputRecord[], md5: Md5): ReadonlyMap<string, Bucket> {
  const buckets = new Map<string, Bucket>();
  const ofKeys = new Map<string, string>();
  for (const [place, record] of records.entries()) {
    const { partitionKey } = record;
    const hashKey = ofKeys.get(partitionKey) ?? bucketOf(partitionKey, md5);
    ofKeys.set(partitionKey, hashKey);
    const bucket = buckets.get(hashKey) ?? { places: [], events: [] };
    buckets.set(hashKey, bucket);
    bucket.places.push(place);
    bucket.events.push({ partitionKey, explicitHashKey: hashKey, data: bytesOf(record) });
  }
  return buckets;
}

/** Its first hash key. */
const bucketOf = (partitionKey: string, md5: Md5): string =>
  String((hashKeyOf(partitionKey, md5) >> bitsOfBucket) << bitsOfBucket);

const bytesOf = ({ data }: OutputRecord): Uint8Array => (typeof data === 'string' ? encoder.encode(data) : data);
