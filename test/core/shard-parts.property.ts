/** SHARDS-1 to SHARDS-3: the checkpoints of any row of batches are what their parts say, and few of them are written. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import {
  type DividedShards,
  divideShards,
  namesOf,
  partChanges,
  type ShardParts,
  shardsIn,
} from '../../functions/core/shard-parts.ts';
import { checkpoint } from '../support/builders.ts';

type Step = { readonly changed: readonly number[]; readonly gone: readonly number[]; readonly born: number };

const idOf = (at: number) => `shardId-${String(at).padStart(12, '0')}`;
const byId = (one: ShardCheckpoint, other: ShardCheckpoint) => (one.shardId < other.shardId ? -1 : 1);

/** As a store would: what has no name gets one. */
function stored(divided: DividedShards, batchId: number): ShardParts {
  let at = 0;
  const named = <Part extends DividedShards['groups'][number]>(part: Part) => ({
    ...part,
    name: part.name ?? { batchId, ref: batchId, nonce: `try of ${batchId}`, at: at++, v: 1, chunks: 1, digest: '' },
  });
  const { groups, changes } = divided;
  return { groups: groups.map(named), ...(changes === undefined ? {} : { changes: named(changes) }) };
}

class Batches {
  shards: readonly ShardCheckpoint[];
  parts: ShardParts | undefined;
  #next: number;
  #batchId = 0;

  constructor(count: number) {
    this.shards = Array.from({ length: count }, (_, at) => checkpoint(idOf(at)));
    this.#next = count;
  }

  /** Returns what was written. */
  step({ changed, gone, born }: Step, sizes: { readonly ofGroup: number; readonly ofChanges: number }) {
    const isIn = (list: readonly number[], at: number) => list.some((one) => one % this.shards.length === at);
    const left = this.shards.flatMap((shard, at) => {
      if (isIn(gone, at)) return [];
      return isIn(changed, at) ? [{ ...shard, watermark: this.#batchId }] : [shard];
    });
    const added = Array.from({ length: born }, () => checkpoint(idOf(this.#next++)));
    this.shards = [...left, ...added].sort(byId);
    const before = this.parts;
    this.parts = stored(divideShards(before, this.shards, sizes), ++this.#batchId);
    return { before, written: namesOf(this.parts).filter(({ batchId }) => batchId === this.#batchId) };
  }
}

const steps = fc.array(
  fc.record({
    changed: fc.array(fc.nat(1_000), { maxLength: 12 }),
    gone: fc.array(fc.nat(1_000), { maxLength: 3 }),
    born: fc.nat(4),
  }),
  { maxLength: 25 },
);
const sizes = fc.record({ ofGroup: fc.integer({ min: 1, max: 9 }), ofChanges: fc.nat(6) });

describe('parts of the checkpoints', () => {
  it('are all shards, as they are, whatever happened to them before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), steps, sizes, (count, all, of) => {
        const batches = new Batches(count);
        for (const step of all) {
          batches.step(step, of);
          expect(shardsIn(batches.parts!)).toEqual(batches.shards);
        }
      }),
    );
  });

  it('are written where something has changed, and named as they are where nothing has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 60 }), steps, sizes, (count, all, of) => {
        const batches = new Batches(count);
        batches.step({ changed: [], gone: [], born: 0 }, of);
        for (const step of all) {
          const { before, written } = batches.step(step, of);
          const { groups, changes } = batches.parts!;
          const most = Math.max(of.ofChanges, Math.floor(batches.shards.length / 16));
          expect((changes?.shards.length ?? 0) + (changes?.gone.length ?? 0)).toBeLessThanOrEqual(most);
          const isAnew = groups.length !== before!.groups.length;
          const touched = step.changed.length + step.gone.length + step.born;
          if (!isAnew && touched === 0) expect(written).toEqual([]);
          if (isAnew) continue;
          for (const [at, group] of groups.entries()) {
            const isKept = group.name === before!.groups[at]!.name;
            if (isKept) expect(group.shards).toBe(before!.groups[at]!.shards);
          }
        }
      }),
    );
  });

  it('that a batch names for the first time, and no more, are told from those before it', () => {
    const batches = new Batches(12);
    const of = { ofGroup: 4, ofChanges: 2 };
    const first = batches.step({ changed: [], gone: [], born: 0 }, of);
    expect(partChanges(undefined, batches.parts)).toEqual({ named: first.written, replaced: [] });
    const second = batches.step({ changed: [3], gone: [], born: 0 }, of);
    expect(second.written).toHaveLength(1);
    expect(partChanges(second.before, batches.parts)).toEqual({ named: second.written, replaced: [] });
    const third = batches.step({ changed: [4], gone: [], born: 0 }, of);
    expect(partChanges(third.before, batches.parts)).toEqual({ named: third.written, replaced: second.written });
    expect(partChanges(batches.parts, undefined).replaced).toEqual(namesOf(batches.parts!));
  });

  it('are as many groups as there are shards for, and all anew only when these are far too many or too few', () => {
    const of = { ofGroup: 4, ofChanges: 2 };
    const groupsAt = (count: number, from?: ShardParts) =>
      divideShards(
        from,
        Array.from({ length: count }, (_, at) => checkpoint(idOf(at))),
        of,
      ).groups.length;
    expect([1, 4, 5, 40].map((count) => groupsAt(count))).toEqual([1, 1, 2, 10]);
    const forty = new Batches(40);
    forty.step({ changed: [], gone: [], born: 0 }, of);
    expect([9, 10, 80, 81].map((count) => groupsAt(count, forty.parts))).toEqual([3, 10, 10, 21]);
  });
});
