/**
 * Plan: which shards run in the next batch, from where, in which tasks.
 *
 * PLAN-1 A child is read only after all its known parents reached their end in a committed batch; a closed shard is read to
 *    its end like any other.
 * PLAN-2 Positions come from the committed body only; the starting position counts for the shards of the first listing.
 * PLAN-3 With a shard whose readThrough is older than the retention something may be lost: failOnDataLoss stops before
 *    anything is read.
 * PLAN-4 A shard that is at the end of the run, or of the pipeline, is not read.
 * PLAN-5 Dead letters that are redriven have a task of their own, behind those of the shards.
 */

import type { PipelineOutline } from '../pipeline/outline.ts';
import { isSentWhileReading } from '../pipeline/outputs.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { Attaching } from './detached.ts';
import { type Ending, endingOfShard, isAtEnd } from './ending.ts';
import { SluiceError } from './errors.ts';
import { hasOpenWindows } from './group-states.ts';
import { nextBatchId, sourceStartedAt } from './head.ts';
import { readingOf } from './isolated-reading.ts';
import {
  type BatchBody,
  type BatchKind,
  endOfTime,
  type Head,
  type PlannedShard,
  type PlannedTask,
  type PlanRecord,
  type ReadStart,
} from './model.ts';
import { inReadingOrder, type Places, placesIn } from './named-shards.ts';
import { overBefore } from './over-before.ts';
import { type Packing, packApart, withTasks } from './pack-apart.ts';
import { packShards } from './pack-shards.ts';
import type { ShardEnding } from './position.ts';
import { lettersOfBatch, type OpenRedrive } from './redrive.ts';
import {
  isOpen,
  isWaiting,
  notWaitingFor,
  type OpenCheckpoint,
  readThroughOf,
  type ShardCheckpoint,
} from './shard-checkpoint.ts';
import { type ListingChange, oldestKept, readThroughIn } from './shard-lineage.ts';
import { expectedWork } from './shard-load.ts';
import { subscriptionsAtOnce } from './subscription-pace.ts';
import { noSuspicions, type Suspicions } from './suspicions.ts';

export type PlannedBatch = {
  readonly plan: PlanRecord;
  readonly tasks: readonly PlannedTask[];
  /** As given, with this turn's task of each shard in it. */
  readonly suspicions: Suspicions;
};

/** How the tasks of a batch read their shards. */
export type TaskReading = Pick<PlannedTask, 'consumerArn' | 'nextTurnAt'>;

const byPolling: TaskReading = { consumerArn: null, nextTurnAt: null };

const quarter = 4;
const maxRefreshAfterMs = 10 * 60_000;

type Turn = {
  readonly listing: ListingChange;
  readonly kind: BatchKind;
  readonly now: number;
  readonly maxTasks: number;
  readonly ending?: Ending | undefined;
  readonly reading?: TaskReading;
  readonly suspicions?: Suspicions;
  /** Of a batch of that kind. */
  readonly attach?: Attaching | undefined;
  /** Letters that are to be taken; absent: none. */
  readonly redrive?: OpenRedrive | undefined;
};

export function decidePlan(
  pipeline: PipelineOutline,
  head: Head,
  committed: BatchBody | undefined,
  turn: Turn,
): PlannedBatch {
  const { reading = byPolling, suspicions = noSuspicions } = turn;
  const known = knownAfter(committed, turn.listing);
  const reads = turn.kind === 'read';
  const redrive = reads ? turn.redrive : undefined;
  const packed = reads ? packRunnable(pipeline, head, known, committed, turn) : nothingToRead;
  const common = {
    ref: head.epoch,
    generation: head.generation,
    batchId: nextBatchId(head),
    parallelism: head.parallelism,
    fingerprint: head.fingerprint,
    ...overBefore(committed, head.fingerprint),
  };
  const ofTask = {
    ...common,
    watermark: committed?.watermarkOut ?? null,
    nextWindowClose: nextWindowCloseOf(pipeline, committed),
    refreshAfterMs: Math.min(maxRefreshAfterMs, head.sources[mainSource].stream.retentionMs / quarter),
  };
  const ofLetters = redrive === undefined ? [] : [lettersOfBatch(redrive, suspicions.redrive)];
  return {
    plan: {
      ...common,
      kind: turn.kind,
      consumerType: reading.consumerArn === null ? 'GetRecords' : 'SubscribeToShard',
      previous: head.committed ?? null,
      taskCount: packed.tasks.length + ofLetters.length,
      ...(redrive === undefined ? {} : { redrive }),
      ...(packed.postponed === 0 ? {} : { postponed: packed.postponed }),
      ...(packed.unread === 0 ? {} : { leavesUnread: true as const }),
      ...turn.listing,
      ...(turn.attach === undefined ? {} : { attach: turn.attach }),
    },
    tasks: [
      ...packed.tasks.map(({ shards, isolated }, task) => ({
        ...ofTask,
        task,
        shards: inReadingOrder(shards),
        ...reading,
        ...(pipeline.outputs.some(isSentWhileReading) ? { notesFrom: committed?.notesFrom ?? 0 } : {}),
        // A subscription pushes what it has; a poll asks for as much as can be noted.
        ...(isolated === undefined ? {} : { ...byPolling, isolation: readingOf(isolated, turn.now) }),
      })),
      ...ofLetters.map((letters) => ({ ...ofTask, task: packed.tasks.length, shards: [], ...byPolling, letters })),
    ],
    suspicions: withTasks(suspicions, packed, head.epoch),
  };
}

