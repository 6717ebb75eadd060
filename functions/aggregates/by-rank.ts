/** What first and last have in common: of all values the one whose event has the least or the greatest rank. */
import { type AggregateFunction, aggregateFunction } from './aggregate-function.ts';
import { compareRanks, type Ranked, restoreRank, type SavedRank, saveRank } from './event-rank.ts';
import { refusesHeld, restored } from './held-value.ts';

/** Of a value's JSON. */
type Kept = Ranked<string> | undefined;
/** The rank, and the value's JSON; null of nothing. */
type Saved = readonly [...SavedRank, text: string] | null;

export function keeping(kind: string, isBetter: (difference: number) => boolean): AggregateFunction {
  const better = (kept: Kept, given: Kept): Kept => {
    if (kept === undefined || given === undefined) return kept ?? given;
    return isBetter(compareRanks(given.rank, kept.rank)) ? given : kept;
  };
  return aggregateFunction<Kept, Kept, Saved, unknown>({
    kind,
    version: 1,
    isRanked: true,
    empty: () => undefined,
    add: better,
    merge: (kept, saved) => better(kept, saved === null ? undefined : restore(saved)),
    save: (kept) => (kept === undefined ? null : [...saveRank(kept.rank), kept.value]),
    result: (kept) => (kept === undefined ? null : restored(kept.value)),
    refuses: refusesHeld,
  }) as AggregateFunction;
}

function restore([time, sequence, sub, shard, value]: NonNullable<Saved>): Ranked<string> {
  return { value, rank: restoreRank([time, sequence, sub, shard]) };
}
