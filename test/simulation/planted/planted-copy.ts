/** A copy of the product and of the harness, with one thing broken; the harness of the copy runs on it. */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Failure } from '../command/explain.ts';
import type { Edit, PlantedFault } from './planted-faults.ts';

export const root = path.resolve(import.meta.dirname, '../../..');
/** What is broken may never end. */
const limitMs = 900_000;
const copied = ['functions', 'state-machine', 'test/simulation', 'package.json'];

/** Runs `npm run simulate` with these flags in such a copy, and gives what it says of the runs that failed. */
export async function simulateBroken(fault: PlantedFault, flags: readonly string[]): Promise<readonly Failure[]> {
  const copy = await mkdtemp(path.join(tmpdir(), 'sluice-planted-'));
  try {
    for (const part of copied) await cp(path.join(root, part), path.join(copy, part), { recursive: true });
    await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    for (const edit of fault.edits) {
      const file = path.join(copy, edit.file);
      await writeFile(file, applyEdit(await readFile(file, 'utf8'), edit, fault.name));
    }
    const main = path.join(copy, 'test/simulation/command/simulate.ts');
    const output = await run(['--conditions=sluice-source', main, ...flags, '--json']);
    return (JSON.parse(output) as { readonly failures: readonly Failure[] }).failures;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Exactly one place fits, or the fault is no longer the one it was. */
export function applyEdit(text: string, { from, to }: Edit, name: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`planted fault ${name}: ${parts.length - 1} places fit, not one: ${from}`);
  return parts.join(to);
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', (_, signal) => {
      if (output.startsWith('{')) resolve(output);
      else reject(new Error(signal === null ? errors || output : `not done in ${limitMs / 60_000} minutes`));
    });
  });
}
