/** PLAN-1, PLAN-2, PLAN-3. */
import { describe, expect, it } from 'vitest';
import { decidePlan } from '../../functions/core/decide-plan.ts';
import type { Ending } from '../../functions/core/ending.ts';
import type { BatchBody } from '../../functions/core/model.ts';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import { noListingChange } from '../../functions/core/shard-lineage.ts';
import type { DataLoss } from '../../functions/core/shard-result.ts';
import { batchBody, checkpoint, ended, headOf, hours, named, noon, openUntil } from '../support/builders.ts';
import { mapped, windowed } from '../support/pipelines.ts';

function plan(
  committed: BatchBody | undefined,
  given: {
    readonly listing?: Partial<typeof noListingChange>;
    readonly kind?: 'read' | 'close-windows';
    readonly pipeline?: ReturnType<typeof mapped>;
    readonly ending?: Ending;
  } = {},
) {
  const { listing = {}, kind = 'read', pipeline = mapped(), ending } = given;
  return decidePlan(pipeline, headOf({ createdAt: noon - 1000 }), committed, {
    listing: { ...noListingChange, ...listing },
    kind,
    now: noon,
    maxTasks: 40,
    ending,
  });
}

const readIds = (...given: Parameters<typeof plan>) =>
  plan(...given).tasks.flatMap((task) => task.shards.map(({ shardId }) => shardId));
const bodyWith = (...shards: ShardCheckpoint[]) => batchBody({ shards });

describe('which shards run', () => {
  it('waits with a child for every known parent (PLAN-1)', () => {
    const child = checkpoint('c', { parents: ['a', 'b'] });
    expect(readIds(bodyWith(checkpoint('a'), checkpoint('b'), child))).toEqual(['a', 'b']);
    expect(readIds(bodyWith(ended('a'), checkpoint('b'), child))).toEqual(['b']);
    expect(readIds(bodyWith(ended('a'), ended('b'), child))).toEqual(['c']);
  });

  it('waits for a parent that is not known yet, until a listing says that it is gone (PLAN-1)', () => {
    const body = bodyWith(ended('a'), checkpoint('c', { parents: ['a', 'b'] }));
    expect(readIds(body)).toEqual([]);
    expect(readIds(body, { listing: { newShards: [checkpoint('b')] } })).toEqual(['b']);
    expect(readIds(body, { listing: { unknownParents: [named('b')] } })).toEqual(['c']);
  });

  it('does not wait for a parent that leaves with this very plan (PLAN-1)', () => {
    const body = bodyWith(ended('a'), checkpoint('c', { parents: ['a'] }));
    expect(readIds(body, { listing: { expiredShards: [named('a')] } })).toEqual(['c']);
  });

  it('reads a new shard, if its parents have ended (PLAN-1)', () => {
    const newShards = [checkpoint('c', { parents: ['a'] }), checkpoint('d', { parents: ['b'] })];
    expect(readIds(bodyWith(ended('a'), checkpoint('b')), { listing: { newShards } })).toEqual(['b', 'c']);
  });

  it('never reads a shard at its end, one that is gone, or one that is lost', () => {
    const loss: DataLoss = { ...named('c'), lastRead: null, readThrough: null, firstAvailable: null };
    const body = bodyWith(ended('a'), ended('b'), checkpoint('c'), checkpoint('d', { parents: ['c'] }));
    expect(readIds(body, { listing: { expiredShards: [named('a')], expiredUnread: [loss] } })).toEqual(['d']);
  });
});

describe('positions (PLAN-2)', () => {
  it('come from the committed body', () => {
    const position = { kind: 'after-sequence-number', sequenceNumber: '5' } as const;
    const { plan: made, tasks } = plan(bodyWith(checkpoint('a', { position, readThrough: noon })));
    expect(tasks[0]?.shards[0]).toMatchObject({ position, isNew: false, start: 'continue' });
    expect(made).toMatchObject({ ref: 7, batchId: 1, previous: { batchId: 0, ref: 6 }, taskCount: 1 });
  });

  it('of shards in no committed batch come from the listing', () => {
    const { tasks, plan: made } = plan(undefined, { listing: { newShards: [checkpoint('a')] } });
    expect(tasks[0]?.shards[0]).toMatchObject({ shardId: 'a', isNew: true });
    expect(made.newShards).toHaveLength(1);
  });
});

