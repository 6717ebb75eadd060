/**
 * How many events may become dead letters because executors died of them.
 *
 * CRASH-4 More than so many letters an hour, or on more than a quarter of the shards (two may always have them), are not
 *    written: then it is the pipeline.
 */
import { deathsToBury, isDeadly, type Suspicions } from './suspicions.ts';

const maxLettersAnHour = 5;
/** Of the shards. */
const lettersQuarter = 4;
/** However few there are: two events in two shards are no sign of the pipeline yet. */
const shardsAllowed = 2;

export type LetterLimit =
  | { readonly kind: 'within'; readonly suspicions: Suspicions }
  | { readonly kind: 'exceeded'; readonly letters: number; readonly shards: number };

/**
 * Whether the events that died three times may become letters (CRASH-4). The first turn of a run tries those over the limit
 * once more: the code may have been mended.
 */
export function limitLetters(
  suspicions: Suspicions,
  turn: { readonly openShards: number; readonly isFirst: boolean },
): LetterLimit {
  const buried = suspicions.shards
    .filter(({ suspect }) => isDeadly(suspect))
    .toSorted((one, other) => one.suspect!.diedAt - other.suspect!.diedAt || (one.shardId < other.shardId ? -1 : 1));
  const most = Math.max(shardsAllowed, Math.floor(turn.openShards / lettersQuarter));
  const concerned = new Set(suspicions.letters.map(({ shardId }) => shardId));
  const over = new Set<string>();
  for (const [at, { shardId }] of buried.entries()) {
    const isTooMuch =
      suspicions.letters.length + at + 1 > maxLettersAnHour || (!concerned.has(shardId) && concerned.size + 1 > most);
    if (isTooMuch) over.add(shardId);
    else concerned.add(shardId);
  }
  if (over.size === 0) return { kind: 'within', suspicions };
  if (!turn.isFirst)
    return {
      kind: 'exceeded',
      letters: suspicions.letters.length + buried.length,
      shards: new Set([...concerned, ...over]).size,
    };
  const shards = suspicions.shards.map((one) =>
    over.has(one.shardId)
      ? { ...one, suspect: { ...one.suspect!, deaths: deathsToBury - 1, othersWentOn: true } }
      : one,
  );
  return { kind: 'within', suspicions: { ...suspicions, shards } };
}
