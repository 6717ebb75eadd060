/**
 * ReduceKeyGroup: stores the rows of one key group in steps and then puts its state N, which names them; sends out what is *stored*, and
 * says whether all is acknowledged. With `topRows` the gathering step is one more key group, behind the last one.
 *
 * It is given (batch, ref, key group) and reads the seal itself: a payload may be stale, the table is not.
 */

import { callsOfRows, fatesAfterCalls } from '../../core/call-trial.ts';
import { rowsPart } from '../../core/detached.ts';
import { SluiceError } from '../../core/errors.ts';
import { fittedWindows } from '../../core/fitted-windows.ts';
import { gatheringGroup } from '../../core/gather-rows.ts';
import { isReduced } from '../../core/group-states.ts';
import type { SealedBatch } from '../../core/model.ts';
import { nothingGrouped } from '../../core/nothing-grouped.ts';
import { emittedRows, outputCountsOf, sentRecords } from '../../core/outbox.ts';
import { partOf } from '../../core/output-counts.ts';
import { partRowsOf } from '../../core/parts-of-outbox.ts';
import { limitsOf } from '../../core/record-limit.ts';
import { blocksOf, prepareReduce } from '../../core/reduce-key-group.ts';
import type { KeyGroupState, Reduction } from '../../core/reduction.ts';
import { isUnavailable, usesPart } from '../../core/references.ts';
import type { RowTrial } from '../../core/row-trial.ts';
import { sizeOfState } from '../../core/sizes.ts';
import type { StateBefore, StateOfBatch } from '../../core/state/state-of-batch.ts';
import { pauseMs } from '../../core/turn.ts';
import { fingerprintMessage, goesOn } from '../../pipeline/fingerprint-change.ts';
import { isFromOutbox, outputsFrom } from '../../pipeline/outputs.ts';
import type { ReduceKeyGroupInput, ReduceKeyGroupOutput } from '../messages.ts';
import { isBatchOver, orSuperseded } from '../superseded.ts';
import { beginTry, evaluateApart } from './evaluate-apart.ts';
import { type Evaluation, evaluateInPlace } from './evaluate-in-place.ts';
import { gatherRanked } from './gather-ranked.ts';
import { type MaySend, whatMaySend } from './may-send.ts';
import { NotedCalls } from './noted-calls.ts';
import { OutboxReader } from './outbox-reader.ts';
import { OutboxWriter } from './outbox-writer.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';
import { type Reducing, underSealedLateness } from './sealed-lateness.ts';
import { sendKept } from './send-kept.ts';
import { sendOutbox } from './send-outbox.ts';
import { loadWindows, putWindows } from './state-segments.ts';
import { storeRefused } from './store-refused.ts';

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
  return orSuperseded(runtime, () => reduceOrWait(input, runtime), {
    isOver: (head) => isBatchOver(head, input),
    answer: nothingToDo(input),
  });
}

/** Also of a batch that others have finished: nobody waits for it. */
const nothingToDo = ({ keyGroup }: ReduceKeyGroupInput): ReduceKeyGroupOutput => ({
  keyGroup,
  emitted: 0,
  done: true,
  progressed: true,
});

/** No row is made without what callbacks need: the next round asks again, and where none gets on the batch fails with these words. */
async function reduceOrWait(input: ReduceKeyGroupInput, runtime: ReduceRuntime): Promise<ReduceKeyGroupOutput> {
  try {
    return await reduceSealed(input, runtime);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    const { name, message } = error;
    runtime.log.warn('no reference data', { reason: message });
    await runtime.ports.clock.sleep(pauseMs);
    const why = `${name}: ${message}`.slice(0, maxReasonLength);
    return { keyGroup: input.keyGroup, emitted: 0, done: false, progressed: false, why };
  }
}

