/** LEFT-1, LEFT-2: what is kept of shards that have ended. */
import { describe, expect, it } from 'vitest';
import { leftToChildren } from '../../functions/core/left-to-children.ts';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import { checkpoint, ended, noon } from '../support/builders.ts';

const half = (at: 0 | 1) => (at === 0 ? { start: '0', end: '49' } : { start: '50', end: '99' });
const whole = { start: '0', end: '99' };
const memory = { batchId: 1, ref: 1, task: 0, nonce: 'n', v: 1, chunks: 1, digest: 'd' };
const parent = ended('p', {
  ...{ hashRange: whole, watermark: 5, load: { records: 1, bytes: 2, at: noon }, parents: ['gone'] },
  ...{ readThrough: noon, lastArrival: noon - 1, memories: [memory] },
});
const nothing = { start: '0', end: '-1' };
const child = (at: 0 | 1, given = {}) => checkpoint(`c${at}`, { parents: ['p'], hashRange: half(at), ...given });
const read = { readThrough: noon };
const left = (...shards: readonly ShardCheckpoint[]) => leftToChildren(shards).find(({ shardId }) => shardId === 'p');

describe('a shard that has ended', () => {
  it('is its name, its parents and up to when it was read, once all its children were read', () => {
    expect(left(parent, child(0, read), child(1, read))).toEqual({
      ...{ source: 'main', shardId: 'p', parents: ['gone'], life: 'ended', readThrough: noon },
      ...{ hashRange: nothing, watermark: null, load: { records: 0, bytes: 0 }, lastArrival: null },
    });
  });

  it('stays as it is while one of them is unread, or not known', () => {
    expect(left(parent, child(0, read), child(1))).toBe(parent);
    expect(left(parent, child(0, read))).toBe(parent);
    expect(left(parent)).toBe(parent);
  });

  it('is left by a merge when the child of both was read', () => {
    const [one, other] = [ended('a', { hashRange: half(0) }), ended('b', { hashRange: half(1) })];
    const merged = checkpoint('m', { parents: ['a', 'b'], hashRange: whole });
    expect(leftToChildren([one, other, merged])).toEqual([one, other, merged]);
    const after = leftToChildren([one, other, { ...merged, life: 'reading', ...read } as ShardCheckpoint]);
    expect(after.map(({ hashRange }) => hashRange)).toEqual([nothing, nothing, whole]);
  });

  it('goes behind its parent, which is asked for its share of the keys', () => {
    const middle = ended('c0', { parents: ['p'], hashRange: half(0), readThrough: noon });
    const last = checkpoint('d', { parents: ['c0'], hashRange: half(0), ...read });
    const waiting = [parent, middle, child(1), last];
    expect(leftToChildren(waiting)).toEqual(waiting);
    const first = leftToChildren([parent, middle, child(1, read), last]);
    expect(first.map(({ hashRange }) => hashRange)).toEqual([nothing, half(0), half(1), half(0)]);
    expect(leftToChildren(first).map(({ hashRange }) => hashRange)).toEqual([nothing, nothing, half(1), half(0)]);
  });

  it('is not made anew when there is nothing to leave', () => {
    const shards = leftToChildren([parent, child(0, read), child(1, read)]);
    expect(leftToChildren(shards)).toBe(shards);
  });
});
