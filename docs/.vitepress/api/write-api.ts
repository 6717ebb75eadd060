/** Writes the reference beside the other pages, where the site and its search find them; Git has none of it. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './compiler.ts';
import { groups } from './groups.ts';
import { addressesOf, type Known, pageOf } from './markdown.ts';
import { readApi } from './read-api.ts';

/** Gives the addresses of all names. */
export function writeApi(): ReadonlyMap<string, string> {
  const exports = readApi();
  const known: Known = { exports, titleOf, errors: errorsOf(readFileSync(`${root}/docs/reference/errors.md`, 'utf8')) };
  const folder = path.join(root, 'docs/api');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const group of groups) writeFileSync(path.join(folder, `${group.page}.md`), pageOf(group, known));
  return addressesOf(exports);
}

function titleOf(page: string): string | undefined {
  const file = path.join(root, page);
  return existsSync(file) ? /^# (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
}

const errorsOf = (page: string): ReadonlySet<string> =>
  new Set([...page.matchAll(/^### `(\w+)`$/gm)].map(([, name]) => name!));
