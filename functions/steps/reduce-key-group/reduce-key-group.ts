/**
 * ReduceKeyGroup: puts state N of one key group, then sends out what is *stored*, and says whether all is acknowledged.
 *
 * It is given (batch, ref, key group) and reads the seal itself: a payload may be stale, the table is not.
 */

import { countLetter, emptyTally, type RowFates } from '../../core/dead-letter-tally.ts';
import { emittedRows } from '../../core/deliver-results.ts';
import { SluiceError } from '../../core/errors.ts';
import { isReduced } from '../../core/group-states.ts';
import type { SealedBatch } from '../../core/model.ts';
import { outputCountsOf } from '../../core/outbox.ts';
import { partOf } from '../../core/output-counts.ts';
import { limitsOf } from '../../core/record-limit.ts';
import { type KeyGroupState, prepareReduce, stateAfter } from '../../core/reduce-key-group.ts';
import type { RowTrial } from '../../core/row-trial.ts';
import type { SavedWindows } from '../../core/saved-windows.ts';
import { pauseMs } from '../../core/turn.ts';
import { fingerprintMessage } from '../../pipeline/fingerprint-change.ts';
import { outputsFrom } from '../../pipeline/outputs.ts';
import { knowingTheLimits } from '../knowing-the-limit.ts';
import type { ReduceKeyGroupInput, ReduceKeyGroupOutput } from '../messages.ts';
import { isBatchOver, orSuperseded } from '../superseded.ts';
import { beginTry, evaluateApart } from './evaluate-apart.ts';
import { type Evaluation, evaluateInPlace } from './evaluate-in-place.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';
import { sendOutbox } from './send-outbox.ts';
import { placeOf, storeRefused } from './store-refused.ts';

/** From the function's start: rows that are not begun by then are the next round's. */
const evaluateUntilMs = 12_000;
/** From the function's start: what is not sent by then is the next round's. */
const sendUntilMs = 15_000;
/** However long the state took to load. */
const leastEvaluateMs = 3_000;
const leastSendMs = 3_000;
/** Forty groups' reasons travel through the state machine. */
const maxReasonLength = 300;

export async function reduceKeyGroup(
  input: ReduceKeyGroupInput,
  runtime: ReduceRuntime,
): Promise<ReduceKeyGroupOutput> {
  return orSuperseded(runtime, () => reduceSealed(input, runtime), {
    isOver: (head) => isBatchOver(head, input),
    answer: { keyGroup: input.keyGroup, emitted: 0, done: true, progressed: true },
  });
}

async function reduceSealed(input: ReduceKeyGroupInput, runtime: ReduceRuntime): Promise<ReduceKeyGroupOutput> {
  const { ports, pipeline, log } = runtime;
  const { batchId, ref, keyGroup } = input;
  const { aggregation } = pipeline;
  const startedAt = ports.clock.now();
  const trial = input.again ? await beginTry(runtime, input) : undefined;
  const [body, found] = await Promise.all([
    ports.seals.loadSealed(batchId, ref),
    ports.states.findState(keyGroup, batchId, ref),
  ]);
  // A group that the seal goes past has nothing to do.
  if (!isReduced(body, keyGroup)) return { keyGroup, emitted: 0, done: true, progressed: true };
  if (aggregation === undefined || body.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(body.fingerprint, pipeline.fingerprint));
  }
  // What a round before has stored is what counts: nothing is computed again.
  const put = found ?? (await putState(input, runtime, { ...pipeline, aggregation }, body, { startedAt, trial }));
  if ('kind' in put) return { keyGroup, emitted: 0, done: false, ...reasonOf(put) };
  const { state, isFresh } = 'state' in put ? put : { state: put, isFresh: false };
  const deadline = Math.max(startedAt + sendUntilMs, ports.clock.now() + leastSendMs);
  const emitted = emittedRows(state);
  const stored = await storeRefused(runtime, state, { isFresh, deadline });
  const sending = stored.left === 0 ? await sendOutbox(runtime, state, { isFresh, deadline }) : stored;
  // The next round begins at once.
  if (!sending.progressed) await ports.clock.sleep(pauseMs);
  const rows = fatesOf(state);
  log.info('reduced', { batchId, ref, keyGroup, emitted, filtered: rows.filtered, left: sending.left });
  const { left, progressed, why } = sending;
  return {
    keyGroup,
    emitted,
    done: left === 0,
    progressed,
    rows,
    ...partOf(outputCountsOf(state)),
    ...(why === undefined ? {} : { why: why.slice(0, maxReasonLength) }),
  };
}

/** Where their letters are, and not what user code has thrown: an execution keeps what goes through it for months. */
function fatesOf(state: KeyGroupState): RowFates {
  const places = state.refused.map((row) => ({ ...placeOf(state, row), reason: row.reason }));
  const { results, filtered, late, retracted, made } = state;
  const refused = places.reduce(countLetter, emptyTally);
  const rows = {
    ...{ results, filtered, refused },
    ...(retracted === undefined ? {} : { retracted }),
    ...(made === undefined ? {} : { made }),
  };
  return late === undefined ? rows : { ...rows, late };
}

type NewState = { readonly state: KeyGroupState; readonly isFresh: boolean };

async function putState(
  input: ReduceKeyGroupInput,
  runtime: ReduceRuntime,
  pipeline: Parameters<typeof prepareReduce>[0],
  body: SealedBatch,
  { startedAt, trial }: { readonly startedAt: number; readonly trial: RowTrial | undefined },
): Promise<NewState | Extract<Evaluation, { kind: 'not-yet' }>> {
  const { ports } = runtime;
  const { clock, sink } = ports;
  const { keyGroup } = input;
  const [before, blocks, kept] = await Promise.all([
    windowsBefore(runtime, body, keyGroup),
    ports.blocks.loadPartials(body, keyGroup),
    input.again ? ports.rows.loadRows(input) : [],
  ]);
  const { rows, setup, finish } = prepareReduce(pipeline, body, { keyGroup, before, blocks });
  const deadline = Math.max(startedAt + evaluateUntilMs, clock.now() + leastEvaluateMs);
  const given = { state: input, setup, rows, kept, deadline };
  const evaluated: Evaluation =
    trial === undefined ? await evaluateInPlace(runtime, given) : await evaluateApart(runtime, given, trial);
  if (evaluated.kind === 'not-yet') return evaluated;
  const limits = limitsOf(outputsFrom(pipeline, 'results'));
  const computed = await knowingTheLimits(sink, () => stateAfter(before, finish(evaluated.results, limits)));
  const state = await ports.states.putState(computed, body.states[keyGroup]?.before);
  return { state, isFresh: state === computed };
}

const reasonOf = ({ why, until, progressed }: Extract<Evaluation, { kind: 'not-yet' }>) => ({
  progressed,
  why: why.slice(0, maxReasonLength),
  ...(until === undefined ? {} : { waitUntil: until }),
});

async function windowsBefore({ ports }: ReduceRuntime, body: SealedBatch, keyGroup: number): Promise<SavedWindows> {
  const before = body.states[keyGroup]?.before;
  return before === undefined ? [] : (await ports.states.loadState(keyGroup, before.batchId, before.ref)).windows;
}
