/**
 * ReduceKeyGroup: puts state N of one key group, then sends out what is *stored*, until all is acknowledged.
 *
 * It is given (batch, ref, key group) and reads the seal itself: a payload may be stale, the table is not.
 */
import { SluiceError } from '../../core/errors.ts';
import type { BatchBody } from '../../core/model.ts';
import { type KeyGroupState, reduceKeyGroup as decideReduce } from '../../core/reduce-key-group.ts';
import type { SavedWindows } from '../../core/window-table.ts';
import type { DeadLetter } from '../../ports.ts';
import type { ReduceKeyGroupInput, ReduceKeyGroupOutput } from '../messages.ts';
import { fingerprintMessage } from '../process-shards/process-shards.ts';
import type { Runtime } from '../runtime.ts';

const sendMs = 15_000;

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
  // A resume always sends again: the one before may have stopped in the middle.
  if (stored.refused.length > 0) await ports.deadLetters.put(stored.refused.map((refused) => letterOf(stored, refused)));
  if (stored.outbox.length > 0) await ports.sink.send(stored.outbox, ports.clock.now() + sendMs);
  log.info('reduced', { batchId, ref, keyGroup, emitted: stored.outbox.length });
  return { emitted: stored.outbox.length };
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
