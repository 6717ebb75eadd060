/** The shards as a tree, through splits and merges, each with its position and what the last batch read of it. */
import { describePosition } from '../../../functions/core/position.ts';
import type { ShardProgress } from '../../../functions/core/progress-report.ts';
import type { ShardCheckpoint } from '../../../functions/core/shard-checkpoint.ts';
import { lastReport } from '../page-facts.ts';
import type { Panel } from './panel.ts';

export type ShardsModel = {
  /** Parents before their children; a child of two stands below the first. */
  readonly shards: readonly ShardShown[];
  /** How many more there are. */
  readonly more: number;
};

export type ShardShown = {
  readonly shardId: string;
  /** How many ancestors stand above it. */
  readonly depth: number;
  readonly parents: readonly string[];
  readonly life: ShardCheckpoint['life'];
  readonly state: string;
  readonly position: string;
  /** Of the stream's hash keys, 0 to 1. Null: it is not known. */
  readonly from: number | null;
  readonly to: number | null;
  readonly events: number;
  readonly bytes: number;
  /** Of the bytes that the last batch read, 0 to 1. */
  readonly share: number;
  readonly behindMs: number | null;
  readonly lastArrival: number | null;
  readonly throttles: number;
};

const most = 200;
const hashKeys = 2n ** 128n;

export const shardsPanel: Panel = {
  id: 'shards',
  model: (facts): ShardsModel => {
    const progress = new Map((lastReport(facts)?.perShard ?? []).map((shard) => [shard.shardId, shard]));
    const bytes = [...progress.values()].reduce((sum, shard) => sum + shard.bytes, 0);
    const all = facts.shards.length > 0 ? inTree(facts.shards) : [...progress.values()].map(alone);
    return {
      shards: all.slice(0, most).map(({ shard, depth }) => shown(shard, depth, progress.get(shard.shardId), bytes)),
      more: Math.max(0, all.length - most),
    };
  },
};

type Known = ShardCheckpoint | (Pick<ShardCheckpoint, 'shardId'> & { readonly life?: undefined });
type Placed = { readonly shard: Known; readonly depth: number };

/** As long as no body was read. */
const alone = ({ shardId }: ShardProgress): Placed => ({ shard: { shardId }, depth: 0 });

/** Depth first. Each shard comes once, below the first of its parents that is known. */
function inTree(shards: readonly ShardCheckpoint[]): Placed[] {
  const known = new Set(shards.map(({ shardId }) => shardId));
  const byParent = Map.groupBy(shards, ({ parents }) => parents.find((parent) => known.has(parent)) ?? '');
  const placed: Placed[] = [];
  const next: Placed[] = siblings(byParent.get('') ?? [], 0);
  for (let each = next.pop(); each !== undefined; each = next.pop()) {
    placed.push(each);
    next.push(...siblings(byParent.get(each.shard.shardId) ?? [], each.depth + 1));
  }
  return placed;
}

/** The last one first: they are taken from the end. */
const siblings = (shards: readonly ShardCheckpoint[], depth: number): Placed[] =>
  shards
    .toSorted((one, other) => startOf(other) - startOf(one) || (one.shardId < other.shardId ? 1 : -1))
    .map((shard) => ({ shard, depth }));

const startOf = ({ hashRange }: ShardCheckpoint): number => fraction(hashRange.start);
const fraction = (key: string, more = 0n): number => Number(((BigInt(key) + more) * 1_000_000n) / hashKeys) / 1_000_000;

function shown(shard: Known, depth: number, progress: ShardProgress | undefined, bytes: number): ShardShown {
  const { shardId } = shard;
  return {
    ...{ shardId, depth },
    ...(shard.life === undefined ? notLookedAt(progress) : lookedAt(shard, progress)),
    events: progress?.events ?? 0,
    bytes: progress?.bytes ?? 0,
    share: bytes === 0 ? 0 : Math.round(((progress?.bytes ?? 0) / bytes) * 1000) / 1000,
    behindMs: progress?.millisBehindLatest ?? null,
    lastArrival: progress?.lastArrival ?? null,
    throttles: progress?.throttles ?? 0,
  };
}

type Checkpointed = Pick<ShardShown, 'parents' | 'life' | 'state' | 'position' | 'from' | 'to'>;

const notLookedAt = (progress: ShardProgress | undefined): Checkpointed => ({
  ...{ parents: [], life: 'reading', state: progress?.state ?? 'reading', position: '', from: null, to: null },
});

const lookedAt = (shard: ShardCheckpoint, progress: ShardProgress | undefined): Checkpointed => ({
  parents: shard.parents,
  life: shard.life,
  state: progress?.state ?? shard.life,
  position: shard.life === 'ended' ? 'read to its end' : describePosition(shard.position),
  from: fraction(shard.hashRange.start),
  to: fraction(shard.hashRange.end, 1n),
});
