/** NAMED-1 to NAMED-3: which memories stand for a shard, as seals carry them. */
import { describe, expect, test } from 'vitest';
import { decideSeal } from '../../../functions/core/decide-seal.ts';
import type { NamedMemory } from '../../../functions/core/repeats/named-memory.ts';
import type { ShardCheckpoint } from '../../../functions/core/shard-checkpoint.ts';
import type { ShardResult } from '../../../functions/core/shard-result.ts';
import {
  batchBody,
  block,
  checkpoint,
  ended,
  listed,
  noSealRules,
  planRecord,
  shardResult,
} from '../../support/builders.ts';

const memory = (nonce: string): NamedMemory => ({ batchId: 1, ref: 7, task: 0, nonce, v: 1, chunks: 1, digest: '' });
const [a, b, c] = [memory('a'), memory('b'), memory('c')];

function seal(shards: readonly ShardCheckpoint[], results: readonly ShardResult[], deduplicates = true) {
  const outcome = decideSeal(
    planRecord(),
    batchBody({ shards }),
    { blocks: [block(0, results)], outcomes: [] },
    { ...noSealRules, deduplicates },
  );
  if (outcome.kind !== 'sealed') throw new Error('nothing moved');
  const { body } = outcome;
  const names = body.shards.map(({ shardId, memories = [] }) => [shardId, memories.map(({ nonce }) => nonce)]);
  return { named: Object.fromEntries(names), changes: body.memories, repeats: body.repeats };
}

test('a shard has what its read has stored, in the place of what it had', () => {
  const { named, changes } = seal([checkpoint('s', { memories: [a] })], [shardResult('s', { memory: b })]);
  expect(named).toEqual({ s: ['b'] });
  expect(changes).toEqual({ named: [b], replaced: [a] });
});

test('one of which nothing was stored, or that was not read, keeps what it has', () => {
  const shards = [checkpoint('r', { memories: [a] }), checkpoint('s', { memories: [b] })];
  const { named, changes } = seal(shards, [shardResult('r')]);
  expect(named).toEqual({ r: ['a'], s: ['b'] });
  expect(changes).toBeUndefined();
});

describe('a child that has nothing of its own', () => {
  const endOf = (memory: NamedMemory | undefined, ...children: string[]): ShardResult =>
    shardResult('s', {
      outcome: { kind: 'end-of-shard', children: children.map((child) => listed(child, 's')) },
      ...(memory === undefined ? {} : { memory }),
    });

  test('has that of its parent from the seal in which that one ends: each of two', () => {
    expect(seal([checkpoint('s', { memories: [a] })], [endOf(b, 'x', 'y')]).named).toEqual({
      s: ['b'],
      x: ['b'],
      y: ['b'],
    });
    expect(seal([checkpoint('s', { memories: [a] })], [endOf(undefined, 'x')]).named).toEqual({ s: ['a'], x: ['a'] });
  });

  test('has those of both parents, also when one has left the stream', () => {
    const child = checkpoint('x', { life: 'unread', parents: ['r', 's'], waitsFor: ['s'], memories: [c] } as never);
    const { named } = seal([ended('s', { memories: [a] }), child, checkpoint('t')], [shardResult('t')]);
    expect(named).toMatchObject({ x: ['c', 'a'] });
  });

  test('and once it has stored something, has that alone', () => {
    const child = checkpoint('x', { parents: ['s'], memories: [a, c] });
    const { named, changes } = seal([ended('s', { memories: [a] }), child], [shardResult('x', { memory: b })]);
    // Nobody asks the parent any more (LEFT-1).
    expect(named).toEqual({ s: [], x: ['b'] });
    expect(changes).toEqual({ named: [b], replaced: [a, c] });
  });
});

test('a pipeline that looks for no repeats names none, and says which ones it had', () => {
  const { named, changes } = seal([checkpoint('s', { memories: [a] })], [shardResult('s')], false);
  expect(named).toEqual({ s: [] });
  expect(changes).toEqual({ named: [], replaced: [a] });
});

test('what came again, and what has no identity, is summed up; absent where nobody looks', () => {
  const results = [
    shardResult('r', { repeats: { repeated: 2, unidentified: 1 } }),
    shardResult('s', { repeats: { repeated: 3, unidentified: 0 } }),
  ];
  expect(seal([checkpoint('r'), checkpoint('s')], results).repeats).toEqual({ repeated: 5, unidentified: 1 });
  expect(seal([checkpoint('s')], [shardResult('s')]).repeats).toBeUndefined();
});
