/**
 * Partial aggregates of one task, filled event by event.
 *
 * T1 An event is late exactly if its window had closed before this batch (its end at or before the watermark the batch
 *    started with); everything else is counted in exactly one window and key.
 * T2 Tables are read out in a fixed order (window, canonical key), whatever order events came in.
 *
 * Two-level maps, no text made per event: a composite text key costs several times the count itself.
 */
import type { Aggregation, EventMeta, KeyValue } from '../pipeline/pipeline.ts';
import {
  type Accumulator,
  accumulate,
  emptyAccumulators,
  mergeAccumulator,
  problemWith,
  type SavedAccumulator,
  saveAccumulator,
} from './accumulators.ts';
import { failureOf, refusePromise } from './callback-failure.ts';
import { die, type Evaluation } from './evaluate-event.ts';
import { canonicalKey, keyGroupOf } from './key-group.ts';
import { endOfTime } from './model.ts';
import { isClosed, windowEndOf, windowStartOf } from './windows.ts';

/** [window start, [[key values, accumulators], …]], …: what is saved in blocks and in state. */
export type SavedWindows = readonly (readonly [
  number,
  readonly (readonly [readonly KeyValue[], readonly SavedAccumulator[]])[],
])[];

type KeyNode = Map<KeyValue, KeyNode | Accumulator[]>;

/** What counts of one event, in which window and under which key. Reused from event to event. */
export type GroupedEvent = {
  windowStart: number;
  readonly keyValues: KeyValue[];
  /** Of each aggregate, in their order; a count has none. */
  readonly values: (number | null | undefined)[];
};

export const cloneGrouped = ({ windowStart, keyValues, values }: GroupedEvent): GroupedEvent => ({
  windowStart,
  keyValues: [...keyValues],
  values: [...values],
});

export class WindowTable {
  readonly #aggregation: Aggregation;
  readonly #windows = new Map<number, KeyNode>();
  /** Of the event judged last. */
  readonly grouped: GroupedEvent = { windowStart: 0, keyValues: [], values: [] };
  readonly #newAccumulators = (): Accumulator[] => emptyAccumulators(this.#aggregation.aggregates);
  latestWindowEnd: number | null = null;

  constructor(aggregation: Aggregation) {
    this.#aggregation = aggregation;
  }

  /** Counts the event, or says why not. An evaluation that dies here carries the reason. */
  add(evaluation: Evaluation, meta: EventMeta, batch: BatchBegin): GroupFate {
    const fate = this.judge(evaluation, meta, batch);
    if (fate === 'counted') this.count(this.grouped);
    return fate;
  }

