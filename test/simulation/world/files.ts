/**
 * Results as files in the place of the stream of results: what is stored is the same, and its first reader is who reads the files, each
 * when it is there. A line has behind a tab the key that its row was to be sent under; keys lie in two folders, and by what files are cut
 * differs from version to version of the code. Where files move, so do their place and the folders.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { createFilesSink } from '../../../functions/adapters/files-sink.ts';
import { createObjects } from '../../../functions/adapters/s3/objects.ts';
import { murmur3 } from '../../../functions/pipeline/murmur3.ts';
import type { Output, Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Clock } from '../../../functions/ports/clock.ts';
import type { Objects } from '../../../functions/ports/objects.ts';
import type { FileFormatKind } from '../../../functions/sinks/file-format.ts';
import { ndjsonKind } from '../../../functions/sinks/ndjson.ts';
import { type FilePlace, type NamedFile, portionKey } from '../../../functions/sinks/output-file.ts';
import type { OutputSink } from '../../../functions/sinks/output-sink.ts';

const nowhere = { region: undefined, endpointUrl: undefined, role: undefined };
/** Of each version of the code, where it moves. */
const places: readonly FilePlace[] = [
  { bucket: 'files', prefix: 'rows/', ...nowhere },
  { bucket: 'files', prefix: 'others/', ...nowhere },
  { bucket: 'archive', prefix: 'rows/', ...nowhere },
];
const format = { kind: ndjsonKind as FileFormatKind, options: { compression: 'none' } };
const folders = 2;
const mostRows = [3, 5, 2];

export function withFiles(pipeline: Pipeline, version: number, moves: boolean): Pipeline {
  const at = moves ? version % places.length : 0;
  const limits = { maxRows: mostRows[version % mostRows.length]!, maxBytes: 2_000 };
  const outputs = pipeline.outputs.map((output): Output => {
    if (output.id !== 'main') return output;
    const { kind, options } = output.sink;
    const encode: typeof kind.encode = (...given) => {
      const record = kind.encode(...given);
      const { partitionKey: key, data } = record;
      const folder = `part=${murmur3(key) % (folders + at)}`;
      return { ...record, partitionKey: portionKey(limits, folder), data: `${data}\t${key}` };
    };
    return { ...output, sink: { kind: { ...kind, encode }, options }, files: places[at]! };
  });
  return { ...pipeline, outputs };
}

type Parts = { readonly client: S3Client; readonly clock: Clock; readonly random: () => number };

export const objectsOf = (parts: Parts, { bucket }: FilePlace): Objects => createObjects(bucket, parts);

export const filesSink = (parts: Parts, place: FilePlace): OutputSink =>
  createFilesSink({ ...place, format }, objectsOf(parts, place));

export const isList = (key: string): boolean => key.includes('/_sluice/');

/** Bucket and prefix. */
export const placeOfFile = (name: string): string => name.split('/').slice(0, 2).join('/');

/** With its bucket, as the list says it that has this name. */
export const nameOfFile = (list: string, { bucket, key }: NamedFile): string =>
  `${bucket ?? list.split('/')[0]}/${key}`;

/** Of a line. */
export function partsOf(line: string): { readonly text: string; readonly key: string } {
  const at = line.indexOf('\t');
  return { text: line.slice(0, at), key: line.slice(at + 1) };
}
