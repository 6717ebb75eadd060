/**
 * Reference data of a pipeline: a table that changes every so often, and can't be had for a while, by a load that fails or hangs.
 *
 * A process is a sandbox that several invocations of a step have, one after the other: a cold start begins another one.
 */
import { keepReferences } from '../../../functions/adapters/reference-keeper.ts';
import { isUnavailable, type TakenReferences } from '../../../functions/core/references.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import type { Clock } from '../../../functions/ports/clock.ts';
import type { ReferencePort } from '../../../functions/ports/references.ts';
import type { Report } from '../checks/violation.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Dimensions } from './dimensions.ts';
import type { Invocation } from './invocation.ts';
import type { Scenario } from './scenario.ts';

export type ReferenceScenario = {
  readonly changesEveryMs: number;
  readonly everyMs: number;
  readonly staleAfterMs: number;
  /** Milliseconds after the start. */
  readonly outages: readonly Outage[];
};
type Outage = { readonly from: number; readonly forMs: number; readonly how: 'fails' | 'hangs' };

/** What a load gives. */
export type ReferenceTable = { readonly version: number; readonly at: number };

const slowestLoadMs = 200;
const coldShare = 0.15;
/** What a take may wait for a load. */
const longestTakeMs = 5_000;

/** Where records are small, and functions live as long as they are let. */
export function drawReference(random: Random, scenario: Scenario): Partial<Pick<Scenario, 'reference'>> {
  const { large, deadly, deadlyRow, scheduleMs, oddValues, silence, durationMs, kind } = scenario;
  const isPlain = [large, deadly, deadlyRow, scheduleMs, oddValues, silence].every((corner) => corner === undefined);
  if (!isPlain || kind === 'wide' || !random.chance(0.08)) return {};
  const everyMs = random.pick([1_000, 3_000, 10_000]);
  const outages = Array.from({ length: random.pick([0, 1, 1, 2]) }, (): Outage => {
    const from = random.chance(0.25) ? 0 : random.int(1, durationMs);
    return { from, forMs: random.span(1_000, 100_000), how: random.pick(['fails', 'hangs']) };
  });
  return {
    reference: {
      ...{ changesEveryMs: random.pick([500, 3_000, 15_000]), everyMs, outages },
      staleAfterMs: everyMs * random.pick([1, 2, 5, 20]),
    },
  };
}

/** Nothing goes wrong with what there is. */
export const isReferenceCalm = ({ reference }: Scenario): boolean => (reference?.outages ?? []).length === 0;

export const endOfOutages = ({ reference }: Scenario): number =>
  Math.max(0, ...(reference?.outages ?? []).map(({ from, forMs }) => from + forMs));

export class SimulatedReference {
  readonly #given: ReferenceScenario;
  readonly #startTime: number;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #dimensions: Dimensions;
  readonly #report: Report;
  readonly #maxClockSkewMs: number;
  readonly #processes = new Map<string, { readonly keep: ReturnType<typeof keepReferences>; version: number }>();

  constructor(
    given: ReferenceScenario,
    parts: {
      readonly startTime: number;
      readonly scheduler: Scheduler;
      readonly random: Random;
      readonly dimensions: Dimensions;
      readonly report: Report;
      readonly maxClockSkewMs: number;
    },
  ) {
    this.#given = given;
    this.#startTime = parts.startTime;
    this.#scheduler = parts.scheduler;
    this.#random = parts.random;
    this.#dimensions = parts.dimensions;
    this.#report = parts.report;
    this.#maxClockSkewMs = parts.maxClockSkewMs;
  }

  async load(): Promise<ReferenceTable> {
    const at = this.#scheduler.now;
    const since = at - this.#startTime;
    const outage = this.#given.outages.find(({ from, forMs }) => since >= from && since < from + forMs);
    await this.#scheduler.sleep(this.#random.int(1, slowestLoadMs));
    if (outage === undefined) return { version: Math.floor(since / this.#given.changesEveryMs), at };
    this.#dimensions.count(outage.how === 'fails' ? 'loads that fail' : 'loads that hang');
    if (outage.how === 'fails') throw new Error('no such table');
    // It answers as of when it was asked, or never.
    if (this.#random.chance(0.5)) return new Promise<never>(() => {});
    await this.#scheduler.sleep(this.#startTime + outage.from + outage.forMs - this.#scheduler.now);
    return { version: Math.floor(since / this.#given.changesEveryMs), at };
  }

  port(pipeline: Pipeline, invocation: Invocation, clock: Clock): ReferencePort {
    const name = `${invocation.step} ${invocation.version}`;
    const known = this.#processes.get(name);
    const isCold = known === undefined || this.#random.chance(coldShare);
    const process = isCold ? { keep: keepReferences(pipeline.references), version: -1 } : known;
    this.#processes.set(name, process);
    return {
      take: async () => {
        await invocation.gate();
        const startedAt = this.#scheduler.now;
        const taken = await this.#take(process.keep(clock)).finally(() => this.#checkWait(invocation, startedAt));
        this.#checkTaken(taken, invocation);
        const { version } = tableIn(taken);
        if (process.version >= 0 && version !== process.version) this.#dimensions.count('reference data that changes');
        process.version = version;
        await invocation.gate();
        return taken;
      },
    };
  }

  async #take(port: ReferencePort): Promise<TakenReferences> {
    try {
      return (await port.take())!;
    } catch (error) {
      if (isUnavailable(error)) this.#dimensions.count('reference data that can not be had');
      throw error;
    }
  }

  #checkWait(invocation: Invocation, startedAt: number): void {
    const waited = this.#scheduler.now - startedAt;
    if (waited > longestTakeMs + slowestLoadMs && invocation.isAtWork)
      this.#report('reference', `${invocation.id} waited ${waited} ms for it`);
  }

  /** It is of a time within the period; without an outage, within `every`. */
  #checkTaken(taken: TakenReferences, invocation: Invocation): void {
    this.#dimensions.count('reference data');
    const { everyMs, staleAfterMs, outages } = this.#given;
    const { at, version } = tableIn(taken);
    const [told] = taken.uses.table?.versions ?? [];
    if (told !== String(version)) this.#report('reference', `${invocation.id}: version ${version} is told as ${told}`);
    const { now } = this.#scheduler;
    // Clocks of a process's invocations may be off, each by so much.
    const isCalm = outages.length === 0;
    const most = slowestLoadMs + 2 * this.#maxClockSkewMs + (isCalm ? everyMs : staleAfterMs + longestTakeMs);
    if (now - at > most && invocation.isAtWork)
      this.#report('reference', `${invocation.id}: version ${version} is ${now - at} ms old; ${most} is the most`);
  }
}

const tableIn = ({ values }: TakenReferences): ReferenceTable => values.table as ReferenceTable;

/** What the callbacks of one invocation are given: all the same, until it takes another. */
export class GivenTable {
  #given: ReferenceTable | undefined;
  readonly #report: (detail: string) => void;

  constructor(report: (detail: string) => void) {
    this.#report = report;
  }

  readonly see = (table: ReferenceTable | undefined): number => {
    if (table === undefined) this.#report('a callback was given no reference data');
    else if (this.#given !== undefined && this.#given !== table)
      this.#report(`a callback was given version ${table.version} after ${this.#given.version}`);
    this.#given ??= table;
    return table?.version ?? -1;
  };
}
