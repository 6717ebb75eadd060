/** What reads of Kinesis give: records, page by page. */
import type { Payloads } from '../decoders/decoder-kind.ts';
import type { ListedShard } from './shard-checkpoint.ts';

export type { Payloads };

export type KinesisRecord = {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** When it reached Kinesis, in epoch milliseconds. */
  readonly arrivalMs: number;
};

export type Page = {
  /** In the order of the shard. */
  readonly records: readonly KinesisRecord[];
  /** Those of all records, by their index. Absent: they lie here and there. */
  readonly payloads?: Payloads | undefined;
  readonly millisBehindLatest: number;
  /** Kinesis's own clock when it answered, never ahead of it. */
  readonly serverTime: number;
  /** Set exactly when the shard has ended: nothing follows. */
  readonly end: { readonly children: readonly ListedShard[] } | undefined;
  /** An event of a subscription: it holds what there was, however much was asked for. */
  readonly isEvent?: true;
  /** What it takes in memory until the next one is asked for. Absent: what its payloads take. */
  readonly heldBytes?: number;
};

export type ReadUsage = {
  readonly calls: number;
  /** Of all calls to the shard, those that Kinesis refused because of its limits. */
  readonly throttles: number;
  /** Epoch milliseconds until which it would refuse the next one, after a large answer. Absent: it would not. */
  readonly readableAt?: number;
};

export type EventSource = {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly explicitHashKey?: string | undefined;
};
