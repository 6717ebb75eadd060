/**
 * Payloads that producers compressed, each event on its own.
 *
 * EXPAND-1 The result is bounded: what would become larger is refused, and never made as a whole.
 * EXPAND-2 What cannot be expanded, or only in part, is refused: nothing of it is taken for the payload.
 * EXPAND-3 An event of no bytes is handed on as it is: it is an event like any other, and no format has so short a frame.
 * EXPAND-4 The work is bounded as well: by the bytes that may come out, and by the frames, which cost the same whatever is
 *    in them. A zstd frame takes some 20 microseconds, so one record of empty frames would take seconds. A gzip member
 *    costs less than its own bytes do.
 */
import type { Compression } from '../pipeline/compression.ts';

/** zlib only where a header within the payload says so. */
export type CompressedFormat = 'gzip' | 'zstd' | 'zlib';

/** Frames of one zstd payload; compressors write one. */
export const maxFrames = 16;
/** Of memory that a zstd frame may ask for to look back in: 64 MiB, as two to this power. */
export const maxWindowLog = 26;

export type Expanded =
  | { readonly kind: 'expanded'; readonly data: Uint8Array }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'corrupt'; readonly reason: string };

/** Expands the whole of `data`, all its frames or members; never throws, and makes no more than `maxBytes`. */
export type Decompress = (format: CompressedFormat, data: Uint8Array, maxBytes: number) => Expanded;

export type ExpandPayload = {
  (data: Uint8Array): Expanded;
  /** What was made of one that is too large. */
  readonly maxBytes?: number;
};

type Options = { readonly compression: Compression; readonly maxDecompressedBytes: number };

/** Undefined: payloads are taken as they come. */
export function payloadExpander(options: Options, decompress: Decompress): ExpandPayload | undefined {
  const { compression, maxDecompressedBytes } = options;
  if (compression === 'none') return undefined;
  const expand = (data: Uint8Array): Expanded => {
    const format = compression === 'auto' ? formatOf(data) : compression;
    if (format === undefined || data.length === 0) return { kind: 'expanded', data };
    return decompress(format, data, maxDecompressedBytes);
  };
  return Object.assign(expand, { maxBytes: maxDecompressedBytes });
}

/** Neither beginning can be that of UTF-8 text: 1F is a control character that JSON does not have, B5 continues nothing. */
function formatOf(data: Uint8Array): CompressedFormat | undefined {
  if (data[0] === 0x1f && data[1] === 0x8b && data[2] === 0x08) return 'gzip';
  if (data[0] === 0x28 && data[1] === 0xb5 && data[2] === 0x2f && data[3] === 0xfd) return 'zstd';
  return undefined;
}
