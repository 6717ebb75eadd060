/**
 * Breaks a temporary copy of the product, runs the harness of that copy on it, and tells by which seed and which check
 * each breakage was found.
 */
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import CliTable from 'cli-table3';
import { inParallel } from '../../../functions/core/in-parallel.ts';
import { type PlantedFault, plantedFaults } from '../planted/planted-faults.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const copied = ['functions', 'state-machine', 'test/simulation', 'package.json'];

type Found = { readonly seed: number; readonly invariant: string; readonly detail: string };
type Finding = { readonly fault: PlantedFault; readonly found: Found | undefined };
export type PlantedOptions = {
  readonly planted?: string | true;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly jobs: number;
  readonly json?: true;
};

export async function runPlanted(options: PlantedOptions, print: (text: string) => void): Promise<void> {
  const chosen = plantedFaults.filter(({ name }) => options.planted === true || name === options.planted);
  if (chosen.length === 0) throw new Error(`no planted fault is called ${options.planted}`);
  const findings = await inParallel(chosen, options.jobs, async (fault) => {
    const finding = await findPlanted(fault, options);
    if (!options.json) print(`${fault.name}: ${finding.found?.invariant ?? 'NOT FOUND'} ${finding.found?.seed ?? ''}`);
    return finding;
  });
  const missed = findings.filter(({ found }) => found === undefined);
  print(options.json ? JSON.stringify(findings.map(toJson)) : toText(findings));
  process.exitCode = missed.length > 0 ? 1 : 0;
}

/** The first seed that shows the fault, run in a copy of the tree that has it. */
export async function findPlanted(
  fault: PlantedFault,
  { seeds, firstSeed }: Pick<PlantedOptions, 'seeds' | 'firstSeed'>,
): Promise<Finding> {
  const copy = await mkdtemp(path.join(tmpdir(), 'sluice-planted-'));
  try {
    for (const part of copied) await cp(path.join(root, part), path.join(copy, part), { recursive: true });
    await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    for (const edit of fault.edits) {
      const file = path.join(copy, edit.file);
      await writeFile(file, applyEdit(await readFile(file, 'utf8'), edit.from, edit.to, fault.name));
    }
    const main = path.join(copy, 'test/simulation/command/simulate.ts');
    const flags = ['--seeds', seeds, '--first-seed', firstSeed, '--jobs', 1, '--stop-at-first', '--json'].map(String);
    const output = await run(['--conditions=sluice-source', main, ...flags]);
    const { violated } = JSON.parse(output.split('\n')[0]!) as { readonly violated: readonly Found[] };
    return { fault, found: violated[0] };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Exactly one place fits, or the fault is no longer the one it was. */
export function applyEdit(text: string, from: string, to: string, name: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`planted fault ${name}: ${parts.length - 1} places fit, not one: ${from}`);
  return parts.join(to);
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', () => (output.startsWith('{') ? resolve(output) : reject(new Error(errors || output))));
  });
}

const toJson = ({ fault: { name, row }, found }: Finding): object => ({ name, row: row ?? null, found: found ?? null });

function toText(findings: readonly Finding[]): string {
  const table = new CliTable({ head: ['planted', 'row', 'seed', 'found by'], style: { head: [], border: [] } });
  for (const { fault, found } of findings) {
    table.push([fault.name, fault.row ?? '', found?.seed ?? 'NOT FOUND', found?.invariant ?? '']);
  }
  return `${table.toString()}\n${findings.filter(({ found }) => found !== undefined).length} of ${findings.length} found`;
}
