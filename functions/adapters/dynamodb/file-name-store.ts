/** Names of files, beside the rows that they are made of: a purge takes them with the batch. */
import type { FileNameStore } from '../../ports/file-name-store.ts';
import type { WrittenFiles } from '../../sinks/output-file.ts';
import { fields, itemKind } from './item-kind.ts';
import { filesKey } from './keys.ts';
import { loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

const fileNames = itemKind<WrittenFiles>('names of files', {
  1: fields({ bucket: 'text', files: 'list' }),
});

export function createFileNameStore(storage: Storage): FileNameStore {
  const { pipeline } = storage;
  return {
    async putFiles(state, output, files) {
      await saveIfAbsent(fileNames, filesKey(pipeline, state, output), files, storage);
    },
    loadFiles: (state, output) => loadSaved(fileNames, filesKey(pipeline, state, output), storage),
  };
}
