/** How the one shard of a task is read in isolation, by what is suspected of its events. */
import type { EventPlace } from './sent-places.ts';
import { betweenDeathsMs, deathsToBury, placeOf, type Suspicion } from './suspicions.ts';

/** How an executor reads the one shard that it is to read in isolation. */
export type IsolatedReading = {
  /** From here on each event is noted before it is run. */
  readonly noteFrom?: EventPlace;
  /** Not to be run yet. */
  readonly holdAt?: EventPlace;
  /** Not to be run any more. */
  readonly giveUp?: EventPlace & { readonly message: string };
};

/** How its shard is read in a turn that begins now. */
export function readingOf({ suspect, noteFrom }: Suspicion, now: number): IsolatedReading {
  const notes = noteFrom === undefined ? {} : { noteFrom };
  if (suspect === undefined) return notes;
  const { deaths, diedAt, othersWentOn, how } = suspect;
  if (deaths >= deathsToBury) {
    return { ...notes, giveUp: { ...placeOf(suspect), message: `its executor died of it ${deaths} times: ${how}` } };
  }
  const mayDie = now - diedAt >= betweenDeathsMs && othersWentOn;
  return mayDie ? notes : { ...notes, holdAt: placeOf(suspect) };
}
