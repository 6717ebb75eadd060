/**
 * The windows that one key has counted events in.
 *
 * KEYED-1 A window is one by its start and its end: kinds may have several that begin at one time.
 * KEYED-2 Windows that merge are merged when they are read out, never before: what is saved is so few, and what a block
 *    brings may still join two of them.
 *
 * Hot: most keys have one window in a batch, or stay with one for many events, so the last one is tried first.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import type { Window, WindowKind } from '../windows/window-kind.ts';
import { byTime, mergedFrom } from './windows.ts';

export type OpenWindow = Window & { readonly accumulators: unknown[] };

type Entry = OpenWindow & {
  /** Another one that begins when this one does. */
  readonly sibling: Entry | undefined;
};

export class WindowsOfKey {
  #last: Entry | undefined;
  /** Those before it, by start. Most keys need none. */
  #byStart: Map<number, Entry> | undefined;

  /** The window's accumulators, new ones if it has none. */
  open(start: number, end: number, functions: readonly AggregateFunction[]): OpenWindow {
    const last = this.#last;
    if (last !== undefined && last.start === start && last.end === end) return last;
    return this.#find(start, end) ?? this.#add(start, end, functions);
  }

  /** By start, then end. */
  inOrder(kind: WindowKind, functions: readonly AggregateFunction[]): readonly OpenWindow[] {
    const windows = this.all().sort(byTime);
    if (kind.merge === undefined || windows.length < 2) return windows;
    return mergedFrom(kind.merge, windows).map(([{ start, end }, own]) => ({
      start,
      end,
      accumulators: functions.map((fn, at) =>
        own.reduce((into: unknown, { accumulators }) => fn.merge(into, fn.save(accumulators[at])), fn.empty()),
      ),
    }));
  }

  /** In no order. */
  all(): OpenWindow[] {
    if (this.#byStart === undefined) return this.#last === undefined ? [] : [this.#last];
    const all: OpenWindow[] = [];
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
    const first = this.#last;
    if (first !== undefined) this.#byStart ??= new Map([[first.start, first]]);
    const entry = {
      start,
      end,
      accumulators: functions.map((fn) => fn.empty()),
      sibling: this.#byStart?.get(start),
    };
    this.#byStart?.set(start, entry);
    this.#last = entry;
    return entry;
  }
}
