/**
 * Names of objects: `<pipeline>/<batch>/<kind>/…`, of a blob `<pipeline>/<kind>/…` whose folder or name has the number of a batch.
 *
 * OBJECTKEY-1 The number of the batch comes first, so that one listing from one batch to another has all that belongs to the batches between,
 *    of whatever kind, and nothing else: a sweep never lists what is retained.
 * OBJECTKEY-2 Two blobs never share a key: their parts are the same, in another order.
 */
import type { BlobName } from '../../ports/blobs.ts';

/** As `padBatch` makes them; no other part of a name has this form. */
const batchForm = /^\d{12}$/;

/** Undefined: it belongs to no batch. */
export function objectKeyOf({ folder, name }: BlobName): string | undefined {
  const [pipeline = '', ...rest] = folder.split('/');
  const parts = [...rest, ...name.split('#')];
  const at = parts.findIndex((part) => batchForm.test(part));
  if (at < 0) return undefined;
  return [pipeline, parts[at], ...parts.slice(0, at), ...parts.slice(at + 1)].join('/');
}

export type ObjectPlace = { readonly batchId: number; readonly kind: string; readonly rest: readonly string[] };

/** Of a key. Undefined: no blob has that one. */
export function placeOfObject(key: string): ObjectPlace | undefined {
  const [, batch = '', kind = '', ...rest] = key.split('/');
  return batchForm.test(batch) && kind !== '' ? { batchId: Number(batch), kind, rest } : undefined;
}
