/** The names of the files of one output of a key group's batch, from when all of them are there until the batch is purged. */
import type { WrittenFiles } from '../sinks/output-file.ts';
import type { StateName } from './state-store.ts';

export type FileNameStore = {
  /** First write wins; whoever comes later would write the same. */
  putFiles(state: StateName, output: string, files: WrittenFiles): Promise<void>;
  /** Undefined if nothing was put. */
  loadFiles(state: StateName, output: string): Promise<WrittenFiles | undefined>;
};
