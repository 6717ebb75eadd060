/**
 * What a reducer asks before it sends, or stores dead letters.
 *
 * STANDS-1 Of a state nothing is sent unless its batch was still to be finished after the state was put, or found. Nothing of such a batch
 *    is purged, so the state is the one that was put first: whoever sends of a batch sends the same, however long he slept.
 *
 * DETACH-6 Of an output that the head names as detached nothing is sent. A batch that is detached while reducers are at work may be sent by some and
 *    kept by others: what is kept goes out later, under the same identity, and what was sent goes out once more at the worst.
 */
import { lettersIn } from '../../core/dead-letter-tally.ts';
import { sentRecords } from '../../core/outbox.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import { isBatchOver } from '../superseded.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

/** `detached`: outputs that nothing is sent to. */
export type MaySend = { readonly detached: readonly string[] };

/** One read of the head, where there is anything to send. Undefined: the batch is over. */
export async function whatMaySend(
  { ports, log }: Pick<ReduceRuntime, 'ports' | 'log'>,
  state: KeyGroupState,
): Promise<MaySend | undefined> {
  if (sentRecords(state) === 0 && lettersIn(state.fates.refused) === 0) return { detached: [] };
  const head = await ports.head.load();
  if (!isBatchOver(head, state)) return { detached: Object.keys(head?.detached ?? {}) };
  const { batchId, ref, keyGroup } = state;
  log.info('superseded', { batchId, ref, keyGroup });
  return undefined;
}
