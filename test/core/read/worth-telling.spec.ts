/** WORTH-1: of many shards that are read together, the block has those of which there is something to tell. */
import { expect, it } from 'vitest';
import { worthTelling } from '../../../functions/core/read/worth-storing.ts';
import { noon, planned, plannedTask, shardResult } from '../../support/builders.ts';
import { mapped } from '../../support/pipelines.ts';

const idle = { records: 0, events: 0, readThrough: noon, maxEventTime: null, tipTime: noon } as const;
const reads = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const shardId = `s${at}`;
    return { shard: planned(shardId, { readThrough: noon }), result: shardResult(shardId, idle) };
  });
const task = plannedTask([]);
const told = (all: ReturnType<typeof reads>, { isCutOff = false, consumerArn = null as string | null } = {}) =>
  worthTelling(mapped(), { ...task, consumerArn }, all, { isCutOff }).map(({ shard }) => shard.shardId);

it('a few are all told of', () => {
  expect(told(reads(32))).toHaveLength(32);
});

it('of more than that idle ones are left out', () => {
  expect(told(reads(33))).toEqual([]);
});

it('but what came, what is not at its tip, what must wait and what was lost is not', () => {
  const all = reads(40);
  const [came, behind, waits, lost] = all;
  const loss = { source: 'main', shardId: 's3', lastRead: null, readThrough: null, firstAvailable: null };
  all[0] = { ...came!, result: { ...came!.result, records: 1 } };
  all[1] = {
    ...behind!,
    result: { ...behind!.result, outcome: { ...behind!.result.outcome, kind: 'throttled' } as never },
  };
  all[2] = { ...waits!, result: { ...waits!.result, readableAt: noon + 5_000 } };
  all[3] = { ...lost!, result: { ...lost!.result, dataLoss: loss } };
  expect(told(all)).toEqual(['s0', 's1', 's2', 's3']);
});

it('where some had no turn, or were subscribed to, all are told of', () => {
  expect(told(reads(40), { isCutOff: true })).toHaveLength(40);
  expect(told(reads(40), { consumerArn: 'arn' })).toHaveLength(40);
});
