/**
 * The rows that the user's code or the sink's limits refused, as dead letters: many at a time, and where time runs out the
 * next try goes on behind those that are stored.
 */

import type { DeadLetter } from '../../core/dead-letter.ts';
import type { KeyGroupState } from '../../core/reduce-key-group.ts';
import { resultsSource } from '../../pipeline/sources.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';
import type { Sending } from './send-outbox.ts';

const stepLetters = 1_000;

/** `isFresh`: no try before this one can have stored any. */
export async function storeRefused(
  { pipeline, ports }: ReduceRuntime,
  state: KeyGroupState,
  { isFresh, deadline }: { readonly isFresh: boolean; readonly deadline: number },
): Promise<Sending> {
  const { refused } = state;
  if (refused.length === 0) return { left: 0, progressed: true };
  const before = isFresh ? 0 : await ports.outboxNotes.loadRefused(state);
  let stored = before;
  let why: string | undefined;
  while (stored < refused.length && why === undefined) {
    const letters = refused.slice(stored, stored + stepLetters).map((row) => letterOf(pipeline.name, state, row));
    const unstored = await ports.deadLetters.put(letters, deadline);
    stored += unstored?.places[0] ?? letters.length;
    if (unstored?.error.canRetry === false) throw unstored.error;
    why = unstored?.error.message ?? (ports.clock.now() >= deadline ? 'the table took too long' : undefined);
  }
  // Written after the letters: what it counts is stored.
  if (stored > before) await ports.outboxNotes.putRefused(state, stored);
  const left = refused.length - stored;
  if (left === 0) return { left, progressed: true };
  return { left, progressed: stored > before, why: `${left} refused rows are left: ${why}` };
}

type Refused = KeyGroupState['refused'][number];

/** Which letter is this row's. */
export const placeOf = (state: KeyGroupState, { index }: Refused) => ({
  source: resultsSource,
  shardId: `group-${state.keyGroup}`,
  sequenceNumber: `${state.batchId}-${state.ref}`,
  subSequenceNumber: index,
});

function letterOf(pipeline: string, state: KeyGroupState, refused: Refused): DeadLetter {
  const { generation, batchId, ref, keyGroup } = state;
  const { index, version } = refused;
  return {
    ...placeOf(state, refused),
    resultIdentity: { v: 1, pipeline, generation, batch: batchId, ref, group: keyGroup, index, ...version },
    partitionKey: '',
    arrivalTime: null,
    reason: refused.reason,
    message: refused.message,
    payload: new TextEncoder().encode(refused.row),
  };
}
