/** The table of shards that `status --verbose` shows. */
import { expect, it } from 'vitest';
import type { BatchProgress, ShardProgress, ShardState } from '../../../functions/core/progress-report.ts';
import { shardTable, worstFirst } from '../../../local/report/shard-text.ts';

const shard = (state: ShardState, given: Partial<ShardProgress> = {}): ShardProgress => ({
  source: 'main',
  shardId: state,
  state,
  records: 0,
  events: 0,
  bytes: 0,
  lastArrival: null,
  millisBehindLatest: 0,
  calls: 0,
  throttles: 0,
  ...given,
});
const order = (...shards: readonly ShardProgress[]) => worstFirst(shards).map(({ shardId }) => shardId);

it('shows first what needs attention', () => {
  const states = [
    'caught-up',
    'ended',
    'drained',
    'unchanged',
    'waiting',
    'reading',
    'throttled',
    'held',
    'failed',
  ] as const;
  expect(order(...states.map((state) => shard(state)))).toEqual(states.toReversed());
});

it('of shards in one state shows those furthest behind first, then the most throttled, the largest, and by id', () => {
  const of = (shardId: string, given: Partial<ShardProgress>) => shard('reading', { shardId, ...given });
  expect(
    order(
      of('d', {}),
      of('c', {}),
      of('large', { bytes: 9 }),
      of('throttled', { throttles: 1, bytes: 1 }),
      of('behind', { millisBehindLatest: 1 }),
    ),
  ).toEqual(['behind', 'throttled', 'large', 'c', 'd']);
});

it('has as many rows as asked for, and says how many are left', () => {
  const perShard = [shard('caught-up'), shard('failed'), shard('reading', { millisBehindLatest: 1_500 })];
  const table = shardTable({ perShard } as unknown as BatchProgress, 2)!;
  expect(table).toMatch(/failed[\s\S]*reading.*1\.5 s/);
  expect(table).not.toContain('caught-up');
  expect(table).toMatch(/\n1 more$/);
});

it('is no table without shards', () => {
  expect(shardTable({ perShard: [] } as unknown as BatchProgress)).toBeUndefined();
});
