/** What is known of the records that a shard has had, and what it costs. */
import { describe, expect, test } from 'vitest';
import { encode } from '../../../functions/adapters/dynamodb/packed-json.ts';
import type { EventName, RowName } from '../../../functions/core/repeats/identity-in.ts';
import { placeIn } from '../../../functions/core/repeats/place.ts';
import { ShardMemory } from '../../../functions/core/repeats/shard-memory.ts';

const row = (ref: number, index: number, parts: Partial<RowName> = {}): RowName => ({
  ...{ kind: 'row', sender: '["first",1,"main"]', ref, group: 0, index, row: 0 },
  ...parts,
});
const event = (place: string, base: string, parts: Partial<EventName> = {}): EventName => ({
  ...{ kind: 'event', sender: '["first",1,"main","main","s"]', index: 0 },
  ...{ place: placeIn(place)!, base: placeIn(base), ref: undefined },
  ...parts,
});
const dayMs = 86_400_000;

describe('of results (BITS-1, BITS-2)', () => {
  test('a row is known by batch, key group, index and row', () => {
    const memory = new ShardMemory();
    memory.add(row(7, 3), 0);
    expect(memory.has(row(7, 3))).toBe(true);
    for (const other of [row(7, 4), row(7, 35), row(8, 3), row(7, 3, { group: 1 }), row(7, 3, { row: 1 })])
      expect(memory.has(other), JSON.stringify(other)).toBe(false);
  });

  test('all that an earlier batch has sent is known once a later one was read, of any key group', () => {
    const memory = new ShardMemory();
    memory.add(row(7, 3), 0);
    memory.add(row(9, 0, { group: 5 }), 0);
    expect([row(7, 3), row(8, 77), row(1, 0, { group: 9 })].map((name) => memory.has(name))).toEqual([
      true,
      true,
      true,
    ]);
    expect(memory.has(row(9, 0))).toBe(false);
  });

  test('nothing follows for another output, another pipeline, or another lineage of the same name', () => {
    const memory = new ShardMemory();
    memory.add(row(9, 0), 0);
    const others = ['["first",1,"audit"]', '["second",1,"main"]', '["first",2,"main"]'].map((sender) => ({ sender }));
    expect(others.map((parts) => memory.has(row(8, 0, parts)))).toEqual([false, false, false]);
  });
});

