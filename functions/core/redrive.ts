/**
 * Dead letters that go through the pipeline again: a source of their own, of which the plan takes a stretch and the seal says where it ended.
 *
 * REDRIVE-1 A request names its letters in order, and is the head's: the position in it is the body's. So a letter is in one committed batch,
 *    as a record is (S8): what is done again begins where the committed body says. Of a request nothing changes but where it ends, if it is called off.
 * REDRIVE-2 A request of another generation is void: behind a rewind events are read again that were dead letters when it was made.
 * REDRIVE-3 Events of letters say nothing of how far a shard is: no position, no watermark and no shard's load changes with them.
 * REDRIVE-4 A batch that has taken letters is sealed only while the head's request is the one that its plan saw: behind the word that calls it off nothing is
 *    taken.
 */
import type { Counters } from './counters.ts';
import type { DeadLetter } from './dead-letter.ts';
import { type LetterDeaths, mostDeadlyLetters, stretchFrom } from './letter-deaths.ts';
import type { ShardName } from './shard-name.ts';

/** What becomes of events that are late by now: counted, and no more; or as of any late event, also to the output of late events. */
export const lateChoices = ['count', 'output'] as const;
export type LateChoice = (typeof lateChoices)[number];

/** In the head. */
export type RedriveRequest = {
  readonly request: string;
  /** Of the pipeline, when the letters were chosen. */
  readonly generation: number;
  /** How many letters of those that it names are taken, from the first on: all, unless it was called off. */
  readonly count: number;
  readonly late: LateChoice;
  /** Some of the letters are of events that executors died of. */
  readonly isDeadly?: true;
  /** Epoch milliseconds. What is left of a request after 30 days is void: as long letters are kept, if nothing else is said. */
  readonly madeAt: number;
  /** When, in epoch milliseconds, and how many letters it names. */
  readonly calledOff?: { readonly at: number; readonly count: number };
};

export type LetterName = Pick<DeadLetter, keyof ShardName | 'sequenceNumber' | 'subSequenceNumber'>;

/** In a body: of this request all letters before this one were taken, up to this batch. */
export type RedrivePosition = { readonly request: string; readonly next: number; readonly soFar: RedriveSoFar };

/** What became of the letters of a request, up to a batch. */
export type RedriveSoFar = {
  /** Their events were read. */
  readonly letters: number;
  /** Of these, letters again. */
  readonly dead: number;
  /** They were not there any more, or without their payload. */
  readonly missing: number;
  /** They can't be read, and stay. */
  readonly unreadable: number;
  /** Executors died of them, and they stay. */
  readonly deadly: readonly LetterName[];
};

/** Of a task: these letters of the request, the last one exclusive. */
export type PlannedLetters = Pick<RedriveRequest, 'request' | 'late'> & {
  readonly from: number;
  readonly through: number;
  /** User code runs in a thread of its own: executors have died of letters. */
  readonly isIsolated?: true;
  /** The one letter is passed over: executors have died of it. */
  readonly passesOver?: true;
};

/** Of a block. */
export type ReadLetters = {
  readonly request: string;
  readonly from: number;
  readonly to: number;
  /** Of these, letters that were not there any more. */
  readonly missing: number;
  /** Letters that can't be read. Absent: none. */
  readonly unreadable?: number;
  /** The one that was passed over. */
  readonly deadly?: LetterName;
};

/** Of a body: what it took of letters. `passedOver`: those that stay dead letters, for what lies in them. Absent: none. */
export type RedrivenCount = { readonly letters: number; readonly missing: number; readonly passedOver?: number };

/** The letters of an event that was read by `redrive` are those of this source: of one request an event is given out once. */
export const redriveSource = (request: string): string => `letters/${request}`;

const keptMs = 30 * 86_400_000;

export type OpenRedrive = RedriveRequest & { readonly from: number };

type WithRequest = { readonly redrive?: RedriveRequest; readonly generation: number };

/** What is left of the head's request behind this body. Undefined: nothing. */
export function openRedrive(
  head: WithRequest,
  body: Pick<RedriveOfBody, 'redrive'> | undefined,
  now: number,
): OpenRedrive | undefined {
  const { redrive } = head;
  if (body === undefined || redrive === undefined || isVoid(head, redrive, now)) return undefined;
  const { next: from, soFar } = positionIn(redrive, body);
  return from < redrive.count && !isGivenUp(soFar) ? { ...redrive, from } : undefined;
}

const isVoid = ({ generation }: WithRequest, redrive: RedriveRequest, now: number): boolean =>
  redrive.generation !== generation || now - redrive.madeAt >= keptMs;

/** DEATHS-4 */
const isGivenUp = ({ deadly }: RedriveSoFar): boolean => deadly.length >= mostDeadlyLetters;

const nothingTaken: RedriveSoFar = { letters: 0, dead: 0, missing: 0, unreadable: 0, deadly: [] };

