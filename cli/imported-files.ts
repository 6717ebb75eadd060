/** A module and all that it imports of its own project: what `sluice dev --watch` looks at, and whose types `sluice check` tells of. */
import path from 'node:path';
import { build } from 'esbuild';

/** Absolute paths. Packages are left out; of a module that can't be read so far, it is itself alone. */
export async function importedFiles(file: string): Promise<readonly string[]> {
  const options = { bundle: true, write: false, platform: 'node', format: 'esm', packages: 'external' } as const;
  const made = await build({ ...options, entryPoints: [file], metafile: true, logLevel: 'silent' }).catch(
    () => undefined,
  );
  const inputs = Object.keys(made?.metafile.inputs ?? {}).map((name) => path.resolve(name));
  return [...new Set([path.resolve(file), ...inputs])];
}
