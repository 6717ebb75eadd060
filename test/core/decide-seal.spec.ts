/** S7, S8, S9, WATERMARK-3: what a seal makes of the blocks that are stored. */
import { describe, expect, it } from 'vitest';
import { decideSeal } from '../../functions/core/decide-seal.ts';
import type { Outcome } from '../../functions/core/driver.ts';
import { type BlockSummary, endOfTime, type PlanRecord } from '../../functions/core/model.ts';
import { afterSequenceNumber } from '../../functions/core/position.ts';
import { readThroughOf, type ShardCheckpoint, type UnreadShard } from '../../functions/core/shard-checkpoint.ts';
import type { ShardResult } from '../../functions/core/shard-result.ts';
import { watermarkRulesOf } from '../../functions/core/watermark.ts';
import {
  batchBody,
  block,
  checkpoint,
  ended,
  listed,
  named,
  noon,
  noSealRules,
  planRecord,
  shardResult,
} from '../support/builders.ts';
import { mapped, windowed } from '../support/pipelines.ts';

const rules = { watermarks: { delayMs: 5, idleTimeoutMs: 60_000 }, window: undefined };

function seal(
  shards: readonly ShardCheckpoint[],
  blocks: readonly BlockSummary[],
  plan: Partial<PlanRecord> = {},
  before = {},
) {
  const outcome = decideSeal(planRecord(plan), batchBody({ shards, ...before }), { blocks, outcomes: [] }, rules);
  if (outcome.kind !== 'sealed') throw new Error(outcome.kind);
  const byId = new Map(outcome.body.shards.map((shard) => [shard.shardId, shard]));
  return { body: outcome.body, shard: (shardId: string) => byId.get(shardId) };
}

