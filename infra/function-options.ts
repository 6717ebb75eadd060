/** What an app says of single functions, and what of it can't work. */
import type { Duration } from 'aws-cdk-lib';
import { microBatch } from '../state-machine/micro-batch.ts';
import { type FunctionTimeouts, functionTimeoutSeconds, type MachineType } from '../state-machine/timing.ts';
import { type PerStep, perStep, type Step, type StepKey, steps } from './steps.ts';

/** What one of the five functions has other than the others: an entry of `functions` of `new SluicePipeline`. */
export interface SluiceFunctionProps {
  /** MB, 256 to 10240. @default 512; of those that read shards and reduce windows the pipeline's `memorySize` */
  readonly memorySize?: number;
  /**
   * How long a call may take, in whole seconds. The state machine counts with it: refused if a batch could outlast its execution or its lease, or leaves
   * no time to read. @default 6 seconds for the plan and the seal, 5 for the commit, 22 for reading and reducing
   */
  readonly timeout?: Duration;
  /**
   * So many run at once at most, and so many of the account's are kept for it. At least as many as one batch needs: of `reduceKeyGroup` the pipeline's
   * `parallelism`, of `processShards` its `maxTasks`. @default none: all of them share what the account has
   */
  readonly reservedConcurrentExecutions?: number;
}

export type FunctionOptions = {
  readonly memorySize: number;
  readonly timeoutSeconds: number;
  readonly reservedConcurrentExecutions: number | undefined;
};

export type AskedFunctions = {
  readonly memorySize?: number;
  readonly functions?: Readonly<Partial<Record<StepKey, SluiceFunctionProps>>>;
};

/** Of the pipeline and its machine. */
export type NeedsOfFunctions = {
  readonly parallelism: number;
  readonly maxTasks: number;
  readonly type: MachineType;
};

const workMemory = 1769;
const driverMemory = 512;
const memory = { least: 256, most: 10_240 };

/** @throws `Error` with everything that is wrong */
export function functionOptions(asked: AskedFunctions, needs: NeedsOfFunctions): PerStep<FunctionOptions> {
  const options = perStep((step) => optionsOf(step, asked));
  const problems = [
    ...unknownNames(asked),
    ...steps.flatMap(({ key }) => problemsOf(key, asked, needs)),
    ...timingProblems(options, needs),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return options;
}

function optionsOf({ key }: Step, { memorySize = workMemory, functions = {} }: AskedFunctions): FunctionOptions {
  const asked = functions[key] ?? {};
  const works = key === 'processShards' || key === 'reduceKeyGroup';
  return {
    memorySize: asked.memorySize ?? (works ? memorySize : driverMemory),
    timeoutSeconds: asked.timeout?.toSeconds({ integral: false }) ?? functionTimeoutSeconds[key],
    reservedConcurrentExecutions: asked.reservedConcurrentExecutions,
  };
}

function unknownNames({ functions = {} }: AskedFunctions): string[] {
  const known = steps.map(({ key }) => key as string);
  const unknown = Object.keys(functions).filter((name) => !known.includes(name));
  return unknown.map((name) => `functions.${name}: there is no such function: one of ${known.join(', ')}`);
}

function problemsOf(key: StepKey, { memorySize, functions = {} }: AskedFunctions, needs: NeedsOfFunctions): string[] {
  const asked = functions[key] ?? {};
  const given = asked.memorySize ?? (key === 'processShards' ? memorySize : undefined);
  const named = asked.memorySize === undefined ? 'memorySize' : `functions.${key}.memorySize`;
  const problems = given === undefined || isWithin(given, memory) ? [] : [memoryProblem(named, given)];
  const least = { ...leastConcurrency, ...concurrencyOf(needs) }[key];
  const reserved = asked.reservedConcurrentExecutions;
  if (reserved === undefined || (Number.isInteger(reserved) && reserved >= least)) return problems;
  return [...problems, `functions.${key}.reservedConcurrentExecutions is ${reserved}: ${reasonOf(key, least)}`];
}

const isWithin = (value: number, { least, most }: typeof memory): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

const memoryProblem = (name: string, value: number): string =>
  `${name} is ${value}: a whole number of MB from ${memory.least} to ${memory.most}`;

/** A driver's function runs once at a time; its next try begins while the one that nobody hears of may still run. */
const leastConcurrency = { planBatch: 2, sealBatch: 2, commitBatch: 2 };

const concurrencyOf = ({ parallelism, maxTasks }: NeedsOfFunctions) => ({
  processShards: maxTasks,
  reduceKeyGroup: parallelism,
});

function reasonOf(key: StepKey, least: number): string {
  if (key === 'processShards')
    return `a batch may have ${least} tasks at once; reserve as many, or give the pipeline a smaller maxTasks`;
  if (key === 'reduceKeyGroup') return `a batch reduces ${least} key groups at once; reserve as many`;
  return `a whole number from ${least}, since a second try may begin while the first still runs`;
}

/** What the machine that is built with these times says. */
function timingProblems(
  options: PerStep<FunctionOptions>,
  { type, maxTasks, parallelism }: NeedsOfFunctions,
): string[] {
  const timeouts = timeoutsOf(options);
  const broken = steps.filter(({ key }) => !Number.isInteger(timeouts[key]) || timeouts[key] < 1);
  if (broken.length > 0)
    return broken.map(({ key }) => `functions.${key}.timeout is ${timeouts[key]} s: whole seconds, at least 1`);
  try {
    const width = { tasks: maxTasks, keyGroups: parallelism };
    microBatch({ functions: perStep(({ key }) => key), type, functionTimeoutSeconds: timeouts, width });
    return [];
  } catch (error) {
    return [`functions: with these timeouts ${(error as Error).message}`];
  }
}

export function timeoutsOf(options: PerStep<FunctionOptions>): FunctionTimeouts {
  return perStep(({ key }) => options[key].timeoutSeconds);
}
