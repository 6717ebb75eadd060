/**
 * The notes of a read whose user code may take the whole function with it.
 *
 * NOTE-1 A note says from which place on events are given to user code, before they are. So whoever finds it after the
 *    whole function died knows behind which place it did, and, where each event was noted, at which.
 * NOTE-2 A read writes a bounded number of notes: one for each group of events, and for those of one group two each.
 * NOTE-3 A note names a single event only as long as user code has it: from when it has answered, what is to come
 *    (delivery, the next page, the block) is not its doing. Nor is what a second try does before it has given anything to
 *    user code.
 */

import type { IsolatedReading } from '../../core/isolated-reading.ts';
import type { EventPlace } from '../../core/sent-places.ts';
import type { ShardName } from '../../core/shard-name.ts';
import { type DeathNote, isBehindPlace, isSamePlace } from '../../core/suspicions.ts';

/** So many events have one note. */
const groupEvents = 200;

type Note = Omit<DeathNote, keyof ShardName>;

export class DeathNotes {
  readonly #write: (note: Note) => Promise<void>;
  #last: Note | undefined;
  /** Those of one event. */
  #singly = 0;
  #hasBegun = false;

  constructor(write: (note: Note) => Promise<void>) {
    this.#write = write;
  }

  /** The first act: an earlier try may have left one of an event. Without `noteFrom` none did. */
  async begin({ noteFrom }: IsolatedReading): Promise<void> {
    if (noteFrom !== undefined) await this.put({ place: noteFrom, isEvent: false });
  }

  async put(note: Note): Promise<void> {
    this.#last = note;
    await this.#write(note);
  }

  /** The last one names no event any more. */
  async free(): Promise<void> {
    if (this.#last?.isEvent === true) await this.put({ ...this.#last, isEvent: false });
  }

  /** In the middle of a step: the event has answered, and will be asked again. */
  async aside<Result>(act: () => Promise<Result>): Promise<Result> {
    const last = this.#last;
    await this.free();
    const result = await act();
    if (last?.isEvent === true) await this.put(last);
    return result;
  }

  /** How many events the step from there on may have. */
  async before({ noteFrom, holdAt, giveUp: bury }: IsolatedReading, place: EventPlace | undefined): Promise<number> {
    const isNotRun = (one: EventPlace): boolean =>
      [holdAt, bury].some((other) => other !== undefined && isSamePlace(one, other));
    if (place === undefined || isNotRun(place)) return 1;
    // A group that began before that place would go past it: up to there step by step, under one note.
    if (noteFrom !== undefined && isBehindPlace(noteFrom, place)) {
      if (!this.#hasBegun) await this.put({ place, isEvent: false });
      this.#hasBegun = true;
      return 1;
    }
    this.#hasBegun = true;
    const isEvent = noteFrom !== undefined && this.#singly < groupEvents;
    if (isEvent) this.#singly += 1;
    await this.put({ place, isEvent });
    return isEvent ? 1 : groupEvents;
  }
}