describe('retention (PLAN-3)', () => {
  const old = noon - hours(24) - 1;
  const lagging = bodyWith(checkpoint('a', { readThrough: old }), checkpoint('b', { readThrough: noon - hours(24) }));

  it('is passed by a shard read through no further than that: it is marked, and the other is not', () => {
    const { tasks } = plan(lagging);
    expect(tasks[0]?.shards.map(({ start }) => start === 'after-gap')).toEqual([true, false]);
  });

  it('may have passed over a shard that is found late, if its parents were read no further, or are gone', () => {
    const found = (readThrough: number | null, createdAt: number) =>
      decidePlan(mapped(), headOf({ createdAt }), bodyWith(ended('a', { readThrough })), {
        listing: { ...noListingChange, newShards: [checkpoint('child', { parents: ['a'] }), checkpoint('orphan')] },
        kind: 'read',
        now: noon,
        maxTasks: 1,
      }).tasks[0]?.shards.map(({ shardId, start }) => [shardId, start === 'after-gap']);
    const fresh = noon - 1;
    expect(found(fresh, noon - hours(30))).toEqual([
      ['child', false],
      ['orphan', true],
    ]);
    expect(found(fresh, noon - hours(20))).toEqual([
      ['child', false],
      ['orphan', false],
    ]);
    expect(found(old, noon - hours(30))).toEqual([
      ['child', true],
      ['orphan', true],
    ]);
  });

  it('may have passed over the first batch, if it was not committed within retention of the creation', () => {
    const first = (createdAt: number) =>
      decidePlan(mapped(), headOf({ createdAt }), undefined, {
        listing: { ...noListingChange, newShards: [checkpoint('a')] },
        kind: 'read',
        now: noon,
        maxTasks: 1,
      }).tasks[0]?.shards.map(({ start }) => start === 'after-gap');
    expect(first(noon - hours(24))).toEqual([false]);
    expect(first(noon - hours(24) - 1)).toEqual([true]);
  });

  it('stops a pipeline with failOnDataLoss before anything is read, naming the shard', () => {
    const pipeline = mapped({ failOnDataLoss: true });
    expect(() => plan(lagging, { pipeline })).toThrow(
      expect.objectContaining({
        name: 'DataLoss',
        message: expect.stringContaining('a (read through 2026-02-28T11:59:59.999Z)'),
      }),
    );
    const fine = bodyWith(checkpoint('b', { readThrough: noon - hours(24) }), checkpoint('new'));
    expect(plan(fine, { pipeline }).tasks).toHaveLength(1);
  });

  it('stops it also for a shard that left the stream unread, and otherwise records that', () => {
    const expiredUnread = [{ ...named('x'), lastRead: null, readThrough: null, firstAvailable: null }];
    expect(() =>
      plan(bodyWith(checkpoint('x')), { pipeline: mapped({ failOnDataLoss: true }), listing: { expiredUnread } }),
    ).toThrow(/x \(read through never\)/);
    expect(plan(bodyWith(checkpoint('x')), { listing: { expiredUnread } }).plan.expiredUnread).toEqual(expiredUnread);
  });
});

