/**
 * Names of all items, in one place. Numbers are zero-padded, so that text order is number order. A pipeline's partition
 * keys are `<pipeline>` or begin with `<pipeline>/`: access policies rely on it.
 */

import type { DeadLetter } from '../../core/dead-letter.ts';
import type { BatchName } from '../../core/model.ts';
import type { NamedMemory } from '../../core/repeats/named-memory.ts';
import { type ShardName, shardKey } from '../../core/shard-name.ts';
import type { PartName } from '../../core/shard-parts.ts';
import type { TroublePlace } from '../../core/trouble.ts';
import { murmur3 } from '../../pipeline/murmur3.ts';
import type { StateName } from '../../ports/state-store.ts';
import type { Key } from './table.ts';

type PlaceOfEvent = Pick<DeadLetter, keyof ShardName | 'sequenceNumber' | 'subSequenceNumber'>;

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
/** Lies beside the task. */
export const noteKey = (pipeline: string, ref: number, task: number) => {
  const { pk, sk } = taskKey(pipeline, ref, task);
  return { pk, sk: `${sk}#note` };
};
export const sweepKey = (pipeline: string): Key => ({ pk: pipeline, sk: 'SWEEP' });
/** Lists it. What it consists of lies under a name of its own. */
export const savepointKey = (pipeline: string, name: string): Key => ({ pk: pipeline, sk: `SAVEPOINT#${name}` });
export const bodyKey = (pipeline: string, batchId: number, ref: number) => ({
  pk: pipeline,
  sk: `BATCH#${padBatch(batchId)}#${padRef(ref)}`,
});
/** What blocks of the batch keep, as a try of its seal has put it together: beside the body, so that a purge takes it with that. */
export const gatheredBlob = (pipeline: string, { nonce, ...body }: BatchName & { readonly nonce: string }) => {
  const { pk, sk } = bodyKey(pipeline, body.batchId, body.ref);
  return { folder: pk, name: `${sk}#partials#${nonce}` };
};
export const progressKey = (pipeline: string, batchId: number, ref: number) => ({
  pk: pipeline,
  sk: `PROGRESS#${padBatch(batchId)}#${padRef(ref)}`,
});

/** What keeps it up, for people. */
export const troublePrefix = 'TROUBLE#';
export const troubleKey = (pipeline: string, place: TroublePlace): Key => ({
  pk: pipeline,
  sk: `${troublePrefix}${place.kind === 'reduce' ? 'reduce' : `read#${padSmall(place.task)}`}`,
});

export const blockPartition = (pipeline: string, task: number): string => `${pipeline}/blocks/${padSmall(task)}`;
export const blockKey = (pipeline: string, task: number, batchId: number, ref: number) => ({
  pk: blockPartition(pipeline, task),
  sk: `${padBatch(batchId)}#${padRef(ref)}`,
});
export const partialsFolder = (pipeline: string, batchId: number, keyGroup: number): string =>
  `${pipeline}/blocks/${padBatch(batchId)}/${padSmall(keyGroup)}`;
/** What the names of a sealed batch's partials begin with. */
export const partialsPrefix = (ref: number): string => `${padRef(ref)}#`;
/** Of a part of one try of one task. */
export const partialsName = (ref: number, task: number, nonce: string, part = 0): string => {
  const ofTry = `${partialsPrefix(ref)}${padSmall(task)}#${nonce}`;
  return part === 0 ? ofTry : `${ofTry}#${part}`;
};

/** What is known of shards' records, as the executors of a task have stored it. */
export const memoryFolder = (pipeline: string, task: number): string => `${pipeline}/memories/${padSmall(task)}`;
export const memoryBlob = (
  pipeline: string,
  { batchId, ref, task, nonce }: Omit<NamedMemory, 'v' | 'chunks' | 'digest'>,
) => ({
  folder: memoryFolder(pipeline, task),
  name: `${padBatch(batchId)}#${padRef(ref)}#${nonce}`,
});
export const memoryNotesPartition = (pipeline: string): string => `${pipeline}/memories`;
export const memoryNoteKey = (pipeline: string, batchId: number): Key => ({
  pk: memoryNotesPartition(pipeline),
  sk: padBatch(batchId),
});

/** Checkpoints of many shards, as seals have stored them. */
export const shardPartsFolder = (pipeline: string): string => `${pipeline}/shards/parts`;
export const shardPartBlob = (
  pipeline: string,
  { batchId, ref, nonce, at }: Pick<PartName, 'batchId' | 'ref' | 'nonce' | 'at'>,
) => ({
  folder: shardPartsFolder(pipeline),
  name: `${padName({ batchId, ref })}#${nonce}#${padSmall(at)}`,
});
export const shardNotesPartition = (pipeline: string): string => `${pipeline}/shards`;
export const shardNoteKey = (pipeline: string, batchId: number): Key => ({
  pk: shardNotesPartition(pipeline),
  sk: padBatch(batchId),
});

