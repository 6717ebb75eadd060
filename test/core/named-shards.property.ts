/** NAMING-1 to NAMING-3: what a task names comes back as if it were copied, and only what lies in a group as it is read is named. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedShard } from '../../functions/core/model.ts';
import { inReadingOrder, nameShards, placesIn, shardsOfTask } from '../../functions/core/named-shards.ts';
import type { OpenCheckpoint } from '../../functions/core/shard-checkpoint.ts';
import type { PartName, ShardParts } from '../../functions/core/shard-parts.ts';
import { checkpoint, ended, noon } from '../support/builders.ts';

const idOf = (at: number) => `shardId-${String(at).padStart(12, '0')}`;
const nameOf = (at: number): PartName => ({ batchId: 1, ref: 1, nonce: 'n', at, v: 1, chunks: 1, digest: '' });

/** Groups of so many shards each, every fifth of which has ended. */
const partsOf = (groups: number, each: number): ShardParts => ({
  groups: Array.from({ length: groups }, (_, group) => ({
    name: nameOf(group),
    shards: Array.from({ length: each }, (__, at) => {
      const id = idOf(group * each + at);
      return at % 5 === 4 ? ended(id) : checkpoint(id, { readThrough: noon - ((at * 7) % 13) });
    }),
  })),
});
const openIn = ({ groups }: ShardParts): OpenCheckpoint[] =>
  groups.flatMap(({ shards }) => shards.flatMap((shard) => (shard.life === 'ended' ? [] : [shard])));

function throughStore(shards: readonly PlannedShard[], parts: ShardParts) {
  const saved = nameShards(shards, parts, placesIn(parts));
  const groups = saved.named.map(({ part }) => parts.groups.find(({ name }) => name === part)!.shards);
  return { ...saved, loaded: shardsOfTask(structuredClone(saved), structuredClone(groups)) };
}

const fate = fc.constantFrom('as it is', 'moved', 'new', 'with a gap', 'with an end', 'of another task');
const end = { kind: 'at-timestamp', timestamp: noon, provesEndFrom: noon } as const;

function plannedAs(shard: OpenCheckpoint, how: string): PlannedShard[] {
  const read = { ...shard, isNew: false, start: 'continue' } as const;
  switch (how) {
    case 'of another task':
      return [];
    case 'moved':
      return [{ ...read, position: { kind: 'at-timestamp', timestamp: noon } }];
    case 'new':
      return [{ ...read, shardId: `${shard.shardId}-new`, isNew: true }];
    case 'with a gap':
      return [{ ...read, start: 'after-gap' }];
    case 'with an end':
      return [{ ...read, endsAt: end }];
    default:
      return [read];
  }
}

describe('the shards of a task', () => {
  it('are the same in the same order, named or copied (NAMING-3)', () => {
    const sizes = fc.record({ groups: fc.integer({ min: 1, max: 3 }), each: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(sizes, fc.array(fate, { minLength: 120, maxLength: 120 }), ({ groups, each }, fates) => {
        const parts = partsOf(groups, each);
        const shards = inReadingOrder(openIn(parts).flatMap((shard, at) => plannedAs(shard, fates[at]!)));
        const { copied, named, loaded } = throughStore(shards, parts);
        expect(loaded).toEqual(shards);
        expect(copied.length + named.flatMap(({ shardIds }) => shardIds).length).toBe(shards.length);
      }),
    );
  });

  it('are named where the group has the very checkpoint; what has moved or is new is copied (NAMING-1)', () => {
    const parts = partsOf(1, 20);
    const [first, second, third, ...others] = openIn(parts);
    const shards = [
      ...plannedAs(first!, 'moved'),
      ...plannedAs(second!, 'new'),
      ...plannedAs(third!, 'with an end'),
      ...others.flatMap((shard) => plannedAs(shard, 'as it is')),
    ];
    const { copied, named } = throughStore(shards, parts);
    expect(copied.map(({ shardId }) => shardId)).toEqual([first!.shardId, `${second!.shardId}-new`]);
    expect(named.map(({ shardIds, read }) => [shardIds, read])).toEqual([
      [[third!.shardId], { isNew: false, start: 'continue', endsAt: end }],
      [others.map(({ shardId }) => shardId), { isNew: false, start: 'continue' }],
    ]);
  });

  it('are copied where they are few of a group, which would be read whole for them (NAMING-2)', () => {
    const parts = partsOf(1, 320);
    const shards = openIn(parts).flatMap((shard) => plannedAs(shard, 'as it is'));
    expect(throughStore(shards.slice(0, 9), parts).named).toEqual([]);
    expect(throughStore(shards.slice(0, 10), parts).copied).toEqual([]);
  });

  it('are all copied of a body that has no parts', () => {
    const shards = plannedAs(checkpoint('a'), 'as it is');
    expect(nameShards(shards, undefined, placesIn(undefined))).toEqual({ copied: shards, named: [] });
  });

  it('are never made up: a group without a shard that is named in it is refused', () => {
    const named = [{ part: nameOf(0), shardIds: ['a'], read: { isNew: false, start: 'continue' } as const }];
    expect(() => shardsOfTask({ copied: [], named }, [[]])).toThrow('no open shard a');
    expect(() => shardsOfTask({ copied: [], named }, [[ended('a')]])).toThrow('no open shard a');
  });
});
