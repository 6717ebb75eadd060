/** Names of files, beside the rows that they are made of: a purge takes them with the batch. */
import type { FileNameStore } from '../../ports/file-name-store.ts';
import type { NamedFile } from '../../sinks/output-file.ts';
import { fields, itemKind } from './item-kind.ts';
import { filesKey } from './keys.ts';
import { loadSaved, saveIfAbsent } from './saved-value.ts';
import type { Storage } from './storage.ts';

const fileNames = itemKind<{ readonly files: readonly NamedFile[] }>('names of files', {
  1: fields({ files: 'list' }),
});

export function createFileNameStore(storage: Storage): FileNameStore {
  const { pipeline } = storage;
  return {
    async putFiles(state, output, files) {
      await saveIfAbsent(fileNames, filesKey(pipeline, state, output), { files }, storage);
    },
    async loadFiles(state, output) {
      const saved = await loadSaved(fileNames, filesKey(pipeline, state, output), storage);
      return saved?.files ?? [];
    },
  };
}
