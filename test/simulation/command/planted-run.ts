/** Breaks the product in each known way, and tells by which seed and which check the harness found it. */
import CliTable from 'cli-table3';
import { inParallel } from '../../../functions/concurrency/in-parallel.ts';
import { replayBroken, simulateBroken } from '../planted/broken-product.ts';
import { type FoundFault, findings, writeFindings } from '../planted/findings.ts';
import { clientFlags, type PlantedFault, plantedFaults } from '../planted/planted-faults.ts';
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
  readonly onlyStale?: true;
  readonly write?: true;
  readonly json?: true;
  readonly profile: Profile;
};

export async function runPlanted(options: PlantedOptions, print: (text: string) => void): Promise<void> {
  const chosen = plantedFaults.filter(({ name }) => options.planted === true || name === options.planted);
  if (chosen.length === 0) throw new Error(`no planted fault is called ${options.planted}`);
  const known = new Map(findings.map((finding) => [finding.name, finding]));
  const made = await inParallel(chosen, options.jobs, async (fault) => {
    const finding = await tryToFind(fault, known.get(fault.name), options);
    if (finding.found === null) known.delete(fault.name);
    else known.set(fault.name, finding as FoundFault);
    // After each: what was found stays found if the rest is not waited for.
    if (options.write) writeFindings(plantedFaults.flatMap(({ name }) => known.get(name) ?? []));
    return finding;
  });
  const missed = made.filter(({ found }) => found === null);
  print(options.json ? JSON.stringify(made, null, 2) : toText(made));
  process.exitCode = missed.length > 0 ? 1 : 0;
}

/** One that can't be tried is told, and does not keep the others from being found. */
async function tryToFind(
  fault: PlantedFault,
  before: FoundFault | undefined,
  options: PlantedOptions,
): Promise<Finding> {
  const started = performance.now();
  const say = (what: string): void => {
    const seconds = Math.round((performance.now() - started) / 1000);
    process.stderr.write(`${fault.name}: ${what} (${seconds} s)\n`);
  };
  try {
    if (options.onlyStale && before !== undefined && (await isStillShown(fault, before))) {
      say(`${before.found.invariant} ${before.found.seed}, as before`);
      return before;
    }
    const finding = await search(fault, options);
    say(finding.found === null ? 'NOT FOUND' : `${finding.found.invariant} ${finding.found.seed}`);
    return finding;
  } catch (error) {
    say(`NOT TRIED: ${(error as Error).message}`);
    return { name: fault.name, found: null };
  }
}

async function isStillShown(fault: PlantedFault, { found }: FoundFault): Promise<boolean> {
  const [failure] = await replayBroken(fault, found);
  return failure?.invariant === found.invariant;
}

async function search(fault: PlantedFault, { seeds, firstSeed, profile }: PlantedOptions): Promise<Finding> {
  const flags = ['--seeds', String(seeds), '--first-seed', String(firstSeed), '--jobs', '1', '--stop-at-first'];
  const dimension = fault.dimension === undefined ? [] : ['--dimension', fault.dimension];
  const [first] = await simulateBroken(fault, [
    ...[...flags, ...dimension, ...clientFlags(fault)],
    ...['--profile', fault.profile ?? profile],
  ]);
  const found = first && { invariant: first.invariant, seed: first.seed, faults: first.faults };
  return { name: fault.name, found: found ?? null };
}

function toText(made: readonly Finding[]): string {
  const table = new CliTable({ head: ['planted', 'seed', 'found by'], style: { head: [], border: [] } });
  for (const { name, found } of made) table.push([name, found?.seed ?? 'NOT FOUND', found?.invariant ?? '']);
  return `${table.toString()}\n${made.filter(({ found }) => found !== null).length} of ${made.length} found`;
}
