/**
 * The steps that a stored state names: to each output what is for it, side by side, a step at a time. Many records at a time, in order,
 * behind what earlier tries have sent.
 */

import { type RowsByOutput, rowsPart } from '../../core/detached.ts';
import { SluiceError } from '../../core/errors.ts';
import { endsOf, sentRecords } from '../../core/outbox.ts';
import { errorOfOutput } from '../../core/output.ts';
import { isInParts } from '../../core/parts-of-outbox.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import { leftOf, nothingSent, type SentOutbox, type SentOutboxes } from '../../core/sent-outbox.ts';
import { type SlowOutputs, slowPart } from '../../core/slow-outputs.ts';
import { outputsFrom } from '../../pipeline/outputs.ts';
import type { Output } from '../../pipeline/pipeline.ts';
import { type Stored, withLettersOfCalls } from './given-up-letters.ts';
import type { NotedCalls } from './noted-calls.ts';
import type { StepReader } from './outbox-reader.ts';
import type { OutputProgress } from './output-progress.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';
import { type FilesToSend, sendFiles } from './send-files.ts';
import { sendParts } from './send-parts.ts';
import { sendSteps, whatIsLeft } from './send-steps.ts';

/** `progressed`: something went through, or nothing was left. `until`: another try is worth it from then on. */
export type Sending = {
  readonly left: number;
  readonly progressed: boolean;
  readonly why?: string | undefined;
  /** Something went through. */
  readonly moved?: boolean;
  readonly until?: number | undefined;
  /** Outputs that took long, or have not taken all. */
  readonly slow?: SlowOutputs | undefined;
  /** By output that is detached: how many rows were left, where any were. */
  readonly kept?: RowsByOutput | undefined;
};

type ToSend = {
  readonly state: KeyGroupState;
  readonly isFresh: boolean;
  readonly deadline: number;
  /** Undefined: nobody has died in this batch. */
  readonly calls: NotedCalls | undefined;
  /** Outputs that nothing is sent to: what they have is left as it is, and counts as kept. */
  readonly detached?: readonly string[];
  /** Nothing is sent to any other. Absent: to all. */
  readonly only?: string;
};

/**
 * As far as the time goes, from where the last try stopped. A sink that takes nothing now is no failure of this function:
 * the driver, which hears of all groups, decides whether to come back.
 */
export async function sendOutbox(
  runtime: ReduceRuntime,
  outbox: StepReader,
  { state, isFresh, deadline, calls, detached = [], only }: ToSend,
): Promise<Sending> {
  const { ports, pipeline } = runtime;
  if (sentRecords(state) === 0) return { left: 0, progressed: true };
  const sentBefore = isFresh ? {} : await ports.outboxNotes.loadSent(state);
  const sending: Sends = { runtime, deadline, calls, sentBefore };
  const [letters] =
    globalThis.SLUICE_CALLS !== false && pipeline.outputs.some(isInParts) ? outputsFrom(pipeline, 'letters') : [];
  const stored = { state, outbox };
  const isFor = (id: string): boolean => !detached.includes(id) && (only === undefined || id === only);
  const ids = Object.keys(state.outputs);
  const outputs = ids.filter((id) => id !== letters?.id && isFor(id)).map((id) => progressOf(sending, stored, id));
  const kept = await keptOf(sending, stored, { ids: ids.filter((id) => detached.includes(id)), letters, calls });
  try {
    await sendAll(sending, stored, outputs);
    if (globalThis.SLUICE_CALLS !== false && letters !== undefined && isFor(letters.id)) {
      const isKnown = outputs.every(({ sent, length }) => sent.count === length);
      const all = isKnown ? await withLettersOfCalls(stored, { letters, outputs: pipeline.outputs, calls }) : stored;
      const progress = progressOf(sending, all, letters.id);
      if (progress.length > 0) outputs.push(progress);
      if (isKnown) await sendAll(sending, all, [progress]);
    }
    return { ...resultOf(outputs), ...rowsPart('kept', kept) };
  } finally {
    // Written after the acknowledgement: what it counts is in the sink.
    if (isWorthANote(outputs, only)) await ports.outboxNotes.putSent(state, { ...sentBefore, ...notesOf(outputs) });
  }
}

/** What was kept goes out of many states in a row, and the next try begins with the first of them: there also what went at once is noted. */
const isWorthANote = (outputs: readonly OutputProgress[], only: string | undefined): boolean =>
  outputs.some(({ before, sent }) => sent !== before) && (only !== undefined || !outputs.every(isWhole));

