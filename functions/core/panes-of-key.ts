/**
 * The panes of one key, with coarser ones above them, so that a window of a thousand panes is put together from a few dozen.
 *
 *   a window of 26 panes    ├──────────────────────────────┤
 *   panes                   ╷╷╷╷                         ╷╷
 *   coarse ones, of seven       ├──────┼──────┼──────┼
 *
 * COARSE-1 A coarse pane holds what the panes below it hold: seven of the next finer length, aligned to the same offset.
 * COARSE-2 One is there while six finer entries at least are needed to say what it holds, and only where a window may hold it as a
 *    whole. So entries are 1.2 for each pane at most, also where few panes have events.
 * COARSE-3 Which there are follows from the panes alone. They are dropped when what begins as early is.
 *
 * Hot: state is long, and little of it changes. Nothing is made for what stays as it is.
 */
import { lastEndOf } from '../windows/panes.ts';
import type { Panes } from '../windows/window-kind.ts';
import type { Parts } from './accumulated.ts';
import { byBounds, patchedWindows } from './patched-windows.ts';
import type { Bounds, SavedWindow } from './saved-windows.ts';

/** With these a day of minutes is put together from 55 entries at most where a share of them have events, and from 32 on average. */
const fanOut = 7;
const fewestBelow = 6;

type SavedParts = readonly (readonly unknown[])[];

export class PanesOfKey {
  readonly #panes: Panes;
  /** By start and end. Of those that have changed only the bounds count. */
  #all: readonly SavedWindow[];
  /** Of those that have changed. */
  readonly #parts = new Map<SavedWindow, SavedParts>();
  /** What the blocks have, by start: no coarse ones. */
  readonly added: readonly Parts[];
  /** Coarse ones of the state that are needed no more. */
  readonly #unneeded = new Set<SavedWindow>();

  /** `state`: by start and end. */
  constructor(panes: Panes, state: readonly SavedWindow[], blocks: readonly (readonly SavedWindow[])[]) {
    this.#panes = panes;
    this.#all = state;
    const added = joined(blocks);
    this.added = added;
    if (added.length === 0) return;
    this.#all = patchedWindows(
      state,
      added.map(({ start, end, parts }) => this.#changedPane(start, end, parts)),
      [],
    );
    for (let width = panes.paneMs * fanOut; width <= panes.sizeMs; width *= fanOut) this.#changeAbove(added, width);
  }

  /** By start and end, coarse ones too. */
  get all(): readonly SavedWindow[] {
    return this.#all;
  }

  /** What is new or no more what it was, by start and end. */
  get changed(): readonly Parts[] {
    const inOrder = [...this.#parts].sort(([one], [other]) => byBounds(one, other));
    return inOrder.map(([[start, end], parts]) => ({ start, end, parts }));
  }

  /** Those of the state that are not there any more, by start and end. */
  get unneeded(): readonly Bounds[] {
    return [...this.#unneeded].sort(byBounds).map(([start, end]) => [start, end]);
  }

  /** All that lies in it, in as few parts as there are. */
  partsWithin(start: number, end: number): SavedParts {
    const parts: (readonly unknown[])[] = [];
    for (const pane of this.#within(start, end, end - start)) {
      const changed = this.#parts.get(pane);
      if (changed === undefined) parts.push(pane[2]);
      else parts.push(...changed);
    }
    return parts;
  }

  /** What the blocks have of it. */
  addedWithin(start: number, end: number): SavedParts {
    return this.added.filter((pane) => start <= pane.start && pane.end <= end).flatMap(({ parts }) => parts);
  }

  #changedPane(start: number, end: number, added: SavedParts): SavedWindow {
    const saved = this.#find(start, end);
    const pane: SavedWindow = [start, end, []];
    this.#parts.set(pane, saved === undefined ? added : [saved[2], ...added]);
    return pane;
  }

  /** `added`: what has changed at the bottom. */
  #changeAbove(added: readonly Parts[], width: number): void {
    const { offsetMs } = this.#panes;
    const changed: SavedWindow[] = [];
    const unneeded: SavedWindow[] = [];
    for (let at = 0; at < added.length; ) {
      const start = Math.floor((added[at]!.start - offsetMs) / width) * width + offsetMs;
      const end = start + width;
      const parts: (readonly unknown[])[] = [];
      for (; at < added.length && added[at]!.start < end; at++) parts.push(...added[at]!.parts);
      const known = this.#find(start, end);
      const isNeeded = this.#isNeeded(start, end);
      if (known !== undefined && !isNeeded) unneeded.push(known);
      else if (known !== undefined) changed.push(this.#changedPane(start, end, parts));
      else if (isNeeded) changed.push(this.#changedPane(start, end, this.partsWithin(start, end)));
    }
    for (const pane of unneeded) this.#unneeded.add(pane);
    this.#all = patchedWindows(this.#all, changed, unneeded);
  }

  #isNeeded(start: number, end: number): boolean {
    if (lastEndOf(this.#panes, start) < end) return false;
    return this.#within(start, end, end - start - 1).length >= fewestBelow;
  }

  /** The coarsest there are, ascending, none of them longer than `longest`. */
  #within(start: number, end: number, longest: number): SavedWindow[] {
    const all = this.#all;
    const within: SavedWindow[] = [];
    for (let at = this.#firstFrom(start, 0); at < all.length && all[at]![0] < end; ) {
      const [from, upTo] = all[at]!;
      const last = Math.min(end, from + longest);
      if (upTo > last) {
        at += 1;
        continue;
      }
      // Those that begin here, too, are coarser.
      while (all[at + 1]?.[0] === from && all[at + 1]![1] <= last) at += 1;
      within.push(all[at]!);
      at = this.#firstFrom(all[at]![1], at + 1);
    }
    return within;
  }

  /** The place of the first that begins at `start` or later; none before `from` does. */
  #firstFrom(start: number, from: number): number {
    let [low, high] = [from, this.#all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#all[middle]![0] < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #find(start: number, end: number): SavedWindow | undefined {
    for (let at = this.#firstFrom(start, 0); this.#all[at]?.[0] === start; at++) {
      if (this.#all[at]![1] === end) return this.#all[at];
    }
    return undefined;
  }
}

/** Panes of all blocks by start; of one pane in the order of the blocks. */
function joined(blocks: readonly (readonly SavedWindow[])[]): Parts[] {
  const joint: { start: number; end: number; parts: (readonly unknown[])[] }[] = [];
  for (const [start, end, saved] of blocks.flat().sort(byBounds)) {
    const last = joint.at(-1);
    if (last?.start === start) last.parts.push(saved);
    else joint.push({ start, end, parts: [saved] });
  }
  return joint;
}
