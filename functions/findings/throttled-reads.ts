/** Shards that Kinesis gives nothing of for a while: somebody reads too much of them. */
import type { FindingKind } from './finding-kind.ts';
import { lastTwo, named, shardIn } from './recent.ts';

export const throttledReads: FindingKind = {
  kind: 'throttled-reads',
  severities: ['warning'],
  when: 'Kinesis refused reads of a shard until the turn was over, in two batches in a row.',
  mend: "Fewer readers of the stream, or enhanced fan-out (`consumerType: 'SubscribeToShard'`) for this pipeline or the others.",
  find(facts) {
    const [newest, before] = lastTwo(facts) ?? [];
    if (newest === undefined || before === undefined) return [];
    const throttled = (newest.perShard ?? []).filter(
      (shard) => shard.state === 'throttled' && shardIn(before, shard)?.state === 'throttled',
    );
    return named(
      throttled,
      ({ shardId, throttles, calls }) => ({
        severity: 'warning',
        subject: shardId,
        cause: `Kinesis refused ${throttles} of ${throttles + calls} calls in the last batch, and some in the one before: others read the shard too, or it brings more than 2 MB a second.`,
        mend: "Have fewer readers of the stream, or use `consumerType: 'SubscribeToShard'` (enhanced fan-out) for this pipeline or the others; if it alone reads, split the shard.",
      }),
      'shards',
    );
  },
};
