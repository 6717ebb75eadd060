/**
 * Who names objects that may stay when their batch has gone: one entry for each kind. A new kind of item that does is one more.
 *
 * KEEPER-1 (P1) Each says all that is named of the batches below `below`, or that it can't be known now. More may be said, which keeps garbage for
 *    another day; never less.
 */
import type { BatchBody, BatchName } from '../../core/model.ts';
import { namesOf } from '../../core/shard-parts.ts';
import { namedBy } from '../../core/state/manifest.ts';
import { isNamed } from '../aws-errors.ts';
import { type ObjectPlace, objectKeyOf } from '../s3/object-key.ts';
import { textIn } from './item.ts';
import { memoryBlob, padBatch, segmentFolder, shardNoteKey, shardPartBlob, statePartition } from './keys.ts';
import { ofRoots, valueObjectOf } from './named-blobs.ts';
import { createSealStore } from './seal-store.ts';
import { createStateStore } from './state-store.ts';
import type { Storage } from './storage.ts';

export type Keeper = {
  /** Of its objects: the word behind the batch in their keys. */
  readonly kind: string;
  /** Keys of objects. `places`: those that are asked for. Undefined: what is named can't be known now. */
  readonly named: (
    storage: Storage,
    places: readonly ObjectPlace[],
    below: number,
  ) => Promise<ReadonlySet<string> | undefined>;
};

/** A state stays until another takes its place (PURGE-2), and as long as it is there it names its own value. */
const states: Keeper = {
  kind: 'state',
  async named({ table, pipeline }, places, below) {
    const kept = new Set<string>();
    for (const group of new Set(places.map(({ rest }) => Number(rest[0])))) {
      const pk = statePartition(pipeline, group);
      const where = { condition: 'sk < :to', values: { ':to': padBatch(below) } };
      for await (const root of table.query(pk, where, { attributes: ofRoots }))
        for (const blob of valueObjectOf(pk, root)) kept.add(objectKeyOf(blob)!);
    }
    return kept;
  },
};

/**
 * A segment is named from state to state until one drops it (PURGE-2): one of a batch below is named by a retained state only if it is by the
 * state that the group has at `below`. Where that one was purged meanwhile, the first one behind it names what is still needed.
 */
const segments: Keeper = {
  kind: 'segments',
  async named(storage, places, below) {
    const { pipeline } = storage;
    const states = createStateStore(storage);
    const kept = new Set<string>();
    try {
      for (const group of new Set(places.map(({ rest }) => Number(rest[0]))))
        for (const { batchId, ref } of await statesUpTo(storage, group, below)) {
          const { manifest } = await states.loadState(group, batchId, ref);
          for (const { name } of namedBy(manifest))
            kept.add(objectKeyOf({ folder: segmentFolder(pipeline, group), name })!);
        }
    } catch (error) {
      // Others have gone on, and purged it.
      if (isNamed(error, 'MissingItem')) return undefined;
      throw error;
    }
    return kept;
  },
};

/** Those of batches up to `below`, and the first one behind. */
async function statesUpTo({ table, pipeline }: Storage, group: number, below: number): Promise<readonly BatchName[]> {
  const found: BatchName[] = [];
  const where = { condition: 'sk >= :from', values: { ':from': '0' } };
  for await (const item of table.query(statePartition(pipeline, group), where, { keysOnly: true })) {
    const name = stateNameIn(textIn(item, 'sk'));
    if (name === undefined) continue;
    found.push(name);
    if (name.batchId > below) break;
  }
  return found;
}

/** Undefined: it lies beside a state, or is a chunk of one. */
function stateNameIn(sk: string): BatchName | undefined {
  const [batchId = '', ref = '', ...more] = sk.split('#');
  return more.length === 0 ? { batchId: Number(batchId), ref: Number(ref) } : undefined;
}

/**
 * A memory is named by checkpoints, from body to body until another takes its place: one of a batch below is named by a retained body only if
 * it is by the first of them. Tries that have lost may have put bodies of that batch, too: what they name is kept with it.
 */
const memories: Keeper = {
  kind: 'memories',
  async named(storage, _, below) {
    const bodies = await bodiesAt(storage, below);
    const named = bodies?.flatMap(({ shards }) => shards.flatMap(({ memories: of = [] }) => of));
    return named && new Set(named.map((memory) => objectKeyOf(memoryBlob(storage.pipeline, memory))!));
  },
};

/**
 * So is a part of the checkpoints, by the bodies themselves. A note of them names its own value as long as it is there.
 */
const shardParts: Keeper = {
  kind: 'shards',
  async named(storage, places, below) {
    const { table, pipeline } = storage;
    const bodies = await bodiesAt(storage, below);
    if (bodies === undefined) return undefined;
    const parts = bodies.flatMap(({ parts: of }) => (of === undefined ? [] : namesOf(of)));
    const kept = new Set(parts.map((part) => objectKeyOf(shardPartBlob(pipeline, part))!));
    const ofNotes = places.filter(({ rest }) => rest[0] !== 'parts');
    for (const batchId of new Set(ofNotes.map((place) => place.batchId))) {
      const key = shardNoteKey(pipeline, batchId);
      const root = await table.get(key);
      for (const blob of root === undefined ? [] : valueObjectOf(key.pk, root)) kept.add(objectKeyOf(blob)!);
    }
    return kept;
  },
};

/** Those of all tries. Undefined: they can't be known now. */
async function bodiesAt(storage: Storage, batchId: number): Promise<readonly BatchBody[] | undefined> {
  const { table, pipeline } = storage;
  const prefix = `BATCH#${padBatch(batchId)}#`;
  const where = { condition: 'sk BETWEEN :from AND :to', values: { ':from': prefix, ':to': `${prefix}~` } };
  const refs = new Set<number>();
  for await (const item of table.query(pipeline, where, { keysOnly: true }))
    refs.add(Number(textIn(item, 'sk').slice(prefix.length).split('#')[0]));
  const bodies: BatchBody[] = [];
  try {
    for (const ref of refs) bodies.push(await createSealStore(storage).loadBody(batchId, ref));
  } catch (error) {
    // Others have gone on, and purged it.
    if (isNamed(error, 'MissingItem')) return undefined;
    throw error;
  }
  return bodies.length === 0 ? undefined : bodies;
}

export const keepers: readonly Keeper[] = [states, segments, memories, shardParts];
