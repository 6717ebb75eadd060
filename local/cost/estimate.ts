/**
 * What a pipeline uses, by the reports of its batches: how many functions were called and for how long, and how much was stored. Requests are reckoned by
 * what a batch of that kind makes; `test/bench/cost` counts them, and holds this to it.
 */
import type { BatchProgress } from '../../functions/core/progress-report.ts';
import { stepNames } from '../../functions/core/step-times.ts';
import { usualTasks } from '../../functions/pipeline/scale.ts';
import { added, noUsage, scaled, type Usage } from './bill.ts';
import { secondsADay } from './prices.ts';

export type Estimate = {
  /** Of a day. */
  readonly usage: Usage;
  readonly batches: number;
  readonly batchesADay: number;
  /** Turns without a batch. Undefined: the trigger is not known. */
  readonly idleTurnsADay: number | undefined;
};

export type Trigger = {
  /** Undefined: not known. */
  readonly everyMs: number | undefined;
  readonly machine: 'EXPRESS' | 'STANDARD';
};

const kb = 1_024;
/** Above it a value is an object, with a bucket. */
const objectBytes = 4_096;
const minuteS = 60;
/** Where a report says nothing of it. */
const usualStepMs = 100;
/** An Express execution hands over to the next one after about so long. */
const executionSeconds = 64;
/** `wave`: the call, how it ended, what it says. What is in a wave is of an Express machine, whatever the driver is. */
const transitionsOf = { fixed: 9, task: 1, group: 1, wave: 3 };

/** `reports`: of consecutive batches, the last one last; two at least. */
export function estimateOf(reports: readonly BatchProgress[], { everyMs, machine }: Trigger): Estimate {
  const [first, last] = [reports[0]!, reports.at(-1)!];
  const spanS = Math.max(1, (last.committedAt - first.committedAt) / 1_000);
  const batchesADay = ((reports.length - 1) / spanS) * secondsADay;
  const turnsADay = everyMs === undefined ? undefined : (secondsADay * 1_000) / everyMs;
  const idleTurnsADay = turnsADay === undefined ? undefined : Math.max(0, turnsADay - batchesADay);
  const sum = reports.reduce((usage, report) => added(usage, usageOfBatch(report, machine)), noUsage);
  const ofBatches = scaled(sum, batchesADay / reports.length);
  const ofIdle = scaled(usageOfIdleTurn(last, machine), idleTurnsADay ?? 0);
  const turns = { batchesADay, idleTurnsADay: idleTurnsADay ?? 0, secondsOfBatch: meanSecondsOf(reports) };
  const driver =
    everyMs !== undefined && everyMs >= minuteS * 1_000 ? driverOfStarts(machine, turns) : driverOfLoop(machine);
  const usage = [ofBatches, ofIdle, driver].reduce(added);
  return { usage, batches: reports.length, batchesADay, idleTurnsADay };
}

/** Of one batch, without the execution that drives it. */
export function usageOfBatch(report: BatchProgress, machine: Trigger['machine'] = 'EXPRESS'): Usage {
  const { perTask = [], sizes, counters } = report;
  const tasks = Math.max(1, perTask.length);
  const { states, blocks } = sizes;
  const groups = states?.groups ?? 0;
  const isObject = states !== undefined && blocks.mostOfGroup > objectBytes;
  const isInBody = blocks.bytes <= mostKeptInBody;
  const gathered = isObject || isInBody || states === undefined ? 0 : unitsOf(blocks.bytes);
  // What is more lies in objects, too.
  const rowBytes = states === undefined || isObject ? 0 : counters.emitted * rowBytesStored;
  const inlineBytes = ((states?.total.inlineChars ?? 0) * inlineShare) / Math.max(1, groups);
  const state = groups === 0 ? 0 : groups * unitsOf(inlineBytes + rowBytes / groups);
  const [reading, reducing] = [waysOf(tasks, transitionsOf.task), waysOf(groups, transitionsOf.group)];
  const body = unitsOf(sizes.bodyChars / compression + report.shards.open * bytesOfShard);
  return {
    ...noUsage,
    // Claim, seal, commit, report, and now and then a release and the note of a purge; deleted are body, states, and what was gathered.
    writeUnits: 4.3 + planItems(tasks) + Math.max(blocks.blocks, unitsOf(blocks.bytes)) + 2 * (body + state + gathered),
    readUnits: 8.6 + planItems(tasks) + 2 * Math.max(blocks.blocks, unitsOf(blocks.bytes) / 4) + 2.3 * groups,
    s3Puts: isObject ? 1 + groups * 1.25 : groups * 0.1,
    s3Gets: isObject ? groups * 2.75 : groups * 0.1,
    // Of a wave of reducers one more adds up what they say.
    lambdaRequests: 3 + tasks + (groups + reducing.waves) * triesOf(report, 'reduce'),
    workSeconds: (perTask.reduce((sum, { workMs }) => sum + workMs, 0) + groups * msOf(report, 'reduce')) / 1_000,
    driverSeconds: (msOf(report, 'plan') + msOf(report, 'seal') + msOf(report, 'commit')) / 1_000,
    executions: reading.waves + reducing.waves,
    executionSeconds: (reading.waves * msOf(report, 'process') + reducing.waves * msOf(report, 'reduce')) / 1_000,
    transitions: machine === 'STANDARD' ? transitionsOf.fixed + reading.transitions + reducing.transitions : 0,
  };
}

