import type { DecoderKind } from './decoder-kind.ts';

export type BytesDecoder = { readonly kind: 'bytes' };

/** The record's bytes as they are: every event is a Uint8Array. */
export function bytes(): BytesDecoder {
  return Object.freeze({ kind: 'bytes' });
}

const noOptions = {};

export const bytesKind: DecoderKind<typeof noOptions> = {
  kind: 'bytes',
  usage: 'bytes()',
  sharesBytes: true,
  read: () => noOptions,
  open: () => (data) => data,
};
