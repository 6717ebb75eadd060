/**
 * What a day of a pipeline costs: the product's own functions and state machine on simulated services, whose requests are counted. A part of a day is
 * run, behind its beginning, and taken times what a day has of it.
 *
 * What is drawn and not measured: how long services take to answer (`test/simulation/world/network.ts`) and a sandbox to be there; cold starts are
 * 3 % of the calls of the first minutes and none of the rest. A function is billed that time, and the processor time that its events take (`cpuUsPerEvent`).
 */
import { progressKey } from '../../../functions/adapters/dynamodb/keys.ts';
import { decode } from '../../../functions/adapters/dynamodb/packed-json.ts';
import type { BatchProgress } from '../../../functions/core/progress-report.ts';
import { difference, noUsage, scaled, type Usage } from '../../../local/cost/bill.ts';
import { memoryOf, secondsADay } from '../../../local/cost/prices.ts';
import { pipelineName, Stored } from '../../simulation/checks/stored.ts';
import { plainScenario } from '../../simulation/world/plain-scenario.ts';
import type { Scenario } from '../../simulation/world/scenario.ts';
import { World } from '../../simulation/world/world.ts';

export type Day = {
  readonly shards: number;
  /** Something comes to each shard in each batch, or nothing. */
  readonly isIdle: boolean;
  readonly triggerMs: number;
  /** Of events; all of them are in each batch. Windows are of a minute. */
  readonly keys: number;
  /** The pipeline ends when nothing comes for so long, and the schedule starts it again, each minute. */
  readonly stopWhenIdleMs?: number;
};

export type DayCost = {
  /** Of the day, but for the processor time of events. */
  readonly usage: Usage;
  /** Batches that were committed in the part that was run. */
  readonly batches: number;
  readonly seconds: number;
  /** Of these batches. */
  readonly reports: readonly BatchProgress[];
};

/**
 * Of one event: received over TLS, parsed and counted, by one processor; events of 215 bytes, 10,000 an answer. Measured by
 * `npm run bench -- e2e-count-objects` with nothing else on the machine. Where a schema says which fields are read it is 1.9 (`e2e-count`).
 */
const cpuUsPerEvent = 3.1;
const bytesPerEvent = 215;
/** Of a warm call of a function without its events, on a full processor; with less memory it has less of one. */
const cpuMsOfCall = 10;
const shardBytesASecond = 1_000_000;
const minuteMs = 60_000;
/** The fewest with which a purge is of as many batches at once as with those that are usual (`purge-pace.ts`). */
const minBatchesToRetain = 40;
/** Behind it each batch that is kept lets another go. */
const batchesBefore = minBatchesToRetain + 16;
const batchesRun = 24;
const minutesIdle = 20;
const workSteps = new Set(['process-shards', 'reduce-key-group']);
const dayMs = secondsADay * 1_000;

export async function costOfDay(day: Day): Promise<DayCost> {
  const ranMs = day.isIdle ? minutesIdle * minuteMs : batchesRun * day.triggerMs;
  const counter = new Counter(scenarioOf(day, ranMs));
  const { usage, reports } = await counter.run(warmUpMsOf(day), ranMs);
  const scheduledStarts = secondsADay / (minuteMs / 1_000);
  const ofDay = { ...scaled(usage, dayMs / ranMs), scheduledStarts };
  return { usage: ofDay, batches: reports.length, seconds: ranMs / 1_000, reports };
}

/** What events cost that are `load` of all that the shards take in, 1 MB/s each. */
export function eventsOfDay({ shards }: Pick<Day, 'shards'>, load: number): Usage {
  const events = (load * shards * shardBytesASecond * secondsADay) / bytesPerEvent;
  return { ...noUsage, workSeconds: (events * cpuUsPerEvent) / 1e6 };
}

const warmUpMsOf = ({ isIdle, triggerMs }: Day): number => (isIdle ? 5 * minuteMs : batchesBefore * triggerMs);