/** Of tasks, or of key groups: as many as run at once without nested executions, or waves of them. */
function waysOf(count: number, ofOne: number): { readonly waves: number; readonly transitions: number } {
  if (count <= usualTasks) return { waves: 0, transitions: count * ofOne };
  const waves = Math.ceil(count / usualTasks);
  return { waves, transitions: waves * transitionsOf.wave };
}

/** The plan looks, executors find nothing, and nothing is stored but who has looked, and what several were to do. */
function usageOfIdleTurn({ perTask = [] }: BatchProgress, machine: Trigger['machine']): Usage {
  const tasks = Math.max(1, perTask.length);
  const { waves, transitions } = waysOf(tasks, transitionsOf.task);
  return {
    ...noUsage,
    ...{ writeUnits: 1.5 + planItems(tasks), readUnits: 2.6 + planItems(tasks), lambdaRequests: 1 + tasks },
    ...{ workSeconds: (tasks * usualStepMs) / 1_000, driverSeconds: usualStepMs / 1_000 },
    ...{ executions: waves, executionSeconds: (waves * usualStepMs) / 1_000 },
    transitions: machine === 'STANDARD' ? transitionsOf.fixed - 3 - transitionsOf.task + transitions : 0,
  };
}

/** A loop that runs all day, and the schedule beside it. */
const driverOfLoop = (machine: Trigger['machine']): Usage => ({
  ...noUsage,
  scheduledStarts: secondsADay / minuteS,
  ...(machine === 'STANDARD'
    ? {}
    : { executions: secondsADay / minuteS + secondsADay / executionSeconds, executionSeconds: secondsADay }),
});

type Turns = { readonly batchesADay: number; readonly idleTurnsADay: number; readonly secondsOfBatch: number };

/** From a trigger of a minute on each start of the schedule is a turn, and the execution ends behind it. */
const driverOfStarts = (machine: Trigger['machine'], { batchesADay, idleTurnsADay, secondsOfBatch }: Turns): Usage => ({
  ...noUsage,
  scheduledStarts: batchesADay + idleTurnsADay,
  ...(machine === 'STANDARD'
    ? {}
    : {
        executions: batchesADay + idleTurnsADay,
        executionSeconds: batchesADay * secondsOfBatch + (idleTurnsADay * 3 * usualStepMs) / 1_000,
      }),
});

const meanSecondsOf = (reports: readonly BatchProgress[]): number =>
  reports.reduce((sum, report) => sum + stepNames.reduce((ms, step) => ms + msOf(report, step), 0), 0) /
  reports.length /
  1_000;

/** Of a single task the plan is passed on. */
const planItems = (tasks: number): number => (tasks === 1 ? 0 : tasks + 1);

const mostKeptInBody = 2_048;
const compression = 3;
const bytesOfShard = 110;
const rowBytesStored = 40;
const inlineShare = 0.75;

const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / kb));

function triesOf({ steps = [] }: BatchProgress, step: string): number {
  return steps.find((each) => each.step === step)?.tries ?? 1;
}

function msOf({ steps = [] }: BatchProgress, step: string): number {
  return steps.find((each) => each.step === step)?.ms ?? usualStepMs;
}
