/** By which seed and script each planted fault was found, as `npm run simulate -- --planted --write` writes it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../command/planted-run.ts';

export type FoundFault = Finding & { readonly found: NonNullable<Finding['found']> };

const file = path.join(import.meta.dirname, 'found.json');

export const findings: readonly FoundFault[] = JSON.parse(readFileSync(file, 'utf8'));

export function writeFindings(found: readonly FoundFault[]): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(found, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
