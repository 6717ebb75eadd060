/** Results in a file. */
import { readOption, text } from '../pipeline/option-rules.ts';
import { missing } from '../pipeline/problems.ts';
import { developmentSink } from './development-sink.ts';
import { defineSink, type SinkDefinition, type SinkKind } from './sink-kind.ts';

/** What `file` returns. */
export type FileSink = SinkDefinition<unknown> & {
  /** Always 'file'. */
  readonly kind: 'file';
  /** What `file` was given, not yet checked. */
  readonly path: string;
};

/**
 * Appends results to a file, one JSON value a line, for a pipeline that runs on your machine; a deployment refuses it. For
 * production see `kinesis`.
 *
 * @example
 * ```ts
 * pipeline('delayed')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .filter((flight) => flight.delay >= 60)
 *   .writeStream(file('delayed.ndjson'));
 * ```
 */
export function file(path: string): FileSink {
  return defineSink<FileSink>({ kind: 'file', path });
}

export type CheckedFileSink = { readonly path: string };

const pathRule = text('the path of a file', (value) => value.length > 0, '');

export const fileKind: SinkKind<CheckedFileSink> = {
  ...developmentSink,
  kind: 'file',
  usage: 'file(path)',
  read(given, { path }, problems) {
    if (given.path === undefined) problems.push(missing(`${path}.path`, pathRule.allowed));
    return { path: readOption(`${path}.path`, given.path, pathRule, problems) };
  },
  destination: ({ path }) => `file ${path}`,
};