function positionIn({ request }: { readonly request: string }, body: Pick<RedriveOfBody, 'redrive'>): RedrivePosition {
  return body.redrive?.request === request ? body.redrive : { request, next: 0, soFar: nothingTaken };
}

/**
 * under-way   letters are left, and the next batches take them
 * done        all were taken
 * called-off  somebody has said so
 * given-up    executors died of too many letters
 * void        the pipeline was taken back, or 30 days are over
 */
export type StandOfRedrive = {
  readonly request: string;
  readonly state: 'under-way' | 'done' | 'called-off' | 'given-up' | 'void';
  /** Of the letters that the request names, so many were taken. */
  readonly taken: number;
  readonly count: number;
  readonly soFar: RedriveSoFar;
  readonly madeAt: number;
  readonly calledOffAt?: number;
};

/** Of the last request that was made. Undefined: none ever was. `body`: the committed one, or its report. */
export function standOfRedrive(
  head: WithRequest,
  body: Pick<RedriveOfBody, 'redrive'> | undefined,
  now: number,
): StandOfRedrive | undefined {
  const { redrive } = head;
  if (redrive === undefined) return undefined;
  const { request, madeAt, calledOff } = redrive;
  const { next: taken, soFar } = positionIn(redrive, body ?? {});
  const count = calledOff?.count ?? redrive.count;
  const state = (): StandOfRedrive['state'] => {
    if (taken >= count) return 'done';
    if (calledOff !== undefined) return 'called-off';
    if (isGivenUp(soFar)) return 'given-up';
    return isVoid(head, redrive, now) ? 'void' : 'under-way';
  };
  const called = calledOff === undefined ? {} : { calledOffAt: calledOff.at };
  return { request, state: state(), taken, count, soFar, madeAt, ...called };
}

/** It ends behind the letters that were taken: so many. */
export const calledOff = (redrive: RedriveRequest, taken: number, at: number): RedriveRequest => ({
  ...{ ...redrive, count: taken },
  calledOff: { at, count: redrive.count },
});

/** The stretch of one batch. */
export function lettersOfBatch(open: OpenRedrive, deaths: LetterDeaths | undefined): PlannedLetters {
  const { request, late, from, isDeadly } = open;
  const known = deaths?.request === request ? deaths : undefined;
  const { through, passesOver } = stretchFrom(open, known);
  const how = passesOver ? { passesOver: true as const } : { isIsolated: true as const };
  return { request, late, from, through, ...(known === undefined && isDeadly !== true ? {} : how) };
}

/** One of its tasks, the last, takes dead letters. */
export type PlanOfLetters = { readonly redrive?: OpenRedrive };
/** It reads these, and no shard. */
export type TaskOfLetters = { readonly letters?: PlannedLetters };
export type BlockOfLetters = { readonly redrive?: ReadLetters };

export type RedriveOfBody = {
  readonly redrive?: RedrivePosition;
  readonly redriven?: RedrivenCount;
};

/** What of a seal's body is about letters. */
export function redriveAfter(
  plan: PlanOfLetters,
  previous: Pick<RedriveOfBody, 'redrive'> | undefined,
  blocks: readonly (BlockOfLetters & { readonly counters: Pick<Counters, 'deadLettered'> })[],
): RedriveOfBody {
  const [block, more] = blocks.filter(({ redrive }) => redrive !== undefined);
  const read = block?.redrive;
  if (read === undefined) return previous?.redrive === undefined ? {} : { redrive: previous.redrive };
  const { request, from, to, missing, unreadable = 0, deadly } = read;
  if (more !== undefined || request !== plan.redrive?.request || from !== plan.redrive.from)
    throw new Error(`REDRIVE-1: letters of ${request} from ${from} on are not those of the plan`);
  const passedOver = unreadable + (deadly === undefined ? 0 : 1);
  const letters = to - from - missing - passedOver;
  const { soFar } = positionIn({ request }, previous ?? {});
  return {
    redrive: {
      ...{ request, next: to },
      soFar: {
        letters: soFar.letters + letters,
        dead: soFar.dead + block!.counters.deadLettered,
        missing: soFar.missing + missing,
        unreadable: soFar.unreadable + unreadable,
        deadly: deadly === undefined ? soFar.deadly : [...soFar.deadly, deadly],
      },
    },
    redriven: { letters, missing, ...(passedOver === 0 ? {} : { passedOver }) },
  };
}

/** Letters that are left are taken by the next turn, at once; those of a task that failed after a pause, as shards are. */
export function withLettersLeft<Left extends { readonly caughtUp: boolean; readonly backlog: boolean }>(
  left: Left,
  { redrive }: PlanOfLetters,
  after: RedriveOfBody,
): Left {
  if (redrive === undefined) return left;
  const { next, soFar } = positionIn(redrive, after);
  if (next >= redrive.count || isGivenUp(soFar)) return left;
  return { ...left, caughtUp: false, backlog: left.backlog || after.redriven !== undefined };
}
