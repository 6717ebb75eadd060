/**
 * What a reducer asks before it sends, or stores dead letters.
 *
 * STANDS-1 Of a state nothing is sent unless its batch was still to be finished after the state was put, or found. Nothing of such a batch
 *    is purged, so the state is the one that was put first: whoever sends of a batch sends the same, however long he slept.
 */
import { lettersIn } from '../../core/dead-letter-tally.ts';
import { sentRecords } from '../../core/outbox.ts';
import type { KeyGroupState } from '../../core/reduction.ts';
import { isBatchOver } from '../superseded.ts';
import type { ReduceRuntime } from './reduce-runtime.ts';

/** One read of the head, where there is anything to send. */
export async function maySend(
  { ports, log }: Pick<ReduceRuntime, 'ports' | 'log'>,
  state: KeyGroupState,
): Promise<boolean> {
  if (sentRecords(state) === 0 && lettersIn(state.fates.refused) === 0) return true;
  if (!isBatchOver(await ports.head.load(), state)) return true;
  const { batchId, ref, keyGroup } = state;
  log.info('superseded', { batchId, ref, keyGroup });
  return false;
}
