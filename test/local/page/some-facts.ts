/** Facts of a page, of which a test says what it is about. */
import { noCounts } from '../../../functions/core/counters.ts';
import type { BatchProgress, ShardProgress } from '../../../functions/core/progress-report.ts';
import { emptyHistory, withReports } from '../../../local/page/history.ts';
import type { PageFacts } from '../../../local/page/page-facts.ts';
import { noon } from '../../support/builders.ts';

export function report(batchId: number, given: Partial<BatchProgress> = {}): BatchProgress {
  return {
    ...{ pipeline: 'departures', batchId, ref: batchId + 1, generation: 1, kind: 'read', consumerType: 'GetRecords' },
    ...{ committedAt: noon + batchId * 1_000, counters: noCounts, records: 0, resentElsewhere: 0, bytes: 0 },
    ...{ shards: { read: 1, open: 1, ended: 0, waiting: 0, failed: 0 }, failedTasks: 0, millisBehindLatest: 0 },
    ...{ watermark: null, dataLoss: [], sizes: { blocks: { blocks: 0, bytes: 0, mostOfGroup: 0 }, bodyChars: 0 } },
    ...given,
  };
}

export const shardRead = (shardId: string, given: Partial<ShardProgress> = {}): ShardProgress => ({
  ...{ source: 'main', shardId, state: 'caught-up', records: 0, events: 0, bytes: 0, lastArrival: null },
  ...{ millisBehindLatest: 0, calls: 1, throttles: 0 },
  ...given,
});

export const factsOf = (reports: readonly BatchProgress[], given: Partial<PageFacts> = {}): PageFacts => ({
  ...{ pipeline: 'departures', mode: 'table', readAt: noon + 60_000, head: undefined, shards: [], troubles: [] },
  ...{ live: undefined, rows: undefined, findings: [], trouble: undefined },
  history: withReports(emptyHistory, reports),
  ...given,
});