async function reduceSealed(input: ReduceKeyGroupInput, runtime: ReduceRuntime): Promise<ReduceKeyGroupOutput> {
  const { ports, pipeline } = runtime;
  const { batchId, ref, keyGroup } = input;
  const { aggregation = nothingGrouped } = pipeline;
  const startedAt = ports.clock.now();
  const trial = input.again ? await beginTry(runtime, input) : undefined;
  const [body, found] = await Promise.all([
    ports.seals.loadSealed(batchId, ref),
    // Of a first try there is none; who repeats it comes to what the first has stored (STEP-1), and takes that.
    input.again ? ports.states.findState(keyGroup, batchId, ref) : undefined,
  ]);
  if (body.attach !== undefined)
    return sendKept({ ...input, attach: body.attach, deadline: startedAt + sendUntilMs }, runtime);
  // A group that the seal goes past has nothing to do.
  if (!isReduced(body, keyGroup) && keyGroup !== gatheringGroup(body)) return nothingToDo(input);
  const { fingerprint, newAggregates } = pipeline;
  if (!goesOn(body.fingerprint, fingerprint, newAggregates))
    throw new SluiceError('FingerprintChanged', fingerprintMessage(body.fingerprint, fingerprint, newAggregates));
  // What a round before has stored is what counts: nothing is computed again.
  const put =
    found ??
    (await putState(input, runtime, underSealedLateness({ ...pipeline, aggregation }, body), body, {
      startedAt,
      trial,
    }));
  if ('kind' in put) return { keyGroup, emitted: 0, done: false, ...reasonOf(put) };
  const stored = 'state' in put ? put : { state: put, isFresh: false };
  const may = await whatMaySend(runtime, stored.state);
  return may === undefined ? nothingToDo(input) : send(runtime, stored, may, { startedAt, trial });
}

type Try = { readonly startedAt: number; readonly trial: RowTrial | undefined };
type StoredState = { readonly state: KeyGroupState; readonly isFresh: boolean };

async function send(
  runtime: ReduceRuntime,
  { state, isFresh }: StoredState,
  { detached }: MaySend,
  { startedAt, trial }: Try,
): Promise<ReduceKeyGroupOutput> {
  const { ports, pipeline, log } = runtime;
  const { batchId, ref, keyGroup } = state;
  const deadline = Math.max(startedAt + sendUntilMs, ports.clock.now() + leastSendMs);
  const calls = globalThis.SLUICE_CALLS === false ? undefined : trial && new NotedCalls(ports.rows, state, trial);
  await calls?.refuseMany();
  const reader = new OutboxReader(ports.rows, state, pipeline.outputs.filter(isFromOutbox).length);
  const stored = await storeRefused(runtime, reader, { state, isFresh, deadline });
  const sending =
    stored.left === 0 ? await sendOutbox(runtime, reader, { state, isFresh, deadline, calls, detached }) : stored;
  // The next round begins at once.
  if (!sending.progressed) await ports.clock.sleep(pauseMs);
  const end = afterCalls(state, calls);
  const rows = end.fates;
  const emitted =
    pipeline.aggregation === undefined
      ? sentRecords(end)
      : emittedRows(fatesAfterCalls(state, callsOfRows(calls?.all)));
  log.info('reduced', { batchId, ref, keyGroup, emitted, filtered: rows.filtered, left: sending.left });
  const { left, progressed, why, until, slow, kept = {} } = sending;
  return {
    keyGroup,
    emitted,
    done: left === 0,
    progressed,
    rows,
    ...partOf(outputCountsOf(end)),
    ...(state.ranked === undefined ? {} : { ranked: state.ranked.length }),
    ...usesPart(state.references),
    ...rowsPart('kept', kept),
    ...sizePart(left, state),
    ...memoryPart(runtime),
    ...(why === undefined ? {} : { why: why.slice(0, maxReasonLength) }),
    ...(until === undefined ? {} : { waitUntil: until }),
    ...(slow === undefined ? {} : { slow }),
  };
}

/** The round that is the group's last one says it. */
const sizePart = (left: number, state: KeyGroupState) => (left === 0 ? { size: sizeOfState(state) } : {});

const memoryPart = ({ memory }: ReduceRuntime) =>
  memory === undefined ? {} : { memory: { peakBytes: memory.peakBytes(), limitBytes: memory.limitBytes } };

