/** Files of JSON, one value a line. */
import { oneOf, readOptions } from '../pipeline/option-rules.ts';
import { frozenCopy, isPlainObject } from '../pipeline/options.ts';
import { defineFormat, type FileFormat, type FileFormatKind, jsonOf } from './file-format.ts';
import { withIdentity } from './identity-text.ts';

/** What `ndjson` takes. Nothing is required. */
export type NdjsonOptions = {
  /**
   * Of each file as a whole.
   * @default 'gzip'
   */
  readonly compression?: 'gzip' | 'none' | undefined;
};

/**
 * Files of JSON for `s3`, one value a line: `.ndjson.gz`, or `.ndjson` without compression. It is what `s3` writes unless it is given
 * another format.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '10 seconds' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ flights: count() })
 *   .writeStream(s3({ bucket: 'departures', format: ndjson({ compression: 'none' }) }));
 * ```
 */
export function ndjson(options: NdjsonOptions = {}): FileFormat<unknown> {
  return defineFormat(ndjsonKind, { options: frozenCopy(options) });
}

type CheckedNdjson = { readonly compression: 'gzip' | 'none' };

const rules = { compression: oneOf(['gzip', 'none'], 'gzip') };

export const ndjsonKind: FileFormatKind<CheckedNdjson> = {
  kind: 'ndjson',
  usage: 'ndjson()',
  takesAnything: true,
  read: ({ options }, { path }, problems) =>
    readOptions(`${path}.format`, isPlainObject(options) ? options : {}, rules, problems),
  extension: ({ compression }) => (compression === 'gzip' ? 'ndjson.gz' : 'ndjson'),
  contentType: 'application/x-ndjson',
  rowText(_, value, identity) {
    const text = jsonOf(value);
    return identity?.identity === undefined ? text : withIdentity(text, identity.field, identity.identity);
  },
  fileOf({ compression }, rows, { gzip }) {
    const lines = `${rows.join('\n')}\n`;
    return compression === 'gzip' ? gzip(lines) : new TextEncoder().encode(lines);
  },
};