describe('shards in a seal', () => {
  it('are all carried: read, failed, waiting, unpicked and ended (S8)', () => {
    const known = [
      ended('ended'),
      checkpoint('failed'),
      checkpoint('read'),
      checkpoint('unpicked'),
      checkpoint('waiting', { parents: ['read'] }),
    ];
    const { body, shard } = seal(known, [
      block(0, [shardResult('read')], {
        failedShards: [{ source: 'main', shardId: 'failed', error: 'TemporaryFailure' }],
      }),
    ]);
    expect(body.shards.map(({ shardId }) => shardId)).toEqual(['ended', 'failed', 'read', 'unpicked', 'waiting']);
    expect(shard('read')).toMatchObject({ life: 'reading', position: afterSequenceNumber('100') });
    for (const shardId of ['ended', 'unpicked', 'waiting'])
      expect(shard(shardId)).toEqual(known.find((one) => one.shardId === shardId));
  });

  it('begin unread, and stay so until a read says up to when', () => {
    const sent = [{ to: 'main sink', runs: [['7', 0, '7', 0]] }] as const;
    const nowhere = shardResult('a', {
      ...{ readThrough: null, tipTime: null, records: 0, subscribedAt: noon },
      outcome: { kind: 'deadline', to: afterSequenceNumber('5'), sentAhead: sent },
    });
    const waited = checkpoint('a', { parents: ['p'] });
    const unread = seal([ended('p'), waited], [block(0, [nowhere])]).shard('a');
    expect(unread).toEqual({
      ...waited,
      ...{ position: afterSequenceNumber('5'), lastSubscribedAt: noon, sentAhead: sent },
    });
    const endedAt = { kind: 'at-timestamp', timestamp: noon, provesEndFrom: noon } as const;
    const came = shardResult('a', { outcome: { kind: 'ended', endedAt }, openAt: noon - 1 });
    const { life: _, waitsFor: __, ...left } = waited as UnreadShard;
    expect(seal([ended('p'), unread!], [block(0, [came])]).shard('a')).toEqual({
      ...left,
      ...{ life: 'reading', position: afterSequenceNumber('100'), lastSubscribedAt: noon },
      ...{ readThrough: noon, lastArrival: null, idleSince: noon, openAt: noon - 1, endedAt },
    });
  });

  it('that have ended say nothing more of where they would be read, and are in no block again (S8)', () => {
    const before = checkpoint('a', { readThrough: noon, idleSince: noon, readableAt: noon + 9, lastSubscribedAt: 1 });
    const end = shardResult('a', { outcome: { kind: 'end-of-shard' }, lastArrival: noon - 5, readableAt: noon + 9 });
    const after = seal([before], [block(0, [end])]).shard('a')!;
    expect(after).toEqual(ended('a', { readThrough: noon - 5, lastArrival: noon - 5 }));
    expect(() => seal([after], [block(0, [end])])).toThrow(/S8/);
  });

  it('that failed stay where they were (S8)', () => {
    const position = afterSequenceNumber('5');
    const failing = checkpoint('a', { position, watermark: 3 });
    const failed = block(0, [], { failedShards: [{ source: 'main', shardId: 'a', error: 'TemporaryFailure' }] });
    expect(seal([failing], [failed]).shard('a')).toEqual(failing);
  });

  it('are in one block each: a second block of a shard is refused (S7)', () => {
    const twice = [block(0, [shardResult('a')]), block(1, [shardResult('a')])];
    expect(() => seal([checkpoint('a')], twice)).toThrow(/S7/);
  });

  it('are known: a block of another shard is refused (S8)', () => {
    expect(() => seal([checkpoint('a')], [block(0, [shardResult('stranger')])])).toThrow(/S8/);
  });

  it('of the plan are taken in, also unread; those it found gone are left out', () => {
    const known = [checkpoint('a'), ended('gone')];
    const { body } = seal(known, [block(0, [shardResult('a')])], {
      newShards: [checkpoint('new')],
      expiredShards: [named('gone')],
    });
    expect(body.shards.map(({ shardId }) => shardId)).toEqual(['a', 'new']);
  });

  it('that left the stream unread are at their end, and the loss stands in the batch', () => {
    const loss = { ...named('lost'), lastRead: '5', readThrough: 1, firstAvailable: null };
    const { body, shard } = seal([checkpoint('lost')], [], { expiredUnread: [loss], taskCount: 0 });
    expect(shard('lost')).toEqual(ended('lost'));
    expect(body.dataLoss).toEqual([loss]);
  });

  it('count as read through as far as their parents were, whatever time the first answers are of', () => {
    const parent = ended('p', { readThrough: noon });
    const child = checkpoint('a', { parents: ['p'] });
    const readTo = (shards: ShardCheckpoint[], readThrough: number | null) => {
      const blocks = [block(0, [shardResult('a', { readThrough })])];
      const outcome = decideSeal(planRecord(), batchBody({ shards }), { blocks, outcomes: ['moved'] }, noSealRules);
      const body = outcome.kind === 'sealed' ? outcome.body : undefined;
      const after = body?.shards.find(({ shardId }) => shardId === 'a');
      return after && readThroughOf(after);
    };
    expect(readTo([parent, child], noon - 80_000)).toBe(noon);
    expect(readTo([parent, child], noon + 1)).toBe(noon + 1);
    expect(readTo([parent, child], null)).toBeNull();
    expect(readTo([checkpoint('a')], noon - 80_000)).toBe(noon - 80_000);
  });

  it('that a listing showed are written down where nothing could be read', () => {
    const found = checkpoint('b', { parents: ['a'], waitsFor: ['a'] });
    const plan = (given: Partial<PlanRecord>) =>
      decideSeal(
        planRecord({ newShards: [found], taskCount: 0, ...given }),
        batchBody({ shards: [checkpoint('a')] }),
        {
          blocks: [],
          outcomes: [],
        },
        rules,
      );
    const outcome = plan({});
    expect(outcome.kind === 'sealed' && outcome.body.shards.map(({ shardId }) => shardId)).toEqual(['a', 'b']);
    expect(plan({ newShards: [] }).kind).toBe('nothing-moved');
    expect(plan({ taskCount: 1 }).kind).toBe('nothing-moved');
  });

  it('are read through as far as they surely were open, once they have ended: their children hold the rest', () => {
    const end = { outcome: { kind: 'end-of-shard' }, readThrough: noon } as const;
    const readTo = (before: Parameters<typeof checkpoint>[1], lastArrival: number | null = null) => {
      const result = shardResult('a', { ...end, lastArrival });
      return readThroughOf(seal([checkpoint('a', before)], [block(0, [result])]).shard('a')!);
    };
    expect(readTo({ readThrough: noon - 1, lastArrival: noon - 9_000 })).toBe(noon - 9_000);
    expect(readTo({ readThrough: noon - 1, lastArrival: noon - 9_000, openAt: noon - 4_000 })).toBe(noon - 4_000);
    expect(readTo({ readThrough: noon - 1, openAt: noon - 4_000 }, noon - 50)).toBe(noon - 50);
  });

  it('never lose a later readThrough', () => {
    const { shard } = seal([checkpoint('a', { readThrough: noon + 1 })], [block(0, [shardResult('a')])]);
    expect(shard('a')).toMatchObject({ readThrough: noon + 1 });
  });
});

