import { expect, it } from 'vitest';
import { readTrouble, reduceTrouble } from '../../functions/core/trouble.ts';
import { named, noon } from '../support/builders.ts';

const batch = { batchId: 4, ref: 20 };
const open = Array.from({ length: 12 }, (_, keyGroup) => ({ keyGroup, why: 'throttled' }));

it('says since when a batch goes back to its reducers', () => {
  const first = reduceTrouble(batch, open, undefined, noon);
  expect(first).toMatchObject({ kind: 'reduce', ...batch, since: noon, at: noon, left: 12 });
  expect(first.groups).toEqual(open.slice(0, 10));
  expect(reduceTrouble(batch, open, first, noon + 9)).toMatchObject({ since: noon, at: noon + 9 });
  // Another try of the batch, and another batch, begin anew.
  expect(reduceTrouble({ ...batch, ref: 21 }, open, first, noon + 9)).toMatchObject({ since: noon + 9 });
  expect(reduceTrouble({ batchId: 5, ref: 20 }, open, first, noon + 9)).toMatchObject({ since: noon + 9 });
});

it('began no later than it was last, where clocks of drivers differ', () => {
  const first = reduceTrouble(batch, open, undefined, noon);
  expect(reduceTrouble(batch, open, first, noon - 300)).toMatchObject({ since: noon - 300, at: noon - 300 });
  const shard = { ...named('a'), error: 'Throttled', message: 'slow down' };
  const failing = readTrouble({ task: 3, ref: 20 }, [shard], undefined, noon);
  const later = readTrouble({ task: 3, ref: 21 }, [shard], failing, noon - 300);
  expect([later.at, later.shards[0]!.since]).toEqual([noon - 300, noon - 300]);
});

it('says of each shard since when it fails, turn after turn', () => {
  const failed = { ...named('a'), error: 'TemporaryFailure', message: 'm'.repeat(1_000) };
  const first = readTrouble({ task: 3, ref: 20 }, [failed], undefined, noon);
  expect(first).toMatchObject({ kind: 'read', task: 3, ref: 20, failed: 1, shards: [{ shardId: 'a', since: noon }] });
  expect(first.shards[0]!.message).toHaveLength(300);
  const both = [failed, { ...failed, ...named('b'), output: 'alerts' }];
  expect(readTrouble({ task: 3, ref: 21 }, both, first, noon + 100).shards).toMatchObject([
    { shardId: 'a', since: noon },
    { shardId: 'b', since: noon + 100, output: 'alerts' },
  ]);
  // What went well for so long is something new.
  expect(readTrouble({ task: 3, ref: 22 }, both, first, noon + 120_000).shards[0]!.since).toBe(noon + 120_000);
});