describe('of events (EVENTS-1, EVENTS-2)', () => {
  test('an event is known by its place and the index of its record', () => {
    const memory = new ShardMemory();
    memory.add(event('20.0', 'TRIM_HORIZON'), 0);
    expect(memory.has(event('20.0', '19'))).toBe(true);
    const others = [
      event('20.1', '9'),
      event('21.0', '9'),
      event('20.0', '9', { index: 1 }),
      event('20.0', '9', { sender: 't' }),
    ];
    expect(others.map((name) => memory.has(name))).toEqual([false, false, false, false]);
  });

  test('all at or before a base is known: a record, an event inside of one, none of one', () => {
    const upTo = (base: string, place: string): boolean => {
      const memory = new ShardMemory();
      memory.add(event('900.0', base), 0);
      return memory.has(event(place, 'TRIM_HORIZON'));
    };
    expect([upTo('20', '20.7'), upTo('20', '21.0'), upTo('20.3', '20.3'), upTo('20.3', '20.4')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([upTo('20.-1', '20.0'), upTo('20.-1', '19.0'), upTo('AT_TIMESTAMP 99', '20.0')]).toEqual([
      false,
      true,
      false,
    ]);
    expect([upTo('100', '99.0'), upTo('99', '100.0')]).toEqual([true, false]);
  });
});

describe('of events that are sent after the seal (EVENTS-2)', () => {
  const ofBatch = (place: string, ref: number): EventName => event(place, 'none', { ref });

  test('a later batch shows that all of the one before has come, up to its last event, however that is sent again', () => {
    const memory = new ShardMemory();
    memory.add(ofBatch('20.0', 7), 0);
    memory.add(ofBatch('25.0', 7), 0);
    memory.add(ofBatch('30.0', 9), 0);
    const again = [ofBatch('20.0', 7), ofBatch('22.0', 7), ofBatch('99.0', 8), event('21.0', '10'), ofBatch('30.0', 9)];
    expect(again.map((name) => memory.has(name))).toEqual([true, true, true, true, true]);
    expect([ofBatch('31.0', 9), ofBatch('26.0', 9), event('26.0', '25')].map((name) => memory.has(name))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('what is forgotten (MEMORY-3)', () => {
  test('a sender of which nothing came for so long, and no other', () => {
    const memory = new ShardMemory();
    memory.add(row(7, 0), 0);
    memory.add(row(7, 0, { sender: 'second' }), 2 * dayMs);
    memory.add(event('20.0', '9', { sender: 'closed' }), 0);
    memory.forget(dayMs);
    expect([row(7, 0), row(7, 0, { sender: 'second' })].map((name) => memory.has(name))).toEqual([false, true]);
    expect(memory.has(event('20.0', '9', { sender: 'closed' }))).toBe(false);
  });

  test('a repeat shows that its sender is there', () => {
    const memory = new ShardMemory();
    memory.add(row(7, 0), 0);
    memory.add(row(7, 0), 2 * dayMs);
    memory.forget(dayMs);
    expect(memory.has(row(7, 0))).toBe(true);
  });
});

describe('what it costs (MEMORY-4)', () => {
  const savedBytes = (memory: ShardMemory): number => encode(memory.save('s')).length;

  test('of a million rows over forty key groups and batches: what the last batch has', () => {
    const memory = new ShardMemory();
    for (let batch = 0; batch < 10; batch++)
      for (let index = 0; index < 250; index++)
        for (let group = 0; group < 40; group++) memory.add(row(batch, index, { group }), 0);
    expect(savedBytes(memory)).toBeLessThan(1_500);
  });

  test('of a million rows in one batch, of which a shard of four has what its keys are: some bits each', () => {
    const memory = new ShardMemory();
    // A quarter, by chance.
    for (let index = 0, at = 7; index < 1_000_000; index++) {
      at = (at * 1_103_515_245 + 12_345) % 2 ** 31;
      if (at % 1024 < 256) memory.add(row(1, index), 0);
    }
    expect(savedBytes(memory)).toBeLessThan(200_000);
    expect(memory.bytes).toBeLessThan(1_500_000);
  });

  test('of any number of events: those of the batch that its sender is in', () => {
    const memory = new ShardMemory();
    const number = (at: number): string => `4959033827149025660855969253836157${String(at * 7_919).padStart(22, '0')}`;
    for (let at = 10_000, base = 'TRIM_HORIZON'; at < 110_000; at++) {
      if (at % 10_000 === 0) base = number(at - 1);
      memory.add(event(`${number(at)}.0`, base), 0);
    }
    expect(memory.bytes).toBeLessThan(1_600_000);
    expect(savedBytes(memory)).toBeLessThan(160_000);
  });

  test('more than 64 MB are refused, with the senders that most of it is of and what to do', () => {
    const memory = new ShardMemory();
    memory.add(row(1, 0), 0);
    for (let at = 1; at < 460_000; at++)
      memory.add(event(`${at}.0`, 'TRIM_HORIZON', { sender: '["first",1,"main","main","s7"]' }), 0);
    expect(() => memory.save('shardId-000000000001')).toThrow(
      expect.objectContaining({
        name: 'DeduplicationMemoryTooLarge',
        canRetry: false,
        message: expect.stringMatching(
          /^shardId-000000000001: .* takes 66 MB, and may take 64 MB; most of it is of \["first",1,"main","main","s7"\] 66 MB.*forgetAfter.*deduplicate: false/,
        ),
      }),
    );
  });
});
