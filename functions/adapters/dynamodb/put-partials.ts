/** Where the partial aggregates of a block go: apart, each a blob under the nonce of the try, or into its root (KEPT-1). */
import type { BlockGroup } from '../../core/group-partials.ts';
import { keptOf } from '../../core/kept-partials.ts';
import type { BlockPart, BlockStore, StoredBlock } from '../../ports/block-store.ts';
import { partialsFolder, partialsName } from './keys.ts';
import { decode } from './packed-json.ts';
import { encodePartials } from './saved-partials.ts';
import type { Storage } from './storage.ts';

type To = Pick<Storage, 'pipeline' | 'blobs' | 'keptLimits'>;
type Counted = Parameters<BlockStore['putPart']>[1];
type Encoded = { readonly group: Omit<BlockGroup, 'chunks' | 'digest'>; readonly bytes: Uint8Array };

/** A part that the block does not lie beside yet: all of it apart. */
export async function putAllApart(part: BlockPart, byGroup: Counted, to: To): Promise<readonly BlockGroup[]> {
  const groups: BlockGroup[] = [];
  for (const encoded of encodedGroups(part, byGroup)) groups.push(await putApart(part, encoded, to));
  return groups;
}

/** What is put with the block. Those that lie apart are put, one after the other: the rest is small. */
export async function putWithBlock(
  part: BlockPart,
  byGroup: Counted,
  to: To,
): Promise<Pick<StoredBlock, 'groups' | 'kept'>> {
  const { keptLimits = to.blobs.keptLimits } = to;
  const groups: BlockGroup[] = [];
  const small: Encoded[] = [];
  for (const encoded of encodedGroups(part, byGroup)) {
    if (encoded.bytes.length <= keptLimits.mostOfGroup) small.push(encoded);
    else groups.push(await putApart(part, encoded, to));
  }
  const kept: unknown[] = [];
  const isKept = keptOf(
    small.map(({ bytes }) => bytes.length),
    keptLimits,
  );
  for (const [at, encoded] of small.entries()) {
    if (isKept.has(at)) kept.push(decode(encoded.bytes));
    groups.push(isKept.has(at) ? encoded.group : await putApart(part, encoded, to));
  }
  return { groups, ...(kept.length === 0 ? {} : { kept }) };
}

async function putApart(
  { batchId, ref, task, nonce, part }: BlockPart,
  { group, bytes }: Encoded,
  { pipeline, blobs }: To,
): Promise<BlockGroup> {
  const folder = partialsFolder(pipeline, batchId, group.keyGroup);
  const stored = await blobs.put({ folder, name: partialsName(ref, task, nonce, part) }, bytes, { v: group.v });
  return { ...group, ...stored };
}

function* encodedGroups({ part }: BlockPart, byGroup: Counted): Generator<Encoded> {
  for (const [keyGroup, { open, ...saved }] of byGroup) {
    const { v, bytes } = encodePartials(saved);
    yield { group: { keyGroup, ...(part === 0 ? {} : { part }), v, bytes: bytes.length, ...open }, bytes };
  }
}
