/** Checkpoints of many shards: what a seal writes of them, what it goes on naming, and what a purge leaves. */
import type { PlantedFault } from './planted-faults.ts';

const parts = 'functions/core/shard-parts.ts';
const store = 'functions/adapters/dynamodb/shard-part-store.ts';
const purge = 'functions/adapters/dynamodb/shard-part-purge.ts';
const named = 'functions/core/named-shards.ts';
const left = 'functions/core/left-to-children.ts';
const commit = 'functions/steps/commit-batch/commit-batch.ts';

const told = 'functions/core/read/worth-storing.ts';

/** Of shards that a block of several says nothing of. */
const leftOut: readonly PlantedFault[] = [
  {
    name: 'of-several-shards-none-is-told-of-that-brought-nothing',
    edits: [
      {
        file: told,
        from: '!isIdle(result) || hasMoved(pipeline, task, shard, result));',
        to: '!isIdle(result) || (result.records > 0 && hasMoved(pipeline, task, shard, result)));',
      },
    ],
  },
  {
    name: 'of-several-shards-only-one-that-came-first-is-told-of',
    edits: [
      {
        file: told,
        from: '!isIdle(result) || hasMoved(pipeline, task, shard, result));',
        to: '!isIdle(result) || (shard === reads[0]!.shard && hasMoved(pipeline, task, shard, result)));',
      },
    ],
  },
];

const faults: readonly PlantedFault[] = [
  {
    name: 'checkpoints-of-two-seals-share-a-name',
    edits: [{ file: store, from: 'const nonce = newId();', to: "const nonce = newId === undefined ? '' : 'seal';" }],
  },
  {
    name: 'parts-purged-that-a-retained-batch-names',
    edits: [
      {
        file: commit,
        from: 'clear({ oldestRetainedBatch: upTo, deadline })',
        to: 'clear({ oldestRetainedBatch: body.batchId, deadline })',
      },
    ],
  },
  {
    name: 'parts-of-the-try-that-counts-purged-as-those-of-others',
    edits: [{ file: purge, from: 'if (named === undefined) return', to: 'if (named !== null) return' }],
  },
  {
    name: 'parts-that-nobody-names-stay',
    edits: [
      { file: purge, from: 'blobs.delete(changes.replaced.map(', to: 'blobs.delete(changes.replaced.slice(1).map(' },
    ],
  },
  {
    name: 'parts-never-noted',
    edits: [
      {
        file: commit,
        from: '  await noteParts(runtime, body);',
        to: '  if (batchId < 0) await noteParts(runtime, body);',
      },
    ],
  },
  {
    name: 'a-group-with-changes-is-not-written-anew',
    edits: [
      {
        file: parts,
        from: '(anew.has(at) ? written[at]! : group)',
        to: '(anew.has(at) && written.length === 0 ? written[at]! : group)',
      },
    ],
  },
  {
    name: 'changed-shards-are-not-listed',
    edits: [
      {
        file: parts,
        from: 'shards: left.flatMap((group) => group.shards),',
        to: 'shards: left.flatMap((group) => group.shards).slice(1),',
      },
    ],
  },
  {
    name: 'a-list-of-changes-that-is-longer-counts-as-the-same',
    edits: [
      {
        file: parts,
        from: 'one.shards.every((shard, at) => shard === other.shards[at])',
        to: 'one.shards.every((shard, at) => shard.shardId === other.shards[at]?.shardId)',
      },
    ],
  },
  {
    name: 'a-changed-shard-as-its-group-has-it',
    edits: [
      {
        file: parts,
        from: 'for (const shard of changes?.shards ?? []) known.set(shard.shardId, shard);',
        to: 'for (const shard of changes?.shards ?? []) if (!known.has(shard.shardId)) known.set(shard.shardId, shard);',
      },
    ],
  },
  {
    name: 'a-task-names-a-shard-that-has-moved',
    edits: [
      {
        file: named,
        from: 'place !== undefined && hasSameFields(checkpoint, place.saved)',
        to: 'place !== undefined && (hasSameFields(checkpoint, place.saved) || shard.shardId !== "")',
      },
    ],
  },
  {
    name: 'a-task-that-names-a-group-reads-all-of-it',
    edits: [
      {
        file: named,
        from: 'return shardIds.map(',
        to: 'return (shardIds.length === 0 ? shardIds : [...shards.values()].filter(isOpen).map(({ shardId }) => shardId)).map(',
      },
    ],
  },
  {
    name: 'named-shards-are-read-past-their-end',
    edits: [
      {
        file: named,
        from: 'read: { isNew, start, ...(endsAt === undefined ? {} : { endsAt }) },',
        to: 'read: { isNew, start, ...(endsAt === undefined || isSame ? {} : { endsAt }) },',
      },
    ],
  },
  {
    name: 'an-ended-shard-leaves-what-its-children-need',
    edits: [
      {
        file: left,
        from: "children.some(({ life }) => life === 'unread')",
        to: 'children.some(({ life }) => life === undefined)',
      },
    ],
  },
];

export const shardFaults: readonly PlantedFault[] = [
  ...faults.map((fault) => ({ dimension: 'checkpoints in parts' as const, ...fault })),
  ...leftOut.map((fault) => ({ dimension: 'idle shards that a block leaves out' as const, ...fault })),
];
