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
import type { EventsInRecord } from './events-in-record.ts';
import { hashKeyOf, type Md5 } from './hash-key.ts';
import { type HashKeyForms, ResentWithin } from './resent-within.ts';
import type { HashRange } from './shard-checkpoint.ts';

type KeyedEvent = { readonly partitionKey: string; readonly explicitHashKey?: string | undefined };

/** Whether an event of a record of this shard comes again in another one. */
export type IsResent = {
  (record: Keyed, event: KeyedEvent): boolean;
  /** The same of all events of a record. Undefined: none of them does. */
  readonly within: (record: Keyed, events: EventsInRecord) => ResentWithin | undefined;
};
type Keyed = { readonly partitionKey: string };

const partitionKeyOfKpl = 'a';
const largestHashKey = 2n ** 128n - 1n;
const largestDigits = String(largestHashKey);
const maxRememberedKeys = 10_000;

export function resentEventsOf({ start, end }: HashRange, md5: Md5): IsResent {
  const first = BigInt(start);
  const last = BigInt(end);
  if (first <= 0n && last >= largestHashKey) return Object.assign(() => false, { within: () => undefined });

  const remembered = new Map<string, boolean>();
  const isKeyOutside = (partitionKey: string): boolean => {
    const known = remembered.get(partitionKey);
    if (known !== undefined) return known;
    if (remembered.size >= maxRememberedKeys) remembered.clear();
    const hashKey = hashKeyOf(partitionKey, md5);
    const isOut = hashKey < first || hashKey > last;
    remembered.set(partitionKey, isOut);
    return isOut;
  };
  const [lowest, highest] = [String(first), String(last)];
  const isOutside = ({ partitionKey, explicitHashKey }: KeyedEvent): boolean => {
    if (explicitHashKey === undefined) return isKeyOutside(partitionKey);
    const hashKey = digitsOf(explicitHashKey);
    // No hash key at all: no KPL wrote this, so nobody sends it again.
    return hashKey !== undefined && (isLess(hashKey, lowest) || isLess(highest, hashKey));
  };
  const isResent = (record: Keyed, event: KeyedEvent): boolean =>
    record.partitionKey === partitionKeyOfKpl && isOutside(event);
  const range = { first: formsOf(first), last: formsOf(last), isOutside };
  const within = (record: Keyed, events: EventsInRecord): ResentWithin | undefined =>
    record.partitionKey === partitionKeyOfKpl ? new ResentWithin(events, range) : undefined;
  return Object.assign(isResent, { within });
}

/** Of a hash key, without zeros in front. Undefined: it is none. */
function digitsOf(text: string): string | undefined {
  if (!/^\d{1,39}$/.test(text)) return undefined;
  const digits = text.startsWith('0') ? String(BigInt(text)) : text;
  return isLess(largestDigits, digits) ? undefined : digits;
}

/** Of digits without zeros in front: numbers of 128 bits take five times as long. */
const isLess = (one: string, other: string): boolean =>
  one.length === other.length ? one < other : one.length < other.length;

const encoder = new TextEncoder();
const formsOf = (hashKey: bigint): HashKeyForms => ({
  words: Uint32Array.from([96n, 64n, 32n, 0n], (bits) => Number((hashKey >> bits) & 0xffffffffn)),
  digits: encoder.encode(String(hashKey)),
});
