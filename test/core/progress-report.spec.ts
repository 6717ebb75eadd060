/** What a report says of each shard and executor, for how the batch went. */
import { expect, it } from 'vitest';
import { encode } from '../../functions/adapters/dynamodb/packed-json.ts';
import { maxChunkBytes } from '../../functions/adapters/dynamodb/table.ts';
import { toBatchReport } from '../../functions/core/batch-report.ts';
import { noCounts } from '../../functions/core/counters.ts';
import { noFates } from '../../functions/core/dead-letter-tally.ts';
import type { BatchBody } from '../../functions/core/model.ts';
import { reportProgress, type ShardProgress } from '../../functions/core/progress-report.ts';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import { batchBody, block, checkpoint, ended, named, noon, shardResult } from '../support/builders.ts';
import { mapped, windowed } from '../support/pipelines.ts';

const facts = { emitted: 0, payloadChars: 0, now: noon };
const sealed = (shards: readonly ShardCheckpoint[], given: Partial<BatchBody> = {}): BatchBody =>
  batchBody({ shards, blocks: [{ task: 0, nonce: 'nonce-0', groups: [] }], ...given });

it('tells of events that a function as a sink was given up with, though executors have counted them as emitted', () => {
  const refused = [
    { reason: 'crashed-reducer', count: 1, example: { ...named('a'), sequenceNumber: '5', subSequenceNumber: 0 } },
  ] as const;
  const body = sealed([checkpoint('a')], { counters: { ...noCounts, read: 3, counted: 3, emitted: 3 } });
  const report = reportProgress(mapped(), body, { ...facts, blocks: [], rows: { ...noFates, refused } });
  expect([report.refusedRows, report.rows, report.counters.emitted]).toEqual([refused, undefined, 3]);
  expect(reportProgress(mapped(), body, { ...facts, blocks: [], rows: noFates })).not.toHaveProperty('refusedRows');
});

it('says what a restored batch goes on from', () => {
  const origin = { why: 'rewind', pipeline: 'p', batchId: 2, ref: 3, after: 2 } as const;
  const report = reportProgress(mapped(), batchBody({ kind: 'restored', origin }), { ...facts, blocks: [] });
  expect([report.kind, report.origin, toBatchReport(report).origin]).toEqual(['restored', origin, origin]);
  expect(reportProgress(mapped(), batchBody({}), { ...facts, blocks: [] })).not.toHaveProperty('origin');
});

it('says of each shard what was read, and in which state that left it', () => {
  const body = sealed(
    [
      checkpoint('busy', { lastArrival: noon - 1 }),
      checkpoint('broken', { lastArrival: noon - 9 }),
      checkpoint('child', { parents: ['broken'] }),
      ended('drained'),
      ended('drained long ago'),
      checkpoint('full'),
      checkpoint('quiet', { lastArrival: noon - 600_000 }),
      checkpoint('tip'),
      checkpoint('unread', { lastArrival: noon - 5 }),
    ],
    { failedShards: [{ source: 'main', shardId: 'broken', error: 'TemporaryFailure' }] },
  );
  const read = { records: 3, events: 30, bytes: 300, millisBehindLatest: 40, calls: 2, throttles: 1 };
  const results = [
    shardResult('busy', { ...read, outcome: { kind: 'throttled' } }),
    shardResult('broken', { ...read, records: 1, outcome: { kind: 'failed' } }),
    shardResult('drained', { ...read, outcome: { kind: 'end-of-shard' } }),
    shardResult('full', { ...read, outcome: { kind: 'budget-spent' } }),
    shardResult('quiet', { records: 0, events: 0, bytes: 0, calls: 1, throttles: 0 }),
    shardResult('tip', read),
  ];
  const report = reportProgress(mapped(), body, { ...facts, blocks: [block(0, results, { workMs: 250 })] });
  const nothing = { records: 0, events: 0, bytes: 0, millisBehindLatest: 0, calls: 0, throttles: 0 };
  expect(report.perShard).toEqual([
    { ...named('busy'), state: 'throttled', lastArrival: noon - 1, ...read },
    { ...named('broken'), state: 'failed', lastArrival: noon - 9, ...read, records: 1, error: 'TemporaryFailure' },
    { ...named('child'), state: 'waiting', lastArrival: null, ...nothing },
    { ...named('drained'), state: 'drained', lastArrival: null, ...read },
    { ...named('full'), state: 'reading', lastArrival: null, ...read },
    { ...named('quiet'), state: 'caught-up', lastArrival: noon - 600_000, ...nothing, calls: 1 },
    { ...named('tip'), state: 'caught-up', lastArrival: null, ...read },
    { ...named('unread'), state: 'unchanged', lastArrival: noon - 5, ...nothing },
  ]);
  expect(report.perTask).toEqual([{ task: 0, shards: 6, records: 13, bytes: 1_500, workMs: 250 }]);
  expect(report.shards).toEqual({ read: 0, open: 7, ended: 2, waiting: 1, failed: 1 });
});

it('counts only the blocks that were sealed: those of a late or lost try say nothing', () => {
  const body = sealed([checkpoint('a'), checkpoint('b')]);
  const blocks = [
    block(0, [shardResult('a', { records: 1 })]),
    block(1, [shardResult('b', { records: 5 })]),
    block(0, [shardResult('a', { records: 9 })], { nonce: 'another' }),
  ];
  const { perShard, perTask } = reportProgress(mapped(), body, { ...facts, blocks });
  expect(perShard?.map(({ records, state }) => [records, state])).toEqual([
    [1, 'caught-up'],
    [0, 'unchanged'],
  ]);
  expect(perTask).toEqual([{ task: 0, shards: 1, records: 1, bytes: 10, workMs: 0 }]);
});

it('has what reducers sent where there are reducers, and what executors sent where not', () => {
  const body = sealed([], { counters: { read: 4, counted: 4, filtered: 0, late: 0, deadLettered: 0, emitted: 3 } });
  const emitted = { ...facts, blocks: [], emitted: 2 };
  expect(reportProgress(windowed(), body, emitted).counters.emitted).toBe(2);
  expect(reportProgress(mapped(), body, emitted).counters.emitted).toBe(3);
});

it('of 1,000 shards that all differ is one item', () => {
  const id = (at: number) => `shardId-${String(at).padStart(12, '0')}`;
  const all = Array.from({ length: 1_000 }, (_, at) => at);
  const shards = all.map((at) => checkpoint(id(at), { lastArrival: noon + at * 7_919 }));
  const results = all.map((at) =>
    shardResult(id(at), { records: (at * 104_729) % 9_999, events: (at * 15_485_863) % 99_999, bytes: at * 7_907_123 }),
  );
  const report = reportProgress(mapped(), sealed(shards), { ...facts, blocks: [block(0, results)] });
  const saved = encode(report);
  expect(report.perShard satisfies readonly ShardProgress[] | undefined).toHaveLength(1_000);
  expect(saved.length).toBeLessThan(maxChunkBytes / 5);
});
