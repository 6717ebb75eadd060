/** ENDING-2, ENDING-3, ENDING-4: when a shard is at its end, and when all is read. */
import { describe, expect, it } from 'vitest';
import { availableAt, type Ending, endingOf, endingOfShard, isAllRead, isAtEnd } from '../../functions/core/ending.ts';
import { cutRecord, isQuietPast } from '../../functions/core/ending-cut.ts';
import type { ShardPlace } from '../../functions/pipeline/positions.ts';
import { checkpoint, ended, listed, noon, record } from '../support/builders.ts';

const atNoon: Ending = { kind: 'at-timestamp', timestamp: noon, provesEndFrom: noon + 120_000 };
const behind = (sequenceNumber: string, subSequenceNumber?: number) =>
  ({
    kind: 'after-sequence-number',
    sequenceNumber,
    ...(subSequenceNumber === undefined ? {} : { subSequenceNumber }),
  }) as const;
const perShard = (shards: Record<string, ShardPlace>, ...graph: ReturnType<typeof listed>[]) =>
  endingOf({ kind: 'per-shard', shards }, undefined, graph);

describe('a shard is at its end', () => {
  const readTo = (position: ReturnType<typeof behind>) => checkpoint('a', { position, readThrough: noon });

  it.each([
    ['behind its number', behind('5'), behind('6'), true],
    ['at its number', behind('5'), behind('5'), true],
    ['before its number', behind('5'), behind('4'), false],
    ['with a longer, greater number', behind('5'), behind('10'), true],
    ['inside its record, behind the event', behind('5', 2), behind('5', 3), true],
    ['inside its record, at the event', behind('5', 2), behind('5', 2), true],
    ['inside its record, before the event', behind('5', 2), behind('5', 1), false],
    ['inside its record, which is to be read whole', behind('5'), behind('5', 9), false],
    ['behind the record whose inside is the end', behind('5', 2), behind('5'), true],
    ['before the record that is the end', behind('5', -1), behind('4'), false],
  ])('%s', (_, endpoint, position, expected) => expect(isAtEnd(readTo(position), endpoint)).toBe(expected));

  it('of a time only if it was read to this very time', () => {
    const position = behind('5');
    expect(isAtEnd(readTo(position), atNoon)).toBe(false);
    expect(isAtEnd(checkpoint('a', { position, endedAt: atNoon }), atNoon)).toBe(true);
    expect(isAtEnd(checkpoint('a', { position, endedAt: { ...atNoon, timestamp: noon - 1 } }), atNoon)).toBe(false);
  });

  it('if it is closed and read, or is not to be read at all', () => {
    expect(isAtEnd(ended('a'), undefined)).toBe(true);
    expect(isAtEnd(readTo(behind('5')), undefined)).toBe(false);
    expect(isAtEnd(readTo(behind('5')), { kind: 'unread' })).toBe(true);
  });
});

describe('a record at the end', () => {
  it.each([
    ['before the time', noon - 1, atNoon, { kind: 'whole' }],
    ['at the time', noon, atNoon, { kind: 'before', through: noon }],
    ['long after it', noon + 99, atNoon, { kind: 'before', through: noon }],
    ['of a shard without one', noon, undefined, { kind: 'whole' }],
    ['of a shard that is not read', noon, { kind: 'unread' } as const, { kind: 'before', through: noon }],
    ['before the number', noon, behind('8'), { kind: 'whole' }],
    ['with the number', noon, behind('7'), { kind: 'last' }],
    ['with the number, and an event inside', noon, behind('7', 3), { kind: 'inside', upTo: 3 }],
    ['with the number, which is not to be read', noon, behind('7', -1), { kind: 'before', through: noon }],
    ['behind the number', noon, behind('6'), { kind: 'before', through: noon }],
  ])('%s', (_, arrival, endpoint, expected) =>
    expect(cutRecord(record(7, { id: 1 }, arrival), endpoint as never)).toEqual(expected),
  );

  it('that does not come: the tip counts from the time on, and never for a number', () => {
    expect(isQuietPast(noon + 119_999, atNoon)).toBe(false);
    expect(isQuietPast(noon + 120_000, atNoon)).toBe(true);
    expect(isQuietPast(noon + 120_000, behind('5'))).toBe(false);
    expect(isQuietPast(noon + 120_000, undefined)).toBe(false);
  });
});

describe('all is read', () => {
  const atEnd = (shardId: string) => checkpoint(shardId, { endedAt: atNoon });

  it('when every shard is, or waits for one that is not read further', () => {
    expect(isAllRead([atEnd('a'), checkpoint('b')], atNoon)).toBe(false);
    expect(isAllRead([atEnd('a'), atEnd('b')], atNoon)).toBe(true);
    const child = checkpoint('c', { parents: ['a'] });
    const grandchild = checkpoint('d', { parents: ['c'] });
    expect(isAllRead([atEnd('a'), child, grandchild], atNoon)).toBe(true);
    expect(isAllRead([ended('a'), child, atEnd('b')], atNoon)).toBe(false);
  });

  it('never while a parent is still to be found, or children of all the shards there are', () => {
    expect(isAllRead([atEnd('a'), checkpoint('c', { parents: ['x'] })], atNoon)).toBe(false);
    expect(isAllRead([ended('a')], atNoon)).toBe(false);
  });

  it('a merge is not read if one of its parents is not', () => {
    const merged = checkpoint('c', { parents: ['a', 'b'] });
    expect(isAllRead([atEnd('a'), ended('b'), merged], atNoon)).toBe(true);
  });

  it('never without an end', () => {
    expect(isAllRead([atEnd('a')], undefined)).toBe(false);
  });
});

describe('an end for each shard', () => {
  const graph = [listed('a'), listed('b', 'a'), listed('c', 'a'), listed('d', 'b'), listed('z')];

  it('has ancestors of named shards read whole, and nothing else', () => {
    const ending = perShard({ d: behind('5'), c: { kind: 'shard-end' } }, ...graph);
    expect(['a', 'b', 'c', 'd', 'z'].map((shardId) => endingOfShard(shardId, ending))).toEqual([
      undefined,
      undefined,
      undefined,
      behind('5'),
      { kind: 'unread' },
    ]);
  });

  it('may leave a shard unread, or end it at a time', () => {
    const ending = perShard({ b: { kind: 'trim-horizon' }, c: { kind: 'at-timestamp', timestamp: noon } }, ...graph);
    expect(endingOfShard('b', ending)).toEqual({ kind: 'unread' });
    expect(endingOfShard('c', ending)).toEqual(atNoon);
  });
});

it('a run of what is available now ends at a time that is not before its start by any clock of Kinesis', () => {
  expect(availableAt(noon, undefined)).toEqual({ timestamp: noon + 122_000, provesEndFrom: noon });
});

it('and is never the end of the run before', () => {
  const first = availableAt(noon, undefined);
  expect(availableAt(noon, first)).toEqual({ timestamp: noon + 122_001, provesEndFrom: noon });
  expect(availableAt(noon + 1_000, first)).toEqual({ timestamp: noon + 123_000, provesEndFrom: noon + 1_000 });
});
