/** Breaks the product in each known way, and tells by which seed and which check the harness found it. */
import CliTable from 'cli-table3';
import { inParallel } from '../../../functions/core/in-parallel.ts';
import { simulateBroken } from '../planted/planted-copy.ts';
import { type PlantedFault, plantedFaults } from '../planted/planted-faults.ts';
import type { Profile } from '../run-seed.ts';

/** Which seed and faults showed it, and what was broken then; null if none did. */
export type Finding = {
  readonly name: string;
  readonly found: { readonly invariant: string; readonly seed: number; readonly faults: string } | null;
};

export type PlantedOptions = {
  readonly planted?: string | true;
  readonly seeds: number;
  readonly firstSeed: number;
  readonly jobs: number;
  readonly json?: true;
  readonly profile: Profile;
};

export async function runPlanted(options: PlantedOptions, print: (text: string) => void): Promise<void> {
  const chosen = plantedFaults.filter(({ name }) => options.planted === true || name === options.planted);
  if (chosen.length === 0) throw new Error(`no planted fault is called ${options.planted}`);
  const findings = await inParallel(chosen, options.jobs, async (fault) => {
    const finding = await findPlanted(fault, options);
    const { invariant, seed } = finding.found ?? { invariant: 'NOT FOUND', seed: '' };
    process.stderr.write(`${fault.name}: ${invariant} ${seed}\n`);
    return finding;
  });
  const missed = findings.filter(({ found }) => found === null);
  print(options.json ? JSON.stringify(findings, null, 2) : toText(findings));
  process.exitCode = missed.length > 0 ? 1 : 0;
}

async function findPlanted(fault: PlantedFault, { seeds, firstSeed, profile }: PlantedOptions): Promise<Finding> {
  const flags = [
    '--seeds',
    String(seeds),
    '--first-seed',
    String(firstSeed),
    '--jobs',
    '1',
    '--stop-at-first',
    '--profile',
    profile,
  ];
  const [first] = await simulateBroken(fault, flags);
  const found = first && { invariant: first.invariant, seed: first.seed, faults: first.faults };
  return { name: fault.name, found: found ?? null };
}

function toText(findings: readonly Finding[]): string {
  const table = new CliTable({ head: ['planted', 'seed', 'found by'], style: { head: [], border: [] } });
  for (const { name, found } of findings) table.push([name, found?.seed ?? 'NOT FOUND', found?.invariant ?? '']);
  return `${table.toString()}\n${findings.filter(({ found }) => found !== null).length} of ${findings.length} found`;
}
