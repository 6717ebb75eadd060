/** How the shards of a batch are doing, worst first, as a table for people. */
import type { BatchProgress, ShardProgress, ShardState } from '../../functions/core/progress-report.ts';
import { number } from './progress-text.ts';
import { plainTable } from './text-table.ts';

/** Undefined if the report names no shard. */
export function shardTable({ perShard = [] }: BatchProgress, maxRows = Number.POSITIVE_INFINITY): string | undefined {
  if (perShard.length === 0) return undefined;
  const table = plainTable([
    'shard',
    'state',
    'records',
    'events',
    'bytes',
    'behind',
    'last arrival',
    'calls',
    'throttled',
  ]);
  const shown = worstFirst(perShard).slice(0, maxRows);
  for (const shard of shown) table.push(rowOf(shard));
  const left = perShard.length - shown.length;
  return left > 0 ? `${table.toString()}\n${number(left)} more` : table.toString();
}

function rowOf(shard: ShardProgress): string[] {
  return [
    shard.shardId,
    shard.state,
    number(shard.records),
    number(shard.events),
    number(shard.bytes),
    `${(shard.millisBehindLatest / 1000).toFixed(1)} s`,
    shard.lastArrival === null ? 'never' : new Date(shard.lastArrival).toISOString(),
    number(shard.calls),
    number(shard.throttles),
  ];
}

/** From what needs somebody's attention to what does not; among equals, those furthest behind first. */
const urgency: readonly ShardState[] = [
  'failed',
  'held',
  'throttled',
  'reading',
  'waiting',
  'unchanged',
  'drained',
  'ended',
  'caught-up',
];

export const worstFirst = (shards: readonly ShardProgress[]): ShardProgress[] =>
  shards.toSorted(
    (one, other) =>
      urgency.indexOf(one.state) - urgency.indexOf(other.state) ||
      other.millisBehindLatest - one.millisBehindLatest ||
      other.throttles - one.throttles ||
      other.bytes - one.bytes ||
      (one.shardId < other.shardId ? -1 : 1),
  );
