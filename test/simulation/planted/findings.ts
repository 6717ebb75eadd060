/** By which seed and script each planted fault was found, as `npm run simulate -- --planted --json` printed it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../command/planted-run.ts';

export type FoundFault = Finding & { readonly found: NonNullable<Finding['found']> };

export const findings: readonly FoundFault[] = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'found.json'), 'utf8'),
);