describe('children (S9)', () => {
  const end = (...children: ReturnType<typeof listed>[]) => ({ outcome: { kind: 'end-of-shard', children } }) as const;

  it('are registered in the seal in which their parent ends, at the oldest retained batch, with its mark', () => {
    const result = shardResult('a', { ...end(listed('a1', 'a'), listed('a2', 'a')), maxEventTime: 50 });
    const { body, shard } = seal([checkpoint('a')], [block(0, [result])]);
    expect(shard('a1')).toEqual(checkpoint('a1', { parents: ['a'], watermark: 45 }));
    expect(shard('a2')?.watermark).toBe(45);
    expect(body.watermarkOut).toBe(45);
  });

  it('of a merge get the least mark of their parents (WATERMARK-3)', () => {
    const child = listed('c', 'a', 'b');
    const results = [
      shardResult('a', { ...end(child), maxEventTime: 50 }),
      shardResult('b', { ...end(child), maxEventTime: 20 }),
    ];
    const { body, shard } = seal([checkpoint('a'), checkpoint('b')], [block(0, results)]);
    expect(shard('c')?.watermark).toBe(15);
    expect(body.watermarkOut).toBe(15);
  });

  it('whose other parent said nothing hold the watermark back (WATERMARK-3)', () => {
    const child = listed('c', 'a', 'b');
    const known = [checkpoint('a'), ended('b')];
    const { shard } = seal(known, [block(0, [shardResult('a', { ...end(child), maxEventTime: 50 })])]);
    expect(shard('c')?.watermark).toBeNull();
  });

  it('whose other parent is not known yet hold the watermark back, until it is said to be gone (WATERMARK-3)', () => {
    const known = [checkpoint('a', { watermark: 45 }), checkpoint('c', { parents: ['a', 'unheard'] })];
    const read = block(0, [shardResult('a', { maxEventTime: 50 })]);
    const held = seal(known, [read]);
    expect(held.shard('c')?.watermark).toBeNull();
    expect(held.body.watermarkOut).toBeNull();
    const told = seal(known, [read], { unknownParents: [named('unheard')] });
    expect(told.shard('c')).toMatchObject({ watermark: 45, waitsFor: ['a'] });
    expect(told.body.watermarkOut).toBe(45);
  });

  it('registered while a parent is still read follow its mark; once read, their own counts (WATERMARK-3)', () => {
    const waiting = checkpoint('c', { parents: ['a'] });
    const read = block(0, [shardResult('a', { maxEventTime: 50 })]);
    expect(seal([checkpoint('a'), waiting], [read]).shard('c')?.watermark).toBe(45);
    const own = checkpoint('c', { parents: ['a'], readThrough: 1, watermark: 3 });
    expect(seal([checkpoint('a'), own], [read]).shard('c')?.watermark).toBe(3);
  });

  it('that are known already are not reset', () => {
    const child = checkpoint('c', {
      parents: ['a'],
      position: afterSequenceNumber('9'),
      readThrough: 1,
      watermark: 30,
    });
    const result = shardResult('a', end(listed('c', 'a')));
    expect(seal([checkpoint('a'), child], [block(0, [result])]).shard('c')).toEqual(child);
  });
});

describe('the watermark of a batch', () => {
  it('goes in where the previous one came out, and never back (WATERMARK-2)', () => {
    const { body } = seal(
      [checkpoint('a'), checkpoint('b', { watermark: 10 })],
      [block(0, [shardResult('a', { maxEventTime: 500 })])],
      {},
      { watermarkOut: 12 },
    );
    expect(body).toMatchObject({ watermarkOut: 12 });
  });

  it('is the end of time in a batch that closes windows, without a block', () => {
    const { body } = seal(
      [checkpoint('a', { watermark: 10 })],
      [],
      { kind: 'close-windows', taskCount: 0 },
      { watermarkOut: 10 },
    );
    expect(body).toMatchObject({ kind: 'close-windows', watermarkOut: endOfTime, blocks: [] });
  });
});

