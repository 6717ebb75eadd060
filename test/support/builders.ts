/** Values of the core with everything filled in that a test does not care about. */

import { decompress } from '../../functions/adapters/decompress.ts';
import { noCounts } from '../../functions/core/counters.ts';
import type { Timing } from '../../functions/core/driver.ts';
import type {
  BatchBody,
  BlockSummary,
  GroupStates,
  Head,
  Holder,
  Lease,
  PlannedShard,
  PlannedTask,
  PlanRecord,
  SourceState,
} from '../../functions/core/model.ts';
import { afterSequenceNumber, trimHorizon } from '../../functions/core/position.ts';
import type { KinesisRecord, Page } from '../../functions/core/record.ts';
import type {
  EndedShard,
  ListedShard,
  OpenCheckpoint,
  ReadingShard,
  UnreadShard,
} from '../../functions/core/shard-checkpoint.ts';
import type { ShardName } from '../../functions/core/shard-name.ts';
import type { ReadOutcome, ShardResult, StopReason } from '../../functions/core/shard-result.ts';
import type { TurnFacts } from '../../functions/core/turn.ts';
import { mainSource } from '../../functions/pipeline/sources.ts';
import type { ResultIdentity, ResultVersion, SealedEventIdentity } from '../../functions/sinks/identity.ts';

export { md5 } from '../../functions/adapters/md5-lanes.ts';
export { decompress };
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/** What a decoder is given for what is compressed behind a header. */
export const inflate = Object.assign((data: Uint8Array) => decompress('zlib', data, 1_000_000), {
  maxBytes: 1_000_000,
});
export const hours = (count: number): number => count * 3_600_000;

/** Kinesis time of most tests. */
export const noon = Date.UTC(2026, 2, 1, 12);

const hashRange = { start: '0', end: '340282366920938463463374607431768211455' };

export const listed = (shardId: string, ...parents: string[]): ListedShard => ({ shardId, parents, hashRange });

/** Of the one source. */
export const named = (shardId: string): ShardName => ({ source: 'main', shardId });

/** `life`: by what is given, unless it says so itself. What is not of that life is left out. */
type Given = Partial<Omit<UnreadShard, 'life'> & Omit<ReadingShard, 'life' | 'readThrough'>> & {
  readonly readThrough?: number | null;
};

