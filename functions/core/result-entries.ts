/**
 * The results of a batch in the order in which they are given out (REDUCE-2), however many windows close at once.
 *
 * ENTRIES-1 More than so many are not held: they are made anew, a stretch at a time, from the changes that they came from. What those
 *    are follows from the state before, the blocks and the seal alone, so each time they are the same.
 * ENTRIES-2 Who goes through them in order, and looks back no further than a step, has each stretch made once.
 */
import type { KeyChange } from './key-change.ts';
import type { ResultEntry } from './result-rows.ts';
import { byTime } from './windows.ts';

export type ResultEntries = {
  readonly length: number;
  /** Of windows of which something was given out before. */
  readonly known: number;
  /** Of totals that are forgotten with the batch. */
  readonly forgotten: number;
  /** Undefined: behind the last. */
  at(place: number): ResultEntry | undefined;
};

export type EntryLimits = {
  /** If there are more, this many are held at most, and as many of the stretch before. No fewer than a step has rows. */
  readonly mostHeld: number;
  /** The same where they come in their order: then none is passed over for others. */
  readonly mostInOrder: number;
};

export const entryLimits: EntryLimits = { mostHeld: 50_000, mostInOrder: 2_000 };

export const heldEntries = (entries: readonly ResultEntry[]): ResultEntries => ({
  length: entries.length,
  known: entries.filter(({ window: { given } }) => given !== undefined).length,
  forgotten: entries.filter(({ window }) => window.isForgotten === true).length,
  at: (place) => entries[place],
});

/** Takes them as they come, key by key. `changes`: all of them, each time anew. */
export class EntriesToCome {
  readonly #changes: () => Iterable<KeyChange>;
  readonly #limits: EntryLimits;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #held: ResultEntry[] | undefined = [];
  #isInOrder = true;
  #known = 0;
  #forgotten = 0;

  /** `limits`: undefined where all are held, however many there are. */
  constructor(changes: () => Iterable<KeyChange>, limits: EntryLimits | undefined) {
    this.#changes = changes;
    this.#limits = limits ?? { mostHeld: Number.POSITIVE_INFINITY, mostInOrder: 0 };
  }

  get length(): number {
    return this.#starts.length;
  }

  take({ keyValues, results }: Pick<KeyChange, 'keyValues' | 'results'>): void {
    for (const window of results) {
      if (window.given !== undefined) this.#known += 1;
      if (window.isForgotten === true) this.#forgotten += 1;
      this.#takeBounds(window.start, window.end);
      if (this.length > this.#limits.mostHeld) this.#held = undefined;
      this.#held?.push({ keyValues, window });
    }
  }

  /** When all have been taken. */
  inOrder(): ResultEntries {
    const counts = { length: this.length, known: this.#known, forgotten: this.#forgotten };
    const held = this.#held?.sort((one, other) => byTime(one.window, other.window));
    if (held !== undefined) return { ...counts, at: (place) => held[place] };
    const { mostHeld, mostInOrder } = this.#limits;
    const changes = this.#changes;
    const made = this.#isInOrder
      ? new MadeAnew(inTurn(changes, mostInOrder))
      : new MadeAnew(picked(changes, this.#places(), mostHeld));
    return { ...counts, at: (place) => (place < counts.length ? made.at(place) : undefined) };
  }

  #takeBounds(start: number, end: number): void {
    const last = this.length - 1;
    if (last >= 0) this.#isInOrder &&= (this.#starts[last]! - start || this.#ends[last]! - end) <= 0;
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /** Of each, in the order in which they come, the place in their own order. */
  #places(): Uint32Array {
    const [starts, ends] = [this.#starts, this.#ends];
    const order = Uint32Array.from(starts, (_, at) => at);
    order.sort((one, other) => starts[one]! - starts[other]! || ends[one]! - ends[other]! || one - other);
    const places = new Uint32Array(order.length);
    for (const [place, at] of order.entries()) places[at] = place;
    return places;
  }
}

/** Those from a place on. */
type Make = (from: number) => readonly ResultEntry[];
type Stretch = { readonly from: number; readonly entries: readonly ResultEntry[] };
const nothing: Stretch = { from: 0, entries: [] };

class MadeAnew {
  readonly #make: Make;
  #last = nothing;
  #before = nothing;

  constructor(make: Make) {
    this.#make = make;
  }

  at(place: number): ResultEntry | undefined {
    const known = entryIn(this.#last, place) ?? entryIn(this.#before, place);
    if (known !== undefined) return known;
    this.#before = this.#last;
    this.#last = { from: place, entries: this.#make(place) };
    return entryIn(this.#last, place);
  }
}

const entryIn = ({ from, entries }: Stretch, place: number): ResultEntry | undefined => entries[place - from];

/** Where they come in their order: as far as the last stretch goes nothing is gone through again. */
function inTurn(changes: () => Iterable<KeyChange>, most: number): Make {
  let rest: Iterator<ResultEntry> | undefined;
  let next = 0;
  return (from) => {
    if (rest === undefined || from < next) {
      rest = entriesOf(changes());
      next = 0;
    }
    for (; next < from && rest.next().done !== true; ) next += 1;
    const made: ResultEntry[] = [];
    while (made.length < most) {
      const entry = rest.next();
      if (entry.done === true) break;
      made.push(entry.value);
    }
    next += made.length;
    return made;
  };
}

/** From all. */
const picked =
  (changes: () => Iterable<KeyChange>, places: Uint32Array, most: number): Make =>
  (from) => {
    const made: ResultEntry[] = [];
    let at = 0;
    for (const entry of entriesOf(changes())) {
      const place = places[at]! - from;
      if (place >= 0 && place < most) made[place] = entry;
      at += 1;
    }
    return made;
  };

function* entriesOf(changes: Iterable<KeyChange>): Generator<ResultEntry> {
  for (const { keyValues, results } of changes) for (const window of results) yield { keyValues, window };
}
