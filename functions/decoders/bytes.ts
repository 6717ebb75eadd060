import { type Decoder, type DecoderKind, defineDecoder } from './decoder-kind.ts';

/** What `bytes` returns. */
export type BytesDecoder = Decoder<Uint8Array, Uint8Array> & {
  /** Always 'bytes'. */
  readonly kind: 'bytes';
};

/**
 * The bytes of the payload, expanded if they are compressed: every event is a `Uint8Array`.
 *
 * @example
 * ```ts
 * pipeline('republish')
 *   .readStream(kinesis({ streamName: 'files' }))
 *   .decode(bytes())
 *   .filter((file) => file.length > 0)
 *   .writeStream(kinesis({ streamName: 'files-again' }));
 * ```
 */
export function bytes(): BytesDecoder {
  return defineDecoder<BytesDecoder>(bytesKind, {});
}

const noOptions = {};

export const bytesKind: DecoderKind<typeof noOptions> = {
  kind: 'bytes',
  usage: 'bytes()',
  sharesBytes: true,
  read: () => noOptions,
  open: () => (data) => data,
};
