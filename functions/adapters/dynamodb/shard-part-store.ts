/**
 * Parts of a body: the checkpoints of many shards as blobs `<pipeline>/shards/parts`, `<batch>#<ref>#<nonce>#<part>`. There is no root
 * but the body, which names them, own ones and those of batches before.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { BatchName } from '../../core/model.ts';
import type { ShardCheckpoint } from '../../core/shard-checkpoint.ts';
import type { ChangesOfShards, DividedShards, GroupOfShards, PartName, ShardParts } from '../../core/shard-parts.ts';
import { fields, itemKind, readAs } from './item-kind.ts';
import { shardPartBlob } from './keys.ts';
import { decode, encode, readOften } from './packed-json.ts';
import { fromSavedShards, type SavedShards, toSavedShards } from './saved-shards.ts';
import type { Storage } from './storage.ts';

const atOnce = 16;

type SavedPart = SavedShards & { readonly gone?: readonly string[] };
const readPart = fields<SavedPart>({ count: 'number', known: 'object', others: 'object' });
/** The first one has sequence numbers as texts. */
const part = itemKind<SavedPart>('part of the checkpoints', { 1: readPart, 2: readPart });

/** What the body says of its parts. */
export type SavedParts = { readonly groups: readonly PartName[]; readonly changes: PartName | null };

export const savedParts = ({ groups, changes }: ShardParts): SavedParts => ({
  groups: groups.map(({ name }) => name),
  changes: changes?.name ?? null,
});

type PartStore = {
  /** Those that have no name yet, under a nonce of this try. All are stored when the call returns. */
  put(batch: BatchName, divided: DividedShards): Promise<ShardParts>;
  load(saved: SavedParts): Promise<ShardParts>;
  loadGroup(name: PartName): Promise<readonly ShardCheckpoint[]>;
};

export function createShardPartStore({
  pipeline,
  blobs,
  newId,
}: Pick<Storage, 'pipeline' | 'blobs' | 'newId'>): PartStore {
  const { version: v } = part;
  const putOne = async (name: Omit<PartName, 'v' | 'chunks' | 'digest'>, saved: SavedPart): Promise<PartName> => {
    const stored = await blobs.put(shardPartBlob(pipeline, name), encode(saved, readOften), { v });
    return { ...name, v, ...stored };
  };
  const loadOne = async (name: PartName): Promise<Required<ChangesOfShards>> => {
    const blob = shardPartBlob(pipeline, name);
    const json = decode(await blobs.get({ ...blob, chunks: name.chunks, digest: name.digest }));
    const { gone = [], ...saved } = readAs(part, { v: name.v, json }, { pk: blob.folder, sk: blob.name });
    return { shards: fromSavedShards(saved) as readonly ShardCheckpoint[], gone };
  };
  return {
    async put({ batchId, ref }, { groups, changes }) {
      const nonce = newId();
      const named = async <
        Part extends GroupOfShards & { readonly gone?: readonly string[]; readonly name?: PartName },
      >(
        { name, ...content }: Part,
        at: number,
      ) => {
        const { shards, gone } = content;
        const saved = { ...toSavedShards(shards), ...(gone === undefined ? {} : { gone }) };
        return { ...content, name: await putOne({ batchId, ref, nonce, at }, saved) };
      };
      const all = [...groups.entries(), ...(changes === undefined ? [] : [[groups.length, changes] as const])];
      const stored = await inParallel(all, atOnce, async ([at, one]) =>
        one.name === undefined ? named(one, at) : { ...one, name: one.name },
      );
      const parts = { groups: stored.slice(0, groups.length) };
      return changes === undefined ? parts : { ...parts, changes: stored[groups.length] as ShardParts['changes'] };
    },
    loadGroup: async (name) => (await loadOne(name)).shards,
    async load({ groups, changes }) {
      const names = changes === null ? groups : [...groups, changes];
      const loaded = await inParallel(names, atOnce, async (name) => ({ name, ...(await loadOne(name)) }));
      const [last, others] = changes === null ? [undefined, loaded] : [loaded.at(-1), loaded.slice(0, -1)];
      return {
        groups: others.map(({ name, shards }) => ({ name, shards })),
        ...(last === undefined ? {} : { changes: last }),
      };
    },
  };
}
