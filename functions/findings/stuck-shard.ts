/** A shard whose reads fail, batch after batch, or from which nothing comes while others go on. */
import type { BatchProgress, ShardProgress } from '../core/progress-report.ts';
import type { PipelineFacts } from './facts.ts';
import type { FindingKind, Found } from './finding-kind.ts';
import { type FailingShard, failingShards, named, reportsOfToday, shardIn, span } from './recent.ts';

const inBatches = 2;
const standstillBatches = 3;
/** Turns that fail begin anew after two seconds, and give up after 45. */
const longMs = 45_000;

export const stuckShard: FindingKind = {
  kind: 'stuck-shard',
  severities: ['warning', 'critical'],
  when: 'The reads of a shard fail in two batches or turns in a row, or three batches come no further in it while others go on.',
  mend: 'What the error asks for: see the errors by name, and `shard failed` in the log of ProcessShards.',
  find(facts) {
    const [newest, ...before] = reportsOfToday(facts);
    const { perShard = [] } = newest ?? {};
    const failing = failingShards(facts).filter(({ output, at, since }) => output === undefined && at > since);
    const isFailingInBatches = ({ shardId }: FailingShard): boolean =>
      perShard.some((one) => one.shardId === shardId && batchesLike(one, [newest!, ...before], isFailed) >= inBatches);
    const told = new Set(failing.map(({ shardId }) => shardId));
    const unclear = new Set(
      failingShards(facts).flatMap(({ shardId, output }) => (output === undefined ? [] : shardId)),
    );
    const others = perShard.filter(({ shardId }) => !told.has(shardId) && !unclear.has(shardId));
    const failed = others.filter((shard) => batchesLike(shard, [newest!, ...before], isFailed) >= inBatches);
    const standing = others.filter((shard) => standsStill(shard, [newest!, ...before]));
    return [
      ...named(failing, (shard) => ofTrouble(shard, facts, isFailingInBatches(shard)), 'shards'),
      ...named(failed, (shard) => ofReports(shard, [newest!, ...before]), 'shards'),
      ...named(standing, ofStandstill, 'shards'),
    ];
  },
};

const isFailed = ({ state }: ShardProgress): boolean => state === 'failed';

function batchesLike(shard: ShardProgress, reports: readonly BatchProgress[], is: (shard: ShardProgress) => boolean) {
  const other = reports.findIndex((report) => {
    const then = shardIn(report, shard);
    return then === undefined || !is(then);
  });
  return other < 0 ? reports.length : other;
}

/** Nothing came, and it is no nearer to its tip. An empty stretch is crossed. */
function standsStill(shard: ShardProgress, reports: readonly BatchProgress[]): boolean {
  const isStill = ({ state, records }: ShardProgress) => state === 'reading' && records === 0;
  if (batchesLike(shard, reports, isStill) < standstillBatches) return false;
  const then = shardIn(reports[standstillBatches - 1]!, shard);
  const others = reports.slice(0, standstillBatches).some(({ records }) => records > 0);
  return others && then !== undefined && shard.millisBehindLatest >= then.millisBehindLatest;
}

function ofTrouble(
  { shardId, error, message, since, at }: FailingShard,
  { now }: PipelineFacts,
  isLasting: boolean,
): Found {
  return {
    severity: isLasting || at - since >= longMs ? 'critical' : 'warning',
    subject: shardId,
    cause: `Its reads have failed for ${span(now - since)} with ${error}: ${message}`,
    mend: mendOf(error),
  };
}

function ofReports(shard: ShardProgress, reports: readonly BatchProgress[]): Found {
  const batches = batchesLike(shard, reports, isFailed);
  const error = shard.error ?? 'an error';
  return {
    severity: 'critical',
    subject: shard.shardId,
    cause: `Its reads have failed in each of the last ${batches} batches with ${error}; its records wait, and the others go on.`,
    mend: mendOf(error),
  };
}

const ofStandstill = ({ shardId, millisBehindLatest }: ShardProgress): Found => ({
  severity: 'warning',
  subject: shardId,
  cause: `The last ${standstillBatches} batches read nothing of it, though it is ${span(millisBehindLatest)} behind; the others go on.`,
  mend: 'Look for its name in the log of ProcessShards; if user code is slow, give it less to do or the function more `memorySize`.',
});

const mends: Readonly<Record<string, string>> = {
  TemporaryFailure:
    'Look at the service that the message, or `shard failed` in the log of ProcessShards, names; nothing is lost, and reading goes on by itself.',
  CorruptCheckpoint:
    'Start the pipeline under another name: Kinesis does not take the position that is saved of the shard.',
  StreamNotFound: 'Create the stream, or correct its name: reading goes on by itself.',
};

const mendOf = (error: string): string =>
  mends[error] ?? 'Look at `shard failed` in the log of ProcessShards, and at the error in docs/reference/errors.md.';
