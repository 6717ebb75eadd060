/** Every question about a shard's parents: the answer of the plain recursion, in a time that is linear in the shards. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidePlan } from '../../functions/core/decide-plan.ts';
import { decideSeal } from '../../functions/core/decide-seal.ts';
import { isAllRead } from '../../functions/core/ending.ts';
import type { ShardCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import { compareListing, descentFrom, noListingChange, readThroughIn } from '../../functions/core/shard-lineage.ts';
import { expectedWork, workOf } from '../../functions/core/shard-load.ts';
import { earlier } from '../../functions/core/watermark.ts';
import {
  batchBody,
  block,
  checkpoint,
  ended,
  headOf,
  hours,
  listed,
  noon,
  noSealRules,
  planRecord,
  sourceOf,
} from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';

const byId = <Shard extends { readonly shardId: string }>(shards: readonly Shard[]) =>
  new Map(shards.map((shard) => [shard.shardId, shard]));

/** Each splits and its halves are merged again. */
function diamonds(generations: number, make: typeof checkpoint | typeof ended = checkpoint): ShardCheckpoint[] {
  const shards = [make('tip-0')];
  for (let at = 1; at <= generations; at++) {
    const [left, right, before] = [`left-${at}`, `right-${at}`, `tip-${at - 1}`];
    shards.push(
      make(left, { parents: [before] }),
      make(right, { parents: [before] }),
      make(`tip-${at}`, { parents: [left, right] }),
    );
  }
  return shards;
}

const seal = (shards: readonly ShardCheckpoint[]) => {
  const outcome = decideSeal(
    planRecord({ taskCount: 1 }),
    batchBody({ shards }),
    { blocks: [block(0, [])], outcomes: ['moved'] },
    noSealRules,
  );
  if (outcome.kind !== 'sealed') throw new Error('not sealed');
  return outcome.body.shards;
};

describe('of a stream that was split and merged up to 1,000 times', () => {
  const generations = fc.constantFrom(1, 30, 1_000);
  const runs = { numRuns: 6 };

  it('a seal gives the mark of the first shard to all that were never read', () => {
    fc.assert(
      fc.property(generations, fc.nat(1_000), (count, mark) => {
        const [root, ...others] = diamonds(count);
        const shards = seal([checkpoint(root!.shardId, { readThrough: noon, watermark: mark }), ...others]);
        expect(shards.map((shard) => shard.watermark)).toEqual(shards.map(() => mark));
      }),
      runs,
    );
  });

  it('a plan reads the last shard, and knows what may be missing by those that ended empty', () => {
    fc.assert(
      fc.property(generations, fc.boolean(), (count, isOld) => {
        const [root, ...others] = diamonds(count, ended);
        const { parents } = others.at(-1)!;
        const shards = [
          ended(root!.shardId, { readThrough: noon - hours(isOld ? 48 : 1) }),
          ...others.slice(0, -1),
          checkpoint('last', { parents }),
        ];
        const { tasks } = decidePlan(mapped(), headOf(), batchBody({ shards }), {
          listing: noListingChange,
          kind: 'read',
          now: noon,
          maxTasks: 40,
        });
        const read = tasks.flatMap((task) => task.shards);
        expect(read.map(({ shardId, start }) => [shardId, start === 'after-gap'])).toEqual([['last', isOld]]);
      }),
      runs,
    );
  });

  it('the last shard is expected to bring what the first one brought', () => {
    fc.assert(
      fc.property(generations, (count) => {
        const [root, ...others] = diamonds(count);
        const halves = others.map((shard) => ({ ...shard, hashRange: halfOf(shard) }));
        const shards = [{ ...root!, load: { records: 800, bytes: 8_000, at: noon } }, ...halves];
        const last = shards.at(-1)!;
        const work = expectedWork([last], byId(shards), { everyMs: 1_000, maxRecords: 10_000 });
        expect(work.get(last.shardId)).toBeCloseTo(workOf({ records: 800, bytes: 8_000 }));
      }),
      runs,
    );
  });

  it('a listing shows which shards are new', () => {
    fc.assert(
      fc.property(generations, fc.nat(1_000), (count, knownAt) => {
        const lineage = diamonds(count);
        const from = 3 * (knownAt % (count + 1));
        const { shardId: first, parents } = lineage[from]!;
        const known = checkpoint(first, { parents, readThrough: noon });
        const { newShards } = compareListing(
          [known],
          lineage.map(({ shardId, parents }) => listed(shardId, ...parents)),
          { now: noon, stream: sourceOf(headOf()).stream, startedAt: noon },
        );
        expect(newShards.map(({ shardId }) => shardId)).toEqual(lineage.slice(from + 1).map(({ shardId }) => shardId));
      }),
      runs,
    );
  });

  it('all is read once the first shard is at its end, for the others wait for it', () => {
    const ending = { kind: 'at-timestamp', timestamp: noon, provesEndFrom: noon } as const;
    fc.assert(
      fc.property(generations, fc.boolean(), (count, isAtEnd) => {
        const [root, ...others] = diamonds(count);
        const first = isAtEnd ? checkpoint(root!.shardId, { endedAt: ending }) : root!;
        expect(isAllRead([first, ...others], ending)).toBe(isAtEnd);
      }),
      runs,
    );
  });
});

