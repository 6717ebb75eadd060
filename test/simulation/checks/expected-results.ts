/** The direct computation over the events put, with nothing of the engine in it, and what a row comes to. */
import {
  type Bounds,
  DirectComputation,
  type Held,
  nameOf,
  type Result,
  type Rules,
  type Version,
} from '../../windows/direct-computation.ts';
import { DirectPassing } from '../../windows/direct-passing.ts';
import { toDouble, toUnits } from '../exact-arithmetic.ts';
import { elementsOf } from '../world/elements.ts';
import type { PutEvent } from '../world/ledger.ts';
import { partOf } from '../world/pipelines.ts';
import type { TopRule } from '../world/row-rules.ts';
import type { Scenario } from '../world/scenario.ts';
import { hasEventTime, modeRules, type SimulatedWindows, windowsIn } from '../world/window-kinds.ts';
import { byPlace, ExpectedPassing, timeOf } from './expected-passing.ts';
import type { Contained } from './more-results.ts';
import { placedResults } from './placed-results.ts';
import { outputsOfRow, rowsOfResult } from './row-fates.ts';

/** What state has: a window, or a pane of windows that overlap. */
export type Kept = Pick<Held<unknown>, 'key' | 'start' | 'end' | 'given'> & {
  readonly events: number;
  /** Of an event that has passed: as the state has it. Absent: the key is that of a group. */
  readonly canonical?: string;
};

export type BatchFacts = {
  readonly batchId: number;
  readonly watermarkIn: number;
  readonly watermarkOut: number;
  /** As the batch was sealed. */
  readonly mode: Rules<unknown>['mode'];
  readonly top: TopRule | undefined;
};

/** `passed`: events, where what is counted are the elements that they became. */
export type Tally = {
  read: number;
  counted: number;
  filtered: number;
  late: number;
  deadLettered: number;
  passed?: number;
};

/** `unplaced`: why it is not among the first of its window. `place`: from 1 on. */
export type ExpectedResult = Result<Contained> & {
  readonly unplaced?: 'behind' | 'unrankable';
  readonly place?: number;
};

export type Expected = {
  readonly tally: Tally;
  /** As executors have it, who can't know which windows will merge. */
  readonly ofExecutors: Tally;
  readonly late: readonly PutEvent[];
  /** What those became, or they themselves. */
  readonly lateElements: readonly Contained[];
  readonly results: readonly ExpectedResult[];
  readonly retractions: readonly Version[];
  readonly closed: readonly Bounds[];
  /** Windows that came to be part of others. */
  readonly replaced: number;
};

/** The last moment that has a date: everything is over then. */
const endOfTime = 8_640_000_000_000_000;
const hourMs = 3_600_000;
/** Windows that are corrected for longer are not waited for. */
const patienceMs = 60_000;

export class ExpectedResults {
  readonly #scenario: Scenario;
  readonly #direct: Pick<DirectComputation<Contained>, 'batch' | 'held' | 'rowsOf'>;
  readonly #passing: ExpectedPassing | undefined;
  /** Before windows. */
  readonly #distinct: DirectPassing<Contained> | undefined;
  #duplicates = 0;
  #watermarkOut = Number.NEGATIVE_INFINITY;
  /** Where windows overlap: by name. */
  readonly #panes = new Map<string, { readonly key: string; readonly start: number; events: number }>();

