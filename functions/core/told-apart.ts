import type { ShardResult } from './shard-result.ts';

type Read = Pick<ShardResult, 'from' | 'outcome' | 'records' | 'dataLoss'>;

/**
 * Whether these reads may have been of another stream of the same name, one that was deleted and created again. Kinesis
 * takes a sequence number only in the stream that it belongs to, so a read that began behind one was of the right stream.
 * A read from a time or from TRIM_HORIZON works in any stream, and what is left after a loss is read from TRIM_HORIZON.
 */
export function mayBeOfAnotherStream(shards: readonly Read[]): boolean {
  return shards.some(({ from, outcome, records, dataLoss }) => {
    const isByNumber = from.kind === 'after-sequence-number' && (dataLoss ?? null) === null;
    return !isByNumber && (records > 0 || outcome.kind === 'end-of-shard');
  });
}
