/** Files of a format, put among objects. What is in hand of them at once is bounded by their number. */
import { gzipSync } from 'node:zlib';
import { inParallel } from '../concurrency/in-parallel.ts';
import type { Objects } from '../ports/objects.ts';
import { type FilePlace, filesOfPortion } from '../sinks/output-file.ts';
import type { OutputSink } from '../sinks/output-sink.ts';
import type { CheckedS3Sink } from '../sinks/s3.ts';

const atOnce = 8;

export function createFilesSink(
  { bucket, prefix, endpointUrl, format }: FilePlace & Pick<CheckedS3Sink, 'format'>,
  objects: Objects,
): OutputSink {
  const { kind, options } = format;
  const extension = kind.extension(options);
  return {
    // Nobody sends where there are files.
    send: () => Promise.reject(new Error('a sink of files was sent records')),
    files: {
      bucket,
      place: [bucket, prefix, extension, ...(endpointUrl === undefined ? [] : [endpointUrl])].join(' '),
      filesOf: (rows, place) => filesOfPortion(rows, place, { prefix, extension }),
      async put(files, deadline) {
        await inParallel(files, atOnce, ({ key, rows }) => {
          const texts = rows.map(({ data }) => (typeof data === 'string' ? data : Buffer.from(data).toString()));
          const body = kind.fileOf(options, texts, { gzip });
          return objects.putIfAbsent({ key, body, contentType: kind.contentType }, deadline);
        });
      },
    },
  };
}

/** In the header stands which system wrote it, and nothing else that could differ. */
function gzip(data: Uint8Array | string): Uint8Array {
  const bytes = gzipSync(data, { level: 6 });
  bytes[9] = unknownSystem;
  return bytes;
}

const unknownSystem = 255;
