/** A consumer of enhanced fan-out as it really is: its states go by time, and it remembers who subscribed to what. */
import { CallLimit } from './limits.ts';
import type { Subscription } from './subscription.ts';

/** What SubscribeToShard goes by, for one shard. */
export type Subscribed = {
  readonly calls: CallLimit;
  /** Of the last call that succeeded. */
  subscribedAt: number;
  current: Subscription | undefined;
};

const callsASecond = 1;

export class StoredConsumer {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly tags: Map<string, string>;
  readonly #activeAt: number;
  readonly #subscribed = new Map<string, Subscribed>();
  #goneAt = Number.POSITIVE_INFINITY;

  constructor(parts: {
    readonly name: string;
    readonly streamArn: string;
    readonly createdAt: number;
    readonly activeAt: number;
    readonly tags: ReadonlyMap<string, string>;
  }) {
    this.name = parts.name;
    this.createdAt = parts.createdAt;
    // Another consumer of the same name has another ARN.
    this.arn = `${parts.streamArn}/consumer/${parts.name}:${Math.floor(parts.createdAt / 1000)}`;
    this.tags = new Map(parts.tags);
    this.#activeAt = parts.activeAt;
  }

  statusAt(now: number): 'CREATING' | 'ACTIVE' | 'DELETING' | 'gone' {
    if (now >= this.#goneAt) return 'gone';
    if (this.#goneAt < Number.POSITIVE_INFINITY) return 'DELETING';
    return now >= this.#activeAt ? 'ACTIVE' : 'CREATING';
  }

  /** Its subscriptions end at once. */
  deregister(goneAt: number): void {
    this.#goneAt = goneAt;
    for (const { current } of this.#subscribed.values()) current?.endWith('gone');
  }

  of(shardId: string): Subscribed {
    let subscribed = this.#subscribed.get(shardId);
    if (subscribed === undefined) {
      subscribed = { calls: new CallLimit(callsASecond), subscribedAt: Number.NEGATIVE_INFINITY, current: undefined };
      this.#subscribed.set(shardId, subscribed);
    }
    return subscribed;
  }
}
