/** LINEAGE-1 to LINEAGE-5: what a listing means to a pipeline that knows some of its shards. */
import { describe, expect, it } from 'vitest';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import {
  compareListing,
  firstShards,
  oldestKept,
  retentionStartAfter,
  waitsForUnknown,
} from '../../functions/core/shard-lineage.ts';
import { checkpoint, ended, hours, listed, named, noon } from '../support/builders.ts';

const stream = { arn: 'arn', name: 'stream', createdAt: noon - hours(200), retentionMs: hours(24) };
const time = { now: noon, stream, startedAt: noon - hours(100) };
const known = (shardId: string, given: Partial<ShardCheckpoint> = {}) =>
  checkpoint(shardId, { readThrough: noon - 1000, ...given });
/** At the time of all that is known. */
const closed = (shardId: string, readThrough = noon - 1000) => ended(shardId, { readThrough });
const idsOf = (shards: readonly { readonly shardId: string }[]) => shards.map(({ shardId }) => shardId);
const compare = (
  shards: readonly ShardCheckpoint[],
  listing: Parameters<typeof compareListing>[1],
  startedAt = time.startedAt,
) => compareListing(shards, listing, { ...time, startedAt });

it('has lost nothing while the stream is no older than its retention', () => {
  expect(oldestKept(stream, noon)).toBe(noon - hours(24));
  expect(oldestKept({ ...stream, createdAt: noon - hours(23) }, noon)).toBe(Number.NEGATIVE_INFINITY);
  const young = { ...time, stream: { ...stream, createdAt: noon - hours(23) } };
  const unseen = known('a', { readThrough: noon - hours(25) });
  expect(compareListing([unseen], [], young).expiredUnread).toEqual([]);
  expect(compareListing([unseen], [], time).expiredUnread).toHaveLength(1);
});

it('has not got back what was taken before its retention was made longer', () => {
  expect(retentionStartAfter(stream, hours(24), noon)).toBeUndefined();
  expect(retentionStartAfter(stream, hours(12), noon)).toBeUndefined();
  const retentionStart = retentionStartAfter(stream, hours(168), noon)!;
  expect(retentionStart).toBe(noon - hours(24));
  const longer = { ...stream, retentionMs: hours(168), retentionStart };
  expect(oldestKept(longer, noon + hours(100))).toBe(retentionStart);
  expect(oldestKept(longer, noon + hours(145))).toBe(noon - hours(23));
  // Made longer once more, soon after: the first change still counts.
  expect(retentionStartAfter(longer, hours(300), noon + hours(1))).toBe(retentionStart);
});

it('starts every shard of the first listing at the starting position', () => {
  const start = { kind: 'at-timestamp', timestamp: 5 } as const;
  const { newShards, expiredShards, unknownParents, expiredUnread } = firstShards(
    [listed('a'), listed('b', 'a', 'x')],
    start,
  );
  expect(newShards).toEqual([
    checkpoint('a', { position: start }),
    checkpoint('b', { position: start, parents: ['a', 'x'] }),
  ]);
  expect([expiredShards, unknownParents, expiredUnread]).toEqual([[], [named('x')], []]);
});

it('finds nothing in a listing of what is known', () => {
  expect(compare([known('a'), known('b')], [listed('a'), listed('b')])).toEqual({
    newShards: [],
    expiredShards: [],
    unknownParents: [],
    expiredUnread: [],
  });
});

describe('a parent that nobody knows (LINEAGE-5)', () => {
  const merged = checkpoint('c', { parents: ['a', 'b'] });

  it('is gone if a listing has its child without it', () => {
    expect(compare([known('a'), merged], [listed('a'), listed('c', 'a', 'b')]).unknownParents).toEqual([named('b')]);
  });

  it('is found by a listing that has both', () => {
    const change = compare([known('a'), merged, known('r')], [listed('r'), listed('b', 'r'), listed('c', 'a', 'b')]);
    expect([idsOf(change.newShards), change.unknownParents]).toEqual([['b'], []]);
  });

  it('is still to come after a listing that is too old to have its child', () => {
    expect(compare([known('a'), merged], [listed('a')]).unknownParents).toEqual([]);
  });

  it('makes a listing necessary', () => {
    expect(waitsForUnknown([known('a'), merged])).toBe(true);
    expect(waitsForUnknown([known('a'), known('b'), merged])).toBe(false);
  });
});

