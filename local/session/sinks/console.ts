/** `console()`: rows are shown with the batch that they belong to. */
import { bytesOf } from './bytes-of.ts';
import type { LocalSink } from './local-sink.ts';

export const localConsole: LocalSink<unknown> = {
  open: (_, show) => ({
    async send(records) {
      show(records.map(bytesOf));
      return undefined;
    },
  }),
};
