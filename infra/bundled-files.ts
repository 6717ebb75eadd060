/** Which files of a bundle its entry loads, at its start or later. The others are there for code that was left out, and go. */
import type { Metafile } from 'esbuild';

type Kinds = 'at its start' | 'ever';

/** Paths as the metafile has them; the entry is among them. */
export function filesLoaded({ outputs }: Metafile, kinds: Kinds): ReadonlySet<string> {
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind, external } of outputs[path]?.imports ?? [])
      if (external !== true && (kinds === 'ever' || kind === 'import-statement')) load(next);
  };
  const entry = Object.keys(outputs).find((path) => /(?:^|\/)index\.mjs$/.test(path));
  if (entry !== undefined) load(entry);
  return loaded;
}
