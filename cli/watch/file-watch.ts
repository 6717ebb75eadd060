/**
 * Says when files have another content.
 *
 * FILE-WATCH-1 A change is one of content, since the files were named last: what an editor writes again as it was, or an access, is none.
 * FILE-WATCH-2 What happens in folders is looked at, not files: editors put a new file in the place of the old one.
 */
import { createHash } from 'node:crypto';
import { existsSync, type FSWatcher, readFileSync, watch } from 'node:fs';
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
  let watchers: readonly FSWatcher[] = [];
  const close = (): void => watchers.forEach((watcher) => void watcher.close());
  // Anew each time: who watches a folder that was replaced hears nothing of the new one.
  const open = (folders: readonly string[]): void => {
    close();
    watchers = [...new Set(folders.map(nearestFolder))].map((folder) => {
      const watcher = watch(folder, () => wake.resolve());
      // A folder that is gone: its files are, too, which the next look tells.
      return watcher.on('error', () => wake.resolve());
    });
  };
  return {
    look(files) {
      contents = new Map(files.map((file) => [file, contentOf(file)]));
      open(files.map((file) => path.dirname(file)));
    },
    async changed() {
      for (;;) {
        const others = [...contents].flatMap(([file, content]) => (contentOf(file) === content ? [] : [file]));
        if (others.length > 0) return others;
        await wake.promise;
        await sleep(settleMs);
        wake = Promise.withResolvers();
        open([...contents.keys()].map((file) => path.dirname(file)));
      }
    },
    close,
  };
}

/** Where a folder is not there, what it would be made in. */
function nearestFolder(folder: string): string {
  const parent = path.dirname(folder);
  return existsSync(folder) || parent === folder ? folder : nearestFolder(parent);
}

function contentOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex');
  } catch {
    return 'not there';
  }
}
