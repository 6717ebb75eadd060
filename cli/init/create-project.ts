/**
 * A new project: the files of the package's `template/`, and a package.json.
 *
 * INIT-1 Nothing is written before everything has been looked at, and no file is overwritten but package.json, whose own fields stay.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LocalProblem } from '../../local/local-problem.ts';
import { packageRoot, readManifest } from '../package-root.ts';
import { dependencyOf } from './how-installed.ts';
import { type Manifest, projectManifest, projectName } from './project-manifest.ts';

export type NewProject = {
  readonly folder: string;
  readonly name: string;
  /** In the order in which they are written. */
  readonly files: readonly string[];
};

/** What npm and git leave in a folder that is empty otherwise, and the file that the package may have been installed from. */
const mayBeThere = /^(package\.json|package-lock\.json|node_modules|\.git|\.npmrc|\.DS_Store|.*\.tgz)$/;

const template = (): string => path.join(packageRoot(), 'template');

/** Throws a LocalProblem that names what is in the way. */
export function createProject(folder: string): NewProject {
  const manifest = manifestFor(folder);
  const files = readdirSync(template()).map((name) => ({
    // npm packs no file of that name.
    name: name === 'gitignore' ? '.gitignore' : name,
    text: readFileSync(path.join(template(), name)),
  }));
  makeFolder(folder);
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  for (const { name, text } of files) writeFileSync(path.join(folder, name), text, { flag: 'wx' });
  return { folder, name: String(manifest.name), files: ['package.json', ...files.map(({ name }) => name)] };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new LocalProblem(
      'usage',
      `'${folder}' can't be made (${code}): name a folder that is empty, or is not there yet`,
    );
  }
}

function manifestFor(folder: string): Manifest {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new LocalProblem('usage', `${folder} is a file: name a folder that is empty, or is not there yet`);
  const inTheWay = existsSync(folder) ? readdirSync(folder).filter((name) => !mayBeThere.test(name)) : [];
  if (inTheWay.length > 0)
    throw new LocalProblem(
      'usage',
      `${folder} is not empty: ${named(inTheWay)}. Name a folder that is empty, or is not there yet.`,
    );
  const own = readManifest();
  return projectManifest({
    own,
    existing: existingIn(path.join(folder, 'package.json')),
    name: projectName(path.basename(path.resolve(folder))),
    dependency: dependencyOf(own, packageRoot(), path.resolve(folder)),
  });
}

const mostNamed = 10;

const named = (names: readonly string[]): string =>
  names.length <= mostNamed
    ? names.join(', ')
    : `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`;

function existingIn(file: string): Manifest | undefined {
  if (!existsSync(file)) return undefined;
  const problem = (why: string) => new LocalProblem('usage', `${file} ${why}: correct it, or take it away`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw problem(`is no JSON (${(error as Error).message})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw problem('holds no object');
  return value as Manifest;
}
