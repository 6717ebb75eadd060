/**
 * Shards whose executors died, and the event that is to blame: from a task that failed as a whole to one dead letter.
 *
 *   together ──dies──▶ apart ──dies alone──▶ isolated ──an event dies three times──▶ its dead letter
 *                        │ went well           │ went well three times, or behind the letter
 *                        ▼                     ▼
 *                       free                  free
 *
 * CRASH-1 Only a death with an event in hand counts: one that the function saw which had given the event to a thread, or
 *    one of the whole function whose note names the event. Errors of services, throttles and failed starts leave neither.
 * CRASH-2 Deaths of an event count at least a minute apart, with another task gone well since. (Where there is only one
 *    task, or no other has gone well for ten minutes, its own, up to the event.)
 * CRASH-3 What is remembered is bounded: a shard that is forgotten is found again by its next death.
 */
import { hasFailed, type Outcome } from './driver.ts';
import type { LetterDeaths } from './letter-deaths.ts';
import { isAfter, type Position } from './position.ts';
import type { EventPlace } from './sent-places.ts';
import { nameOf, type ShardName } from './shard-name.ts';

/** The event that an executor died of. */
export type Suspect = EventPlace & {
  readonly deaths: number;
  /** When the last one counted. */
  readonly diedAt: number;
  readonly othersWentOn: boolean;
  readonly how: string;
};

export type Suspicion = ShardName & {
  readonly stage: 'apart' | 'isolated';
  /** How many shards the task had that died: the next one has half of them at most. */
  readonly among: number;
  /** The turn that read it last, and its task there: so its note is found. */
  readonly ref: number;
  readonly task: number;
  /** Isolated reads in a row that went well. */
  readonly quiet: number;
  /** The whole function died somewhere behind this place. */
  readonly noteFrom?: EventPlace;
  readonly suspect?: Suspect;
};

export type Suspicions = {
  readonly shards: readonly Suspicion[];
  /** Those of the last hour. */
  readonly letters: readonly (ShardName & { readonly at: number })[];
  /** The last turn whose end was taken in. */
  readonly through: number;
  /** The last turn, while there were suspected shards, that read others; absent: none did. */
  readonly othersRef?: number;
  /** The turn from which on each shard that had to wait is to be read once; absent: the next turn begins such a round. */
  readonly roundFrom?: number;
  /** The same of dead letters that are taken once more. */
  readonly redrive?: LetterDeaths;
};

/** Written before events are given to user code in isolation, and where one did not come back. */
export type DeathNote = ShardName & {
  readonly place: EventPlace;
  /** The event alone; else it is the first of several. */
  readonly isEvent: boolean;
  /** The function saw it die. */
  readonly died?: string;
};

/** What became of the tasks of one turn. */
export type TurnNews = {
  readonly ref: number;
  readonly taskCount: number;
  readonly wentWell: ReadonlySet<number>;
  /** The tasks that died, with their shards. */
  readonly died: ReadonlyMap<number, readonly ShardName[]>;
  /** Of isolated shards. */
  readonly notes: ReadonlyMap<string, DeathNote>;
};

export const noSuspicions: Suspicions = { shards: [], letters: [], through: 0 };

export const deathsToBury = 3;
export const betweenDeathsMs = 60_000;
/** For one that goes well. */
const othersAwaitedMs = 10 * 60_000;
const quietReads = 3;
const maxRemembered = 100;
const hourMs = 3_600_000;
const maxHowLength = 160;

const wholeFunctionDied = 'the whole function ended with it';

export const hasDied = (outcome: Outcome): boolean => outcome === 'crashed';
export const hasGoneWell = (outcome: Outcome): boolean => !hasFailed(outcome) && !hasDied(outcome);

/**
 * Whether the death of a task helps to find the shard that is to blame: its shards are read in smaller tasks the next
 * time. It does not if the shard was alone already, or if no more shards can be remembered.
 */
export function comesCloser(
  { shards }: Suspicions,
  died: { readonly ref: number | undefined; readonly task: number },
): boolean {
  const known = shards.filter((one) => one.ref === died.ref && one.task === died.task);
  if (known.length === 0) return shards.length < maxRemembered;
  return known.some(({ stage }) => stage === 'apart');
}

export function afterTurn(before: Suspicions, news: TurnNews, now: number): Suspicions {
  if (news.ref <= before.through) return before;
  const known = new Set(before.shards.map(({ shardId }) => shardId));
  const added = [...news.died].flatMap(([task, shards]) =>
    shards
      .filter(({ shardId }) => !known.has(shardId))
      .map((shard) => raised({ ...shard, stage: 'apart', among: 0, ref: news.ref, task, quiet: 0 }, shards.length)),
  );
  const shards = before.shards
    .map((one) => withOthers(afterRead(one, news, now), one, news, now))
    .filter((one) => one !== undefined);
  return { ...before, shards: mostUrgent([...shards, ...added]), through: news.ref };
}

/** A shard that dies alone is read apart from its own executor. */
const raised = (one: Suspicion, among: number): Suspicion => ({
  ...one,
  stage: among === 1 ? 'isolated' : 'apart',
  among,
  quiet: 0,
});