  /** All that user code and the window's rules say of the event; what of it counts is in `grouped` then. */
  judge(evaluation: Evaluation, meta: EventMeta, batch: BatchBegin): GroupFate {
    const { window } = this.#aggregation;
    const start = windowStartOf(window, evaluation.eventTime ?? 0, batch.batchId);
    const isLate = window.kind === 'tumbling' && isClosed(window, start, batch.watermark);
    // Its bounds could not be written: the batch could be sealed but never reduced.
    if (!isLate && window.kind === 'tumbling' && (start < -endOfTime || windowEndOf(window, start) > endOfTime)) {
      die(evaluation, 'invalid-event-time', 'the window of this event time has no ISO date');
      return 'dead';
    }
    this.grouped.windowStart = start;
    // What is wrong with an event is told however late it is.
    if (!this.#takeKey(evaluation, meta) || !this.#takeValues(evaluation, meta)) return 'dead';
    return isLate ? 'late' : 'counted';
  }

  /** Nothing can go wrong here any more. */
  count({ windowStart, keyValues, values }: GroupedEvent): void {
    const { window, aggregates } = this.#aggregation;
    const accumulators = this.#accumulatorsOf(windowStart, keyValues);
    for (let at = 0; at < aggregates.length; at++) {
      accumulate(aggregates[at]!.kind, accumulators[at]!, values[at]);
    }
    if (window.kind === 'tumbling') {
      const end = windowEndOf(window, windowStart);
      if (this.latestWindowEnd === null || end > this.latestWindowEnd) this.latestWindowEnd = end;
    }
  }

  merge(saved: SavedWindows): void {
    const { aggregates } = this.#aggregation;
    for (const [start, entries] of saved) {
      for (const [keyValues, accumulators] of entries) {
        const into = this.#accumulatorsOf(start, keyValues);
        for (let at = 0; at < aggregates.length; at++) {
          mergeAccumulator(aggregates[at]!.kind, into[at]!, accumulators[at]!);
        }
      }
    }
  }

  /** Windows by start, keys by canonical text. */
  *windows(): Generator<readonly [number, readonly WindowEntry[]]> {
    const starts = [...this.#windows.keys()].sort((one, other) => one - other);
    for (const start of starts) yield [start, sortedEntries(this.#windows.get(start)!, this.#aggregation.keys.length)];
  }

  /** The table split by key group, in the form that is saved. Groups without entries are left out. */
  saveByKeyGroup(parallelism: number): Map<number, SavedWindows> {
    const groups = new Map<number, [number, [readonly KeyValue[], SavedAccumulator[]][]][]>();
    for (const [start, entries] of this.windows()) {
      for (const entry of entries) {
        const group = keyGroupOf(entry.canonical, parallelism);
        const windows = getOrSet(groups, group, () => []);
        if (windows.at(-1)?.[0] !== start) windows.push([start, []]);
        windows.at(-1)![1].push([entry.keyValues, saveAll(this.#aggregation, entry.accumulators)]);
      }
    }
    return groups;
  }

  #takeKey(evaluation: Evaluation, meta: EventMeta): boolean {
    const { keys } = this.#aggregation;
    for (let at = 0; at < keys.length; at++) {
      const { name, selector } = keys[at]!;
      let value: unknown;
      try {
        value = selector(evaluation.value as never, meta);
        if (typeof value === 'object') refusePromise(value, `groupBy ${name}`);
      } catch (error) {
        return this.#failed(evaluation, error, `groupBy ${name}`);
      }
      if (!isKeyValue(value)) {
        die(evaluation, 'invalid-key', `groupBy ${name}: ${whatIsNoKey(value)}`);
        return false;
      }
      this.grouped.keyValues[at] = value;
    }
    return true;
  }

  #takeValues(evaluation: Evaluation, meta: EventMeta): boolean {
    const { aggregates } = this.#aggregation;
    for (let at = 0; at < aggregates.length; at++) {
      const { name, kind, selector } = aggregates[at]!;
      if (selector === undefined) continue;
      let value: number | null | undefined;
      try {
        value = selector(evaluation.value as never, meta);
        if (typeof value === 'object') refusePromise(value, `aggregate ${name}`);
      } catch (error) {
        return this.#failed(evaluation, error, `aggregate ${name}`);
      }
      const problem = problemWith(kind, value);
      if (problem !== undefined) {
        die(evaluation, 'invalid-aggregate-value', `aggregate ${name}: ${problem}`);
        return false;
      }
      this.grouped.values[at] = value;
    }
    return true;
  }

  #failed(evaluation: Evaluation, error: unknown, callback: string): false {
    const { reason, message } = failureOf(error, `${callback}: `);
    die(evaluation, reason, message);
    return false;
  }

  #accumulatorsOf(start: number, keyValues: readonly KeyValue[]): Accumulator[] {
    let node = getOrSet(this.#windows, start, newNode);
    // Without keys all events of a window are one group.
    const last = Math.max(0, keyValues.length - 1);
    for (let at = 0; at < last; at++) node = getOrSet(node as Map<KeyValue, KeyNode>, keyValues[at]!, newNode);
    return getOrSet(node as Map<KeyValue, Accumulator[]>, keyValues[last] ?? null, this.#newAccumulators);
  }
}

type GroupFate = 'counted' | 'late' | 'dead';
type BatchBegin = { readonly batchId: number; readonly watermark: number | null };

const newNode = (): KeyNode => new Map();

function getOrSet<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

export type WindowEntry = {
  readonly canonical: string;
  readonly keyValues: readonly KeyValue[];
  readonly accumulators: readonly Accumulator[];
};

export function saveAll(aggregation: Aggregation, accumulators: readonly Accumulator[]): SavedAccumulator[] {
  return accumulators.map((accumulator, at) => saveAccumulator(aggregation.aggregates[at]!.kind, accumulator));
}

function isKeyValue(value: unknown): value is KeyValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      // Beyond 2^53 different whole numbers are one.
      return Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value));
    default:
      return value === null;
  }
}

function whatIsNoKey(value: unknown): string {
  if (typeof value === 'number' && Number.isFinite(value))
    return "a whole number beyond 2^53 may stand for several; read it as text: json(schema, { largeIntegers: 'text' })";
  return 'use a string, a finite number, a boolean or null';
}

function sortedEntries(root: KeyNode, depth: number): WindowEntry[] {
  const entries: WindowEntry[] = [];
  const walk = (node: KeyNode, prefix: readonly KeyValue[]): void => {
    for (const [value, next] of node) {
      const keyValues = depth === 0 ? [] : [...prefix, value];
      if (keyValues.length < depth) walk(next as KeyNode, keyValues);
      else entries.push({ canonical: canonicalKey(keyValues), keyValues, accumulators: next as Accumulator[] });
    }
  };
  walk(root, []);
  return entries.sort((one, other) => (one.canonical < other.canonical ? -1 : one.canonical > other.canonical ? 1 : 0));
}