describe('new shards', () => {
  it('are both children of a split, from the oldest retained batch (LINEAGE-1)', () => {
    const { newShards } = compare([known('a')], [listed('a'), listed('a1', 'a'), listed('a2', 'a')]);
    expect(newShards).toEqual(['a1', 'a2'].map((shardId) => checkpoint(shardId, { parents: ['a'] })));
  });

  it('are the child of a merge, and the child of a merge of children (LINEAGE-1)', () => {
    const listing = [listed('a'), listed('b'), listed('c', 'a', 'b'), listed('d'), listed('e', 'c', 'd')];
    expect(idsOf(compare([known('a'), known('b'), known('d')], listing).newShards)).toEqual(['c', 'e']);
  });

  it('are found past a generation that is listed and not known (LINEAGE-1)', () => {
    const listing = [listed('a'), listed('b', 'a'), listed('c', 'b')];
    expect(idsOf(compare([known('a')], listing).newShards)).toEqual(['b', 'c']);
  });

  it('do not include ancestors of the start, however far back (LINEAGE-2)', () => {
    const listing = [listed('grandparent'), listed('parent', 'grandparent'), listed('a', 'parent')];
    expect(compare([known('a', { parents: ['parent'] })], listing).newShards).toEqual([]);
  });

  it('include the other child of an ancestor, which nobody has read (LINEAGE-3)', () => {
    const listing = [listed('p'), listed('a', 'p'), listed('b', 'p')];
    expect(idsOf(compare([known('a', { parents: ['p'] })], listing).newShards)).toEqual(['b']);
  });

  it('include a descendant that is an ancestor as well: LINEAGE-1 goes before LINEAGE-2', () => {
    const listing = [listed('a'), listed('b', 'a'), listed('c', 'b')];
    expect(idsOf(compare([known('a'), known('c', { parents: ['b'] })], listing).newShards)).toEqual(['b']);
  });

  it('include one whose parents retention took in between (LINEAGE-3)', () => {
    expect(idsOf(compare([known('a')], [listed('a'), listed('c', 'trimmed')]).newShards)).toEqual(['c']);
  });
});

describe('a known shard that is absent from the listing (LINEAGE-4)', () => {
  const old = noon - hours(24) - 1;

  it('stays in a listing that is only stale', () => {
    expect(compare([known('a'), closed('b')], [listed('a')])).toMatchObject({ expiredShards: [], expiredUnread: [] });
  });

  it.each([
    ['at the very edge of the retention stays', noon - hours(24), []],
    ['older than the retention is gone', old, [named('b')]],
  ])('read to its end, and %s', (_, readThrough, gone) => {
    const change = compare([known('a'), closed('b', readThrough)], [listed('a')]);
    expect(change).toMatchObject({ expiredShards: gone, expiredUnread: [] });
  });

  it('is lost, and reported with what is known of it, if it was not read to its end', () => {
    const position = { kind: 'after-sequence-number', sequenceNumber: '5' } as const;
    const { expiredShards, expiredUnread } = compare([known('b', { position, readThrough: old })], []);
    expect(expiredShards).toEqual([]);
    expect(expiredUnread).toEqual([{ ...named('b'), lastRead: '5', readThrough: old, firstAvailable: null }]);
  });

  it('is never gone while it is listed', () => {
    expect(compare([closed('b', old)], [listed('b')])).toMatchObject({
      expiredShards: [],
      expiredUnread: [],
    });
  });

  it('is not lost to a stale listing before its first read: its parents were read just now', () => {
    const child = checkpoint('c', { parents: ['a', 'b'] });
    const shards = [closed('a', old), closed('b'), child];
    expect(compare(shards, [listed('b')])).toMatchObject({ expiredShards: [named('a')], expiredUnread: [] });
  });

  it('is lost unread if retention has passed over its parents too', () => {
    const shards = [closed('a', old), checkpoint('c', { parents: ['a'] })];
    expect(idsOf(compare(shards, []).expiredUnread)).toEqual(['c']);
  });

  it('is not lost before its first read while the pipeline is younger than the retention', () => {
    expect(compare([checkpoint('a')], [], noon - hours(24))).toMatchObject({ expiredShards: [], expiredUnread: [] });
    expect(idsOf(compare([checkpoint('a')], [], noon - hours(24) - 1).expiredUnread)).toEqual(['a']);
  });
});
