import { type Decoder, type DecoderKind, defineDecoder } from './decoder-kind.ts';
import { textReader } from './utf8.ts';

/** What `text` returns. */
export type PlainTextDecoder = Decoder<string, string> & {
  /** Always 'text'. */
  readonly kind: 'text';
};

/**
 * The payload as a text: each event is a string, that of an empty record the empty one. Bytes that are not UTF-8 become a
 * dead letter (`invalid-utf8`); a byte order mark is left out, ends of lines stay.
 *
 * @example
 * ```ts
 * pipeline('errors')
 *   .readStream(kinesis({ streamName: 'logs' }))
 *   .decode(text())
 *   .filter((line) => line.includes('ERROR'))
 *   .writeStream(kinesis({ streamName: 'errors' }));
 * ```
 */
export function text(): PlainTextDecoder {
  return defineDecoder<PlainTextDecoder>(textKind, {});
}

const noOptions = {};

export const textKind: DecoderKind<typeof noOptions> = {
  kind: 'text',
  usage: 'text()',
  sharesBytes: false,
  takesText: true,
  read: () => noOptions,
  open: textReader,
};