const afterCalls = (state: KeyGroupState, calls: NotedCalls | undefined): KeyGroupState =>
  globalThis.SLUICE_CALLS === false ? state : fatesAfterCalls(state, calls?.all);

async function putState(
  input: ReduceKeyGroupInput,
  runtime: ReduceRuntime,
  pipeline: Reducing,
  body: SealedBatch,
  { startedAt, trial }: Try,
): Promise<StoredState | Extract<Evaluation, { kind: 'not-yet' }>> {
  const { ports } = runtime;
  const { clock } = ports;
  const { keyGroup } = input;
  const { windows, reduction } =
    globalThis.SLUICE_TOP_ROWS !== false && keyGroup === gatheringGroup(body)
      ? { windows: undefined, reduction: await gatherRanked(runtime, body, pipeline) }
      : await reduceWindows(runtime, body, { keyGroup, pipeline });
  const { rows, setup, begin, outcomeOf } = reduction;
  const delivery = begin();
  const outbox = new OutboxWriter(ports, input, { delivery, limits: limitsOf(outputsFrom(pipeline, 'results')) });
  await outbox.resume(input);
  const references = outbox.end < rows.length ? await ports.references.take() : undefined;
  if (references !== undefined) outbox.uses(references.uses);
  const deadline = Math.max(startedAt + evaluateUntilMs, clock.now() + leastEvaluateMs);
  const given = { state: input, setup, rows, references, outbox, deadline };
  const evaluated: Evaluation =
    trial === undefined ? await evaluateInPlace(runtime, given) : await evaluateApart(runtime, given, trial);
  if (evaluated.kind === 'not-yet') return evaluated;
  const { fingerprint } = pipeline;
  const saved = fingerprint === body.fingerprint ? {} : { fingerprint };
  const { delta, ...outcome } = outcomeOf(delivery);
  const { manifest, ...segments } = await putWindows(ports, input, { windows, delta });
  const computed = { ...outcome, manifest, ...partRowsOf(pipeline), ...outbox.inline, ...saved };
  const state = await ports.states.putState(computed, { replaces: body.states[keyGroup]?.before, ...segments });
  return { state, isFresh: state === computed };
}

const reasonOf = ({ why, until, progressed }: Extract<Evaluation, { kind: 'not-yet' }>) => ({
  progressed,
  why: why.slice(0, maxReasonLength),
  ...(until === undefined ? {} : { waitUntil: until }),
});

async function reduceWindows(
  runtime: ReduceRuntime,
  body: SealedBatch,
  { keyGroup, pipeline }: { readonly keyGroup: number; readonly pipeline: Reducing },
): Promise<{ readonly windows: StateOfBatch; readonly reduction: Reduction }> {
  const [before, partials] = await Promise.all([
    stateBefore(runtime, body, keyGroup),
    runtime.ports.blocks.loadPartials(body, keyGroup),
  ]);
  const blocks = partials.map((each) => ({
    ...each,
    windows: fittedWindows(each.windows, body.fingerprint, pipeline),
  }));
  const brought = blocks.map(({ windows }) => windows);
  const windows = await loadWindows(runtime.ports.segments, pipeline, {
    ...{ body, keyGroup, before, brought },
    memoryBytes: runtime.memory?.limitBytes,
  });
  const { keys, dropsOver } = windows;
  const group = { keyGroup, before: keys, dropsOver, ...blocksOf(blocks) };
  return { windows, reduction: prepareReduce(pipeline, body, group) };
}

async function stateBefore(
  { ports, pipeline: { aggregation } }: ReduceRuntime,
  body: SealedBatch,
  keyGroup: number,
): Promise<StateBefore | undefined> {
  const before = body.states[keyGroup]?.before;
  if (before === undefined || aggregation === undefined) return undefined;
  const { manifest, fingerprint } = await ports.states.loadState(keyGroup, before.batchId, before.ref);
  return { manifest, fingerprint: fingerprint ?? before.fingerprint ?? body.fingerprint };
}