export const statePartition = (pipeline: string, keyGroup: number): string => `${pipeline}/state/${padSmall(keyGroup)}`;
export const stateKey = (pipeline: string, keyGroup: number, batchId: number, ref: number) => ({
  pk: statePartition(pipeline, keyGroup),
  sk: padName({ batchId, ref }),
});

/** Of the segments of a key group's states. Their names begin as those of states do. */
export const segmentFolder = (pipeline: string, keyGroup: number): string =>
  `${pipeline}/segments/${padSmall(keyGroup)}`;

/** What the sort keys of a state and of all beside it begin with. */
export const padName = ({ batchId, ref }: BatchName): string => `${padBatch(batchId)}#${padRef(ref)}`;

/** They lie beside the state that they belong to, so that a purge takes them with it. */
export const sentKey = (pipeline: string, state: StateName): Key => besideState(pipeline, state, 'sent');
export const refusedKey = (pipeline: string, state: StateName): Key => besideState(pipeline, state, 'refused');
/** What user code of rows has done to reducers. */
export const trialKey = (pipeline: string, state: StateName): Key => besideState(pipeline, state, 'trial');
/** What user code made of the rows from this one on. It lies beside the partials of its batch, so that a purge takes it with them. */
export const rowsKey = (pipeline: string, { batchId, ref, keyGroup }: StateName, from: number): Key => ({
  pk: partialsFolder(pipeline, batchId, keyGroup),
  sk: `rows#${padRef(ref)}#${padSub(from)}`,
});
/** Names of an output's files lie there as well. */
export const filesKey = (pipeline: string, { batchId, ref, keyGroup }: StateName, output: string): Key => ({
  pk: partialsFolder(pipeline, batchId, keyGroup),
  sk: `files#${padRef(ref)}#${output}`,
});
function besideState(pipeline: string, state: StateName, name: string): Key {
  const { pk, sk } = stateKey(pipeline, state.keyGroup, state.batchId, state.ref);
  return { pk, sk: `${sk}#${name}` };
}

/** Which letters count, by the batch that they are of. */
export const letterListsPartition = (pipeline: string): string => `${pipeline}/letters`;
export const listedBatchKey = (pipeline: string, batch: BatchName): Key => ({
  pk: letterListsPartition(pipeline),
  sk: padName({ batchId: batch.batchId, ref: batch.ref }),
});
export const letterListKey = (
  pipeline: string,
  { task, nonce, ...batch }: BatchName & { readonly task: number; readonly nonce: string },
  part: number,
): Key => ({
  pk: letterListsPartition(pipeline),
  sk: `${padName(batch)}#${padSmall(task)}#${nonce}#${padChunk(part)}`,
});
/** Letters that are to be taken once more. */
export const requestPartKey = (pipeline: string, request: string, part: number): Key => ({
  pk: `${pipeline}/redrives/${request}`,
  sk: padSmall(part),
});

export const sentNotesPartition = (pipeline: string): string => `${pipeline}/sent`;
export const sentNoteKey = (
  pipeline: string,
  { generation, ref, task }: { readonly generation: number; readonly ref: number; readonly task: number },
): Key => ({ pk: sentNotesPartition(pipeline), sk: `${padRef(generation)}#${padRef(ref)}#${padSmall(task)}` });

/** A partition takes 1,000 writes a second: letters are spread one by one, also those of one record. */
export const deadLetterBuckets = 16;
/** All there are, whatever is in them: whoever lists dead letters reads each. */
export const deadLetterPartitions = (pipeline: string): string[] =>
  Array.from({ length: deadLetterBuckets }, (_, bucket) => deadLetterBucket(pipeline, bucket));
/** Key of the one letter of an event. Within a partition letters lie in the order of source, shard, record and event. */
export function deadLetterKey(pipeline: string, place: PlaceOfEvent): Key {
  const sk = `${deadLettersOfRecord(place, place.sequenceNumber)}${padSub(place.subSequenceNumber)}`;
  return { pk: deadLetterBucket(pipeline, murmur3(sk) % deadLetterBuckets), sk };
}
/** What the sort keys of a record's letters begin with. Sequence numbers are padded to the length Kinesis gives them. */
export const deadLettersOfRecord = (shard: ShardName, sequenceNumber: string): string =>
  `${shardKey(shard)}#${sequenceNumber.padStart(56, '0')}#`;
/** A payload over the size of an item goes on in items beside the letter. */
export const isLetterPart = (sk: string): boolean => sk.split('#').length > 4;
const deadLetterBucket = (pipeline: string, bucket: number): string =>
  `${pipeline}/dead-letters/${String(bucket).padStart(2, '0')}`;
/** A record of 10 MiB may hold more than a million events, and a key group's close as many rows. */
const padSub = (sub: number): string => String(sub).padStart(7, '0');
