/**
 * `npm run bench:shards -- 20000 [--ended 15000]`: what a batch of a stream of many shards costs, by counted requests: one line of JSON with the units of
 * each step for 1 % and for 100 % of the open shards moved, as a mean and of the dearest batch (behind the first, which finds parts as good as new).
 *
 * `npm run bench:shards -- 10000 --per-task 25 [--groups 40]`: what one batch of more executors than run in one Map takes, all shards moved: through the
 * state machine, with its payloads, its history and its requests.
 */
import { type Costs, measureShards, unitsOf } from './measure.ts';
import { measureWide } from './wide.ts';

const batches = { few: 30, all: 6 };
/** Until what the first batches have replaced is purged. */
const settled = 5;
/** The plan of fewer is small enough to be passed on, and is not stored. */
const leastOpen = 500;

const [count = '20000', ...flags] = process.argv.slice(2);
const shards = Number(count);
const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

function refuse(what: string): never {
  process.stderr.write(`bench:shards: ${process.argv.slice(2).join(' ')} is not allowed; ${what}\n`);
  process.exit(2);
}

if (flags[0] === '--per-task') {
  const [perTask, keyGroups] = [Number(flags[1]), flags[2] === '--groups' ? Number(flags[3]) : 0];
  if (![2, 4].includes(flags.length) || !isWhole(shards, 1, 100_000) || !isWhole(perTask, 1, 1_000))
    refuse('give a number of shards, and --per-task with 1 to 1000 of them, then nothing or --groups with 1 to 400');
  if (flags.length === 4 && !isWhole(keyGroups, 1, 400)) refuse('give --groups with 1 to 400 key groups');
  process.stdout.write(`${JSON.stringify(await measureWide({ shards, perTask, keyGroups }), undefined, 1)}\n`);
  process.exit(0);
}
const ended = flags[0] === '--ended' ? Number(flags[1]) : Math.round(shards * 0.75);
if (!isWhole(shards, 1, 1_000_000) || !isWhole(ended, 0, shards - leastOpen) || ![0, 2].includes(flags.length))
  refuse(`give a number of shards, and --ended with at least ${leastOpen} fewer, or --per-task`);
const counts = { open: shards - ended, ended };

const rounded = (value: number): number => Math.round(value * 10) / 10;
const meanOf = (values: readonly number[]): number =>
  rounded(values.reduce((sum, value) => sum + value, 0) / values.length);

function summary(all: readonly Costs[]) {
  const steady = all.slice(settled);
  const steps = (['plan', 'executors', 'seal', 'reducer', 'commit'] as const).map((step) => [
    step,
    Object.fromEntries(
      (['readUnits', 'writeUnits', 'cpuMs'] as const).map((of) => [of, meanOf(steady.map((costs) => costs[step][of]))]),
    ),
  ]);
  const both = (['readUnits', 'writeUnits'] as const).map((of) => {
    const units = steady.map((costs) => unitsOf(costs, of));
    return [of, { mean: meanOf(units), worst: Math.max(...units) }];
  });
  return { planSealCommit: Object.fromEntries(both), ...Object.fromEntries(steps) };
}

const few = summary(await measureShards({ ...counts, movedPart: 0.01, batches: batches.few }));
const everything = summary(await measureShards({ ...counts, movedPart: 1, batches: batches.all }));
process.stdout.write(`${JSON.stringify({ shards, ...counts, 'moved 1 %': few, 'moved 100 %': everything })}\n`);
