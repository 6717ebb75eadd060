/**
 * Which events of a sender's source shard are known, by one of its outputs.
 *
 * EVENTS-1 A try begins at a committed position (`base`), and what lies at or before one was acknowledged before it was committed (C10).
 *    So where a record with that base was read, whatever it reaches is a repeat, and need not be known by name.
 * EVENTS-2 What is sent after the seal names its batch (`ref`), and comes before all of a later one (R3). Of one shard the events of a
 *    later batch lie behind those of an earlier one: so all up to the last of those is known.
 * EVENTS-3 Events beyond are known by their places: tries cross there, and the second of two records is the repeat, whoever sent it.
 */
import type { EventName } from './identity-in.ts';
import { later, type Place, placeIn, reaches } from './place.ts';

type Event = Pick<EventName, 'place' | 'index' | 'base' | 'ref'>;
type Beyond = Pick<Event, 'place' | 'index' | 'ref'>;

/** A text of some sixty characters in a set. */
const bytesOfEvent = 150;
/** A number in decimals, so that JSON has it; gaps are short, where numbers are long. */
type Gap = string;
/** Events in their order: how far each is behind the one before, and what is not 0 of sub and index, or not absent of ref. */
type SavedEvent = Gap | readonly [Gap, sub: number, index: number, ref?: number];
export type SavedEvents = { readonly floor?: string; readonly ref?: number; readonly events: readonly SavedEvent[] };

export class EventsKnown {
  /** All up to here is known. */
  #floor: Place | undefined;
  /** And all of the batches before this one. */
  #ref = -1;
  readonly #beyond = new Map<string, Beyond>();

  static from({ floor, ref = -1, events }: SavedEvents): EventsKnown {
    const known = new EventsKnown();
    known.#floor = floor === undefined ? undefined : placeIn(floor);
    known.#ref = ref;
    let sequence = 0n;
    for (const event of events) {
      const [gap, sub, index, ofBatch] = typeof event === 'string' ? [event, 0, 0] : event;
      sequence += BigInt(gap);
      known.#put({ place: { sequence: String(sequence), sub }, index, ref: ofBatch });
    }
    return known;
  }

  has({ place, index, ref }: Event): boolean {
    return (ref ?? this.#ref) < this.#ref || this.#isReached(place) || this.#beyond.has(nameOf(place, index));
  }

  add({ place, index, base, ref }: Event): void {
    this.#raise(base);
    this.#begin(ref ?? -1);
    this.#take({ place, index, ref });
  }

  join(other: EventsKnown): void {
    this.#raise(other.#floor);
    this.#begin(other.#ref);
    for (const event of other.#beyond.values()) this.#take(event);
  }

  get bytes(): number {
    return this.#beyond.size * bytesOfEvent;
  }

  save(): SavedEvents {
    let before = 0n;
    const inOrder = [...this.#beyond.values()].sort(byPlace);
    const events = inOrder.map(({ place: { sequence: text, sub }, index, ref }): SavedEvent => {
      const sequence = BigInt(text);
      const gap = String(sequence - before);
      before = sequence;
      if (ref !== undefined) return [gap, sub, index, ref];
      return sub === 0 && index === 0 ? gap : [gap, sub, index];
    });
    const floor = this.#floor === undefined ? {} : { floor: textOf(this.#floor) };
    return { ...floor, ...(this.#ref < 0 ? {} : { ref: this.#ref }), events };
  }

  #take(event: Beyond): void {
    // EVENTS-2: of a batch before, it says how far that came.
    if ((event.ref ?? this.#ref) < this.#ref) this.#raise(event.place);
    else if (!this.#isReached(event.place)) this.#put(event);
  }

  #raise(floor: Place | undefined): void {
    if (floor === undefined || this.#isReached(floor)) return;
    this.#floor = later(this.#floor, floor);
    for (const [name, { place }] of this.#beyond) if (this.#isReached(place)) this.#beyond.delete(name);
  }

  #begin(ref: number): void {
    if (ref <= this.#ref) return;
    this.#ref = ref;
    const before = [...this.#beyond.values()].filter((event) => (event.ref ?? ref) < ref);
    this.#raise(before.map(({ place }) => place).reduce<Place | undefined>(later, undefined));
  }

  #isReached(place: Place): boolean {
    return this.#floor !== undefined && reaches(this.#floor, place);
  }

  /** Whether a try or a batch has sent it: of both, the batch is known. */
  #put(event: Beyond): void {
    const name = nameOf(event.place, event.index);
    const ref = Math.max(event.ref ?? -1, this.#beyond.get(name)?.ref ?? -1);
    this.#beyond.set(name, { place: event.place, index: event.index, ref: ref < 0 ? undefined : ref });
  }
}

const nameOf = ({ sequence, sub }: Place, index: number): string =>
  sub === 0 && index === 0 ? sequence : `${sequence}.${sub}.${index}`;

const textOf = ({ sequence, sub }: Place): string =>
  sub === Number.POSITIVE_INFINITY ? sequence : `${sequence}.${sub}`;

function byPlace(one: Beyond, other: Beyond): number {
  if (one.place.sequence === other.place.sequence) return one.place.sub - other.place.sub || one.index - other.index;
  return reaches(one.place, other.place) ? 1 : -1;
}
