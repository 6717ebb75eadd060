/** Data of other engines that lies beside the repository, where it does: too large, or not ours, to lie in it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

const root = path.resolve(import.meta.dirname, '..', '..');
const folder = process.env.SLUICE_CONFORMANCE ?? path.join(root, '..', 'shared', 'conformance');

export const hasShared = existsSync(folder);
/** Said where a test is left out. */
export const notThere =
  'the data of other engines is not there: ../shared/conformance, or where SLUICE_CONFORMANCE says';

export const namesShared = (within: string): string[] => readdirSync(path.join(folder, within));

export function readShared(name: string): string {
  const data = readFileSync(path.join(folder, name));
  return (name.endsWith('.gz') ? gunzipSync(data) : data).toString('utf8');
}

export const readLines = <Value>(name: string): Value[] =>
  readShared(name)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Value);