const whole = 2n ** 128n;
function halfOf({ shardId }: ShardCheckpoint) {
  const [start, end] = shardId.startsWith('right') ? [whole / 2n, whole - 1n] : [0n, whole / 2n - 1n];
  return shardId.startsWith('tip')
    ? { start: '0', end: String(whole - 1n) }
    : { start: String(start), end: String(end) };
}

describe('in any lineage', () => {
  const instant = fc.option(fc.nat(100));
  const shard = fc.record({
    parents: fc.uniqueArray(fc.nat(20), { maxLength: 2 }),
    readThrough: instant,
    mark: instant,
    isEnded: fc.boolean(),
    waits: fc.boolean(),
    isKnown: fc.integer({ min: 0, max: 9 }).map((chance) => chance > 0),
  });
  /** Parents come before their children; one that is not known is a parent all the same. */
  const lineage = fc.array(shard, { minLength: 1, maxLength: 12 }).map((shards) =>
    shards.flatMap(({ parents: numbers, isEnded, waits, isKnown, ...given }, at): ShardCheckpoint[] => {
      const parents = at === 0 ? [] : [...new Set(numbers.map((number) => `shard-${number % at}`))];
      const shardId = `shard-${at}`;
      if (!isKnown) return [];
      if (isEnded) return [ended(shardId, { ...given, parents })];
      return [checkpoint(shardId, { ...given, parents, waitsFor: waits ? parents : [] })];
    }),
  );

  it('a mark is its own, or the least of the parents', () => {
    fc.assert(
      fc.property(lineage, (shards) => {
        const known = byId(shards);
        const markOf = (one: ShardCheckpoint): number | null => {
          if (one.life !== 'unread') return one.watermark;
          const parents = one.parents.filter((parent) => known.has(parent) || one.waitsFor.includes(parent));
          const marks = parents.map((parent) => (known.has(parent) ? markOf(known.get(parent)!) : null));
          return marks.length === 0 ? one.watermark : marks.reduce(earlier);
        };
        expect(new Map(seal(shards).map(({ shardId, watermark: mark }) => [shardId, mark]))).toEqual(
          new Map(shards.map((one) => [one.shardId, markOf(one)])),
        );
      }),
    );
  });

  it('a shard is read through as far as it was, or the furthest of its parents', () => {
    fc.assert(
      fc.property(lineage, fc.nat(100), (shards, startedAt) => {
        const known = byId(shards);
        const model = (one: ShardCheckpoint): number =>
          (one.life === 'unread' ? null : one.readThrough) ??
          Math.max(
            startedAt,
            ...one.parents.flatMap((parent) => (known.has(parent) ? [model(known.get(parent)!)] : [])),
          );
        expect(shards.map(readThroughIn(known, startedAt))).toEqual(shards.map(model));
      }),
    );
  });

  it('a shard descends from those that a way up leads to', () => {
    fc.assert(
      fc.property(lineage, fc.uniqueArray(fc.nat(12)), (shards, numbers) => {
        const known = new Set(numbers.map((number) => `shard-${number}`));
        const byName = byId(shards);
        const model = ({ parents }: ShardCheckpoint): boolean =>
          parents.some((parent) => known.has(parent) || (byName.has(parent) && model(byName.get(parent)!)));
        expect(shards.map(descentFrom(known, byName))).toEqual(shards.map(model));
      }),
    );
  });

  it('all is read where each shard is over, or waits for one that will not be read further', () => {
    const ending = { kind: 'at-timestamp', timestamp: noon, provesEndFrom: noon } as const;
    fc.assert(
      fc.property(lineage, fc.uniqueArray(fc.nat(12)), (given, numbers) => {
        const atEnd = new Set(numbers.map((number) => `shard-${number}`));
        const shards = given.map((one) =>
          one.life !== 'ended' && atEnd.has(one.shardId) ? checkpoint(one.shardId, { ...one, endedAt: ending }) : one,
        );
        const known = byId(shards);
        const isOver = (one: ShardCheckpoint) => one.life === 'ended' || atEnd.has(one.shardId);
        const isBlocked = (one: ShardCheckpoint): boolean =>
          one.life === 'unread' &&
          one.waitsFor
            .flatMap((parent) => known.get(parent) ?? [])
            .some((parent) => parent.life !== 'ended' && (isOver(parent) || isBlocked(parent)));
        const hasOpen = shards.some(({ life }) => life !== 'ended');
        expect(isAllRead(shards, ending)).toBe(hasOpen && shards.every((one) => isOver(one) || isBlocked(one)));
      }),
    );
  });
});
