/**
 * The Kinesis Producer Library (KPL), as far as readers see of it: it packs events by the shard that its map of the
 * shards says they go to, and the map is old for a while after each reshard. It looks at the answer, and what arrived in
 * a shard that does not own it is sent again; all events of a record, if the map does not have that shard yet.
 */
import { createHash } from 'node:crypto';
import { aggregate } from '../../../functions/core/pack-events.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SimulatedKinesis, StoredShard } from '../services/kinesis/simulated-kinesis.ts';
import { md5 } from './digest.ts';
import type { Ledger, PutEvent } from './ledger.ts';
import { type Scenario, sourceName } from './scenario.ts';

export type KplParts = {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly scenario: Scenario;
  readonly kinesis: SimulatedKinesis;
  readonly ledger: Ledger;
};

/** What it gives to each record of two or more events; which shard gets it is said by an explicit hash key. */
const keyOfRecords = 'a';

export class Kpl {
  readonly #parts: KplParts;
  readonly #hashKeys = new Map<string, bigint>();
  #map: readonly StoredShard[];
  #renewAt = Number.POSITIVE_INFINITY;
  #waiting = 0;

  constructor(parts: KplParts) {
    this.#parts = parts;
    this.#map = parts.kinesis.truth(sourceName).openShards;
  }

  get isIdle(): boolean {
    return this.#waiting === 0;
  }

  /** One record for each shard that the events are expected in. */
  send(events: readonly PutEvent[]): void {
    const groups = Map.groupBy(events, ({ key }) => this.#predict(key));
    for (const [predicted, group] of groups) this.#sendRecord(group, predicted);
  }

  #sendRecord(events: readonly PutEvent[], predicted: string): void {
    const { kinesis, ledger } = this.#parts;
    let answer: { readonly ShardId: string; readonly SequenceNumber: string };
    try {
      answer = kinesis.execute('PutRecord', { StreamName: sourceName, ...this.#entryOf(events) }) as typeof answer;
    } catch (error) {
      if ((error as Error).name !== 'ProvisionedThroughputExceededException') throw error;
      this.#sendLater(events);
      return;
    }
    const shard = kinesis.truth(sourceName).shards.find(({ shardId }) => shardId === answer.ShardId)!;
    const strays = new Set(events.keys().filter((at) => !this.#isIn(shard, events[at]!)));
    ledger.put({ shardId: shard.shardId, sequenceNumber: answer.SequenceNumber, events, strays });
    if (shard.shardId !== predicted) this.#wentElsewhere(events, shard.shardId);
  }

  /** A lone event is an ordinary record. */
  #entryOf(events: readonly PutEvent[]): object {
    const [first, ...others] = events;
    const { key, payload } = first!;
    const ExplicitHashKey = String(this.#hashKey(key));
    if (others.length === 0) return { PartitionKey: key, ExplicitHashKey, Data: payload };
    const packed = events.map((event) => ({
      partitionKey: event.key,
      explicitHashKey: explicitHashKeyOf(event.key),
      data: event.payload,
    }));
    return { PartitionKey: keyOfRecords, ExplicitHashKey, Data: aggregate(packed, md5) };
  }

  #wentElsewhere(events: readonly PutEvent[], shardId: string): void {
    const { scheduler, random } = this.#parts;
    this.#renewAt = Math.min(this.#renewAt, scheduler.now + random.int(200, 1_500));
    const known = this.#map.find((shard) => shard.shardId === shardId);
    const again = known === undefined ? events : events.filter((event) => !this.#isIn(known, event));
    // One that came again in each of several records would be as many letters.
    this.#sendLater(again.filter(({ isDeadly }) => isDeadly !== true));
  }

  /** The same events, only older. */
  #sendLater(events: readonly PutEvent[]): void {
    if (events.length === 0) return;
    const { scheduler, random, scenario } = this.#parts;
    this.#waiting += 1;
    scheduler.at(scheduler.now + random.int(100, 600), () => {
      const oldest = Math.floor(scheduler.now) - scenario.delayMs;
      this.#waiting -= 1;
      this.send(events.map((event) => ({ ...event, isPunctual: event.isPunctual && event.at >= oldest })));
    });
  }

  /** Where the map says that this key goes. */
  #predict(key: string): string {
    if (this.#parts.scheduler.now >= this.#renewAt) {
      this.#renewAt = Number.POSITIVE_INFINITY;
      this.#map = this.#parts.kinesis.truth(sourceName).openShards;
    }
    return this.#map.find((shard) => this.#isIn(shard, { key }))!.shardId;
  }

  #isIn({ hashRange: { start, end } }: StoredShard, { key }: { readonly key: string }): boolean {
    const hashKey = this.#hashKey(key);
    return start <= hashKey && hashKey <= end;
  }

  #hashKey(key: string): bigint {
    const known = this.#hashKeys.get(key);
    if (known !== undefined) return known;
    const hashKey = BigInt(explicitHashKeyOf(key) ?? `0x${digestOf(key)}`);
    this.#hashKeys.set(key, hashKey);
    return hashKey;
  }
}

/** Some keys have a hash key of their own, always the same. */
function explicitHashKeyOf(key: string): string | undefined {
  const digest = digestOf(`${key}, explicitly`);
  return digest < '5' ? String(BigInt(`0x${digest}`)) : undefined;
}

const digestOf = (text: string): string => createHash('md5').update(text).digest('hex');
