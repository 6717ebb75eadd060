/** How far the pipeline is behind, against what the stream keeps: what it keeps no more is lost. */
import { mainSource } from '../pipeline/sources.ts';
import type { PipelineFacts } from './facts.ts';
import { wholePipeline } from './finding.ts';
import type { FindingKind, Found } from './finding-kind.ts';
import { minuteMs, reportsOfToday, shardIn, share, span } from './recent.ts';

const nearShare = 0.25;
const lossShare = 0.5;
const growingBatches = 4;
const growingFromMs = 5 * minuteMs;

export const fallingBehind: FindingKind = {
  kind: 'falling-behind',
  severities: ['warning', 'critical'],
  when: "The pipeline is behind by a quarter of the stream's retention (from a half on: critical), or by more than five minutes and more with each of the last four batches.",
  mend: 'Raise the retention first; then more shards, more `memorySize`, or less work for each event.',
  find(facts) {
    const [newest, ...before] = reportsOfToday(facts);
    if (newest === undefined || newest.millisBehindLatest === 0) return [];
    // Since then nothing has been committed.
    const behind = newest.millisBehindLatest + Math.max(0, facts.now - newest.committedAt);
    const { retentionMs, name } = facts.head.sources[mainSource].stream;
    const subject = subjectOf(facts);
    const raise = `raise the retention before anything is lost: \`aws kinesis increase-stream-retention-period --stream-name ${name} --retention-period-hours …\``;
    const faster = 'more shards, more `memorySize`, or less work for each event';
    if (behind >= retentionMs * nearShare) {
      const isNear = behind >= retentionMs * lossShare;
      const cause = `It is ${span(behind)} behind, ${share(behind, retentionMs)} of the ${span(retentionMs)} that the stream keeps: what is older is lost.`;
      return [{ severity: isNear ? 'critical' : 'warning', subject, cause, mend: `At once ${raise}; then ${faster}.` }];
    }
    const last = [newest, ...before].slice(0, growingBatches).map(({ millisBehindLatest }) => millisBehindLatest);
    const grows = last.length === growingBatches && last.every((ms, at) => at === 0 || ms < last[at - 1]!);
    if (!grows || newest.millisBehindLatest < growingFromMs) return [];
    return [growing(subject, last, faster)];
  },
};

const growing = (subject: string, last: readonly number[], faster: string): Found => ({
  severity: 'warning',
  subject,
  cause: `It is ${span(last[0]!)} behind and falls further behind with each batch; ${last.length - 1} batches ago it was ${span(last.at(-1)!)}.`,
  mend: `Give it ${faster}; \`sluice status --verbose\` shows which shards are behind.`,
});

/** A shard, if it alone is. */
function subjectOf({ reports: [newest] }: PipelineFacts): string {
  const shards = (newest?.perShard ?? []).toSorted((one, other) => other.millisBehindLatest - one.millisBehindLatest);
  const [worst, next] = shards;
  if (newest === undefined || worst === undefined || shardIn(newest, worst) === undefined) return wholePipeline;
  return worst.millisBehindLatest > 2 * (next?.millisBehindLatest ?? Number.POSITIVE_INFINITY)
    ? worst.shardId
    : wholePipeline;
}
