/**
 * What SubscribeToShard opens: a place in a shard from which Kinesis pushes, for five minutes at most. Who carries the
 * pushes asks when the next one is due, and is told when that changes.
 *
 * AWS documents neither how often an idle shard is heard of nor whether the end of a shard comes with its last records:
 * both happen here, by the quirks and by chance.
 */

import type { ServiceError } from '../service-error.ts';
import type { World } from './calls.ts';
import { internalFailure, inUse, notFound } from './errors.ts';
import { describeChild, describeRecord, takePage } from './get-records-call.ts';
import type { Place } from './iterator.ts';
import { countOf, sequenceNumberOf } from './sequence-number.ts';

export const subscriptionMs = 300_000;
const bytesASecond = 2 * 1024 * 1024;
const maxEventBytes = 1024 * 1024;
const maxEventRecords = 10_000;

export type Push =
  | { readonly kind: 'event'; readonly event: SubscriptionEvent }
  | { readonly kind: 'failure'; readonly error: ServiceError }
  | { readonly kind: 'end' };

export type SubscriptionEvent = {
  readonly Records: readonly object[];
  /** Absent at the end of a shard. */
  readonly ContinuationSequenceNumber?: string;
  readonly MillisBehindLatest: number;
  readonly ChildShards?: readonly object[];
};

/** What ends it from outside. */
export type Ending = 'taken over' | 'gone';

export class Subscription {
  readonly consumerArn: string;
  readonly #world: World;
  readonly #endsAt: number;
  #place: Place;
  /** The byte rate allows no push before. */
  #allowedAt = 0;
  #heardAt: number;
  #ending: Ending | 'shard ended' | undefined;
  #isOver = false;
  #changed: () => void = () => {};

  constructor(world: World, consumerArn: string, place: Place) {
    const now = world.now();
    this.#world = world;
    this.consumerArn = consumerArn;
    // A shard has no time before its own; GetRecords here goes over that too.
    this.#place = { ...place, reached: Math.max(place.reached, place.shard.openedAt) };
    this.#endsAt = now + subscriptionMs;
    // The first event of an idle shard comes at once, or when one is due.
    this.#heardAt = now - world.random.pick([0, world.quirks.idleEventMs]);
    place.stream.listeners.add(this.#heard);
  }

  get shardId(): string {
    return this.#place.shard.shardId;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Told when `nextAt` may have changed. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  /** When there will be a push, if nothing else happens. */
  nextAt(): number {
    const { quirks, now } = this.#world;
    if (this.#isOver) return Number.POSITIVE_INFINITY;
    if (this.#ending !== undefined) return now();
    const { shard, index } = this.#place;
    const unread = shard.records[Math.max(index, shard.trimmed)];
    const since = unread?.putAt ?? shard.closedAt;
    const dataAt = since === undefined ? Number.POSITIVE_INFINITY : Math.max(since + quirks.pushMs, this.#allowedAt);
    return Math.max(now(), Math.min(dataAt, this.#heardAt + quirks.idleEventMs, this.#endsAt));
  }

  /** What is pushed now; undefined if nothing is due. */
  take(): Push | undefined {
    const now = this.#world.now();
    if (this.#isOver || this.nextAt() > now) return undefined;
    const push = this.#takeEnd(now) ?? this.#takeEvent(now);
    if (push.kind !== 'event') this.close();
    return push;
  }

  endWith(ending: Ending): void {
    this.#ending = ending;
    this.#changed();
  }

  /** Nobody listens any more. */
  close(): void {
    this.#isOver = true;
    this.#place.stream.listeners.delete(this.#heard);
  }

  readonly #heard = (shardId: string): void => {
    if (shardId === this.shardId) this.#changed();
  };

  #takeEnd(now: number): Push | undefined {
    const { streams, random } = this.#world;
    const { stream } = this.#place;
    const isThere = streams.get(stream.name) === stream;
    if (this.#ending === 'gone' || !isThere) return { kind: 'failure', error: notFound(this.consumerArn) };
    if (this.#ending === 'taken over' && random.chance(0.5))
      return { kind: 'failure', error: inUse(`Another subscription to ${this.shardId} took over`) };
    return this.#ending !== undefined || now >= this.#endsAt ? { kind: 'end' } : undefined;
  }

  #takeEvent(now: number): Push {
    const { quirks, random } = this.#world;
    const { stream, shard } = this.#place;
    stream.trim(now);
    if (quirks.failsReads(shard.number)) return { kind: 'failure', error: internalFailure(this.shardId) };
    const page = takePage(this.#world, this.#place, { records: maxEventRecords, bytes: maxEventBytes });
    this.#place = { ...this.#place, ...page.next };
    this.#heardAt = now;
    this.#allowedAt = now + Math.ceil((page.bytes / bytesASecond) * 1000);
    const isLast = page.isEnd && (page.records.length === 0 || random.chance(0.5));
    if (isLast) this.#ending = 'shard ended';
    return {
      kind: 'event',
      event: {
        Records: page.records.map(describeRecord),
        MillisBehindLatest: page.millisBehindLatest,
        ...(isLast
          ? { ChildShards: stream.childrenOf(shard.shardId).map(describeChild) }
          : { ContinuationSequenceNumber: this.#continuation(page.records.at(-1)?.sequenceNumber) }),
      },
    };
  }

  /** Not before the last record that was pushed and before the next one; it need not be the number of a record. */
  #continuation(last: string | undefined): string {
    const { stream, shard, index } = this.#place;
    const next = shard.records[index];
    if (last !== undefined && this.#world.random.chance(0.5)) return last;
    if (next !== undefined) {
      const before = countOf(next.sequenceNumber, stream.numbers) - 1n;
      return sequenceNumberOf(stream.number, shard.number, before, stream.numbers);
    }
    return shard.closedAt === undefined ? stream.reserveNumber(shard) : (last ?? shard.endingSequenceNumber!);
  }
}