function afterRead(one: Suspicion, news: TurnNews, now: number): Suspicion | undefined {
  if (one.ref !== news.ref) return one;
  const among = news.died.get(one.task)?.length;
  if (one.stage === 'apart') {
    if (among !== undefined) return raised(one, among);
    return news.wentWell.has(one.task) ? undefined : one;
  }
  const note = news.notes.get(one.shardId);
  if (note?.died !== undefined) return withDeath(one, note.place, note.died, now);
  if (among !== undefined) {
    if (note === undefined) return { ...one, quiet: 0 };
    const noted = { ...one, noteFrom: note.place, quiet: 0 };
    return note.isEvent ? withDeath(noted, note.place, wholeFunctionDied, now) : noted;
  }
  if (one.suspect !== undefined || !news.wentWell.has(one.task)) return one;
  return one.quiet + 1 >= quietReads ? undefined : { ...one, quiet: one.quiet + 1 };
}

function withDeath(one: Suspicion, place: EventPlace, how: string, now: number): Suspicion {
  const { suspect } = one;
  const isKnown = suspect !== undefined && isSamePlace(suspect, place);
  const counts = !isKnown || (now - suspect.diedAt >= betweenDeathsMs && suspect.othersWentOn);
  if (!counts) return { ...one, quiet: 0 };
  return {
    ...one,
    quiet: 0,
    suspect: {
      ...placeOf(place),
      deaths: isKnown ? suspect.deaths + 1 : 1,
      diedAt: now,
      othersWentOn: false,
      how: how.slice(0, maxHowLength),
    },
  };
}

/**
 * Notes that another task went well after the event's last death, which CRASH-2 asks for. The turn of the death does not
 * count. Where there is no other task, or none has gone well for ten minutes, the shard's own counts: it does not wait
 * for a trouble that the others have.
 */
function withOthers(one: Suspicion | undefined, before: Suspicion, news: TurnNews, now: number): Suspicion | undefined {
  if (one?.suspect === undefined || one.suspect !== before.suspect || one.suspect.othersWentOn) return one;
  const own = one.ref === news.ref ? one.task : undefined;
  const others = [...news.wentWell].some((task) => task !== own);
  const ownWentWell = own !== undefined && news.wentWell.has(own);
  const countsAlone = news.taskCount === 1 || now - one.suspect.diedAt >= othersAwaitedMs;
  return others || (ownWentWell && countsAlone) ? { ...one, suspect: { ...one.suspect, othersWentOn: true } } : one;
}

/** If there are too many to remember: first those of which a deadly event is known, then those that are read alone. */
function mostUrgent(shards: readonly Suspicion[]): readonly Suspicion[] {
  if (shards.length <= maxRemembered) return shards;
  const urgency = ({ suspect, stage }: Suspicion): number => (suspect !== undefined ? 2 : stage === 'isolated' ? 1 : 0);
  return shards.toSorted((one, other) => urgency(other) - urgency(one)).slice(0, maxRemembered);
}

/**
 * Forgets the events that committed positions have passed: each became a dead letter, or did not die again. `positions`: of
 * the shards that have not ended.
 */
export function afterCommit(before: Suspicions, positions: ReadonlyMap<string, Position>, now: number): Suspicions {
  const buried = before.shards.filter(
    ({ shardId, suspect }) => isDeadly(suspect) && isPast(positions.get(shardId), suspect),
  );
  return {
    ...before,
    shards: before.shards.flatMap((one) => atPosition(one, positions.get(one.shardId)) ?? []),
    letters: [
      ...before.letters.filter(({ at }) => now - at < hourMs),
      ...buried.map((one) => ({ ...nameOf(one), at: now })),
    ],
  };
}

export const isDeadly = (suspect: Suspect | undefined): suspect is Suspect =>
  suspect !== undefined && suspect.deaths >= deathsToBury;

/** A shard without one is read to its end, or gone after that. */
const isPast = (position: Position | undefined, place: EventPlace): boolean =>
  position === undefined || hasPassed(position, place);

/** Undefined: its shard is read to its end, and nothing is left to remember. */
function atPosition(one: Suspicion, position: Position | undefined): Suspicion | undefined {
  if (position === undefined) return undefined;
  const { suspect, noteFrom, ...rest } = one;
  if (suspect !== undefined) return hasPassed(position, suspect) ? { ...rest, quiet: 0 } : one;
  return noteFrom !== undefined && hasPassed(position, noteFrom) ? rest : one;
}

export const isSamePlace = (one: EventPlace, other: EventPlace): boolean =>
  one.sequenceNumber === other.sequenceNumber && one.sub === other.sub;

export const isBehindPlace = (one: EventPlace, other: EventPlace): boolean =>
  one.sequenceNumber === other.sequenceNumber ? one.sub > other.sub : isAfter(one.sequenceNumber, other.sequenceNumber);

export const placeOf = ({ sequenceNumber, sub }: EventPlace): EventPlace => ({ sequenceNumber, sub });

function hasPassed(position: Position, place: EventPlace): boolean {
  const last = position.kind === 'after-sequence-number' ? position.sequenceNumber : position.after;
  if (last === undefined || isAfter(place.sequenceNumber, last)) return false;
  if (isAfter(last, place.sequenceNumber) || position.kind !== 'after-sequence-number') return true;
  return position.subSequenceNumber === undefined || position.subSequenceNumber >= place.sub;
}