function scenarioOf(day: Day, ranMs: number): Scenario {
  const { shards, isIdle, triggerMs, keys, stopWhenIdleMs } = day;
  const durationMs = warmUpMsOf(day) + ranMs + minuteMs;
  const perSecond = Math.max(keys, 2 * shards) / (triggerMs / 1_000);
  const busy = { everyMs: 1_000 / perSecond, events: Math.round((durationMs / 1_000) * perSecond) };
  // What comes at first has gone by when the count begins.
  const idle = { everyMs: 100, events: 200 };
  return {
    ...plainScenario,
    ...{ kind: 'windowed', shards, triggerMs, durationMs, perRecord: 1, keys, ...(isIdle ? idle : busy) },
    ...{ machine: 'EXPRESS', request: {}, sinkShards: 1, parallelism: 1 },
    ...{ shardsPerTask: 'auto', maxFetch: 10_000, describeMs: minuteMs, delayMs: 10_000, windowMs: minuteMs },
    ...{ idleTimeoutMs: 15_000, minBatchesToRetain, startingPosition: 'TRIM_HORIZON', oddShare: 0 },
    ...{ hasOwnCode: false, bucket: { leastObjectBytes: 4_096, sweepEveryMs: dayMs }, maxClockSkewMs: 0, coldShare: 0 },
    ...(stopWhenIdleMs === undefined ? {} : { stopWhenIdleMs }),
  };
}

/** Taken by its virtual time. */
class Counter {
  readonly #world: World;
  #reports: BatchProgress[] = [];
  #s3Puts = 0;
  #s3Gets = 0;
  #lambdaRequests = 0;
  #workMs = 0;
  #driverMs = 0;
  readonly #executions: { readonly from: number; to: number }[] = [];

  constructor(scenario: Scenario) {
    this.#world = new World({
      ...{ seed: 1, scenario, faults: [], mostRequests: Number.POSITIVE_INFINITY },
      onTrace: (line) => {
        if (line.endsWith(' commit ok')) this.#takeReport();
      },
      onRequest: (_, { service, operation }) => {
        if (service !== 's3') return;
        if (operation === 'PutObject' || operation === 'ListObjectsV2') this.#s3Puts += 1;
        if (operation === 'GetObject') this.#s3Gets += 1;
      },
    });
    this.#watch();
  }

  async run(fromMs: number, forMs: number): Promise<Pick<DayCost, 'usage' | 'reports'>> {
    const { scheduler } = this.#world;
    const begin = scheduler.now + fromMs;
    const at: { before?: Usage; after?: Usage; reports: readonly BatchProgress[] } = { reports: [] };
    scheduler.at(begin, () => {
      at.before = this.#usage(begin);
      this.#reports = [];
    });
    scheduler.at(begin + forMs, () => {
      at.after = this.#usage(begin);
      at.reports = [...this.#reports];
    });
    const { violations } = await this.#world.run();
    if (violations.length > 0 || at.before === undefined || at.after === undefined)
      throw new Error(`the day was not run: ${violations.map(({ detail }) => detail).join('; ')}`);
    return { usage: difference(at.after, at.before), reports: at.reports };
  }

  #takeReport(): void {
    const stored = new Stored(this.#world.dynamodb);
    const { batchId, ref } = stored.head()!.committed!;
    const report = stored.item(progressKey(pipelineName, batchId, ref))!;
    this.#reports.push(decode(report.data!.B!) as BatchProgress);
  }

  /** So far; of executions from `begin` on. */
  #usage(begin: number): Usage {
    const { dynamodb, scheduler } = this.#world;
    const running = this.#executions.map(({ from, to }) => Math.min(to, scheduler.now) - Math.max(from, begin));
    return {
      ...noUsage,
      ...dynamodb.billed,
      ...{ s3Puts: this.#s3Puts, s3Gets: this.#s3Gets, lambdaRequests: this.#lambdaRequests },
      ...{ workSeconds: this.#workMs / 1_000, driverSeconds: this.#driverMs / 1_000 },
      executions: this.#executions.length,
      executionSeconds: running.reduce((sum, ms) => sum + Math.max(0, ms), 0) / 1_000,
    };
  }

  #watch(): void {
    const { functions, stepFunctions, scheduler } = this.#world;
    const run = functions.run.bind(functions);
    functions.run = async (invocation) => {
      const began = scheduler.now;
      this.#lambdaRequests += 1;
      try {
        return await run(invocation);
      } finally {
        const ms = scheduler.now - began;
        if (workSteps.has(invocation.step)) this.#workMs += ms + cpuMsOfCall;
        else this.#driverMs += ms + (cpuMsOfCall * memoryOf.work) / memoryOf.driver;
      }
    };
    const start = stepFunctions.start.bind(stepFunctions);
    stepFunctions.start = (...given) => {
      const execution = start(...given);
      const span = { from: scheduler.now, to: Number.POSITIVE_INFINITY };
      this.#executions.push(span);
      void execution.ended.then(() => {
        span.to = scheduler.now;
      });
      return execution;
    };
  }
}
