/**
 * Events of an aggregated record that its producer sends again, to the shard that owns them.
 *
 * The Kinesis Producer Library (KPL) packs events by the shard it expects them in. After a split its map of the shards is
 * old for a while, and a record with events of a parent's range arrives at one of the children. The KPL sees from the
 * answer where the record went and sends again what does not belong there. Whoever counts those events where they first
 * arrived counts them twice.
 *
 * RESENT-1 Left out is only an event of a KPL record whose hash key lies outside of the shard's range. Plain records never.
 * RESENT-2 A KPL record is one with the partition key `a`: the KPL gives it to every record of two or more events, and an
 *    explicit hash key beside it. Other aggregators use the key of an event; they send nothing again, so leaving out events
 *    of theirs would lose them. So would it where Kinesis distributes records itself (AUTO): there, those KPLs aggregate
 *    that believe in hash keys and send again, and no others.
 * RESENT-3 Event by event. Some KPLs send the events that do belong to the shard again as well; leaving these out too, as
 *    the Kinesis Client Library (KCL) does, would lose them where the KPL does not.
 * RESENT-4 No hash is computed for a shard that has the whole key space, for an event with an explicit hash key, or twice
 *    for a key that is remembered.
 */
import { hashKeyOf, type Md5 } from './hash-key.ts';
import type { HashRange } from './shard-checkpoint.ts';

type KeyedEvent = { readonly partitionKey: string; readonly explicitHashKey?: string | undefined };

/** Whether an event of a record of this shard comes again in another one. */
export type IsResent = (record: { readonly partitionKey: string }, event: KeyedEvent) => boolean;

const partitionKeyOfKpl = 'a';
const largestHashKey = 2n ** 128n - 1n;
const maxRememberedKeys = 10_000;

export function resentEventsOf({ start, end }: HashRange, md5: Md5): IsResent {
  const first = BigInt(start);
  const last = BigInt(end);
  if (first <= 0n && last >= largestHashKey) return () => false;

  const isOutside = (hashKey: bigint): boolean => hashKey < first || hashKey > last;
  const remembered = new Map<string, boolean>();
  const isKeyOutside = (partitionKey: string): boolean => {
    const known = remembered.get(partitionKey);
    if (known !== undefined) return known;
    if (remembered.size >= maxRememberedKeys) remembered.clear();
    const isOut = isOutside(hashKeyOf(partitionKey, md5));
    remembered.set(partitionKey, isOut);
    return isOut;
  };
  return (record, { partitionKey, explicitHashKey }) => {
    if (record.partitionKey !== partitionKeyOfKpl) return false;
    if (explicitHashKey === undefined) return isKeyOutside(partitionKey);
    // No hash key at all: no KPL wrote this, so nobody sends it again.
    return isHashKey(explicitHashKey) && isOutside(BigInt(explicitHashKey));
  };
}

const isHashKey = (text: string): boolean => /^\d{1,39}$/.test(text) && BigInt(text) <= largestHashKey;
