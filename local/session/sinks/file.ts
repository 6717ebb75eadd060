/** `file(…)`: appended to, one JSON value a line. */
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { CheckedFileSink } from '../../../functions/sinks/file.ts';
import { bytesOf } from './bytes-of.ts';
import type { LocalSink } from './local-sink.ts';

export const localFile: LocalSink<CheckedFileSink> = {
  open({ path: file }) {
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
  },
};