it('seals nothing when nothing moved', () => {
  expect(
    decideSeal(planRecord(), batchBody({ shards: [checkpoint('a')] }), { blocks: [], outcomes: [] }, rules),
  ).toEqual({ kind: 'nothing-moved' });
});

it('sums up its blocks, in the order of tasks whatever order they were loaded in', () => {
  const counters = { read: 5, counted: 1, filtered: 1, late: 2, deadLettered: 1, emitted: 0 };
  const one = block(1, [shardResult('b', { records: 2, resentElsewhere: 4, bytes: 30, millisBehindLatest: 9 })], {
    counters,
  });
  const zero = block(0, [shardResult('a', { records: 3, resentElsewhere: 1, bytes: 40, readThrough: noon + 5 })], {
    counters,
  });
  const { body } = seal([checkpoint('a'), checkpoint('b')], [one, zero]);
  expect(body).toMatchObject({
    batchId: 1,
    ref: 7,
    previous: { batchId: 0, ref: 6 },
    counters: { read: 10, counted: 2, filtered: 2, late: 4, deadLettered: 2, emitted: 0 },
    records: 5,
    resentElsewhere: 5,
    bytes: 70,
    shardsRead: 2,
    millisBehindLatest: 9,
    lastDeliveryAt: noon + 5,
  });
  expect(body.blocks.map(({ task, nonce }) => `${task} ${nonce}`)).toEqual(['0 nonce-0', '1 nonce-1']);
});

it('remembers the last delivery through batches that deliver nothing', () => {
  expect(
    seal([checkpoint('a')], [block(0, [shardResult('a', { events: 0, records: 0 })])], {}, { lastDeliveryAt: 3 }).body
      .lastDeliveryAt,
  ).toBe(3);
});

it('takes mark rules from the pipeline, if it has an event time', () => {
  expect(watermarkRulesOf(windowed())).toMatchObject({ delayMs: 5, idleTimeoutMs: 1000 });
  expect(watermarkRulesOf(mapped())).toBeUndefined();
});

describe('what a batch leaves', () => {
  const openShards = [checkpoint('a'), checkpoint('b')];
  const left = (
    blocks: readonly BlockSummary[],
    outcomes: readonly Outcome[],
    shards: readonly ShardCheckpoint[] = openShards,
    given: Partial<PlanRecord> = {},
  ) => {
    const plan = planRecord({ taskCount: outcomes.length, ...given });
    const outcome = decideSeal(plan, batchBody({ shards }), { blocks, outcomes }, rules);
    if (outcome.kind !== 'sealed') throw new Error(outcome.kind);
    const { caughtUp, backlog, failedTasks } = outcome.body;
    return { caughtUp, backlog, failedTasks };
  };
  const nothing = { caughtUp: true, backlog: false, failedTasks: 0 };

  it('is nothing when every task is at its tips, with a block or without', () => {
    expect(left([block(0, [shardResult('a')])], ['moved', 'caught-up'])).toEqual(nothing);
  });

  it('is a backlog when a read ended short of its tip', () => {
    const backlog = { caughtUp: false, backlog: true, failedTasks: 0 };
    expect(left([block(0, [shardResult('a', { outcome: { kind: 'budget-spent' } })])], ['moved'])).toEqual(backlog);
    expect(left([block(0, [shardResult('a', { outcome: { kind: 'deadline' } })])], ['moved'])).toEqual(backlog);
  });

  it('is no backlog to go on with at once when a task got nowhere: others moving must not have it asked without pause', () => {
    const blocks = [block(0, [shardResult('a')])];
    const outcomes = ['moved', 'behind', 'behind'] as const;
    const plan = planRecord({ taskCount: 3 });
    const outcome = decideSeal(plan, batchBody({ shards: openShards }), { blocks, outcomes }, rules);
    expect(outcome).toMatchObject({ body: { caughtUp: false, backlog: false, throttled: 2, failedTasks: 0 } });
  });

  it('is a backlog when a child has become readable; one that waits is not, but then nothing is caught up', () => {
    const ended = shardResult('a', { outcome: { kind: 'end-of-shard', children: [listed('c', 'a')] } });
    expect(left([block(0, [ended])], ['moved'])).toMatchObject({ caughtUp: false, backlog: true });
    const waiting = [...openShards, checkpoint('c', { parents: ['b'] })];
    expect(left([block(0, [shardResult('a')])], ['moved'], waiting)).toMatchObject({ caughtUp: false, backlog: false });
  });

  it('is a backlog when shards without a task were not read before either; if they were, nothing is caught up', () => {
    const ofOthers = (given: Partial<PlanRecord>) => left([block(0, [shardResult('a')])], ['moved'], openShards, given);
    expect(ofOthers({ postponed: 1, leavesUnread: true })).toMatchObject({ caughtUp: false, backlog: true });
    expect(ofOthers({ postponed: 1 })).toMatchObject({ caughtUp: false, backlog: false });
  });

  it('is a failure, and no backlog, when a shard or a task failed', () => {
    const failedShard = block(0, [shardResult('a')], {
      failedShards: [{ source: 'main', shardId: 'b', error: 'CorruptCheckpoint' }],
    });
    expect(left([failedShard], ['moved'])).toEqual({ caughtUp: false, backlog: false, failedTasks: 0 });
    expect(left([block(0, [shardResult('a')])], ['moved', 'failed'])).toEqual({
      caughtUp: false,
      backlog: false,
      failedTasks: 1,
    });
  });
});

