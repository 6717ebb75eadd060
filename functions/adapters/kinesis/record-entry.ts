/** A record as an entry of PutRecords: its text becomes bytes only if somebody but `encodeEntries` asks for them. */
import type { PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import type { OutputRecord } from '../../sinks/output-sink.ts';

/** To whoever goes through its members it has those of the SDK alone. */
export class RecordEntry implements PutRecordsRequestEntry {
  readonly PartitionKey: string;
  readonly ExplicitHashKey: string | undefined;
  readonly #data: string | Uint8Array;
  readonly #bytes: number;

  constructor({ partitionKey, explicitHashKey, data }: OutputRecord) {
    this.PartitionKey = partitionKey;
    this.ExplicitHashKey = explicitHashKey;
    this.#data = data;
    this.#bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
  }

  get Data(): Uint8Array {
    return typeof this.#data === 'string' ? Buffer.from(this.#data) : this.#data;
  }

  get data(): string | Uint8Array {
    return this.#data;
  }

  /** Of the payload, in UTF-8. */
  get dataBytes(): number {
    return this.#bytes;
  }
}
