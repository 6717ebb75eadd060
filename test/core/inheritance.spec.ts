import { expect, it } from 'vitest';
import { inherited } from '../../functions/core/inheritance.ts';
import { listed } from '../support/builders.ts';

type Shard = ReturnType<typeof listed>;
const byId = (...shards: Shard[]) => new Map(shards.map((shard) => [shard.shardId, shard]));

it('makes a value of those of the parents, and of theirs', () => {
  const known = byId(listed('a'), listed('b', 'a'), listed('c', 'a'), listed('d', 'b', 'c'));
  const depthOf = inherited<Shard, number>(known, ({ parents }, of) => {
    return 1 + Math.max(0, ...parents.map((parent) => of(parent) ?? 0));
  });
  expect(['d', 'c', 'a'].map((shardId) => depthOf(known.get(shardId)!))).toEqual([3, 2, 1]);
});

it('asks each shard once, though ever more paths lead to it', () => {
  const shards = [listed('tip-0')];
  for (let at = 1; at <= 1_000; at++) {
    const [left, right, before] = [`left-${at}`, `right-${at}`, `tip-${at - 1}`];
    shards.push(listed(left, before), listed(right, before), listed(`tip-${at}`, left, right));
  }
  let asked = 0;
  const turnOf = inherited<Shard, number>(byId(...shards), () => ++asked);
  for (const shard of [...shards].reverse()) turnOf(shard);
  expect(asked).toBe(3_001);
});

it('has no value of a parent that is not known, and ends where a shard is its own ancestor', () => {
  const known = byId(listed('a', 'b', 'gone'), listed('b', 'a'));
  const withoutValue = inherited<Shard, readonly string[]>(known, ({ parents }, of) =>
    parents.filter((parent) => of(parent) === undefined),
  );
  expect([...known.values()].map(withoutValue)).toEqual([['b', 'gone'], []]);
});