/** What is known to be there already is not kept. */
async function keptOf(
  sending: Sends,
  stored: Stored,
  {
    ids,
    letters,
    calls,
  }: { readonly ids: readonly string[]; readonly letters: Output | undefined } & Pick<ToSend, 'calls'>,
): Promise<RowsByOutput> {
  const kept: Record<string, number> = {};
  for (const id of ids) {
    const { outputs } = sending.runtime.pipeline;
    const all = id === letters?.id ? await withLettersOfCalls(stored, { letters, outputs, calls }) : stored;
    const { length, sent } = progressOf(sending, all, id);
    if (leftOf(length, sent) > 0) kept[id] = length;
  }
  return kept;
}

type Sends = Pick<ToSend, 'deadline' | 'calls'> & {
  readonly runtime: ReduceRuntime;
  readonly sentBefore: SentOutboxes;
};

function progressOf({ runtime, sentBefore }: Sends, { state }: Stored, output: string): OutputProgress {
  const { count, ahead, ...rest } = sentBefore[output] ?? nothingSent;
  const ends = endsOf(state.steps, output);
  const length = ends.at(-1) ?? 0;
  const isOfParts = runtime.pipeline.outputs.some((one) => one.id === output && isInParts(one));
  // A note of what is done says it of rows: some may have been stored before there was this output.
  const before = { count: Math.min(count, length), ahead: isOfParts ? [] : ahead, ...rest };
  return { output, ends, length, before, sent: before };
}

/** Side by side: each comes as far as it can, whatever becomes of the others. */
async function sendAll(sending: Sends, stored: Stored, outputs: readonly OutputProgress[]): Promise<void> {
  const ends = await Promise.allSettled(
    outputs.map((output) => asFarAsItGoes(sending, output, () => sendOne(sending, stored, output))),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function sendOne(
  { runtime, deadline, calls }: Sends,
  { state, outbox }: Stored,
  progress: OutputProgress,
): Promise<void> {
  const { ports, pipeline } = runtime;
  const { files } = ports.sink(progress.output);
  if (globalThis.SLUICE_FILES !== false && files !== undefined)
    return putFiles(ports, outbox, progress, { files, state, deadline });
  const output = pipeline.outputs.find((one) => one.id === progress.output && isInParts(one));
  if (globalThis.SLUICE_CALLS !== false && output !== undefined) {
    const send = () => sendParts(runtime, progress, { output, state, outbox, deadline, calls });
    // A death is that of one call.
    return calls === undefined ? send() : calls.inTurn(send);
  }
  return sendSteps(ports, outbox, progress, deadline);
}

/** At once, in this very try. */
const isWhole = ({ before, sent, length }: OutputProgress): boolean =>
  sent.count === length && before.count === 0 && before.ahead.length === 0;

const notesOf = (outputs: readonly OutputProgress[]): SentOutboxes =>
  Object.fromEntries(outputs.map(({ output, sent }) => [output, sent]));

/** Notes why it comes no further. */
async function asFarAsItGoes(
  { runtime: { ports } }: Sends,
  progress: OutputProgress,
  send: () => Promise<void>,
): Promise<void> {
  const startedAt = ports.clock.now();
  try {
    await send();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const named = errorOfOutput(progress.output, error);
    if (!named.canRetry) throw named;
    progress.why = named.message;
    progress.error = named.name;
  } finally {
    progress.ms = (progress.ms ?? 0) + ports.clock.now() - startedAt;
  }
}

async function putFiles(
  ports: ReduceRuntime['ports'],
  outbox: StepReader,
  progress: OutputProgress,
  given: Pick<FilesToSend, 'files' | 'state' | 'deadline'>,
): Promise<void> {
  const { output, length, sent } = progress;
  await sendFiles(ports, outbox, { ...given, output, length, sent }, (now) => (progress.sent = now));
  if (progress.sent.count < length) progress.why = whatIsLeft(progress);
}

function resultOf(outputs: readonly OutputProgress[]): Sending {
  const sum = (sentOf: (output: OutputProgress) => SentOutbox): number =>
    outputs.reduce((left, output) => left + leftOf(output.length, sentOf(output)), 0);
  const left = sum(({ sent }) => sent);
  const why = outputs.find((output) => output.why !== undefined)?.why;
  const waits = outputs.flatMap(({ until }) => until ?? []);
  const until = waits.length === 0 ? {} : { until: Math.min(...waits) };
  const tries = outputs.map(({ output, length, sent, ms = 0, error }) => ({
    ...{ output, ms, left: leftOf(length, sent), error },
  }));
  const moved = left < sum(({ before }) => before);
  return { left, moved, progressed: moved || left === 0, why, ...until, ...slowPart(tries) };
}
