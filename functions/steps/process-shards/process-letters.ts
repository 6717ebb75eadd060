/**
 * A task of dead letters: each is loaded by its place, goes through the pipeline as it is now, and is counted in the block. What fails again is a letter again.
 *
 * A letter is not touched here: this try may come to nothing. Those that were taken are deleted behind the commit. One that can't be read, and one that
 * executors died of (DEATHS-3), is passed over, and stays.
 */
import { isNamed } from '../../adapters/aws-errors.ts';
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { DeadLetter } from '../../core/dead-letter.ts';
import { isolatedJudge } from '../../core/isolated-code.ts';
import type { IsolatedReading } from '../../core/isolated-reading.ts';
import type { JudgeEvent } from '../../core/judge-event.ts';
import type { PlannedTask } from '../../core/model.ts';
import { shardOfLetters, takeLetters } from '../../core/read/take-letters.ts';
import { applied } from '../../core/read/take-step.ts';
import type { TaskIsolation } from '../../core/read/task-read.ts';
import type { PlannedLetters } from '../../core/redrive.ts';
import type { ReferenceUses, TakenReferences } from '../../core/references.ts';
import { StepPace } from '../../core/step-pace.ts';
import type { LetterLists, LetterPlace, ListedPlaces } from '../../ports/letter-lists.ts';
import type { Ports } from '../../ports/ports.ts';
import { knowingTheLimits } from '../knowing-the-limit.ts';
import type { ProcessShardsOutput } from '../messages.ts';
import { deliver } from './deliver.ts';
import type { ExecutorContext } from './executor-context.ts';
import { OpenShard } from './open-shard.ts';
import { putBlock } from './put-block.ts';
import { deliveryGraceMs, isBlockFull } from './take-page.ts';

/** A payload has up to 10 MiB. */
const loadsAtOnce = 8;

/** User code in a thread, which is begun anew for whatever ends it. */
export type ApartForLetters = {
  readonly isolation: TaskIsolation;
  readonly references: ReferenceUses | undefined;
  /** The letter that ended it is a letter again, and the next one has a new thread. */
  buries(died: { readonly sequenceNumber: string; readonly sub: number }, message: string): void;
  close(): void;
};

/** Undefined: user code runs in place. */
export function openApart(
  task: PlannedTask,
  { isolation }: Pick<Ports, 'isolation'>,
  references?: TakenReferences,
): ApartForLetters | undefined {
  const { letters, batchId, ref, watermark, generation, overUpTo } = task;
  if (letters?.isIsolated !== true || letters.passesOver === true) return undefined;
  const setup = { batchId, ref, watermark, generation, letters, ...(overUpTo === undefined ? {} : { overUpTo }) };
  let isolate = isolation.open('event', setup, references);
  let ask = isolatedJudge(isolate);
  const judge: JudgeEvent = Object.assign((...given: Parameters<JudgeEvent>) => ask(...given), {
    promises: ask.promises,
    needsMeta: true,
  });
  const reading: { -readonly [Name in keyof IsolatedReading]: IsolatedReading[Name] } = {};
  return {
    isolation: { judge, reading },
    references: isolate.references,
    buries(place, message) {
      reading.giveUp = { ...place, message };
      isolate.close();
      isolate = isolation.open('event', setup, references);
      ask = isolatedJudge(isolate);
    },
    close: () => isolate.close(),
  };
}

type Around = {
  readonly apart: ApartForLetters | undefined;
  readonly startedAt: number;
  readonly references: ReferenceUses | undefined;
};

export async function processLetters(
  context: ExecutorContext,
  { request, from, through, passesOver }: PlannedLetters,
  { apart, startedAt, references }: Around,
): Promise<ProcessShardsOutput> {
  const { task, runtime } = context;
  const { ports } = runtime;
  const places = await ports.letterLists.loadRequested(request, from, through);
  const about = { workMs: 0, references, results: [], failedShards: [] };
  if (passesOver === true) {
    const [deadly] = places;
    runtime.log.warn('a letter is passed over: executors died of it', { ...deadly });
    await putBlock(context, [], {
      ...about,
      redrive: { request, from, to: from + 1, missing: 0, ...(deadly && { deadly }) },
    });
    return { outcome: 'moved' };
  }
  const read = new LettersRead(context, apart);
  let at = 0;
  while (!read.isStopped && at < places.length && !isOver(context)) {
    const next = places.slice(at, at + loadsAtOnce);
    const letters = await inParallel(next, loadsAtOnce, async (place) => ({
      place,
      letter: await loaded(ports.letterLists, place),
    }));
    for (const run of runsOf(letters)) if (!read.isStopped && !isOver(context)) at += await read.take(run);
  }
  await task.checkSchema();
  if (at === 0) return { outcome: read.hasFailed ? 'failed' : 'behind' };
  const { missing, unreadable, taken } = read;
  await putBlock(context, read.opened, {
    ...{ ...about, workMs: ports.clock.now() - startedAt, taken },
    redrive: { request, from, to: from + at, missing, ...(unreadable === 0 ? {} : { unreadable }) },
  });
  return { outcome: 'moved' };
}

