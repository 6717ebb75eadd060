/** What producers put, event by event: the truth that results are compared with. */

import type { DeadLetterReason } from '../../../functions/core/dead-letter.ts';

/** What has to become of an event; a counted one may be late instead if it is not punctual. */
export type Fate = 'counted' | 'filtered' | 'dead-letter';

export type PutEvent = {
  readonly id: number;
  readonly key: string;
  readonly at: number;
  readonly value: number;
  readonly fate: Fate;
  /** Of a dead letter, where only one can be right. */
  readonly reason?: DeadLetterReason;
  /** No older than the watermark's delay allows when it was put: it must never be late. */
  readonly isPunctual: boolean;
  /** User code that is given it does not come back. */
  readonly isDeadly?: true;
  /** User code throws at it until it is mended; from then on it has its fate. */
  readonly isBroken?: true;
  /** User code that is given its letter, once it is mended, does not come back. */
  readonly isDeadlyAgain?: true;
  readonly payload: Uint8Array;
};

export type PutRecord = {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly events: readonly PutEvent[];
  /** Places in `events` of those that belong to another shard, to which their producer sends them again. */
  readonly strays: ReadonlySet<number>;
  /** Places of those that came before. */
  readonly repeats?: ReadonlySet<number>;
  /** Places of those by whose identity that can be told. */
  readonly identified?: ReadonlySet<number>;
};

export class Ledger {
  readonly #records = new Map<string, PutRecord>();
  readonly #deaths = new Map<number, number[]>();
  #events = 0;

  get events(): number {
    return this.#events;
  }

  put(record: PutRecord): void {
    this.#records.set(record.sequenceNumber, record);
    this.#events += record.events.length - record.strays.size - (record.repeats?.size ?? 0);
  }

  /** A thread that was given this event did not come back. */
  died(id: number, now: number): void {
    this.#deaths.set(id, [...this.deathsOf(id), now]);
  }

  deathsOf(id: number): readonly number[] {
    return this.#deaths.get(id) ?? [];
  }

  /** Sequence numbers are unique in a stream, whatever the shard. */
  record(sequenceNumber: string): PutRecord {
    const found = this.#records.get(sequenceNumber);
    if (found === undefined) throw new Error(`no record ${sequenceNumber} was put`);
    return found;
  }
}
