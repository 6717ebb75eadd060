/**
 * Records as places in the body that they came with: nothing is copied out of it, and strings and views of payloads are
 * made when somebody asks. Whatever outlives its page copies what it keeps, or it keeps the whole body.
 */
import type { _Record as SdkRecord } from '@aws-sdk/client-kinesis';
import type { KinesisRecord } from '../../core/record.ts';

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

const placesOfRecord = 6;
/** Beside its part of the body: its places, and an object with two members in a list. */
const bytesOfRecord = 80;

/** Numbers beside each other, and not an object of them for each record: there is less to collect while a page lives. */
export class ScannedRecords {
  readonly body: Buffer;
  readonly records: (KinesisRecord & SdkRecord)[] = [];
  /** Of payloads and partition keys. */
  countedBytes = 0;
  #places = new Int32Array(64 * placesOfRecord);
  #arrivals = new Float64Array(64);
  /** The last view, since one record after the other is looked at, and each more than once. */
  #viewed = absent;
  #view = new Uint8Array(0);
  /** The last number, likewise: of an event that is given out it is asked for four times, 6 % of what its executor does beside sending. */
  #numbered = absent;
  #number = '';

  constructor(body: Buffer) {
    this.body = body;
  }

  get heldBytes(): number {
    return this.body.length + this.records.length * bytesOfRecord;
  }

  add(record: Readonly<Places>): void {
    const index = this.records.length;
    if (index === this.#arrivals.length) this.#grow();
    const places = this.#places;
    const at = index * placesOfRecord;
    places[at] = record.sequence;
    places[at + 1] = record.sequenceEnd;
    places[at + 2] = record.key;
    places[at + 3] = record.keyEnd;
    places[at + 4] = record.data;
    places[at + 5] = record.dataEnd;
    this.#arrivals[index] = record.arrivalMs;
    this.countedBytes += record.dataEnd - record.data;
    if (record.key !== absent) this.countedBytes += record.keyEnd - record.key;
    this.records.push(new ScannedRecord(this, index));
  }

  arrivalMs(index: number): number {
    return this.#arrivals[index]!;
  }

  sequenceNumber(index: number): string {
    if (index === this.#numbered) return this.#number;
    const at = index * placesOfRecord;
    this.#number = this.body.toString('utf8', this.#places[at], this.#places[at + 1]);
    this.#numbered = index;
    return this.#number;
  }

  /** Absent on streams whose record distribution is AUTO. */
  partitionKey(index: number): string {
    const at = index * placesOfRecord + 2;
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
    const at = index * placesOfRecord + 4;
    return { data: this.#places[at]!, dataEnd: this.#places[at + 1]! };
  }

  #grow(): void {
    const places = this.#places;
    const arrivals = this.#arrivals;
    this.#places = new Int32Array(places.length * 2);
    this.#places.set(places);
    this.#arrivals = new Float64Array(arrivals.length * 2);
    this.#arrivals.set(arrivals);
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
