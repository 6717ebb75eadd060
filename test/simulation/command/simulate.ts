/**
 * `npm run simulate`: many seeds on all cores, what they came to, and for each that failed the command that replays it
 * with the fewest faults.
 */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeScript, type Fault, parseScript } from '../faults/fault.ts';
import { drawRun, type Profile, profiles, runSeed } from '../run-seed.ts';
import { type DimensionName, dimensionNames, drawnBy } from '../world/dimensions.ts';
import type { RunResult } from '../world/run-result.ts';
import { explain, type Failure } from './explain.ts';
import { runPlanted } from './planted-run.ts';
import { runSeeds } from './seed-pool.ts';
import { Summary } from './summary.ts';

type Options = {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly seed?: number;
  readonly faults?: readonly Fault[];
  readonly json?: true;
  readonly profile: Profile;
  readonly jobs: number;
  readonly sdk?: true;
  readonly trace?: true;
  readonly stopAtFirst?: true;
  readonly seconds?: number;
  readonly planted?: string | true;
  readonly onlyStale?: true;
  readonly write?: true;
  readonly dimension?: DimensionName;
  readonly shrink: boolean;
};

/** Those that failed later mostly failed for the same reason. */
const maxExplained = 3;

const wholeNumber = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('use a whole number.');
  return Number(text);
};

const script = (text: string): Fault[] => {
  try {
    return parseScript(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
};

const program = new Command('simulate')
  .description('Runs the pipeline on simulated services, with faults, in virtual time.')
  .option('--seeds <count>', 'how many seeds', wholeNumber, 1000)
  .option('--first-seed <number>', 'the first of them', wholeNumber, 1)
  .option('--seed <number>', 'this seed alone', wholeNumber)
  .option('--faults <script>', 'with --seed: these faults instead of its own', script)
  .addOption(new Option('--profile <name>', 'what the seeds are drawn from').choices(profiles).default('usual'))
  .addOption(new Option('--dimension <name>', 'only those of the seeds that draw it').choices(dimensionNames))
  .option('--sdk', "through the AWS SDK's own clients")
  .option('--trace', 'with --seed: print what happens, line by line')
  .option('--stop-at-first', 'end at the first violation')
  .option('--seconds <count>', 'end after so long, with the seeds that are done by then', wholeNumber)
  .option('--no-shrink', 'print the faults that a failing seed drew, and not the fewest of them')
  .option('--planted [name]', 'break the product in each known way (or in this one), and see that it is found')
  .option('--only-stale', 'with --planted: search only for those that their stored script does not show')
  .option('--write', 'with --planted: into found.json, after each that was found')
  .option('--jobs <count>', 'processes side by side', wholeNumber, availableParallelism())
  .option('--json', 'print JSON')
  .action(simulate);

await program.parseAsync();

async function simulate(options: Options): Promise<void> {
  if (options.seconds !== undefined && (options.planted !== undefined || options.seed !== undefined))
    program.error('--seconds belongs to many seeds: leave out --seed and --planted');
  if (options.planted !== undefined) return runPlanted(options, print);
  if (options.onlyStale || options.write) program.error('--only-stale and --write belong to --planted');
  if (options.seed !== undefined) return oneSeed(options.seed, options);
  if (options.faults !== undefined) program.error('--faults belongs to one seed: give --seed too');
  const summary = new Summary();
  const seeds = seedsOf(options);
  const failed: RunResult[] = [];
  const endsAt = performance.now() + (options.seconds ?? Number.POSITIVE_INFINITY) * 1_000;
  for await (const result of runSeeds(seeds, {
    jobs: options.jobs,
    throughSdk: options.sdk === true,
    profile: options.profile,
  })) {
    summary.add(result);
    if (result.violations.length > 0) failed.push(result);
    if ((failed.length > 0 && options.stopAtFirst) || performance.now() >= endsAt) break;
  }
  await report(summary, failed, options);
}

function seedsOf({ seeds, firstSeed, dimension, profile }: Options): number[] {
  const all = Array.from({ length: seeds }, (_, at) => firstSeed + at);
  if (dimension === undefined) return all;
  return all.filter((seed) => {
    const { scenario, faults } = drawRun(seed, profile);
    return drawnBy(scenario, faults).includes(dimension);
  });
}

async function oneSeed(seed: number, options: Options): Promise<void> {
  if (!options.json)
    print(`seed ${seed}: ${describeScript(options.faults ?? drawRun(seed, options.profile).faults) || 'no faults'}`);
  const summary = new Summary();
  const result = await runSeed(seed, {
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(options.trace ? { onTrace: print } : {}),
    throughSdk: options.sdk === true,
    profile: options.profile,
  });
  summary.add(result);
  await report(summary, result.violations.length > 0 ? [result] : [], options);
}

async function report(summary: Summary, failed: readonly RunResult[], options: Options): Promise<void> {
  const failures: Failure[] = [];
  for (const result of failed.slice(0, maxExplained)) failures.push(await explain(result, options));
  print(options.json ? JSON.stringify({ ...summary.toJson(), failures }) : summary.toText());
  for (const { seed, invariant, detail, replay } of options.json ? [] : failures) {
    print(`\nseed ${seed}: ${invariant}: ${detail}\n  ${replay}`);
  }
  for (const { seed, violations } of options.json ? [] : failed.slice(maxExplained)) {
    print(`\nseed ${seed}: ${violations[0]!.invariant}: ${violations[0]!.detail}`);
  }
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
