/**
 * Events in a row, each of which was sent to the one output there is or filtered, as a step holds them until it is delivered.
 *
 * SENT-RUN-1 What is told of a run is what is told of its events one by one. Their entries are made where not all was delivered, and there alone.
 */
import { nothingMissed } from '../output.ts';
import type { EventPlace, RunBuilder } from '../sent-places.ts';
import type { Entry } from './entry.ts';

/** Where the events are: in a page, or in an aggregated record. */
export type EventsOfRun = {
  placeOf(at: number): EventPlace;
  /** Of which nothing is said yet. */
  entryOf(at: number): Entry;
};

/** Of the reader: the outputs that events go to, and all that are counted. */
type Sends = { readonly ids: readonly string[]; readonly task: { readonly counted: readonly unknown[] } };

const noTime = Number.NaN;

export class SentRun {
  readonly #reader: Sends;
  readonly #events: EventsOfRun;
  readonly #from: number;
  #to: number;
  /** Where those that were sent begin and end: of each stretch of them two places. */
  readonly #stretches: number[] = [];
  /** Those that are sent to another shard. */
  readonly #resent: number[] = [];
  /** Of each; none in most pipelines. */
  readonly #times: number[] = [];
  #hasTimes = false;
  /** In the effects of the step. */
  #firstPlace = 0;

  constructor(reader: Sends, events: EventsOfRun, from: number) {
    this.#reader = reader;
    this.#events = events;
    this.#from = from;
    this.#to = from;
  }

  /** The next event; `place`: among all that the step sends. */
  sent(place: number, eventTime: number | undefined): void {
    const stretches = this.#stretches;
    const at = this.#took(eventTime);
    if (stretches.length === 0) this.#firstPlace = place;
    if (stretches.at(-1) === at) stretches[stretches.length - 1] = at + 1;
    else stretches.push(at, at + 1);
  }

  filtered(eventTime: number | undefined): void {
    this.#took(eventTime);
  }

  resent(): void {
    this.#resent.push(this.#took(undefined));
  }

  /** All of them were delivered. */
  tell(sent: RunBuilder, output: string): void {
    const stretches = output === this.#reader.ids[0] ? this.#stretches : [];
    let next = this.#from;
    for (let at = 0; at < stretches.length; at += 2) {
      const [start, end] = [stretches[at]!, stretches[at + 1]!];
      if (start > next) sent.gap();
      for (const one of end - start > 1 ? [start, end - 1] : [start]) {
        const { sequenceNumber, sub } = this.#events.placeOf(one);
        sent.sent(sequenceNumber, sub);
      }
      next = end;
    }
    if (next < this.#to) sent.gap();
  }

  entries(): Entry[] {
    const sent = new Set<number>();
    for (let at = 0; at < this.#stretches.length; at += 2)
      for (let one = this.#stretches[at]!; one < this.#stretches[at + 1]!; one++) sent.add(one);
    const resent = new Set(this.#resent);
    let place = this.#firstPlace;
    return Array.from({ length: this.#to - this.#from }, (_, offset) => {
      const at = this.#from + offset;
      const entry = this.#events.entryOf(at);
      const time = this.#times[offset] ?? noTime;
      if (!Number.isNaN(time)) entry.eventTime = time;
      entry.outcome = sent.has(at) ? 'counted' : resent.has(at) ? 'resent' : 'filtered';
      if (sent.has(at)) this.#address(entry, place++);
      return entry;
    });
  }

  #took(eventTime: number | undefined): number {
    if (eventTime !== undefined && !this.#hasTimes) {
      this.#hasTimes = true;
      for (let at = this.#from; at < this.#to; at++) this.#times.push(noTime);
    }
    if (this.#hasTimes) this.#times.push(eventTime ?? noTime);
    return this.#to++;
  }

  #address(entry: Entry, place: number): void {
    const { ids, task } = this.#reader;
    entry.output = place;
    entry.takers = ids;
    if (task.counted.length > 1) entry.missed = nothingMissed;
  }
}

/** What a step holds until it is delivered. */
export type Held = Entry | SentRun;

export const isEntry = (one: Held): one is Entry => !(one instanceof SentRun);

export const entriesOf = (held: readonly Held[]): readonly Entry[] =>
  held.flatMap((one) => (one instanceof SentRun ? one.entries() : one));
