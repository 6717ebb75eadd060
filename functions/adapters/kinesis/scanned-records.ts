/**
 * Records as places in bytes that they came with, or that were taken out of an answer: strings and views of payloads are made when somebody
 * asks. Whatever outlives its page copies what it keeps, or it keeps the whole page.
 */
import type { _Record as SdkRecord } from '@aws-sdk/client-kinesis';
import type { KinesisRecord, Payloads } from '../../core/record.ts';
import { fields, rowBytes } from '../webassembly/record-program.ts';
import { Unexpected } from './json-bytes.ts';

/** Of a member that a record does not have. */
export const absent = -1;

/** Of one record: where its texts and its payload begin and end in the body. */
export type Places = {
  sequence: number;
  sequenceEnd: number;
  key: number;
  keyEnd: number;
  data: number;
  dataEnd: number;
  arrivalMs: number;
};

/** Beside its part of the body: its row, and an object with two members in a list. */
const bytesOfRecord = 80;
const rowPlaces = rowBytes / 4;
const rowDoubles = rowBytes / 8;
const [sequenceAt, keyAt, dataAt] = [fields.sequence / 4, fields.key / 4, fields.data / 4];
const arrivalAt = fields.arrival / 8;

/** What a scan at once has found: rows of the places in `body`, each `origin` too large. */
export type FoundAtOnce = {
  readonly body: Buffer;
  readonly rows: ArrayBuffer;
  readonly origin: number;
  readonly hasKey: boolean;
};

/** Numbers beside each other, and not an object of them for each record: there is less to collect while a page lives. */
export class ScannedRecords {
  readonly body: Buffer;
  readonly records: (KinesisRecord & SdkRecord)[] = [];
  /** Of payloads and partition keys. */
  countedBytes = 0;
  #places = new Int32Array(0);
  /** The same bytes. */
  #arrivals = new Float64Array(0);
  /** The last view, since one record after the other is looked at, and each more than once. */
  #viewed = absent;
  #view = new Uint8Array(0);
  /** The last number, likewise: of an event that is given out it is asked for four times, 6 % of what its executor does beside sending. */
  #numbered = absent;
  #number = '';

  constructor(body: Buffer) {
    this.body = body;
  }

  /** @throws Unexpected one has no sequence number */
  static of({ body, rows, origin, hasKey }: FoundAtOnce): ScannedRecords {
    const found = new ScannedRecords(body);
    found.#take(rows);
    const places = found.#places;
    for (let at = 0; at < places.length; at += rowPlaces) {
      for (let place = 0; place < arrivalAt * 2; place++) places[at + place] = places[at + place]! - origin;
      if (!hasKey) places[at + keyAt] = absent;
      if (places[at + sequenceAt] === places[at + sequenceAt + 1]) throw new Unexpected();
      found.#added(at);
    }
    return found;
  }

  get heldBytes(): number {
    return this.body.length + this.records.length * bytesOfRecord;
  }

  get payloads(): Payloads {
    return { bytes: this.body, places: this.#places, stride: rowPlaces, first: dataAt };
  }

  add(record: Readonly<Places>): void {
    const index = this.records.length;
    const at = index * rowPlaces;
    if (at === this.#places.length) this.#grow();
    const places = this.#places;
    places[at + sequenceAt] = record.sequence;
    places[at + sequenceAt + 1] = record.sequenceEnd;
    places[at + keyAt] = record.key;
    places[at + keyAt + 1] = record.keyEnd;
    places[at + dataAt] = record.data;
    places[at + dataAt + 1] = record.dataEnd;
    this.#arrivals[index * rowDoubles + arrivalAt] = record.arrivalMs;
    this.#added(at);
  }

  arrivalMs(index: number): number {
    return this.#arrivals[index * rowDoubles + arrivalAt]!;
  }

  sequenceNumber(index: number): string {
    if (index === this.#numbered) return this.#number;
    const at = index * rowPlaces + sequenceAt;
    this.#number = this.body.toString('utf8', this.#places[at], this.#places[at + 1]);
    this.#numbered = index;
    return this.#number;
  }

  /** Absent on streams whose record distribution is AUTO. */
  partitionKey(index: number): string {
    const at = index * rowPlaces + keyAt;
    return this.#places[at] === absent ? '' : this.body.toString('utf8', this.#places[at], this.#places[at + 1]);
  }

  /** Not a `Buffer`, whose `slice` is no copy. */
  data(index: number): Uint8Array {
    if (index === this.#viewed) return this.#view;
    const { data, dataEnd } = this.placesOf(index);
    this.#view = new Uint8Array(this.body.buffer as ArrayBuffer, this.body.byteOffset + data, dataEnd - data);
    this.#viewed = index;
    return this.#view;
  }

  /** Of its payload. */
  placesOf(index: number): Readonly<Pick<Places, 'data' | 'dataEnd'>> {
    const at = index * rowPlaces + dataAt;
    return { data: this.#places[at]!, dataEnd: this.#places[at + 1]! };
  }

  /** The row that begins at this place. */
  #added(at: number): void {
    const places = this.#places;
    this.countedBytes += places[at + dataAt + 1]! - places[at + dataAt]!;
    if (places[at + keyAt] !== absent) this.countedBytes += places[at + keyAt + 1]! - places[at + keyAt]!;
    this.records.push(new ScannedRecord(this, this.records.length));
  }

  #grow(): void {
    const rows = new ArrayBuffer(Math.max(64 * rowBytes, 2 * this.#places.byteLength));
    new Int32Array(rows).set(this.#places);
    this.#take(rows);
  }

  #take(rows: ArrayBuffer): void {
    this.#places = new Int32Array(rows);
    this.#arrivals = new Float64Array(rows);
  }
}

/** Also by the names that the SDK has for its members. */
class ScannedRecord implements KinesisRecord, SdkRecord {
  readonly #page: ScannedRecords;
  readonly #index: number;

  constructor(page: ScannedRecords, index: number) {
    this.#page = page;
    this.#index = index;
  }

  get arrivalMs(): number {
    return this.#page.arrivalMs(this.#index);
  }

  get sequenceNumber(): string {
    return this.#page.sequenceNumber(this.#index);
  }

  get partitionKey(): string {
    return this.#page.partitionKey(this.#index);
  }

  get data(): Uint8Array {
    return this.#page.data(this.#index);
  }

  get SequenceNumber(): string {
    return this.sequenceNumber;
  }

  get Data(): Uint8Array {
    return this.data;
  }

  get ApproximateArrivalTimestamp(): Date {
    return new Date(this.arrivalMs);
  }

  get PartitionKey(): string {
    return this.partitionKey;
  }
}
