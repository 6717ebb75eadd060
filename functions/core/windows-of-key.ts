/**
 * The windows that one key has counted events in.
 *
 * KEYED-1 A window is one by its start and its end: kinds may have several that begin at one time.
 * KEYED-2 Windows that merge are merged when they are read out, and before that each time there are twice as many as were left
 *    apart: an event a window would be as many as there are events.
 *
 * Hot: most keys have one window in a batch, or stay with one for many events, so the last one is tried first.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import { compareRanks, type EventRank } from '../aggregates/event-rank.ts';
import type { KeyValue } from '../pipeline/pipeline.ts';
import type { Window, WindowKind } from '../windows/window-kind.ts';
import { byTime, mergedFrom } from './windows.ts';

export type OpenWindow = Window & { readonly accumulators: unknown[] };
/** `events`: how many were counted in it. */
export type CountedWindow = OpenWindow & {
  events: number;
  /** Where only the first event counts: of that one. */
  rank?: EventRank;
};

/** Whether an event is the first so far: then nothing of others is left. */
export function isFirstOf(window: CountedWindow, rank: EventRank, functions: readonly AggregateFunction[]): boolean {
  if (window.rank !== undefined && compareRanks(rank, window.rank) > 0) return false;
  window.rank = rank;
  window.events = 0;
  for (const [at, fn] of functions.entries()) window.accumulators[at] = fn.empty();
  return true;
}

/** A key with what it has counted. */
export type KeyEntry = {
  readonly canonical: string;
  readonly keyValues: readonly KeyValue[];
  readonly windows: readonly CountedWindow[];
};

type Entry = CountedWindow & {
  /** Another one that begins when this one does. */
  sibling: Entry | undefined;
};

/** Fewer are not worth merging before they are read out. */
const leastToMerge = 64;

export class WindowsOfKey {
  #size = 0;
  #mergeAt = leastToMerge;
  #last: Entry | undefined;
  /** Those before it, by start. Most keys need none. */
  #byStart: Map<number, Entry> | undefined;

  /** The window's accumulators, new ones if it has none. */
  open(start: number, end: number, functions: readonly AggregateFunction[]): CountedWindow {
    const last = this.#last;
    if (last !== undefined && last.start === start && last.end === end) return last;
    return this.#find(start, end) ?? this.#add(start, end, functions);
  }

  /** Where there are many that merge. */
  mergeMany(kind: WindowKind, functions: readonly AggregateFunction[]): void {
    if (this.#size < this.#mergeAt) return;
    const merged = this.inOrder(kind, functions);
    this.#size = 0;
    this.#last = undefined;
    this.#byStart = undefined;
    for (const window of merged) this.#put({ ...window, sibling: undefined });
    this.#mergeAt = Math.max(leastToMerge, 2 * merged.length);
  }

  /** By start, then end. */
  inOrder(kind: WindowKind, functions: readonly AggregateFunction[]): readonly CountedWindow[] {
    const windows = this.all();
    // As of nearly all keys: a sort of one costs more than all else here.
    if (windows.length < 2) return windows;
    windows.sort(byTime);
    if (kind.merge === undefined) return windows;
    return mergedFrom(kind.merge, windows).map(([{ start, end }, own]) => ({
      start,
      end,
      accumulators: functions.map((fn, at) =>
        own.reduce((into: unknown, { accumulators }) => fn.merge(into, fn.save(accumulators[at])), fn.empty()),
      ),
      events: own.reduce((sum, { events }) => sum + events, 0),
    }));
  }

  /** In no order. */
  all(): CountedWindow[] {
    if (this.#byStart === undefined) return this.#last === undefined ? [] : [this.#last];
    const all: CountedWindow[] = [];
    for (const entry of this.#byStart.values()) {
      for (let next: Entry | undefined = entry; next !== undefined; next = next.sibling) all.push(next);
    }
    return all;
  }

  #find(start: number, end: number): Entry | undefined {
    for (let entry = this.#byStart?.get(start); entry !== undefined; entry = entry.sibling) {
      if (entry.end === end) {
        this.#last = entry;
        return entry;
      }
    }
    return undefined;
  }

  #add(start: number, end: number, functions: readonly AggregateFunction[]): Entry {
    const accumulators = new Array<unknown>(functions.length);
    for (let at = 0; at < functions.length; at++) accumulators[at] = functions[at]!.empty();
    return this.#put({ start, end, accumulators, events: 0, sibling: undefined });
  }

  /** It is one of its own. */
  #put(entry: Entry): Entry {
    const first = this.#last;
    if (first !== undefined) {
      this.#byStart ??= new Map([[first.start, first]]);
      entry.sibling = this.#byStart.get(entry.start);
      this.#byStart.set(entry.start, entry);
    }
    this.#last = entry;
    this.#size += 1;
    return entry;
  }
}
