/** By which seed and script each planted fault was found, as `npm run simulate -- --planted --write` writes it. */
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../command/planted-run.ts';
import found from './found.json' with { type: 'json' };

export type FoundFault = Finding & { readonly found: NonNullable<Finding['found']> };

const file = path.join(import.meta.dirname, 'found.json');

export const findings: readonly FoundFault[] = found;

export function writeFindings(all: readonly FoundFault[]): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
