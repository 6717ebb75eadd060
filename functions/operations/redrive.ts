/**
 * Chooses dead letters that are to go through the pipeline again, and tells the head of them.
 *
 * OPEN-1 A letter may be chosen if, on the way to the last committed batch, its event became a dead letter, and was not taken from it since. Letters of tries
 *    that came to nothing, and of batches that were left behind, are not: their events were judged anew.
 * OPEN-2 Only one request is under way. So between the look at the letters and the head's word nothing is taken from any letter; a rewind changes the
 *    generation, and then the word is not given.
 * OPEN-3 Who calls a request off knows which batch is sealed and which is committed: the letters that these have taken are counted, once, and no other is.
 *    Until a sealed one is committed, the request is under way.
 */
import type { DeadLetterReason } from '../core/dead-letter.ts';
import { SluiceError } from '../core/errors.ts';
import { heldAt, unfinished } from '../core/head.ts';
import type { Head, SealedBatch } from '../core/model.ts';
import { calledOff, type LateChoice, openRedrive, type RedriveRequest, standOfRedrive } from '../core/redrive.ts';
import { shardKey } from '../core/shard-name.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { LetterFact, LetterPlace, ListedBatch } from '../ports/letter-lists.ts';
import type { Stores } from '../ports/ports.ts';
import type { CommittedHead, OperatedPipeline } from './operated-pipeline.ts';
import { OperationRefused } from './refused.ts';

export type RedrivenPipeline = Pick<OperatedPipeline, 'name' | 'head' | 'seals' | 'clock' | 'newId'> &
  Pick<Stores, 'letterLists'>;

export type ListedLetter = LetterPlace & { readonly reason: DeadLetterReason };

export type Chosen = {
  readonly head: CommittedHead;
  readonly letters: readonly ListedLetter[];
  /** Letters that match and can't be redriven: how many, by why. */
  readonly left: ReadonlyMap<WhyLeft, number>;
};

/**
 * results   rows that were refused: the result that they are of is decided
 * corrupt   records that can't be taken apart: no code makes events of them
 * uncounted the pipeline does not count them as dead: a try that came to nothing has left them, or code that kept no lists
 */
export type WhyLeft = 'results' | 'corrupt' | 'uncounted';

const mostLetters = 200_000;

export const placeName = (place: LetterPlace): string =>
  `${shardKey(place)}#${place.sequenceNumber}#${place.subSequenceNumber}`;

/** @throws OperationRefused while a request is under way, or another command has the pipeline */
export async function chooseLetters(
  pipeline: RedrivenPipeline,
  candidates: AsyncIterable<ListedLetter>,
): Promise<Chosen> {
  const head = await readyHead(pipeline);
  const open = await openLetters(pipeline, head);
  const letters: ListedLetter[] = [];
  const left = new Map<WhyLeft, number>();
  for await (const letter of candidates) {
    const why = whyLeft(letter, open);
    if (why !== undefined) left.set(why, (left.get(why) ?? 0) + 1);
    else if (letters.push(letter) > mostLetters)
      throw new OperationRefused(
        'usage',
        `there are more than ${mostLetters.toLocaleString('en')} dead letters: choose fewer, by reason, shard or id`,
      );
  }
  return { head, letters, left };
}

function whyLeft(letter: ListedLetter, open: ReadonlySet<string>): WhyLeft | undefined {
  if (letter.source !== mainSource) return 'results';
  if (letter.reason === 'corrupt-aggregated-record') return 'corrupt';
  return open.has(placeName(letter)) ? undefined : 'uncounted';
}

/** @throws OperationRefused if the pipeline was taken back meanwhile, or another request came first; nothing has changed then */
export async function requestRedrive(
  { name, head: store, letterLists, clock, newId }: RedrivenPipeline,
  { head, letters }: Chosen,
  late: LateChoice,
): Promise<RedriveRequest> {
  const redrive: RedriveRequest = {
    ...{ request: newId(), generation: head.generation, count: letters.length, late, madeAt: clock.now() },
    ...(letters.some(({ reason }) => reason === 'crashed-executor') ? { isDeadly: true } : {}),
  };
  await letterLists.putRequest(redrive.request, letters);
  const updated = await store.setRedrive(head, redrive);
  if (updated.kind === 'lost')
    throw new OperationRefused(
      'held',
      `${name} was taken back, or another redrive began meanwhile; nothing has changed`,
    );
  return redrive;
}

export type CalledOff = {
  readonly request: string;
  /** Of the letters that it names, so many are counted: those of a batch that is sealed and waits to be committed are among them. */
  readonly taken: number;
  readonly count: number;
};

/** Commits come every second at the most. */
const mostTries = 10;

/**
 * A batch that has taken letters and is not sealed yet is made again without them (REDRIVE-4).
 *
 * @throws OperationRefused if none is under way
 */