/** Read, if the test says up to when, or what only a read can tell; else not read yet. */
export function checkpoint(shardId: string, given: Given = {}): OpenCheckpoint {
  const { parents = [], watermark = null, load = { records: 0, bytes: 0 }, position = trimHorizon } = given;
  const { waitsFor = parents, readThrough, lastArrival, idleSince, openAt, endedAt, searchedThrough, ...rest } = given;
  const open = { ...named(shardId), ...listed(shardId), watermark, load, position, lastSubscribedAt: null, ...rest };
  const isRead = [readThrough, lastArrival, idleSince, openAt, endedAt].some(
    (one) => one !== undefined && one !== null,
  );
  if (!isRead)
    return { ...open, life: 'unread', waitsFor, ...(searchedThrough === undefined ? {} : { searchedThrough }) };
  return {
    ...open,
    life: 'reading',
    readThrough: readThrough ?? noon,
    lastArrival: lastArrival ?? null,
    idleSince: idleSince ?? null,
    ...(openAt === undefined ? {} : { openAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

export const ended = (shardId: string, given: Partial<EndedShard> = {}): EndedShard => ({
  ...named(shardId),
  ...listed(shardId),
  watermark: null,
  load: { records: 0, bytes: 0 },
  life: 'ended',
  readThrough: null,
  lastArrival: null,
  ...given,
});

export const planned = (
  shardId: string,
  {
    isNew = false,
    start = 'continue',
    endsAt,
    ...given
  }: Given & Partial<Omit<PlannedShard, keyof OpenCheckpoint>> = {},
): PlannedShard => ({
  ...checkpoint(shardId, given),
  isNew,
  start,
  ...(endsAt === undefined ? {} : { endsAt }),
});

type Outcome = Partial<
  Omit<Extract<ReadOutcome, { kind: 'ended' }>, 'kind'> & Omit<Extract<ReadOutcome, { kind: 'end-of-shard' }>, 'kind'>
> & { readonly kind?: StopReason };

/** `outcome`: caught up, unless it says otherwise. */
export function shardResult(
  shardId: string,
  { outcome = {}, ...given }: Omit<Partial<ShardResult>, 'outcome'> & { readonly outcome?: Outcome } = {},
): ShardResult {
  const to = afterSequenceNumber('100');
  const whole = outcome.kind === 'end-of-shard' ? { children: [], ...outcome } : { kind: 'caught-up', to, ...outcome };
  return {
    source: 'main',
    shardId,
    from: trimHorizon,
    outcome: whole as ReadOutcome,
    records: 1,
    events: 1,
    resentElsewhere: 0,
    bytes: 10,
    readThrough: noon,
    lastArrival: null,
    maxEventTime: null,
    tipTime: noon,
    millisBehindLatest: 0,
    dataLoss: null,
    subscribedAt: null,
    ...given,
  } as ShardResult;
}

export function block(task: number, shards: readonly ShardResult[], given: Partial<BlockSummary> = {}): BlockSummary {
  return {
    ref: 7,
    batchId: 1,
    task,
    nonce: `nonce-${task}`,
    shards,
    failedShards: [],
    groups: [],
    counters: noCounts,
    ...given,
  };
}

export const resultVersion: ResultVersion = {
  ...{ window: [0, 10], key: '["k"]', row: 0, revision: 0, timing: 'on-time', final: true, retracted: false },
};

export const resultIdentity = (given: Partial<ResultIdentity> = {}): ResultIdentity => ({
  ...{ v: 1, pipeline: 'p', output: 'main', generation: 1, batch: 2, ref: 3, group: 0, index: 4 },
  ...resultVersion,
  ...given,
});

export const sealedEventIdentity = (given: Partial<SealedEventIdentity> = {}): SealedEventIdentity => ({
  ...{ v: 1, pipeline: 'p', output: 'main', generation: 1, batch: 2, ref: 3, source: 'main', shard: 'shardId-0' },
  ...{ sequence: '495', sub: 0, index: 0 },
  ...given,
});

export function planRecord(given: Partial<PlanRecord> = {}): PlanRecord {
  return {
    ref: 7,
    generation: 1,
    batchId: 1,
    kind: 'read',
    consumerType: 'GetRecords',
    previous: { batchId: 0, ref: 6 },
    taskCount: 1,
    newShards: [],
    expiredShards: [],
    unknownParents: [],
    expiredUnread: [],
    parallelism: 1,
    fingerprint: 'f',
    ...given,
  };
}

export function plannedTask(shards: readonly PlannedShard[], given: Partial<PlannedTask> = {}): PlannedTask {
  return {
    ref: 7,
    generation: 1,
    batchId: 1,
    task: 0,
    shards,
    parallelism: 1,
    fingerprint: 'f',
    watermark: null,
    nextWindowClose: null,
    refreshAfterMs: 600_000,
    consumerArn: null,
    nextTurnAt: null,
    ...given,
  };
}

/** Of a pipeline without event time and windows. */
export const noSealRules = { watermarks: undefined, window: undefined };

/** One key group, put in batch 0, with windows that close then. */
export const openUntil = (...ends: readonly number[]): GroupStates => [{ batchId: 0, ref: 6, ends }];

export function batchBody(given: Partial<BatchBody> = {}): BatchBody {
  return {
    batchId: 0,
    ref: 6,
    generation: 1,
    kind: 'read',
    consumerType: 'GetRecords',
    previous: null,
    parallelism: 1,
    fingerprint: 'f',
    watermarkIn: null,
    watermarkOut: null,
    states: [],
    shards: [],
    blocks: [],
    counters: noCounts,
    shardsRead: 0,
    failedShards: [],
    records: 0,
    resentElsewhere: 0,
    bytes: 0,
    millisBehindLatest: 0,
    caughtUp: false,
    backlog: false,
    failedTasks: 0,
    tasksWithoutBlock: 0,
    notesFrom: 0,
    dataLoss: [],
    lastDeliveryAt: null,
    ...given,
  };
}

export function headOf(given: Partial<Head> = {}): Head {
  return {
    pipeline: 'test',
    createdAt: 1,
    generation: 1,
    epoch: 7,
    holder: holderOf(),
    committed: { batchId: 0, ref: 6 },
    sealed: { batchId: 0, ref: 6 },
    oldestRetainedBatch: 0,
    purgedBelow: 0,
    control: 'run',
    fingerprint: 'f',
    parallelism: 1,
    sources: sourcesOf(),
    ...given,
  };
}

/** Of the run 'run-1', which has released its lease. */
export const holderOf = (given: Partial<Holder> = {}): Holder => ({
  owner: 'run-1',
  claim: 'claim-1',
  execution: 'execution-1',
  lease: { kind: 'released' },
  ...given,
});

export const heldUntil = (until: number): Lease => ({ kind: 'held', until });

/** As after a commit with which the driver ended, or when its lease is freed by hand. */
export const released = (head: Head): Head => ({
  ...head,
  holder: head.holder && { ...head.holder, lease: { kind: 'released' } },
});

export const sourceOf = ({ sources }: Head): SourceState => sources[mainSource];

/** Listed at the epoch of the clock, so that a listing is due. */
export const sourcesOf = (given: Partial<SourceState> = {}): Head['sources'] => ({
  [mainSource]: {
    stream: {
      arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/source',
      name: 'source',
      createdAt: 1,
      retentionMs: hours(24),
    },
    start: trimHorizon,
    listedAt: 0,
    ...given,
  },
});

export const timing: Timing = {
  planToSealSeconds: 100,
  sealToCommitSeconds: 60,
  commitToPlanSeconds: 20,
  rotateAfterSeconds: 200,
  reduceUntilSeconds: 300,
  closeUntilSeconds: 250,
  readSeconds: 30,
  maxTurns: 50,
  maxTasks: 40,
};

export const record = (sequenceNumber: number | string, value: unknown, arrival = noon): KinesisRecord => ({
  sequenceNumber: String(sequenceNumber),
  partitionKey: 'key',
  data: value instanceof Uint8Array ? value : utf8(JSON.stringify(value)),
  arrivalMs: arrival,
});

export const page = (records: readonly KinesisRecord[], given: Partial<Page> = {}): Page => ({
  records,
  millisBehindLatest: 0,
  serverTime: noon,
  end: undefined,
  ...given,
});

/** In the middle of a run, with more to read and no wish to end. */
export const turnFactsOf = (given: Partial<TurnFacts> = {}): TurnFacts => ({
  request: {},
  timing,
  turn: 1,
  now: 10_000,
  startedAt: 0,
  createdAt: 0,
  control: 'run',
  committedBatch: 5,
  read: 'more',
  triggerMs: 10_000,
  stopWhenIdleMs: undefined,
  lastDeliveryAt: null,
  mustCloseWindows: false,
  ...given,
});
