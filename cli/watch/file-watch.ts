/**
 * Says when files have another content.
 *
 * FILE-WATCH-1 A change is one of content, since the files were named last: what an editor writes again as it was, or an access, is none.
 * FILE-WATCH-2 What happens in folders is looked at, not files: editors put a new file in the place of the old one.
 */
import { createHash } from 'node:crypto';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type FileWatch = {
  /** From now on these. */
  look(files: readonly string[]): void;
  /** Resolves with the names of those that have changed; never, if none does. */
  changed(): Promise<readonly string[]>;
  close(): void;
};

/** An editor that writes several files, or one in several steps, is waited for. */
const settleMs = 100;

export function watchFiles(): FileWatch {
  let contents: ReadonlyMap<string, string> = new Map();
  let wake = Promise.withResolvers<void>();
  const watchers = new Map<string, FSWatcher>();
  return {
    look(files) {
      contents = new Map(files.map((file) => [file, contentOf(file)]));
      const folders = new Set(files.map((file) => path.dirname(file)));
      for (const [folder, watcher] of watchers) {
        if (folders.has(folder)) continue;
        watcher.close();
        watchers.delete(folder);
      }
      for (const folder of folders) {
        if (watchers.has(folder)) continue;
        const watcher = watch(folder, () => wake.resolve());
        // A folder that is gone: its files are, too, which the next look tells.
        watcher.on('error', () => wake.resolve());
        watchers.set(folder, watcher);
      }
    },
    async changed() {
      for (;;) {
        const others = [...contents].flatMap(([file, content]) => (contentOf(file) === content ? [] : [file]));
        if (others.length > 0) return others;
        await wake.promise;
        await sleep(settleMs);
        wake = Promise.withResolvers();
      }
    },
    close() {
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function contentOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return 'not there';
  }
}
