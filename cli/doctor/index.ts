/** All checks, in the order in which they are shown. */
import { bucket } from './bucket.ts';
import type { Check, Checked, Patient } from './check.ts';
import { clock } from './clock.ts';
import { consumer } from './consumer.ts';
import { definition } from './definition.ts';
import { findings } from './findings.ts';
import { quotas } from './quotas.ts';
import { streams } from './streams.ts';
import { table } from './table.ts';
import { versions } from './versions.ts';

export const checks: readonly Check[] = [
  table,
  streams,
  consumer,
  bucket,
  definition,
  versions,
  clock,
  quotas,
  findings,
];

export type Result = Checked & { readonly check: string };

export async function runChecks(patient: Patient, all: readonly Check[] = checks): Promise<readonly Result[]> {
  const results = await Promise.all(
    all.map(async ({ name, run }) => (await run(patient)).map((checked): Result => ({ check: name, ...checked }))),
  );
  return results.flat();
}