describe('tasks', () => {
  it.each([1_000, 10_000])('of %i shards are no more than the machine runs, and hold them all', (count) => {
    const shards = Array.from({ length: count }, (_, at) => checkpoint(`shardId-${String(at).padStart(12, '0')}`));
    const { tasks, plan: made } = plan(bodyWith(...shards));
    expect(tasks.length).toBe(40);
    expect(made.taskCount).toBe(40);
    expect(tasks.map(({ task }) => task)).toEqual(Array.from({ length: 40 }, (_, task) => task));
    expect(new Set(tasks.flatMap((task) => task.shards.map(({ shardId }) => shardId))).size).toBe(count);
    expect(Math.max(...tasks.map((task) => task.shards.length))).toBe(count / 40);
  });

  it('are none in a batch that closes windows', () => {
    expect(plan(bodyWith(checkpoint('a')), { kind: 'close-windows' })).toMatchObject({
      tasks: [],
      plan: { kind: 'close-windows', taskCount: 0 },
    });
  });

  it('know where each of their shards is to stop', () => {
    const ending = { kind: 'at-timestamp', timestamp: noon + 5_000, provesEndFrom: noon } as const;
    const { tasks } = plan(bodyWith(checkpoint('a'), checkpoint('b')), { ending });
    expect(tasks.flatMap(({ shards }) => shards.map(({ shardId, endsAt }) => ({ shardId, endsAt })))).toEqual([
      { shardId: 'a', endsAt: ending },
      { shardId: 'b', endsAt: ending },
    ]);
    expect(plan(bodyWith(checkpoint('a'))).tasks[0]?.shards[0]).not.toHaveProperty('endsAt');
  });

  it('know when an idle shard must speak up: at the next end of an open window', () => {
    const nextWindowClose = (given: Partial<BatchBody>, pipeline: ReturnType<typeof mapped> = windowed()) =>
      plan({ ...batchBody({ shards: [checkpoint('a')] }), ...given }, { pipeline }).tasks[0]?.nextWindowClose;
    const states = openUntil(30);
    expect(nextWindowClose({ states, watermarkOut: 12 })).toBe(20);
    expect(nextWindowClose({ states, watermarkOut: 20 })).toBe(30);
    expect(nextWindowClose({ states: openUntil(), watermarkOut: 30 })).toBeNull();
    expect(nextWindowClose({ states: [null], watermarkOut: 12 })).toBeNull();
    expect(nextWindowClose({ states, watermarkOut: null })).toBeLessThan(-8e15);
    expect(nextWindowClose({ states, watermarkOut: 12 }, mapped())).toBeNull();
  });

  it('carry the watermark of the committed batch, and when to write down an idle shard', () => {
    expect(plan(batchBody({ shards: [checkpoint('a')], watermarkOut: 12 })).tasks[0]).toMatchObject({
      watermark: 12,
      refreshAfterMs: 600_000,
    });
  });
});

describe('which tasks', () => {
  const hot = { records: 1_000, bytes: 1_000_000, at: noon };
  const idle = { records: 0, bytes: 0, at: noon };
  const shards = ['a', 'b', 'c', 'd'].map((shardId) => checkpoint(shardId, { load: shardId === 'c' ? hot : idle }));
  const tasksOf = (body: BatchBody, pipeline = mapped()) =>
    plan(body, { pipeline }).tasks.map((task) => task.shards.map(({ shardId }) => shardId).join(' '));

  it('leave a hot shard alone and put idle ones together', () => {
    expect(tasksOf(bodyWith(...shards))).toEqual(['c', 'a b d']);
  });

  it('are no more than the pipeline, and the machine, allow', () => {
    expect(tasksOf(bodyWith(...shards), { ...mapped(), maxTasks: 1 })).toEqual(['c a b d']);
    const one = decidePlan({ ...mapped(), shardsPerTask: 1 }, headOf(), bodyWith(...shards), {
      listing: noListingChange,
      kind: 'read',
      now: noon,
      maxTasks: 3,
    });
    expect(one.tasks.map((task) => task.shards.length)).toEqual([1, 2, 1]);
  });

  it('are one for each shard where that is asked for', () => {
    expect(tasksOf(bodyWith(...shards), { ...mapped(), shardsPerTask: 1 })).toEqual(['c', 'a', 'b', 'd']);
  });

  it('begin with the shard that was read least far: what a deadline cut off is first the next time', () => {
    const read = [noon - 5, null, noon - 9, noon - 7].map((readThrough, at) =>
      checkpoint('abcd'[at]!, { load: idle, readThrough }),
    );
    expect(tasksOf(bodyWith(...read))).toEqual(['b c d a']);
  });
});