export async function callOffRedrive(pipeline: RedrivenPipeline): Promise<CalledOff> {
  const { name, head: store, seals, clock } = pipeline;
  for (let attempt = 1; ; attempt++) {
    const head = await store.load();
    if (head === undefined) throw new SluiceError('MissingItem', `pipeline ${name} has never run on this table`);
    const last = unfinished(head) ?? head.committed;
    const body = last && (await seals.loadSealed(last.batchId, last.ref));
    const now = clock.now();
    const open = openRedrive(head, body, now);
    if (open === undefined) throw new OperationRefused('usage', whyNothingIsUnderWay(head, body, now));
    const { request, count, from: taken } = open;
    const ended = await store.endRedrive(head, calledOff(head.redrive!, taken, now));
    if (ended.kind === 'updated') return { request, taken, count };
    if (attempt === mostTries)
      throw new OperationRefused('held', `${name} goes on too fast, or another command is at it: try again`);
  }
}

function whyNothingIsUnderWay(head: Head, body: SealedBatch | undefined, now: number): string {
  const stand = standOfRedrive(head, body, now);
  if (stand === undefined) return `no redrive of ${head.pipeline} is under way: none was ever made`;
  const { request, state, taken, count } = stand;
  return `no redrive of ${head.pipeline} is under way: the last one, ${request}, is ${state}, with ${taken} of ${count} letters taken`;
}

async function readyHead({ name, head: store, seals, clock }: RedrivenPipeline): Promise<CommittedHead> {
  const head = await store.load();
  if (head?.committed === undefined)
    throw new SluiceError('MissingItem', `pipeline ${name} has never run on this table`);
  const { committed } = head;
  const now = clock.now();
  const held = heldAt(head, now);
  if (held?.execution.startsWith('sluice ') === true)
    throw new OperationRefused('held', `${name} is held by \`${held.execution}\`: wait until that is through`);
  const body = await seals.loadSealed(committed.batchId, committed.ref);
  const open = openRedrive(head, body, now);
  if (open !== undefined)
    throw new OperationRefused(
      'held',
      `a redrive of ${name} is under way: ${open.from} of ${open.count} letters are taken. It goes on while the pipeline runs; ` +
        '`npx sluice dead-letters redrive --cancel` calls it off',
    );
  return { ...head, committed };
}

/** By their names. */
async function openLetters(pipeline: RedrivenPipeline, head: CommittedHead): Promise<ReadonlySet<string>> {
  const { facts } = await factsOnTheWay(pipeline, head);
  const open = new Set<string>();
  for (const { place, fact } of facts) {
    if (fact === 'dead') open.add(placeName(place));
    else open.delete(placeName(place));
  }
  return open;
}

type Listed = { readonly batch: ListedBatch; readonly facts: readonly LetterFact[] };

/** What happened to letters in the batches that lead to the last one, in their order. */
async function factsOnTheWay(
  { letterLists }: RedrivenPipeline,
  { createdAt, committed }: CommittedHead,
): Promise<{ readonly facts: readonly LetterFact[] }> {
  // Of the tries of a batch only the last may have been committed.
  const byBatch = new Map<number, Listed>();
  for await (const listed of letterLists.batches()) {
    const { batchId, ref } = listed.batch;
    // An older one is of a pipeline that had the name before.
    if (ref < createdAt || batchId > committed.batchId) continue;
    const before = byBatch.get(batchId);
    if (before === undefined || before.batch.ref < ref) byBatch.set(batchId, listed);
  }
  const inOrder = [...byBatch.values()].sort((one, other) => one.batch.batchId - other.batch.batchId);
  const isOnTheWay = onTheWay(inOrder, committed.batchId);
  return { facts: inOrder.filter(({ batch }) => isOnTheWay(batch.batchId)).flatMap(({ facts }) => facts) };
}

/** EARLIER-1: before a batch stands the one with the number before, or the one that its rewind goes on after. */
function onTheWay(inOrder: readonly Listed[], last: number): (batchId: number) => boolean {
  const runs: (readonly [from: number, to: number])[] = [];
  let to = last;
  for (const { batch } of inOrder.toReversed()) {
    if (batch.batchId > to || batch.origin === undefined) continue;
    runs.push([batch.batchId, to]);
    to = batch.origin.after ?? batch.batchId - 1;
  }
  runs.push([0, to]);
  return (batchId) => runs.some(([from, upTo]) => batchId >= from && batchId <= upTo);
}

/** Whether batches behind this one have taken letters: those are deleted, and nothing would bring their events back. */
export function refuseRedriven(
  head: Pick<Head, 'pipeline'>,
  last: { readonly batchId: number; readonly redrive?: unknown } | undefined,
  source: { readonly batchId: number; readonly redrive?: unknown },
): void {
  if (JSON.stringify(last?.redrive) === JSON.stringify(source.redrive)) return;
  throw new OperationRefused(
    'usage',
    `batches of ${head.pipeline} behind batch ${source.batchId} have counted events of dead letters, which are deleted since: ` +
      'going back there would lose these events. Go back to a batch behind the redrive, or fork from the batch',
  );
}
