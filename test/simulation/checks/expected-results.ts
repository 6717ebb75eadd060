/** The direct computation: a count over the events put, with nothing of the engine in it. */
import { toDouble, toUnits } from '../exact-arithmetic.ts';
import type { PutEvent } from '../world/ledger.ts';
import type { Scenario } from '../world/scenario.ts';
import type { Contained } from './more-results.ts';

export type Row = {
  readonly key: string;
  /** Start of the window, or the batch. */
  readonly window: number;
  readonly events: number;
  readonly total: number;
  readonly least: number;
  readonly most: number;
  /** Exact, in units of the smallest double, where plain additions would round. */
  readonly units?: bigint;
  /** Where more is computed than these. */
  readonly all?: readonly Contained[];
};

type Pane = Pick<Row, 'key' | 'window' | 'events'>;

export type BatchFacts = { readonly batchId: number; readonly watermarkIn: number; readonly watermarkOut: number };

export type Tally = { read: number; counted: number; filtered: number; late: number; deadLettered: number };

export class ExpectedResults {
  readonly #scenario: Scenario;
  readonly #open = new Map<string, Row>();
  /** Where windows overlap. */
  readonly #panes = new Map<string, Pane>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** Takes the events of one batch; gives what they come to, and the rows whose windows close with it. */
  batch(
    contained: readonly Contained[],
    facts: BatchFacts,
  ): { readonly tally: Tally; readonly late: PutEvent[]; readonly closed: Row[] } {
    const tally: Tally = { read: contained.length, counted: 0, filtered: 0, late: 0, deadLettered: 0 };
    const late: PutEvent[] = [];
    for (const each of contained) {
      const { event } = each;
      if (event.fate === 'filtered') tally.filtered += 1;
      else if (event.fate === 'dead-letter') tally.deadLettered += 1;
      else if (this.#isLate(event, facts)) {
        tally.late += 1;
        late.push(event);
      } else {
        tally.counted += 1;
        this.#count(each, facts);
      }
    }
    const closed = [...this.#open.values()].filter((row) => this.#closes(row, facts));
    for (const row of closed) this.#open.delete(nameOf(row));
    for (const [name, { window }] of this.#panes)
      if (this.#lastEndOf(window) <= facts.watermarkOut) this.#panes.delete(name);
    return { tally, late, closed };
  }

  get open(): ReadonlyMap<string, Row> {
    return this.#open;
  }

  /** What state has: windows, or their panes. */
  get kept(): readonly Pane[] {
    return [...(this.#scenario.slideMs === undefined ? this.#open : this.#panes).values()];
  }

  #isLate(event: PutEvent, { watermarkIn }: BatchFacts): boolean {
    return this.#hasEventTime && this.#lastEndOf(event.at) <= watermarkIn;
  }

  #lastEndOf(at: number): number {
    const { windowMs, slideMs = windowMs } = this.#scenario;
    return Math.floor(at / slideMs) * slideMs + windowMs;
  }

  #closes(row: Row, { watermarkOut }: BatchFacts): boolean {
    return !this.#hasEventTime || row.window + this.#scenario.windowMs <= watermarkOut;
  }

  get #hasEventTime(): boolean {
    return this.#scenario.kind === 'windowed' || this.#scenario.kind === 'wide';
  }

  /** Starts of those that it counts in. */
  #windowsOf({ at }: PutEvent, { batchId, watermarkIn }: BatchFacts): number[] {
    if (!this.#hasEventTime) return [batchId];
    const { windowMs, slideMs = windowMs } = this.#scenario;
    const starts: number[] = [];
    for (let end = this.#lastEndOf(at); end > at && end > watermarkIn; end -= slideMs) starts.push(end - windowMs);
    return starts;
  }

  #count(contained: Contained, facts: BatchFacts): void {
    const { event } = contained;
    if (this.#scenario.kind === 'map-only') return;
    for (const window of this.#windowsOf(event, facts)) this.#countIn(window, contained);
    if (this.#scenario.slideMs === undefined) return;
    const paneMs = paneMsOf(this.#scenario);
    const pane = { key: event.key, window: Math.floor(event.at / paneMs) * paneMs };
    const before = this.#panes.get(nameOf(pane));
    this.#panes.set(nameOf(pane), { ...pane, events: (before?.events ?? 0) + 1 });
  }

  #countIn(window: number, contained: Contained): void {
    const { event } = contained;
    const { key, value } = event;
    const row = { key, window };
    const before: Omit<Row, 'key' | 'window'> = this.#open.get(nameOf(row)) ?? {
      events: 0,
      total: 0,
      least: value,
      most: value,
    };
    this.#open.set(nameOf(row), {
      ...row,
      events: before.events + 1,
      total: before.total + value,
      ...(this.#scenario.moreAggregates === undefined ? {} : { all: [...(before.all ?? []), contained] }),
      ...(this.#scenario.oddValues === undefined ? {} : { units: (before.units ?? 0n) + toUnits(value) }),
      least: Math.min(before.least, value),
      most: Math.max(before.most, value),
    });
  }
}

/** What a window and what lies between two of them have in common: each is so many of these. */
export function paneMsOf({ windowMs, slideMs = windowMs }: Scenario): number {
  let paneMs = slideMs;
  while (windowMs % paneMs !== 0 || slideMs % paneMs !== 0) paneMs -= 1;
  return paneMs;
}

/** Sum and mean, each rounded once. */
export function momentsOf({ events, total, units }: Row): { readonly total: number; readonly mean: number } {
  if (units === undefined) return { total, mean: total / events };
  return { total: toDouble(units), mean: toDouble(units, BigInt(events)) };
}

/**
 * What the identity of a row's one result has to say of it. A window gives out its result in the batch whose watermark reaches
 * its end, whether that went on by events or to the end of time.
 */
export function versionOf({ key, window }: Pick<Row, 'key' | 'window'>, { kind, windowMs }: Scenario): object {
  const end = kind === 'per-batch' ? window + 1 : window + windowMs;
  const only = { row: 0, revision: 0, timing: 'on-time', final: true, retracted: false };
  return { window: [window, end], key: `[${JSON.stringify(key)}]`, ...only };
}

export const nameOf = ({ key, window }: Pick<Row, 'key' | 'window'>): string => `${window} ${key}`;
