/** The sinks `console()` and `file(…)`, which only a local run has. */
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { OutputRecord } from '../../functions/core/output.ts';
import type { Sink } from '../../functions/pipeline/pipeline.ts';
import type { OutputSink } from '../../functions/ports/output-sink.ts';

export type DevelopmentSinks = {
  create(sink: Extract<Sink, { kind: 'console' | 'file' }>): OutputSink;
  /** What console sinks were given since the last call: it is shown with its batch. */
  takeRows(): readonly Uint8Array[];
};

export function developmentSinks(): DevelopmentSinks {
  let rows: Uint8Array[] = [];
  return {
    create: (sink) =>
      sink.kind === 'file' ? fileSink(sink.path) : { send: async (records) => void rows.push(...records.map(bytesOf)) },
    takeRows() {
      const taken = rows;
      rows = [];
      return taken;
    },
  };
}

function fileSink(file: string): OutputSink {
  // One write after the other: reducers send side by side.
  let last: Promise<unknown> = mkdir(path.dirname(path.resolve(file)), { recursive: true });
  return {
    async send(records) {
      if (records.length === 0) return undefined;
      const text = Buffer.concat(records.flatMap((record) => [bytesOf(record), Buffer.from('\n')]));
      const written = last.then(() => appendFile(file, text));
      last = written.catch(() => {});
      await written;
      return undefined;
    },
  };
}

function bytesOf({ data }: OutputRecord): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data) : data;
}
