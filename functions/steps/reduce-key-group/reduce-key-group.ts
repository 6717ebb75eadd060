/**
 * ReduceKeyGroup: puts state N of one key group, then sends out what is *stored*, until all is acknowledged.
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

const sendMs = 14_000;
/** One PutRecords request. */
const stepRecords = 500;

export async function reduceKeyGroup(input: ReduceKeyGroupInput, runtime: Runtime): Promise<ReduceKeyGroupOutput> {
  const { ports, pipeline, log } = runtime;
  const { batchId, ref, keyGroup } = input;
  const { aggregation } = pipeline;
  const body = await ports.batches.loadBody(batchId, ref);
  if (aggregation === undefined || body.fingerprint !== pipeline.fingerprint) {
    throw new SluiceError('FingerprintChanged', fingerprintMessage(body.fingerprint, pipeline.fingerprint));
  }
  const [before, blocks] = await Promise.all([
    windowsBefore(runtime, body, keyGroup),
    ports.batches.loadPartials(body, keyGroup),
  ]);
  const computed = decideReduce({ ...pipeline, aggregation }, body, { keyGroup, before, blocks });
  const stored = await ports.batches.putState(computed);
  // A resume always sends what is not known to be acknowledged: the one before may have stopped in the middle.
  if (stored.refused.length > 0)
    await ports.deadLetters.put(stored.refused.map((refused) => letterOf(stored, refused)));
  await sendOutbox(runtime, stored, computed === stored ? 0 : await ports.batches.loadSent(stored));
  log.info('reduced', { batchId, ref, keyGroup, emitted: stored.outbox.length });
  return { emitted: stored.outbox.length };
}

/** An outbox larger than what the sink takes in one try goes on where the last try stopped. */
async function sendOutbox({ ports }: Runtime, state: KeyGroupState, sentBefore: number): Promise<void> {
  const { outbox } = state;
  const deadline = ports.clock.now() + sendMs;
  let sent = sentBefore;
  try {
    while (sent < outbox.length) {
      if (ports.clock.now() >= deadline) throw tooSlow(outbox.length - sent);
      await ports.sink.send(outbox.slice(sent, sent + stepRecords), deadline);
      sent = Math.min(outbox.length, sent + stepRecords);
    }
  } catch (error) {
    // Written after the acknowledgement: what it counts is in the sink.
    if (sent > sentBefore) await ports.batches.putSent(state, sent);
    throw error;
  }
}

const tooSlow = (left: number): SluiceError =>
  new SluiceError('TemporaryFailure', `the sink took too long: ${left} records are left for the next try`);

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
