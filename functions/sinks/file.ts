/** Results in a file. */
import { readOption, text } from '../pipeline/option-rules.ts';
import { missing } from '../pipeline/problems.ts';
import { defineSink, type SinkDefinition, type SinkKind } from './sink-kind.ts';
import { everyStreamTakes, streamBytes, streamLimits, streamRecord } from './stream-record.ts';

export type FileSink = SinkDefinition<unknown> & { readonly kind: 'file'; readonly path: string };

/** Appends results to a file, one JSON value a line, for a pipeline that runs on your machine. For production see `kinesis`. */
export function file(path: string): FileSink {
  return defineSink<FileSink>({ kind: 'file', path });
}

export type CheckedFileSink = { readonly path: string };

const pathRule = text('the path of a file', (value) => value.length > 0, '');

export const fileKind: SinkKind<CheckedFileSink> = {
  kind: 'file',
  usage: 'file(path)',
  isForDevelopment: true,
  isStream: false,
  read(given, { path }, problems) {
    if (given.path === undefined) problems.push(missing(`${path}.path`, pathRule.allowed));
    return { path: readOption(`${path}.path`, given.path, pathRule, problems) };
  },
  destination: () => 'file',
  runsUserCode: () => false,
  encode: (_, value, about) => streamRecord({ partitionKey: undefined, identityField: undefined }, value, about),
  bytesOf: streamBytes,
  limits: () => streamLimits(everyStreamTakes),
  takesRetractions: () => false,
  grants: () => [],
};
