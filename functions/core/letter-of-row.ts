/** The dead letter of a row that was refused. */
import { resultsSource } from '../pipeline/sources.ts';
import type { ResultVersion } from '../sinks/identity.ts';
import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';
import type { RowSetup } from './evaluate-row.ts';

/** A result that the user's code or the sink's limits refused: kept with its reason, under the identity it would have had. */
export type RefusedResult = {
  readonly index: number;
  readonly version: ResultVersion;
  readonly reason: DeadLetterReason;
  readonly message: string;
  readonly row: string;
  /** Those that refused it; absent: none has it. */
  readonly outputs?: readonly string[];
};

/** Which letter is this row's. */
export const placeOfLetter = ({ keyGroup, batchId, ref }: RowSetup, { index }: Pick<RefusedResult, 'index'>) => ({
  source: resultsSource,
  shardId: `group-${keyGroup}`,
  sequenceNumber: `${batchId}-${ref}`,
  subSequenceNumber: index,
});

export function letterOfRow(pipeline: string, setup: RowSetup, refused: RefusedResult): DeadLetter {
  const { generation, batchId, ref, keyGroup } = setup;
  const { index, version } = refused;
  return {
    ...placeOfLetter(setup, refused),
    resultIdentity: { v: 1, pipeline, generation, batch: batchId, ref, group: keyGroup, index, ...version },
    partitionKey: '',
    arrivalTime: null,
    reason: refused.reason,
    message: refused.message,
    payload: new TextEncoder().encode(refused.row),
  };
}