  /** By name: results that are not among the first of their window. */
  readonly #unplaced = new Set<string>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const isTimed = hasEventTime(scenario);
    const windows = windowsIn(scenario);
    const outputsOf = (of: readonly Contained[], key: string) => outputsOfRow(scenario, key, of.length);
    const { withinMs, distinctMs } = scenario;
    this.#distinct =
      distinctMs === undefined
        ? undefined
        : new DirectPassing({ keyOf: keyOfEvent(scenario), timeOf, compare: byPlace, withinMs: distinctMs });
    this.#passing = withinMs === undefined ? undefined : new ExpectedPassing({ withinMs, outputsOf });
    this.#direct =
      this.#passing ??
      new DirectComputation<Contained>({
        keyOf: ({ event }) => (scenario.isOneGroup === true ? '' : event.key),
        windowsOf: ({ event: { at } }, batch) => (isTimed ? windows.windowsOf(Math.floor(at)) : [[batch, batch + 1]]),
        // A window of a micro-batch changes in that batch alone.
        ...(isTimed ? { ...mergeRules(windows), ...modeRules(scenario) } : {}),
        outputsOf,
        countOf: (of) => rowsOfResult(scenario, of.length),
      });
  }

  /** Takes the events of one batch. */
  batch(contained: readonly Contained[], { batchId, watermarkIn, watermarkOut, mode, top }: BatchFacts): Expected {
    const tally: Tally = { read: contained.length, counted: 0, filtered: 0, late: 0, deadLettered: 0 };
    const judged: Contained[] = [];
    for (const each of contained) {
      if (each.event.fate === 'filtered') tally.filtered += 1;
      else if (each.event.fate === 'dead-letter') tally.deadLettered += 1;
      else judged.push(...this.#elementsOf(each));
    }
    const passed = contained.length - tally.filtered - tally.deadLettered;
    if (this.#scenario.hasElements === true) tally.passed = passed;
    if (this.#scenario.kind === 'map-only') {
      const counted = { ...tally, counted: judged.length };
      return { ...nothing, tally: counted, ofExecutors: counted };
    }
    const isTimed = hasEventTime(this.#scenario);
    const marks = isTimed
      ? { watermarkIn, watermarkOut, ...(mode === undefined ? {} : { mode }) }
      : { watermarkIn: batchId, watermarkOut: batchId + 1 };
    const distinct = this.#passedOf(judged, marks);
    const { late: lateInWindows, ...computed } = this.#direct.batch(distinct.events, { batch: batchId, ...marks });
    const late = [...distinct.late, ...lateInWindows];
    this.#keepPanes(distinct.events, new Set(late), watermarkOut);
    const counted = { ...tally, counted: judged.length - late.length, late: late.length };
    const { merges, isTotal } = windowsIn(this.#scenario);
    const isToldLater = isTimed && this.#distinct === undefined && (merges === true || isTotal === true);
    const results = placedResults(this.#scenario, computed.results, top);
    for (const result of results) if (result.unplaced !== undefined) this.#unplaced.add(nameOf(result));
    return {
      ...computed,
      results,
      tally: counted,
      ofExecutors: isToldLater ? { ...tally, counted: judged.length } : counted,
      lateElements: late,
      late: late.filter(({ element = 0 }) => element === 0).map(({ event }) => event),
    };
  }

  /** By name, of an output: the events of the rows that hold. */
  rowsOf(output: string): ReadonlyMap<string, readonly Contained[]> {
    return new Map([...this.#direct.rowsOf(output)].filter(([name]) => !this.#unplaced.has(name)));
  }

  /** Events of the last batch that were in time, and did not pass. */
  get duplicates(): number {
    return this.#passing?.duplicates ?? this.#duplicates;
  }

  get kept(): readonly Kept[] {
    // Of what has passed the state has only when.
    if (this.#passing !== undefined) return this.#passing.held.map(({ of: _, ...kept }) => ({ ...kept, events: 0 }));
    if (this.#scenario.slideMs === undefined)
      return [...this.#direct.held.map(({ of, ...window }) => ({ ...window, events: of.length })), ...this.#known()];
    const paneMs = paneMsOf(this.#scenario);
    const panes = [...this.#panes.values()].map((pane) => ({ ...pane, end: pane.start + paneMs, given: undefined }));
    return [...panes, ...this.#known()];
  }

  /** Of windows that overlap, which are counted in panes: what was given out of each that is not over. */
  get givenOfOverlapping(): readonly Kept[] {
    const { slideMs, mode, discards } = this.#scenario;
    if (slideMs === undefined) return [];
    const isKept = ({ given }: Held<unknown>): boolean =>
      given !== undefined && (given.versions > 0 || mode !== undefined || discards === true);
    return this.#direct.held.filter(isKept).map(({ of, ...window }) => ({ ...window, events: of.length }));
  }

  /** A window that ends then, with its lateness. */
  isOver(end: number, watermark: number): boolean {
    const { latenessMs = 0 } = this.#scenario;
    return end + latenessMs <= watermark || (watermark >= endOfTime && end <= endOfTime);
  }

  /** Windows that have something to give yet, or that are soon over. */
  unfinished({ now, watermark }: { readonly now: number; readonly watermark: number }): number {
    // What passes has been given out.
    if (this.#passing !== undefined) return 0;
    const { latenessMs = 0, zone } = this.#scenario;
    const isDue = ({ end }: Held<unknown>): boolean =>
      (end > watermark || latenessMs <= patienceMs) && (zone === undefined || end < now + hourMs);
    return this.#direct.held.filter(isDue).length;
  }

  #passedOf(
    judged: readonly Contained[],
    { watermarkIn, watermarkOut }: { readonly watermarkIn: number; readonly watermarkOut: number },
  ): { readonly events: readonly Contained[]; readonly late: readonly Contained[] } {
    if (this.#distinct === undefined) return { events: judged, late: [] };
    const { passed, duplicates, late } = this.#distinct.batch(judged, watermarkIn);
    this.#duplicates = duplicates.length;
    this.#watermarkOut = watermarkOut;
    return { events: passed, late };
  }

  /** What has passed, and is not forgotten. */
  #known(): readonly Kept[] {
    const held = this.#distinct?.heldAt(this.#watermarkOut) ?? [];
    return held.map(({ key, ...bounds }) => ({ key, canonical: key, ...bounds, events: 0, given: undefined }));
  }

  #elementsOf(contained: Contained): readonly Contained[] {
    if (this.#scenario.hasElements !== true) return [contained];
    return elementsOf(contained.event).map((event, element) => ({ ...contained, event, element }));
  }

  #keepPanes(events: readonly Contained[], late: ReadonlySet<Contained>, watermarkOut: number): void {
    const { slideMs, windowMs, isOneGroup } = this.#scenario;
    if (slideMs === undefined) return;
    const paneMs = paneMsOf(this.#scenario);
    for (const each of events) {
      if (late.has(each)) continue;
      const { event } = each;
      const key = isOneGroup === true ? '' : event.key;
      const start = Math.floor(event.at / paneMs) * paneMs;
      const pane = this.#panes.get(`${start} ${key}`) ?? { key, start, events: 0 };
      pane.events += 1;
      this.#panes.set(`${start} ${key}`, pane);
    }
    for (const [name, { start }] of this.#panes)
      if (this.isOver(Math.floor(start / slideMs) * slideMs + windowMs, watermarkOut)) this.#panes.delete(name);
  }
}

/** As the state has it: behind the key of its group. */
const keyOfEvent =
  ({ isOneGroup }: Scenario) =>
  ({ event: { id, key } }: Contained): string =>
    JSON.stringify(isOneGroup === true ? [0, key, partOf({ id })] : [key, 0, partOf({ id })]);

const mergeRules = ({ merges, isTotal }: SimulatedWindows): Pick<Rules<unknown>, 'merges' | 'isTotal'> =>
  isTotal === true ? { isTotal } : { merges: merges === true };

const nothing = { late: [], lateElements: [], results: [], retractions: [], closed: [], replaced: 0 } as const;

/** What a window and what lies between two of them have in common: each is so many of these. */
export function paneMsOf({ windowMs, slideMs = windowMs }: Scenario): number {
  let paneMs = slideMs;
  while (windowMs % paneMs !== 0 || slideMs % paneMs !== 0) paneMs -= 1;
  return paneMs;
}

/** What the plain aggregates of these events are: sum and mean each rounded once. */
export function valuesOf(
  of: readonly Contained[],
  { oddValues, withinMs }: Scenario,
): Readonly<Record<string, number>> {
  const values = of.map(({ event }) => event.value);
  const limits = { events: of.length, least: Math.min(...values), most: Math.max(...values) };
  if (oddValues === undefined) {
    const total = values.reduce((sum, value) => sum + value, 0);
    // Of several that may pass, which one has.
    const which: Readonly<Record<string, number>> = withinMs === undefined ? {} : { id: of[0]!.event.id };
    return { ...limits, total, mean: total / of.length, ...which };
  }
  const units = values.reduce((sum, value) => sum + toUnits(value), 0n);
  return { ...limits, total: toDouble(units), mean: toDouble(units, BigInt(of.length)) };
}

/** As identities and state have it. */
export const keyText = ({ isOneGroup }: Scenario, key: string): string =>
  isOneGroup === true ? '[]' : `[${JSON.stringify(key)}]`;

/** What the identity of a row of a version says of it. */
export function versionText(
  { key, window, revision, timing, final }: Omit<Version, 'rows' | 'to'>,
  { scenario, retracted, row = 0 }: { readonly scenario: Scenario; readonly retracted: boolean; readonly row?: number },
): string {
  return JSON.stringify({ window, key: keyText(scenario, key), row, revision, timing, final, retracted });
}
