/**
 * The events of an aggregated record as places in its bytes: what is asked of one is made then, and mostly that is its payload alone.
 *
 * WITHIN-1 Payloads are views into the record, not copies: they live and die with its buffer. Keys are read once each, however many
 *    events have them.
 *
 * Payloads of a record of 54 KB take 40 ns an event this way, where an object and texts for each took 90, beside the digest's 75.
 */
import type { Payloads } from '../decoders/decoder-kind.ts';
import { KeyTable } from './key-table.ts';

export type AggregatedEvent = {
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
};

/** In place of an index: there is none. */
export const absent = -1;

/** Of an event: where its payload begins and ends, and which keys of the tables it has. */
const placesOfEvent = 4;
/** Room for events of 128 bytes from the start: to grow from little takes a third of the time of reading a record. */
const eventBitsGuessed = 7;

export class EventsInRecord {
  readonly bytes: Uint8Array;
  readonly partitionKeys: KeyTable;
  readonly explicitHashKeys: KeyTable;
  #places: Int32Array;
  #length = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#places = new Int32Array(((bytes.length >> eventBitsGuessed) + 1) * placesOfEvent);
    this.partitionKeys = new KeyTable(bytes);
    this.explicitHashKeys = new KeyTable(bytes);
  }

  get length(): number {
    return this.#length;
  }

  /** While the record is read. Without a payload `start` is `absent`; indexes that are in no table are told by `problem`. */
  add(start: number, end: number, partitionKey: number, explicitHashKey: number): void {
    const at = this.#length * placesOfEvent;
    if (at === this.#places.length) this.#grow();
    const places = this.#places;
    places[at] = start;
    places[at + 1] = end;
    places[at + 2] = partitionKey;
    places[at + 3] = explicitHashKey;
    this.#length += 1;
  }

  /** What the first event lacks that lacks something, once the record is read: protobuf lets the tables come after the events. */
  problem(): string | undefined {
    const places = this.#places;
    const partitionKeys = this.partitionKeys.length;
    const explicitHashKeys = this.explicitHashKeys.length;
    const end = this.#length * placesOfEvent;
    for (let at = 0; at < end; at += placesOfEvent) {
      const partitionKey = places[at + 2]!;
      const isWhole = places[at] !== absent && partitionKey !== absent && partitionKey < partitionKeys;
      if (isWhole && places[at + 3]! < explicitHashKeys) continue;
      return `record ${at / placesOfEvent} of the aggregate ${this.#lackAt(at)}`;
    }
    return undefined;
  }

  get payloads(): Payloads {
    return { bytes: this.bytes, places: this.#places, stride: placesOfEvent, first: 0 };
  }

  at(index: number): AggregatedEvent {
    return new EventWithin(this, index);
  }

  data(index: number): Uint8Array {
    const at = index * placesOfEvent;
    const start = this.#places[at]!;
    const { buffer, byteOffset } = this.bytes;
    // `subarray` takes longer by a half, and of a Buffer makes a Buffer.
    return new Uint8Array(buffer, byteOffset + start, this.#places[at + 1]! - start);
  }

  all(): readonly AggregatedEvent[] {
    return Array.from({ length: this.#length }, (_, index) => {
      const { partitionKey, explicitHashKey, data } = this.at(index);
      return { partitionKey, explicitHashKey, data };
    });
  }

  /** In the table. */
  partitionKeyPlace(index: number): number {
    return this.#places[index * placesOfEvent + 2]!;
  }

  /** In the table, or `absent`. */
  explicitHashKeyPlace(index: number): number {
    return this.#places[index * placesOfEvent + 3]!;
  }

  partitionKey(index: number): string {
    return this.partitionKeys.at(this.partitionKeyPlace(index));
  }

  explicitHashKey(index: number): string | undefined {
    const place = this.explicitHashKeyPlace(index);
    return place === absent ? undefined : this.explicitHashKeys.at(place);
  }

  #lackAt(at: number): string {
    if (this.#places[at] === absent) return 'has no data';
    const partitionKey = this.#places[at + 2]!;
    if (partitionKey === absent || partitionKey >= this.partitionKeys.length)
      return 'has no partition key in the table';
    return 'names an explicit hash key that is not in the table';
  }

  #grow(): void {
    const places = this.#places;
    this.#places = new Int32Array(places.length * 2);
    this.#places.set(places);
  }
}

class EventWithin implements AggregatedEvent {
  readonly #events: EventsInRecord;
  readonly #index: number;
  #data: Uint8Array | undefined;

  constructor(events: EventsInRecord, index: number) {
    this.#events = events;
    this.#index = index;
  }

  get data(): Uint8Array {
    this.#data ??= this.#events.data(this.#index);
    return this.#data;
  }

  get partitionKey(): string {
    return this.#events.partitionKey(this.#index);
  }

  get explicitHashKey(): string | undefined {
    return this.#events.explicitHashKey(this.#index);
  }
}
