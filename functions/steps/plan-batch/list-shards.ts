/** The shards that there are, and what is new among them. */
import { sourceStartedAt } from '../../core/head.ts';
import type { BatchBody, Head } from '../../core/model.ts';
import { compareListing, firstShards, type ListingChange } from '../../core/shard-lineage.ts';
import { firstShardsAt } from '../../core/starting-positions.ts';
import { mainSource } from '../../pipeline/sources.ts';
import type { ShardFilter } from '../../ports/source.ts';
import type { PlanRuntime } from './plan-runtime.ts';

export async function listShards(
  { ports, pipeline }: PlanRuntime,
  head: Head,
  committed: BatchBody | undefined,
  now: number,
): Promise<ListingChange> {
  const isFirst = committed === undefined;
  const { stream, start } = head.sources[mainSource];
  const { startingPosition } = pipeline.source;
  const everything = { kind: 'all' } as const;
  const filter: ShardFilter =
    isFirst && startingPosition.kind !== 'per-shard' && start.kind === 'at-timestamp'
      ? { kind: 'open-at', timestamp: start.timestamp }
      : everything;
  let listed = await ports.source.listShards(filter, stream);
  // A stream's creation time is approximate: none of its shards may be as old as its start.
  if (isFirst && listed.length === 0) listed = await ports.source.listShards(everything, stream);
  if (isFirst && startingPosition.kind === 'per-shard') return firstShardsAt(listed, startingPosition.shards, start);
  if (isFirst) return firstShards(listed, start);
  return compareListing(committed.shards, listed, {
    now,
    stream,
    startedAt: sourceStartedAt(head),
  });
}
