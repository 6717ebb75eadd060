/**
 * What the blocks of a batch keep (KEPT-2), as its seal puts it together: one value, in which the partial aggregates of a key group lie side by
 * side, compressed together. A reducer reads those of its own group, and knows them by their digest.
 */
import type { GatheredGroup, GatheredPartials } from '../../core/group-partials.ts';
import { gathered } from '../../core/kept-partials.ts';
import type { SealedBatch } from '../../core/model.ts';
import { digestOf } from '../blob-digest.ts';
import { gatheredBlob } from './keys.ts';
import { missing } from './missing.ts';
import { decode, encode } from './packed-json.ts';
import type { Storage } from './storage.ts';

const version = 1;

/** `keptIn`: JSON of what a task's block keeps. Undefined: they keep nothing. */
export async function putGathered(
  { batchId, ref, blocks }: Pick<SealedBatch, 'batchId' | 'ref' | 'blocks'>,
  keptIn: (task: number) => readonly unknown[],
  { pipeline, blobs, newId }: Pick<Storage, 'pipeline' | 'blobs' | 'newId'>,
): Promise<GatheredPartials | undefined> {
  const groups: GatheredGroup[] = [];
  const all: Uint8Array[] = [];
  let from = 0;
  for (const [keyGroup, kept] of gathered(blocks, ({ task }) => keptIn(task))) {
    const bytes = encode(kept, { plainBytes: 0 });
    groups.push({ keyGroup, from, bytes: bytes.length, digest: digestOf(bytes) });
    all.push(bytes);
    from += bytes.length;
  }
  if (groups.length === 0) return undefined;
  const nonce = newId();
  const { chunks, digest } = await blobs.put(gatheredBlob(pipeline, { batchId, ref, nonce }), Buffer.concat(all), {
    v: version,
  });
  return { nonce, chunks, digest, groups };
}

/** JSON of what blocks keep of a key group, so many of them. */
export async function loadGathered(
  { batchId, ref, gathered: named }: Pick<SealedBatch, 'batchId' | 'ref' | 'gathered'>,
  { keyGroup, count }: { readonly keyGroup: number; readonly count: number },
  { pipeline, blobs }: Pick<Storage, 'pipeline' | 'blobs'>,
): Promise<readonly unknown[]> {
  if (count === 0) return [];
  const blob = gatheredBlob(pipeline, { batchId, ref, nonce: named?.nonce ?? '' });
  const lost = (why: string) => missing({ pk: blob.folder, sk: blob.name }, why);
  const group = named?.groups.find((each) => each.keyGroup === keyGroup);
  if (named === undefined || group === undefined) throw lost(`the body names nothing of key group ${keyGroup}`);
  const bytes = await blobs.getRange({ ...blob, chunks: named.chunks, digest: named.digest }, group.from, group.bytes);
  if (digestOf(bytes) !== group.digest) throw lost(`what lies there of key group ${keyGroup} does not fit its digest`);
  const kept = decode(bytes);
  if (Array.isArray(kept) && kept.length === count) return kept;
  throw lost(`it has not ${count} parts of key group ${keyGroup}`);
}
