import type { ShardResult } from './shard-result.ts';

type Read = Pick<ShardResult, 'from' | 'to' | 'records' | 'dataLoss'>;

/**
 * Whether what was read may be of another stream of the same name: one that was deleted and created again. Kinesis takes the
 * number of a record only in the stream that it is of; a time and the trim horizon it takes in any. Where records were lost,
 * what is left was read from the horizon on.
 */
export function mayBeOfAnotherStream(shards: readonly Read[]): boolean {
  return shards.some(({ from, to, records, dataLoss }) => {
    const isByNumber = from.kind === 'after-sequence-number' && (dataLoss ?? null) === null;
    return !isByNumber && (records > 0 || to.kind === 'shard-end');
  });
}
