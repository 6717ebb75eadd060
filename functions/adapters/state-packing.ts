/** Bytes of segments by Node's zlib. Synchronous: a page takes a fraction of a millisecond. */
import { createHash } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import type { Packing } from '../core/state/packing.ts';

const level = 5;
/** As text 22 characters, of which no two pages share any by chance. */
const digestBytes = 16;

export const statePacking: Packing = {
  compress: (bytes) => deflateSync(bytes, { level, chunkSize: chunkOf(bytes.length) }),
  expand(bytes, length) {
    const expanded = inflateSync(bytes, { maxOutputLength: length + 1, chunkSize: chunkOf(length + 1) });
    if (expanded.length !== length) throw new Error(`it has ${expanded.length} bytes, not ${length}`);
    return expanded;
  },
  digest: (bytes) => createHash('sha256').update(bytes).digest().subarray(0, digestBytes).toString('base64url'),
};

/** All of it in one piece, if it is no more than that. */
const chunkOf = (length: number): number => Math.min(Math.max(length, 1_024), 1_048_576);
