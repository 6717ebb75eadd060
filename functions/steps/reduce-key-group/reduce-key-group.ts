/**
 * ReduceKeyGroup: puts state N of one key group, then sends out what is *stored*, and says whether all is acknowledged.
 *
 * It is given (batch, ref, key group) and reads the seal itself: a payload may be stale, the table is not.
 */
import { SluiceError } from '../../core/errors.ts';
import type { BatchBody } from '../../core/model.ts';
import { reduceKeyGroup as decideReduce, type KeyGroupState } from '../../core/reduce-key-group.ts';
import type { SavedWindows } from '../../core/window-table.ts';
import type { DeadLetter } from '../../ports.ts';
import type { ReduceKeyGroupInput, ReduceKeyGroupOutput } from '../messages.ts';
import { fingerprintMessage } from '../process-shards/process-shards.ts';
import type { Runtime } from '../runtime.ts';

/** From the function's start: what is not sent by then is the next round's. */
const sendUntilMs = 15_000;
/** However long the state took to load. */
const leastSendMs = 3_000;
/** One PutRecords request. */
const stepRecords = 500;
/** Forty groups' reasons travel through the state machine. */
const maxReasonLength = 300;

export async function reduceKeyGroup(input: ReduceKeyGroupInput, runtime: Runtime): Promise<ReduceKeyGroupOutput> {
  const { ports, pipeline, log } = runtime;
  const { batchId, ref, keyGroup } = input;
  const { aggregation } = pipeline;
  const startedAt = ports.clock.now();
  const [body, found] = await Promise.all([
    ports.batches.loadBody(batchId, ref),
    ports.batches.findState(keyGroup, batchId, ref),
  ]);
  if (aggregation === undefined || body.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(body.fingerprint, pipeline.fingerprint));
  }
  // What a round before has stored is what counts: nothing is computed again.
  const { state, isFresh } =
    found === undefined
      ? await putState(runtime, { ...pipeline, aggregation }, body, keyGroup)
      : { state: found, isFresh: false };
  if (state.refused.length > 0) await ports.deadLetters.put(state.refused.map((refused) => letterOf(state, refused)));
  const deadline = Math.max(startedAt + sendUntilMs, ports.clock.now() + leastSendMs);
  const { sent, sentBefore, why } = await sendOutbox(runtime, state, { isFresh, deadline });
  const emitted = state.outbox.length;
  log.info('reduced', { batchId, ref, keyGroup, emitted, left: emitted - sent });
  const done = sent === emitted;
  return { keyGroup, emitted, done, progressed: done || sent > sentBefore, ...(why === undefined ? {} : { why }) };
}

async function putState(
  runtime: Runtime,
  pipeline: Parameters<typeof decideReduce>[0],
  body: BatchBody,
  keyGroup: number,
): Promise<{ readonly state: KeyGroupState; readonly isFresh: boolean }> {
  const { batches } = runtime.ports;
  const [before, blocks] = await Promise.all([
    windowsBefore(runtime, body, keyGroup),
    batches.loadPartials(body, keyGroup),
  ]);
  const computed = decideReduce(pipeline, body, { keyGroup, before, blocks });
  const state = await batches.putState(computed);
  return { state, isFresh: state === computed };
}

type Sending = { readonly sent: number; readonly sentBefore: number; readonly why?: string };

/**
 * As far as the time goes, from where the last try stopped. A sink that takes nothing now is no failure of this function:
 * the driver, which hears of all groups, decides whether to come back.
 */
async function sendOutbox(
  { ports }: Runtime,
  state: KeyGroupState,
  { isFresh, deadline }: { readonly isFresh: boolean; readonly deadline: number },
): Promise<Sending> {
  const { outbox } = state;
  if (outbox.length === 0) return { sent: 0, sentBefore: 0 };
  const sentBefore = isFresh ? 0 : await ports.batches.loadSent(state);
  let sent = sentBefore;
  let why: string | undefined;
  try {
    while (sent < outbox.length && ports.clock.now() < deadline) {
      await ports.sink.send(outbox.slice(sent, sent + stepRecords), deadline);
      sent = Math.min(outbox.length, sent + stepRecords);
    }
    if (sent < outbox.length) why = `${outbox.length - sent} records are left`;
  } catch (error) {
    if (!(error instanceof SluiceError && error.canRetry)) throw error;
    why = error.message.slice(0, maxReasonLength);
  } finally {
    // Written after the acknowledgement: what it counts is in the sink.
    if (sent > sentBefore && (sent < outbox.length || sentBefore > 0)) await ports.batches.putSent(state, sent);
  }
  return { sent, sentBefore, ...(why === undefined ? {} : { why }) };
}

async function windowsBefore({ ports }: Runtime, body: BatchBody, keyGroup: number): Promise<SavedWindows> {
  const { batchId, ref } = body.previous;
  if (batchId < 0) return [];
  return (await ports.batches.loadState(keyGroup, batchId, ref)).windows;
}

function letterOf(state: KeyGroupState, refused: KeyGroupState['refused'][number]): DeadLetter {
  return {
    shardId: `results-${state.keyGroup}`,
    sequenceNumber: `${state.batchId}-${state.ref}`,
    subSequenceNumber: refused.index,
    partitionKey: '',
    arrivalTime: null,
    reason: refused.reason,
    message: refused.message,
    payload: new TextEncoder().encode(refused.row),
  };
}