const nothingToRead: Packing<PlannedShard> = { tasks: [], postponed: 0, unread: 0 };

function knownAfter(committed: BatchBody | undefined, listing: ListingChange): Map<string, ShardCheckpoint> {
  const left = new Set([...listing.expiredShards, ...listing.expiredUnread].map(({ shardId }) => shardId));
  const shards = [...(committed?.shards ?? []), ...listing.newShards].filter(({ shardId }) => !left.has(shardId));
  const free = notWaitingFor(shards, new Set([...left, ...listing.unknownParents.map(({ shardId }) => shardId)]));
  return new Map(free.map((shard) => [shard.shardId, shard]));
}

function packRunnable(
  pipeline: PipelineOutline,
  head: Head,
  known: ReadonlyMap<string, ShardCheckpoint>,
  committed: BatchBody | undefined,
  turn: Turn,
): Packing<PlannedShard> {
  const before = new Set(committed?.shards.map(({ shardId }) => shardId));
  const { stream } = head.sources[mainSource];
  const oldest = oldestKept(stream, turn.now);
  const knownThroughOf = readThroughIn(known, sourceStartedAt(head));
  const runnable = [...known.values()]
    .filter(isOpen)
    .filter((shard) => !isAtEnd(shard, endingOfShard(shard.shardId, turn.ending)) && !isWaiting(shard, known))
    .map((shard) => ({
      ...shard,
      isNew: !before.has(shard.shardId),
      ...endsAtField(endingOfShard(shard.shardId, turn.ending)),
      // What was never read counts from its parents, or from the pipeline's creation: nothing older was promised.
      start: startOf(shard, knownThroughOf(shard) < oldest),
    }));
  const lost = [
    ...turn.listing.expiredUnread,
    ...runnable.filter(({ start }) => start === 'after-gap').map(unreadSince),
  ];
  if (pipeline.source.failOnDataLoss && lost.length > 0) {
    const names = lost.map((shard) => `${shard.shardId} (read through ${isoOf(shard.readThrough)})`).join(', ');
    throw new SluiceError(
      'DataLoss',
      `retention of ${stream.name} (${stream.retentionMs / 3_600_000} h) has passed over ${names}; ` +
        'records may be missing. Set failOnDataLoss: false to go on from what is left.',
    );
  }
  const subscribes = turn.reading !== undefined && turn.reading.consumerArn !== null;
  const places = placesIn(committed?.parts);
  return packApart(runnable, turn.suspicions ?? noSuspicions, {
    maxTasks: mostTasks(pipeline, turn),
    epoch: head.epoch,
    pack: (shards, maxTasks) => pack(pipeline, shards, known, { maxTasks, subscribes, places }),
  });
}

/** PLAN-5: where there is room for one alone, that of letters is one more. */
function mostTasks(pipeline: PipelineOutline, { maxTasks, redrive }: Turn): number {
  const most = Math.min(pipeline.maxTasks, maxTasks);
  return redrive === undefined ? most : Math.max(1, most - 1);
}

const unreadSince = (shard: PlannedShard) => ({ shardId: shard.shardId, readThrough: readThroughOf(shard) });

function startOf({ life, position }: OpenCheckpoint, hasGap: boolean): ReadStart {
  if (hasGap) return 'after-gap';
  return position.kind === 'after-sequence-number' && life === 'unread' ? 'from-checkpoint' : 'continue';
}

function pack(
  { source, trigger, shardsPerTask }: PipelineOutline,
  runnable: readonly PlannedShard[],
  known: ReadonlyMap<string, ShardCheckpoint>,
  turn: { readonly maxTasks: number; readonly subscribes: boolean; readonly places: Places },
): readonly (readonly PlannedShard[])[] {
  const { maxTasks, subscribes, places } = turn;
  const batch = { everyMs: trigger.everyMs, maxRecords: source.maxFetchRecordsPerShard };
  const work = expectedWork(runnable, known, batch);
  const limits = {
    shardsPerTask,
    maxTasks,
    // Those of a group in as few tasks as can be: each reads the groups whole that it names (NAMING-2).
    ...(places.size === 0 ? {} : { placeOf: ({ shardId }: PlannedShard) => places.get(shardId)?.at ?? -1 }),
    // Each idle shard waits for its first event: all at once, where there are tasks enough.
    ...(subscribes ? { mostWithin: subscriptionsAtOnce } : {}),
  };
  return packShards(runnable, ({ shardId }) => work.get(shardId)!, limits);
}

const endsAtField = (endsAt: ShardEnding | undefined): Pick<PlannedShard, 'endsAt'> =>
  endsAt === undefined ? {} : { endsAt };

const isoOf = (time: number | null): string => (time === null ? 'never' : new Date(time).toISOString());

function nextWindowCloseOf(pipeline: PipelineOutline, committed: BatchBody | undefined): number | null {
  const window = pipeline.aggregation?.window;
  if (window === undefined || committed === undefined || !hasOpenWindows(committed)) return null;
  if (committed.watermarkOut === null) return -endOfTime;
  return window.kind.nextClose(window.options, committed.watermarkOut) ?? null;
}
