/**
 * What is known, at a position of a shard, of the records that senders have put there: all that tells a repeat from a first arrival.
 *
 * MEMORY-1 It is a value that only grows: `add` and `join` may come in any order and any number of times, and the same is known
 *    after them. So a child may take over from both of its parents, and from an ancestor that they share.
 * MEMORY-2 A record is a repeat exactly if its identity was added, or if order proves that it was (BITS-1, EVENTS-1). A first arrival
 *    never is one, whatever crashed, slept or was sent again.
 * MEMORY-3 Of a sender of which nothing has come for so long (`forget`) nothing is known any more, and by no other rule is anything
 *    forgotten.
 * MEMORY-4 What is larger than `mostBytes` is refused by name, before it is saved.
 */
import { SluiceError } from '../errors.ts';
import { EventsKnown, type SavedEvents } from './events-known.ts';
import type { SentName } from './identity-in.ts';
import { RowsKnown, type SavedRows } from './rows-known.ts';

/** Of what an executor has in memory; what is saved of it is a fifth or less. */
const mostBytes = 64 * 1_048_576;
const bytesOfSender = 400;
/** Senders that a refusal names. */
const mostNamed = 3;

type Known<What> = {
  readonly what: What;
  /** Arrival of the last record of it, in epoch milliseconds. */
  lastArrival: number;
};

type SavedSender<Saved> = { readonly sender: string; readonly lastArrival: number } & Saved;
export type SavedMemory = {
  readonly rows: readonly SavedSender<SavedRows>[];
  readonly events: readonly SavedSender<SavedEvents>[];
};

export class ShardMemory {
  readonly #rows = new Map<string, Known<RowsKnown>>();
  readonly #events = new Map<string, Known<EventsKnown>>();

  static from({ rows, events }: SavedMemory): ShardMemory {
    const memory = new ShardMemory();
    for (const { sender, lastArrival, ...saved } of rows)
      memory.#rows.set(sender, { what: RowsKnown.from(saved), lastArrival });
    for (const { sender, lastArrival, ...saved } of events)
      memory.#events.set(sender, { what: EventsKnown.from(saved), lastArrival });
    return memory;
  }

  has(name: SentName): boolean {
    return name.kind === 'row'
      ? this.#rows.get(name.sender)?.what.has(name) === true
      : this.#events.get(name.sender)?.what.has(name) === true;
  }

  add(name: SentName, arrivedAt: number): void {
    if (name.kind === 'row') knownIn(this.#rows, name.sender, arrivedAt, newRows).add(name);
    else knownIn(this.#events, name.sender, arrivedAt, newEvents).add(name);
  }

  join(other: ShardMemory): void {
    for (const [sender, { what, lastArrival }] of other.#rows)
      knownIn(this.#rows, sender, lastArrival, newRows).join(what);
    for (const [sender, { what, lastArrival }] of other.#events)
      knownIn(this.#events, sender, lastArrival, newEvents).join(what);
  }

  /** Senders of which the last record arrived before that time. */
  forget(before: number): void {
    for (const known of [this.#rows, this.#events])
      for (const [sender, { lastArrival }] of known) if (lastArrival < before) known.delete(sender);
  }

  /** @throws SluiceError DeduplicationMemoryTooLarge */
  save(shardId: string): SavedMemory {
    this.#refuseTooLarge(shardId);
    return { rows: savedOf(this.#rows), events: savedOf(this.#events) };
  }

  get bytes(): number {
    return [...this.#rows.values(), ...this.#events.values()].reduce(sizeOf, 0);
  }

  #refuseTooLarge(shardId: string): void {
    const { bytes } = this;
    if (bytes <= mostBytes) return;
    const largest = [...this.#rows, ...this.#events]
      .sort(([, one], [, other]) => other.what.bytes - one.what.bytes)
      .slice(0, mostNamed)
      .map(([sender, { what }]) => `${sender} ${inMegabytes(what.bytes)}`);
    throw new SluiceError(
      'DeduplicationMemoryTooLarge',
      `${shardId}: what deduplicate has to know of earlier records takes ${inMegabytes(bytes)}, and may take ` +
        `${inMegabytes(mostBytes)}; most of it is of ${largest.join(', ')}. Nothing of this batch was counted. Set a shorter ` +
        'deduplicate: { forgetAfter }, have the senders read fewer events a batch (maxFetchRecordsPerShard), split the ' +
        'shard, or deploy once with deduplicate: false: from then on repeats pass, and what is known begins anew.',
    );
  }
}

const newRows = (): RowsKnown => new RowsKnown();
const newEvents = (): EventsKnown => new EventsKnown();

function knownIn<What>(all: Map<string, Known<What>>, sender: string, lastArrival: number, make: () => What): What {
  const known = all.get(sender) ?? { what: make(), lastArrival };
  known.lastArrival = Math.max(known.lastArrival, lastArrival);
  all.set(sender, known);
  return known.what;
}

const savedOf = <Saved>(all: ReadonlyMap<string, Known<{ save: () => Saved }>>): readonly SavedSender<Saved>[] =>
  Array.from(all, ([sender, { what, lastArrival }]) => ({ sender, lastArrival, ...what.save() }));

const sizeOf = (sum: number, { what }: Known<{ readonly bytes: number }>): number => sum + bytesOfSender + what.bytes;

const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 1_048_576)} MB`;
