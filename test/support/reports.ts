/** Reports of batches, as small as they are where nothing happens. */
import { noCounts } from '../../functions/core/counters.ts';
import type { BatchProgress, ShardProgress } from '../../functions/core/progress-report.ts';
import { named, noon } from './builders.ts';

/** Of batch 7, committed at noon. */
export const batchReport = (given: Partial<BatchProgress> = {}): BatchProgress => ({
  ...{ pipeline: 'test', batchId: 7, ref: 20, generation: 1, kind: 'read', consumerType: 'GetRecords' },
  ...{ committedAt: noon, counters: noCounts, records: 0, resentElsewhere: 0, bytes: 0, failedTasks: 0 },
  ...{ millisBehindLatest: 0, watermark: null, dataLoss: [] },
  shards: { read: 0, open: 0, ended: 0, waiting: 0, failed: 0 },
  sizes: { blocks: { blocks: 0, bytes: 0, mostOfGroup: 0 }, bodyChars: 0 },
  ...given,
});

export const shardReport = (shardId: string, given: Partial<ShardProgress> = {}): ShardProgress => ({
  ...named(shardId),
  ...{ state: 'caught-up', records: 0, events: 0, bytes: 0, lastArrival: null, millisBehindLatest: 0 },
  ...{ calls: 1, throttles: 0 },
  ...given,
});

/** These shards in batch after batch, the newest first, a minute apart. */
export const batchesOf = (
  ...batches: readonly { readonly shards?: readonly ShardProgress[]; readonly given?: Partial<BatchProgress> }[]
): readonly BatchProgress[] =>
  batches.map(({ shards = [], given = {} }, at) =>
    batchReport({
      ...{ batchId: 20 - at, committedAt: noon - at * 60_000, perShard: shards },
      ...{ records: shards.reduce((sum, { records }) => sum + records, 0) },
      ...{ millisBehindLatest: Math.max(0, ...shards.map(({ millisBehindLatest }) => millisBehindLatest)) },
      ...given,
    }),
  );
