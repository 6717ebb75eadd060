/** What no run on this machine has a service for: what would be sent is shown, as by `console()`, and nothing is sent. */
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { RecordIdentity } from '../../../functions/sinks/record-identity.ts';
import { toJsonLine } from '../results-file.ts';
import { bytesOf } from './bytes-of.ts';
import { localConsole } from './console.ts';
import { localFile } from './file.ts';
import type { LocalSink } from './local-sink.ts';

export const localShown: LocalSink<RecordIdentity> = {
  open(_, show, resultsFile) {
    const shown = localConsole.open!(undefined, show);
    if (resultsFile === undefined) return shown;
    // Of this run alone.
    writeFileSync(resultsFile, '');
    const written = localFile.open!({ path: resultsFile }, show);
    return {
      async send(records, deadline) {
        const lines = records.map((record) => ({ ...record, data: toJsonLine(bytesOf(record)) }));
        return (await written.send(lines, deadline)) ?? shown.send(records, deadline);
      },
    };
  },
  identityField: ({ identity, identityField }) => (identity === 'field' ? identityField : undefined),
  /** They are there already. */
  async writeResults(_, __, resultsFile) {
    await using file = await open(resultsFile);
    let count = 0;
    for await (const _line of file.readLines()) count += 1;
    return count;
  },
};
