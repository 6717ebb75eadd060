/** From the SDK's records and child shards to ours; polling and subscriptions deliver the same. */
import type { _Record as AwsRecord, ChildShard, HashKeyRange } from '@aws-sdk/client-kinesis';
import type { KinesisRecord } from '../../core/record.ts';
import type { HashRange, ListedShard } from '../../core/shard-checkpoint.ts';
import { given } from '../incomplete-answer.ts';

export function toRecord(record: AwsRecord): KinesisRecord {
  return {
    sequenceNumber: given(record.SequenceNumber, 'the SequenceNumber of a record'),
    // Absent on streams whose record distribution is AUTO.
    partitionKey: record.PartitionKey ?? '',
    data: given(record.Data, 'the Data of a record'),
    arrivalMs: given(record.ApproximateArrivalTimestamp, 'the ApproximateArrivalTimestamp of a record').getTime(),
  };
}

export function childrenOf(children: readonly ChildShard[] | undefined): ListedShard[] {
  return (children ?? []).map((child) => ({
    shardId: given(child.ShardId, 'the ShardId of a child'),
    parents: given(child.ParentShards, 'the ParentShards of a child'),
    hashRange: toHashRange(child.HashKeyRange),
  }));
}

export function toHashRange(range: HashKeyRange | undefined): HashRange {
  return {
    start: given(range?.StartingHashKey, 'the StartingHashKey of a shard'),
    end: given(range?.EndingHashKey, 'the EndingHashKey of a shard'),
  };
}
