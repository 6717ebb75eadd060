/**
 * Partial aggregates of one task, filled event by event.
 *
 * TABLE-1 An event is late in a window exactly if that was over before this batch (its end, with the allowed lateness, at or before
 *    the watermark the batch started with), and late if it is so in all of its windows; else it is counted in each of the others, under one
 *    key. Of windows that merge none is late yet: an event that has closed long ago may still belong to one that is open, so
 *    the reduce decides, when all have merged. With panes it is counted once, in its pane, and late if all windows that hold the
 *    pane had closed.
 * TABLE-2 Tables are read out in a fixed order (canonical key, then window), whatever order events came in.
 *
 * Maps within maps, no text made per event: a composite text key costs several times the count itself.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import type { EventRank } from '../aggregates/event-rank.ts';
import type { EventMeta } from '../pipeline/callback.ts';
import type { Aggregation, GroupKey, KeyValue } from '../pipeline/pipeline.ts';
import { failureOf, refusePromise } from '../user-code/callback-failure.ts';
import type { AssignWindows, Window, WindowSpec } from '../windows/window-kind.ts';
import { countedBy } from './distinct-keys.ts';
import { type CountedPartials, type GroupPartials, inMemory } from './group-partials.ts';
import type { GroupedEvent } from './grouped-event.ts';
import { isKeyValue, whatIsNoKey } from './key-value.ts';
import { type LateMark, lateIn } from './late-mark.ts';
import { ranked } from './ranked-value.ts';
import { die, type Evaluation } from './run-operation.ts';
import { partialsByGroup } from './saved-table.ts';
import { inOrder, type KeyNode, type KeyOfTable, keysOfTable, ofKey } from './sorted-keys.ts';
import { sizeOfEntry, sizeOfValue } from './table-size.ts';
import { isLate } from './windows.ts';
import { isFirstOf, type KeyEntry, WindowsOfKey } from './windows-of-key.ts';
import { dateCheck } from './written-bounds.ts';

export class WindowTable {
  readonly #aggregation: Aggregation;
  readonly #functions: readonly AggregateFunction[];
  readonly #keysOf: readonly GroupKey[];
  readonly #window: WindowSpec;
  readonly #isFirstOnly: boolean;
  readonly #assign: AssignWindows;
  /** What the event judged last was given, and under which watermark. */
  #assigned: readonly Window[] | undefined;
  #watermark: number | null = null;
  /** The bounds of those that are not late have dates. */
  #canBeWritten = true;
  #keys: KeyNode = new Map();
  #bytes = 0;
  readonly #isRanked: boolean;
  readonly #merges: boolean;
  readonly #haveDates: (counted: readonly Window[]) => boolean;
  /** How what failed is named. */
  readonly #step: string;
  /** Of the event judged last. */
  readonly grouped: GroupedEvent = { windows: [], keyValues: [], values: [], rank: undefined };

  /** `functions`: what is computed, if not what the aggregates are. */
  constructor(aggregation: Aggregation, functions = aggregation.aggregates.map(({ fn }) => fn)) {
    this.#aggregation = aggregation;
    this.#functions = functions;
    this.#isFirstOnly = aggregation.distinct !== undefined;
    this.#isRanked = this.#isFirstOnly || aggregation.aggregates.some(({ fn }) => fn.isRanked);
    const { keys, window } = countedBy(aggregation);
    this.#keysOf = keys;
    this.#window = window;
    this.#assign = window.kind.assigner(window.options);
    this.#merges = window.kind.merge !== undefined;
    this.#haveDates = dateCheck(aggregation);
    this.#step = this.#isFirstOnly ? 'dropDuplicates' : (aggregation.operator ?? 'groupBy');
  }

  /**
   * Of an event that is yet to be evaluated: user code may change what `meta` says. Undefined: nobody asks for it, and
   * nothing is made.
   */
  rankOf(meta: EventMeta): EventRank | undefined {
    if (!this.#isRanked) return undefined;
    const { arrivalTime, sequenceNumber, subSequenceNumber, shardId } = meta;
    return { time: arrivalTime.getTime(), sequence: sequenceNumber, sub: subSequenceNumber, shard: shardId };
  }

  /** Counts the event, or says why not. An evaluation that dies here carries the reason. */
  add(evaluation: Evaluation, meta: EventMeta, batch: BatchBegin): GroupFate {
    const fate = this.judge(evaluation, meta, batch);
    if (fate === 'counted') this.count(this.grouped);
    return fate;
  }

  /**
   * All that user code and the window's rules say of the event; what of it counts is in `grouped` then. `rank`: what
   * `rankOf` said of it, which is given its event time here.
   */
  judge(evaluation: Evaluation, meta: EventMeta, batch: BatchBegin, rank?: EventRank): GroupFate {
    const assigned = this.#assign(evaluation.eventTime ?? 0, batch.batchId);
    // Most events are in the windows of the one before.
    if (assigned !== this.#assigned || batch.watermark !== this.#watermark) this.#open(assigned, batch.watermark);
    if (!this.#canBeWritten) {
      die(evaluation, 'invalid-event-time', 'the window of this event time has no ISO date');
      return 'dead';
    }
    // What is wrong with an event is told however late it is.
    if (!this.#takeKey(evaluation, meta) || !this.#takeValues(evaluation, meta, rank)) return 'dead';
    return this.grouped.windows.length === 0 ? 'late' : 'counted';
  }

  /** Where the event judged last is late, or may be once all windows have merged. Undefined: it is in time. */
  lateMark(eventTime: number): LateMark | undefined {
    const late = lateIn(this.#window, this.#assigned, this.#watermark);
    return late && { ...late, keyValues: [...this.grouped.keyValues], eventTime };
  }

  /** Nothing can go wrong here any more. */
  count({ windows, keyValues, values, rank }: GroupedEvent): void {
    const functions = this.#functions;
    const ofKey = this.#windowsOf(keyValues);
    for (const { start, end } of windows) {
      const open = ofKey.open(start, end, functions);
      if (open.events === 0) this.#bytes += sizeOfEntry(keyValues, functions.length);
      if (this.#isFirstOnly && !isFirstOf(open, rank!, functions)) continue;
      const { accumulators } = open;
      open.events += 1;
      for (let at = 0; at < functions.length; at++) {
        accumulators[at] = functions[at]!.add(accumulators[at], values[at]);
        this.#bytes += sizeOfValue(values[at]);
      }
    }
    if (this.#merges) ofKey.mergeMany(this.#window.kind, functions);
  }

  /** Keys by canonical text, each with its windows by start and end. Windows that merge are merged. */
  keys(): readonly KeyEntry[] {
    const { kind } = this.#window;
    return inOrder(this.#entries()).map(({ canonical, keyValues, node }) => ({
      canonical,
      keyValues,
      windows: node.inOrder(kind, this.#functions),
    }));
  }

  /** How much memory it takes, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Nothing was counted. */
  clear(): void {
    this.#keys = new Map();
    this.#bytes = 0;
  }

  /** The table split by key group, in the form that is saved. Groups without entries are left out. */
  saveByKeyGroup(parallelism: number): Map<number, GroupPartials> {
    return inMemory(this.countedByKeyGroup(parallelism));
  }

  /** The same, but that keys are saved as they are asked for. Till then nothing more is to be counted, but after `clear`. */
  countedByKeyGroup(parallelism: number): Map<number, CountedPartials> {
    const counting = { aggregation: this.#aggregation, functions: this.#functions, parallelism };
    return partialsByGroup(this.#entries(), counting);
  }

  #entries(): KeyOfTable[] {
    return keysOfTable(this.#keys, this.#keysOf.length);
  }

  /** Those count that are not late: all of them, nearly always. */
  #open(assigned: readonly Window[], watermark: number | null): void {
    const window = this.#window;
    this.#assigned = assigned;
    this.#watermark = watermark;
    const isAnyLate = !this.#merges && assigned.some((one) => isLate(window, one, watermark));
    const windows = isAnyLate ? assigned.filter((one) => !isLate(window, one, watermark)) : assigned;
    this.grouped.windows = windows;
    this.#canBeWritten = this.#haveDates(assigned);
  }

  #takeKey(evaluation: Evaluation, meta: EventMeta): boolean {
    const keys = this.#keysOf;
    for (let at = 0; at < keys.length; at++) {
      const { name, selector } = keys[at]!;
      let value: unknown;
      try {
        value = selector(evaluation.value as never, meta);
        if (typeof value === 'object') refusePromise(value, `${this.#step} ${name}`);
      } catch (error) {
        return this.#failed(evaluation, error, `${this.#step} ${name}`);
      }
      if (!isKeyValue(value)) {
        die(evaluation, 'invalid-key', `${this.#step} ${name}: ${whatIsNoKey(value)}`);
        return false;
      }
      this.grouped.keyValues[at] = value;
    }
    return true;
  }

  #takeValues(evaluation: Evaluation, meta: EventMeta, rank: EventRank | undefined): boolean {
    const { aggregates } = this.#aggregation;
    if (rank !== undefined && evaluation.eventTime !== undefined) rank.time = evaluation.eventTime;
    if (this.#isFirstOnly) this.grouped.rank = rank;
    for (let at = 0; at < aggregates.length; at++) {
      const { name, fn, selector } = aggregates[at]!;
      if (selector === undefined) continue;
      let value: unknown;
      try {
        value = selector(evaluation.value as never, meta);
        if (typeof value === 'object') refusePromise(value, this.#nameOf(name));
      } catch (error) {
        return this.#failed(evaluation, error, this.#nameOf(name));
      }
      const problem = fn.refuses(value);
      if (problem !== undefined) {
        die(evaluation, 'invalid-aggregate-value', `${this.#nameOf(name)}: ${problem}`);
        return false;
      }
      this.grouped.values[at] = fn.isRanked ? ranked(value, rank) : value;
    }
    return true;
  }

  /** Of an aggregate. */
  #nameOf(name: string): string {
    return this.#aggregation.operator ?? `aggregate ${name}`;
  }

  #failed(evaluation: Evaluation, error: unknown, callback: string): false {
    const { reason, message } = failureOf(error, `${callback}: `);
    die(evaluation, reason, message);
    return false;
  }

  #windowsOf(keyValues: readonly KeyValue[]): WindowsOfKey {
    let node = this.#keys;
    // Without keys all events are one group.
    const last = Math.max(0, keyValues.length - 1);
    for (let at = 0; at < last; at++) node = ofKey(node as Map<KeyValue, KeyNode>, keyValues[at]!, newNode);
    return ofKey(node as Map<KeyValue, WindowsOfKey>, keyValues[last] ?? null, newWindows);
  }
}

type GroupFate = 'counted' | 'late' | 'dead';
export type BatchBegin = { readonly batchId: number; readonly watermark: number | null };

const newNode = (): KeyNode => new Map();
const newWindows = (): WindowsOfKey => new WindowsOfKey();