it('a shard that Kinesis throttled is neither caught up nor a backlog to go on with at once: it is counted', () => {
  const throttled = shardResult('a', { outcome: { kind: 'throttled' }, tipTime: null });
  const previous = batchBody({ shards: [checkpoint('a'), checkpoint('b')] });
  const seal = (a: ShardResult) => {
    const blocks = [block(0, [a, shardResult('b')])];
    const outcome = decideSeal(planRecord(), previous, { blocks, outcomes: ['moved'] }, noSealRules);
    return outcome.kind === 'sealed' ? outcome.body : undefined;
  };
  expect(seal(throttled)).toMatchObject({ caughtUp: false, backlog: false, throttled: 1, failedShards: [] });
  expect(seal(shardResult('a'))).toMatchObject({ caughtUp: true, backlog: false });
  expect(seal(shardResult('a'))).not.toHaveProperty('throttled');
});

it('a shard that Kinesis refuses for a while carries until when, and no longer than that', () => {
  const seal = (shards: ShardCheckpoint[], result: ShardResult) => {
    const outcome = decideSeal(
      planRecord(),
      batchBody({ shards }),
      { blocks: [block(0, [result])], outcomes: [] },
      noSealRules,
    );
    return outcome.kind === 'sealed' ? outcome.body.shards : [];
  };
  const busy = seal([checkpoint('a')], shardResult('a', { readableAt: noon + 5_000 }));
  expect(busy).toMatchObject([{ readableAt: noon + 5_000 }]);
  expect(seal([...busy], shardResult('a'))[0]).not.toHaveProperty('readableAt');
});

it('a place that was handed over carries how far its record was looked for, until it is known', () => {
  const looking = { readThrough: null, searchedThrough: noon } as const;
  const walked = seal([checkpoint('a')], [block(0, [shardResult('a', looking)])]).shard('a')!;
  expect(walked).toMatchObject({ life: 'unread', searchedThrough: noon });
  expect(seal([walked], [block(0, [])]).shard('a')).toEqual(walked);
  expect(seal([walked], [block(0, [shardResult('a')])]).shard('a')).not.toHaveProperty('searchedThrough');
});

it('carries the load of each shard on: measured where it was read, as it was where not', () => {
  const before = { records: 100, bytes: 1_000, at: noon - 10_000 };
  const shards = [checkpoint('a', { load: before }), checkpoint('b', { load: before })];
  const result = shardResult('a', { records: 50, events: 5_000, bytes: 50_000, answeredAt: noon });
  const outcome = decideSeal(
    planRecord(),
    batchBody({ shards }),
    { blocks: [block(0, [result])], outcomes: [] },
    noSealRules,
  );
  const loads = outcome.kind === 'sealed' ? outcome.body.shards.map(({ load }) => load) : [];
  expect(loads).toEqual([{ records: 500, bytes: 5_000, at: noon }, before]);
});
