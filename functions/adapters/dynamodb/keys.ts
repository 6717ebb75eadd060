/**
 * Names of all items, in one place. Numbers are zero-padded, so that text order is number order. A pipeline's partition
 * keys are `<pipeline>` or begin with `<pipeline>/`: access policies rely on it.
 */
import { murmur3 } from '../../core/key-group.ts';
import type { StateName } from '../../ports.ts';

export const padBatch = (batchId: number): string => String(batchId).padStart(12, '0');
export const padRef = (ref: number): string => String(ref).padStart(16, '0');
const padSmall = (value: number): string => String(value).padStart(5, '0');
export const padChunk = (value: number): string => String(value).padStart(4, '0');

export const headKey = (pipeline: string) => ({ pk: pipeline, sk: 'HEAD' });
export const planKey = (pipeline: string, ref: number) => ({ pk: pipeline, sk: `PLAN#${padRef(ref)}` });
export const taskKey = (pipeline: string, ref: number, task: number) => ({
  pk: pipeline,
  sk: `PLAN#${padRef(ref)}#${padSmall(task)}`,
});
export const bodyKey = (pipeline: string, batchId: number, ref: number) => ({
  pk: pipeline,
  sk: `BATCH#${padBatch(batchId)}#${padRef(ref)}`,
});
export const progressKey = (pipeline: string, batchId: number, ref: number) => ({
  pk: pipeline,
  sk: `PROGRESS#${padBatch(batchId)}#${padRef(ref)}`,
});

export const blockPartition = (pipeline: string, task: number): string => `${pipeline}/blocks/${padSmall(task)}`;
export const blockKey = (pipeline: string, task: number, batchId: number, ref: number) => ({
  pk: blockPartition(pipeline, task),
  sk: `${padBatch(batchId)}#${padRef(ref)}`,
});
export const partialsPartition = (pipeline: string, batchId: number, keyGroup: number): string =>
  `${pipeline}/blocks/${padBatch(batchId)}/${padSmall(keyGroup)}`;
/** Prefix of the chunks of one try of one task. */
export const partialsPrefix = (ref: number, task: number, nonce: string): string =>
  `${padRef(ref)}#${padSmall(task)}#${nonce}#`;

export const statePartition = (pipeline: string, keyGroup: number): string => `${pipeline}/state/${padSmall(keyGroup)}`;
export const stateKey = (pipeline: string, keyGroup: number, batchId: number, ref: number) => ({
  pk: statePartition(pipeline, keyGroup),
  sk: `${padBatch(batchId)}#${padRef(ref)}`,
});

/** Lies beside the state it belongs to, so that a purge takes both. */
export const sentKey = (pipeline: string, state: StateName) => {
  const { pk, sk } = stateKey(pipeline, state.keyGroup, state.batchId, state.ref);
  return { pk, sk: `${sk}#sent` };
};

/** Buckets that shards are spread over: a wave of bad events from all of them does not meet in one partition. */
export const deadLetterBuckets = 16;
export const deadLetterPartitions = (pipeline: string): string[] =>
  Array.from({ length: deadLetterBuckets }, (_, bucket) => deadLetterBucket(pipeline, bucket));
export const deadLetterPartition = (pipeline: string, shardId: string): string =>
  deadLetterBucket(pipeline, murmur3(shardId) % deadLetterBuckets);
const deadLetterBucket = (pipeline: string, bucket: number): string =>
  `${pipeline}/dead-letters/${String(bucket).padStart(2, '0')}`;
/** Sequence numbers are padded to the length Kinesis gives them, for reading in order. */
export const deadLetterSortKey = (shardId: string, sequenceNumber: string, sub: number): string =>
  `${shardId}#${sequenceNumber.padStart(56, '0')}#${padSmall(sub)}`;
