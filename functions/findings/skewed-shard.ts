/** One shard that takes most of the records and is behind, while the others are at their tips. */
import type { BatchProgress, ShardProgress } from '../core/progress-report.ts';
import type { FindingKind, Found } from './finding-kind.ts';
import { lastTwo, shardIn, share, span } from './recent.ts';

const mostOf = 0.5;
/** Of a few records nothing follows. */
const fewRecords = 20;

export const skewedShard: FindingKind = {
  kind: 'skewed-shard',
  severities: ['warning'],
  when: 'In two batches in a row one shard has brought more than half of the records and was not read to its tip, while all others were; and it comes no nearer.',
  mend: 'Split the shard (`aws kinesis split-shard`, or `update-shard-count`), or have producers use more different partition keys.',
  find(facts) {
    const two = lastTwo(facts);
    if (two === undefined) return [];
    const [newest, before] = two;
    const shard = (newest.perShard ?? []).find((one) => isSkewed(one, newest));
    const then = shard && shardIn(before, shard);
    if (shard === undefined || then === undefined || !isSkewed(then, before)) return [];
    if (shard.millisBehindLatest < then.millisBehindLatest) return [];
    return [toFinding(shard, newest, facts.head.sources.main.stream.name)];
  },
};

const isBehind = ({ state }: ShardProgress): boolean => state === 'reading' || state === 'throttled';
const isThrough = ({ state }: ShardProgress): boolean =>
  state === 'caught-up' || state === 'unchanged' || state === 'drained' || state === 'ended';

function isSkewed(shard: ShardProgress, { records, perShard = [] }: BatchProgress): boolean {
  const others = perShard.filter((one) => one !== shard);
  return (
    isBehind(shard) &&
    records >= fewRecords &&
    shard.records > records * mostOf &&
    others.length > 0 &&
    others.every(isThrough)
  );
}

const toFinding = (
  { shardId, records, millisBehindLatest }: ShardProgress,
  { records: all, perShard = [] }: BatchProgress,
  stream: string,
): Found => ({
  severity: 'warning',
  subject: shardId,
  cause: `It brings ${share(records, all)} of the records and is ${span(millisBehindLatest)} behind, while the other ${perShard.length - 1} shards are read to their tips: most events have partition keys that lie in it.`,
  mend: `Have producers use more different partition keys, or split it: \`aws kinesis split-shard --stream-name ${stream} --shard-to-split ${shardId} --new-starting-hash-key …\`; raise \`maxFetchRecordsPerShard\` if that is what ends its reads.`,
});
