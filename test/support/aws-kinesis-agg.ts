/**
 * AWS's own aggregation for Node, `aws-kinesis-agg`, as an implementation of the format that shares nothing with ours.
 *
 * What it does wrong, and tests keep away from or make up for: it writes its tables from the keys of an object, so keys
 * that are whole numbers below 2^32 - 1 get out of order and events get each other's keys, and `__proto__` is no key; it
 * refuses empty keys, and takes an empty explicit hash key for none; it gives an event without a hash key the first of
 * the table, and one whose index is in no table the key `undefined`.
 */
import { createRequire } from 'node:module';
import type { AggregatedEvent } from '../../functions/core/aggregated-record.ts';

type Packed = { readonly partitionKey: string; readonly data: Buffer; readonly ExplicitHashKey?: string };
type Unpacked = { readonly partitionKey: string; readonly explicitPartitionKey?: string; readonly data: string };

const library = createRequire(import.meta.url)('aws-kinesis-agg') as {
  readonly RecordAggregator: new () => {
    addUserRecord(event: { partitionKey: string; explicitHashKey?: string; data: Buffer }): void;
    build(): Packed | undefined;
  };
  deaggregateSync(
    record: { readonly data: Buffer; readonly partitionKey: string; readonly sequenceNumber: string },
    computeChecksums: boolean,
    done: (error: Error | null | undefined, events?: readonly Unpacked[]) => void,
  ): void;
};

export function packByAws(events: readonly AggregatedEvent[]): Uint8Array {
  const aggregator = new library.RecordAggregator();
  for (const { partitionKey, explicitHashKey, data } of events) {
    const keys = explicitHashKey === undefined ? { partitionKey } : { partitionKey, explicitHashKey };
    aggregator.addUserRecord({ ...keys, data: Buffer.from(data) });
  }
  return new Uint8Array(aggregator.build()!.data);
}

/** Its protobuf type, by protobufjs. */
const { AggregatedRecord } = createRequire(import.meta.url)('aws-kinesis-agg/lib/common') as {
  readonly AggregatedRecord: { decode(message: Uint8Array): { readonly records: readonly object[] } };
};

export type ReadByAws = readonly AggregatedEvent[] | 'refused';

/** `checksDigest: false` reads the message, whatever follows it. */
export function readByAws(data: Uint8Array, options: { readonly checksDigest: boolean }): ReadByAws {
  let result: ReadByAws = 'refused';
  const record = { data: Buffer.from(data), partitionKey: 'a', sequenceNumber: '1' };
  library.deaggregateSync(record, options.checksDigest, (error, events) => {
    if (error !== null && error !== undefined) return;
    const { records } = AggregatedRecord.decode(data.subarray(4, -16));
    result = events!.map(({ partitionKey, explicitPartitionKey, data: base64 }, at) => ({
      partitionKey,
      explicitHashKey: Object.hasOwn(records[at]!, 'explicit_hash_key_index') ? explicitPartitionKey : undefined,
      data: new Uint8Array(Buffer.from(base64, 'base64')),
    }));
  });
  return result;
}
