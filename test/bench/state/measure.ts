/** All batches of one benchmark, and what they come to. */
import { billOf, noUsage } from '../../../local/cost/bill.ts';
import { secondsADay } from '../../../local/cost/prices.ts';
import { type BatchCost, Loop, type Reduce } from './loop.ts';
import { ReducerProcess } from './reducer-process.ts';
import { difference, nothingUsed, Services, type Usage } from './services.ts';
import type { Settings } from './settings.ts';
import { storedBytes } from './stored-state.ts';
import { type Batch, retained, Workload } from './workload.ts';

/** Until what the first batch has left is purged. */
const settlingBatches = retained + 2;
const driverSteps = 3;
/** A trigger of 10 seconds. */
const batchesADay = secondsADay / 10;
/** Of each function, beside what is measured: its start and its waits for answers. */
const waitSeconds = 0.1;

export type Figures = {
  readonly entries: number;
  readonly touched: number;
  readonly groups: number;
  readonly windows: number;
  readonly tasks: number;
  readonly mode: string;
  readonly batches: number;
  readonly bucket: boolean;
  /** Of all groups, on average behind a batch, up to the last close. */
  readonly stateBytes: number;
  readonly writtenBytes: number;
  readonly worstWrittenBytes: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly s3Puts: number;
  readonly s3Gets: number;
  readonly dollarsPerDay: number;
  readonly computeDollarsPerDay: number;
  readonly cpuMs: number;
  readonly worstCpuMs: number;
  readonly peakMb: number;
  /** Of batches with which windows end: what all of them have sent, the calls of the group that takes most, and its processor time. */
  readonly results: number;
  readonly closeCalls: number;
  readonly closeCpuMs: number;
  readonly closePeakMb: number;
  /** Of a reducer that has done nothing. */
  readonly idleMb: number;
};

export type Progress = (text: string) => void;

export async function measure(settings: Settings, progress: Progress): Promise<Figures> {
  const workload = new Workload(settings);
  const loop = new Loop(workload, (now) => new Services(now), settings);
  await loop.begin();
  await settle(settings, { workload, loop }, progress);
  const sum = new Sum(settings);
  const reducers = new Map<'open' | 'closing', ReducerProcess>();
  const reducerOf = async (batch: Batch): Promise<Reduce> => {
    const kind = batch.closes === 0 ? 'open' : 'closing';
    const reducer = reducers.get(kind) ?? (await ReducerProcess.begin(settings, loop.services));
    reducers.set(kind, reducer);
    sum.idleMb = reducer.residentMb;
    return (group) => reducer.reduce(group);
  };
  let usage = loop.services.usage;
  for (let at = 0; at < settings.batches; at++) {
    const batch = workload.next(at);
    const cost = await loop.batch(batch, await reducerOf(batch));
    const now = loop.services.usage;
    const stored = await storedBytes(loop.services, loop.states, cost.states);
    sum.take(batch, cost, difference(now, usage), stored);
    usage = now;
    if ((at + 1) % 64 === 0) progress(`${at + 1} of ${settings.batches} batches`);
  }
  for (const reducer of reducers.values()) await reducer.end();
  return sum.figures();
}

type Parts = { readonly workload: Workload; readonly loop: Loop };

/** All entries come, and what they came in is purged. */
async function settle(settings: Settings, { workload, loop }: Parts, progress: Progress): Promise<void> {
  const reducer = await ReducerProcess.begin(settings, loop.services);
  for (const batch of workload.fill()) await loop.batch(batch, (group) => reducer.reduce(group));
  progress(`${settings.entries} entries are open`);
  for (let at = -settlingBatches; at < 0; at++) await loop.batch(workload.next(at), (group) => reducer.reduce(group));
  await reducer.end();
}

class Sum {
  idleMb = 0;
  readonly #settings: Settings;
  readonly #usage: Record<keyof Usage, number> = { ...nothingUsed };
  readonly #stateBytes: number[] = [];
  #worstWrittenBytes = 0;
  #executorCpuMs = 0;
  #reducerCpuMs = 0;
  #calls = 0;
  readonly #openCpuMs: number[] = [];
  #peakMb = 0;
  readonly #close = { results: 0, calls: 0, cpuMs: 0, peakMb: 0 };

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  take(batch: Batch, { executorCpuMs, reduced }: BatchCost, usage: Usage, storedState: number): void {
    for (const name of Object.keys(usage) as (keyof Usage)[]) this.#usage[name] += usage[name];
    this.#worstWrittenBytes = Math.max(this.#worstWrittenBytes, usage.stateBytes);
    if (this.#close.results === 0 || this.#settings.windows > 1) this.#stateBytes.push(storedState);
    this.#executorCpuMs += executorCpuMs;
    for (const { cpuMs, sent, peakMb } of reduced) {
      const all = cpuMs.reduce((sum, ms) => sum + ms, 0);
      this.#reducerCpuMs += all;
      this.#calls += cpuMs.length;
      if (batch.closes === 0) {
        this.#openCpuMs.push(all);
        this.#peakMb = Math.max(this.#peakMb, peakMb);
        continue;
      }
      const close = this.#close;
      close.results += sent;
      close.calls = Math.max(close.calls, cpuMs.length);
      close.cpuMs = Math.max(close.cpuMs, all);
      close.peakMb = Math.max(close.peakMb, peakMb);
    }
  }

  figures(): Figures {
    const { entries, touched, groups, windows, tasks, mode, batches, tableOnly } = this.#settings;
    const mean = (sum: number): number => rounded(sum / batches);
    const { writeUnits, readUnits, s3Puts, s3Gets, stateBytes } = this.#usage;
    const { results, calls, cpuMs, peakMb } = this.#close;
    return {
      ...{
        entries,
        touched: Math.max(1, Math.round(entries * touched)),
        groups,
        windows,
        tasks,
        mode,
        batches,
        bucket: !tableOnly,
      },
      stateBytes: Math.round(meanOf(this.#stateBytes)),
      writtenBytes: Math.round(stateBytes / batches),
      worstWrittenBytes: this.#worstWrittenBytes,
      ...{ writeUnits: mean(writeUnits), readUnits: mean(readUnits), s3Puts: mean(s3Puts), s3Gets: mean(s3Gets) },
      dollarsPerDay: rounded((this.#dollars() / batches) * batchesADay, 4),
      computeDollarsPerDay: rounded((this.#computeDollars() / batches) * batchesADay, 4),
      cpuMs: rounded(meanOf(this.#openCpuMs)),
      worstCpuMs: rounded(Math.max(0, ...this.#openCpuMs)),
      peakMb: this.#peakMb,
      ...{ results, closeCalls: calls, closeCpuMs: rounded(cpuMs), closePeakMb: peakMb, idleMb: this.idleMb },
    };
  }

  #dollars(): number {
    return billOf({ ...noUsage, ...this.#usage }).total;
  }

  /** Processor time of executors and reducers, of which each has a processor of its own; and of each call of a function its waits. */
  #computeDollars(): number {
    const { tasks, batches } = this.#settings;
    const work = tasks * batches + this.#calls;
    const drivers = driverSteps * batches;
    return billOf({
      ...noUsage,
      lambdaRequests: work + drivers,
      workSeconds: (this.#executorCpuMs + this.#reducerCpuMs) / 1_000 + work * waitSeconds,
      driverSeconds: drivers * waitSeconds,
    }).total;
  }
}

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const rounded = (value: number, digits = 1): number => Number(value.toFixed(digits));