const isOver = (context: ExecutorContext): boolean =>
  context.runtime.ports.clock.now() >= context.deadline || isBlockFull(context);

/** Unreadable: other code has written it, so another try would find the same. */
type Absent = 'missing' | 'unreadable';
type Loaded = DeadLetter | Absent;

async function loaded(lists: Pick<LetterLists, 'loadLetter'>, place: LetterPlace): Promise<Loaded> {
  try {
    return (await lists.loadLetter(place)) ?? 'missing';
  } catch (error) {
    if (isNamed(error, 'UnknownFormat')) return 'unreadable';
    throw error;
  }
}

type Run = { readonly shardId: string; readonly letters: Loaded[] };

/** Letters of one shard, one after the other; of one that is not there its place is known. */
function runsOf(loaded: readonly { readonly place: LetterPlace; readonly letter: Loaded }[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { place, letter } of loaded) {
    const last = runs.at(-1);
    if (last?.shardId === place.shardId) last.letters.push(letter);
    else runs.push({ shardId: place.shardId, letters: [letter] });
  }
  return runs;
}

class LettersRead {
  readonly #context: ExecutorContext;
  readonly #apart: ApartForLetters | undefined;
  readonly #pace = new StepPace();
  readonly opened: OpenShard[] = [];
  readonly taken: ListedPlaces['taken'][number][] = [];
  missing = 0;
  unreadable = 0;
  hasFailed = false;
  isStopped = false;

  constructor(context: ExecutorContext, apart: ApartForLetters | undefined) {
    this.#context = context;
    this.#apart = apart;
  }

  /** How many of them are done with, the first ones: taken and what came of them delivered, or not there any more. */
  async take({ shardId, letters }: Run): Promise<number> {
    const open = this.#openFor(shardId);
    let at = 0;
    while (at < letters.length && !this.isStopped && !isOver(this.#context)) {
      const first = letters[at]!;
      if (typeof first === 'string') {
        this[first] += 1;
        at += 1;
      } else at += await this.#takeSome(open, lettersFrom(letters, at));
    }
    return at;
  }

  /** What was counted is never taken back: also of a step in which user code ended, the letters before are taken. */
  async #takeSome(open: OpenShard, letters: readonly DeadLetter[]): Promise<number> {
    const { task, runtime, deadline, parts } = this.#context;
    const { ports, log } = runtime;
    const most = this.#pace.most;
    const step = await knowingTheLimits(ports.sink, () => takeLetters(open.reader, open.state, letters, 0, most));
    const missing = await deliver(step.effects, task.direct, ports, deadline + deliveryGraceMs);
    const before = open.state.progress.counters.read;
    open.state = { ...applied(step, noPage, missing), halt: undefined };
    const taken = open.state.progress.counters.read - before;
    for (const { source, shardId, sequenceNumber, subSequenceNumber, payload } of letters.slice(0, taken))
      this.taken.push({ source, shardId, sequenceNumber, subSequenceNumber, payloadBytes: payload.length });
    await parts.afterStep();
    if (missing !== undefined) {
      if (!missing.error.canRetry) throw missing.error;
      this.isStopped = true;
      this.hasFailed = !missing.isOnlySlow;
      log.warn('letters were not delivered', { reason: missing.error.message });
    } else if (step.halt?.kind === 'died') this.#apart!.buries(step.halt.place, step.halt.message);
    return taken;
  }

  #openFor(shardId: string): OpenShard {
    const last = this.opened.at(-1);
    if (last?.shardId === shardId) return last;
    const open = new OpenShard(this.#context.task, shardOfLetters(shardId));
    this.opened.push(open);
    return open;
  }
}

/** As far as they are there. */
function lettersFrom(letters: readonly Loaded[], from: number): readonly DeadLetter[] {
  const there: DeadLetter[] = [];
  for (const letter of letters.slice(from)) {
    if (typeof letter === 'string') break;
    there.push(letter);
  }
  return there;
}

const noPage = { records: [], serverTime: 0, millisBehindLatest: 0 };
