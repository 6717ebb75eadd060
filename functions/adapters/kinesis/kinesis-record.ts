/** From the SDK's records and child shards to ours; polling and subscriptions deliver the same. */
import type { _Record as AwsRecord, ChildShard } from '@aws-sdk/client-kinesis';
import type { ListedShard } from '../../core/model.ts';
import type { KinesisRecord } from '../../ports.ts';

export function toRecord(record: AwsRecord): KinesisRecord {
  return {
    sequenceNumber: record.SequenceNumber!,
    // Absent on streams whose record distribution is AUTO.
    partitionKey: record.PartitionKey ?? '',
    data: record.Data ?? new Uint8Array(),
    arrivalTime: record.ApproximateArrivalTimestamp ?? new Date(0),
  };
}

export function childrenOf(children: readonly ChildShard[] | undefined): ListedShard[] {
  return (children ?? []).map((child) => ({
    shardId: child.ShardId!,
    parents: child.ParentShards ?? [],
    hashRange: { start: child.HashKeyRange!.StartingHashKey!, end: child.HashKeyRange!.EndingHashKey! },
  }));
}
