/**
 * What the blocks of a batch keep (KEPT-2), as its seal puts it together. What is little lies in the body (KEPT-3). Else it is one value, in which the
 * partial aggregates of a key group lie side by side, compressed together: a reducer reads those of its own group, and knows them by their digest.
 */
import type { GatheredGroup, KeptOfBlocks } from '../../core/group-partials.ts';
import { gathered } from '../../core/kept-partials.ts';
import type { SealedBatch } from '../../core/model.ts';
import { digestOf } from '../blob-digest.ts';
import { gatheredBlob } from './keys.ts';
import { missing } from './missing.ts';
import { decode, encode } from './packed-json.ts';
import type { Storage } from './storage.ts';

const version = 1;
/**
 * Bytes. An item is billed by each begun KB, so what lies in the body costs less than beside it, twice: it is put, and it is deleted. But seal, commit,
 * plan and all reducers read the body.
 */
const usualMostInBody = 2_048;

type To = Pick<Storage, 'pipeline' | 'blobs' | 'newId' | 'mostKeptInBody'>;

/** `keptIn`: JSON of what a task's block keeps. What comes of it is for the body (KEPT-3). */
export async function putGathered(
  { batchId, ref, blocks }: Pick<SealedBatch, 'batchId' | 'ref' | 'blocks'>,
  keptIn: (task: number) => readonly unknown[],
  { pipeline, blobs, newId, mostKeptInBody = usualMostInBody }: To,
): Promise<KeptOfBlocks> {
  const groups: GatheredGroup[] = [];
  const all: Uint8Array[] = [];
  let from = 0;
  const byGroup = gathered(blocks, ({ task }) => keptIn(task));
  for (const [keyGroup, kept] of byGroup) {
    const bytes = encode(kept, { plainBytes: 0 });
    groups.push({ keyGroup, from, bytes: bytes.length, digest: digestOf(bytes) });
    all.push(bytes);
    from += bytes.length;
  }
  if (groups.length === 0) return {};
  if (from <= mostKeptInBody) return { kept: byGroup };
  const nonce = newId();
  const { chunks, digest } = await blobs.put(gatheredBlob(pipeline, { batchId, ref, nonce }), Buffer.concat(all), {
    v: version,
  });
  return { gathered: { nonce, chunks, digest, groups } };
}

/** JSON of what blocks keep of a key group, so many of them. */
export async function loadGathered(
  { batchId, ref, kept: inBody, gathered: named }: Pick<SealedBatch, 'batchId' | 'ref' | 'kept' | 'gathered'>,
  { keyGroup, count }: { readonly keyGroup: number; readonly count: number },
  { pipeline, blobs }: Pick<Storage, 'pipeline' | 'blobs'>,
): Promise<readonly unknown[]> {
  if (count === 0) return [];
  const blob = gatheredBlob(pipeline, { batchId, ref, nonce: named?.nonce ?? '' });
  const lost = (why: string) => missing({ pk: blob.folder, sk: blob.name }, why);
  const own = inBody?.find(([group]) => group === keyGroup)?.[1];
  if (own?.length === count) return own;
  const group = named?.groups.find((each) => each.keyGroup === keyGroup);
  if (named === undefined || group === undefined) throw lost(`the body names nothing of key group ${keyGroup}`);
  const bytes = await blobs.getRange({ ...blob, chunks: named.chunks, digest: named.digest }, group.from, group.bytes);
  if (digestOf(bytes) !== group.digest) throw lost(`what lies there of key group ${keyGroup} does not fit its digest`);
  const kept = decode(bytes);
  if (Array.isArray(kept) && kept.length === count) return kept;
  throw lost(`it has not ${count} parts of key group ${keyGroup}`);
}
