/**
 * What a new project depends on this package by. It is the way by which the command itself has come here: a package that is on no
 * registry was installed from a file, and the project has to name the same file.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PackageManifest } from '../package-root.ts';

/** `root` is where the package lies, `folder` that of the project. */
export function dependencyOf({ name, version }: PackageManifest, root: string, folder: string): string {
  const modules = path.dirname(path.resolve(root));
  // Not installed at all: the command runs in the package's own repository.
  if (path.basename(modules) !== 'node_modules') return `file:${relative(folder, root)}`;
  const installedIn = path.dirname(modules);
  const spec = declaredIn(path.join(installedIn, 'package.json'), name);
  if (spec === undefined) return `^${version}`;
  if (!spec.startsWith('file:')) return spec;
  return `file:${relative(folder, path.resolve(installedIn, spec.slice('file:'.length)))}`;
}

function declaredIn(file: string, name: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Partial<PackageManifest>;
  return { ...devDependencies, ...dependencies }[name];
}

/** npm takes slashes on every system. */
const relative = (from: string, to: string): string => path.relative(from, path.resolve(to)).split(path.sep).join('/');
