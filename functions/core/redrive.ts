/**
 * Dead letters that go through the pipeline again: a source of their own, of which the plan takes a stretch and the seal says where it ended.
 *
 * REDRIVE-1 A request is immutable, names its letters in order, and is the head's: the position in it is the body's. So a letter is in one committed batch,
 *    as a record is (S8): what is done again begins where the committed body says.
 * REDRIVE-2 A request of another generation is void: behind a rewind events are read again that were dead letters when it was made.
 * REDRIVE-3 Events of letters say nothing of how far a shard is: no position, no watermark and no shard's load changes with them.
 */
/** What becomes of events that are late by now: counted, and no more; or as of any late event, also to the output of late events. */
export const lateChoices = ['count', 'output'] as const;
export type LateChoice = (typeof lateChoices)[number];

/** In the head. */
export type RedriveRequest = {
  readonly request: string;
  /** Of the pipeline, when the letters were chosen. */
  readonly generation: number;
  /** How many letters it names. */
  readonly count: number;
  readonly late: LateChoice;
  /** Some of the letters are of events that executors died of. */
  readonly isDeadly?: true;
  /** Epoch milliseconds. What is left of a request after 30 days is void: as long letters are kept, if nothing else is said. */
  readonly madeAt: number;
};

/** In a body: of this request all letters before this one were taken, up to this batch. */
export type RedrivePosition = { readonly request: string; readonly next: number };

/** Of a task: these letters of the request, the last one exclusive. */
export type PlannedLetters = Pick<RedriveRequest, 'request' | 'late'> & {
  readonly from: number;
  readonly through: number;
  /** User code runs in a thread of its own: executors have died, of these events or in the last turn. */
  readonly isIsolated?: true;
};

/** Of a block. */
export type ReadLetters = {
  readonly request: string;
  readonly from: number;
  readonly to: number;
  /** Of these, letters that were not there any more. */
  readonly missing: number;
};

/** Of a body: what it took of letters. */
export type RedrivenCount = { readonly letters: number; readonly missing: number };

/** The letters of an event that was read by `redrive` are those of this source: of one request an event is given out once. */
export const redriveSource = (request: string): string => `letters/${request}`;

const lettersPerBatch = 1_000;
const keptMs = 30 * 86_400_000;

export type OpenRedrive = RedriveRequest & { readonly from: number };

/** What is left of the head's request behind this body. Undefined: nothing. */
export function openRedrive(
  head: { readonly redrive?: RedriveRequest; readonly generation: number },
  body: Pick<RedriveOfBody, 'redrive'> | undefined,
  now: number,
): OpenRedrive | undefined {
  const { redrive } = head;
  if (body === undefined || redrive === undefined || redrive.generation !== head.generation) return undefined;
  if (now - redrive.madeAt >= keptMs) return undefined;
  const from = body.redrive?.request === redrive.request ? body.redrive.next : 0;
  return from < redrive.count ? { ...redrive, from } : undefined;
}

/** The stretch of one batch. */
export function lettersOfBatch(
  { request, late, from, count, isDeadly }: OpenRedrive,
  hasDied: boolean,
): PlannedLetters {
  const through = Math.min(count, from + lettersPerBatch);
  return { request, late, from, through, ...(hasDied || isDeadly === true ? { isIsolated: true } : {}) };
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
  blocks: readonly BlockOfLetters[],
): RedriveOfBody {
  const [read, more] = blocks.flatMap(({ redrive }) => redrive ?? []);
  if (read === undefined) return previous?.redrive === undefined ? {} : { redrive: previous.redrive };
  const { request, from, to, missing } = read;
  if (more !== undefined || request !== plan.redrive?.request || from !== plan.redrive.from)
    throw new Error(`REDRIVE-1: letters of ${request} from ${from} on are not those of the plan`);
  return { redrive: { request, next: to }, redriven: { letters: to - from - missing, missing } };
}

/** Letters that are left are taken by the next turn, at once; those of a task that failed after a pause, as shards are. */
export function withLettersLeft<Left extends { readonly caughtUp: boolean; readonly backlog: boolean }>(
  left: Left,
  { redrive }: PlanOfLetters,
  after: RedriveOfBody,
): Left {
  const next = after.redrive?.request === redrive?.request ? after.redrive?.next : undefined;
  if (redrive === undefined || (next ?? 0) >= redrive.count) return left;
  return { ...left, caughtUp: false, backlog: left.backlog || after.redriven !== undefined };
}
