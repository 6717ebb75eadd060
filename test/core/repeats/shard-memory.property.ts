/** MEMORY-1, MEMORY-2 on random senders: batches that are sent again in part, by tries that crossed, over splits and merges. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventName, RowName, SentName } from '../../../functions/core/repeats/identity-in.ts';
import { placeIn } from '../../../functions/core/repeats/place.ts';
import { type SavedMemory, ShardMemory } from '../../../functions/core/repeats/shard-memory.ts';

const row = (parts: Partial<RowName>): RowName => ({
  ...{ kind: 'row', sender: '["first",1,"main"]', ref: 1, group: 0, index: 0, row: 0 },
  ...parts,
});
const event = (sequence: number, base: string, parts: Partial<EventName> = {}): EventName => ({
  ...{ kind: 'event', sender: '["first",1,"main","main","s"]', index: 0 },
  ...{ place: placeIn(`${sequence}.0`)!, base: placeIn(base), ref: undefined },
  ...parts,
});

const anyRow = fc
  .record({
    ref: fc.integer({ min: 1, max: 3 }),
    group: fc.integer({ min: 0, max: 2 }),
    index: fc.oneof(fc.integer({ min: 0, max: 70 }), fc.constantFrom(31, 32, 2 ** 40)),
    row: fc.integer({ min: 0, max: 1 }),
    sender: fc.constantFrom('["first",1,"main"]', '["first",2,"main"]'),
  })
  .map(row);
const anyEvent = fc
  .tuple(fc.integer({ min: 10, max: 30 }), fc.constantFrom('TRIM_HORIZON', '12', '15.0', '20.-1'), fc.nat({ max: 1 }))
  .filter(([sequence, base]) => !(sequence <= Number.parseInt(base, 10)))
  .map(([sequence, base, index]) => event(sequence, base, { index }));
/** A try knows where it began, a batch its ref: of one shard the events of a later one lie behind. */
const ofBatch = fc
  .tuple(fc.integer({ min: 10, max: 30 }), fc.nat({ max: 1 }))
  .map(([sequence, index]) => event(sequence, 'none', { index, ref: Math.floor(sequence / 7) }));
const anyNames = fc.array(fc.oneof(anyRow, anyEvent, ofBatch), { maxLength: 40 });

const memoryOf = (names: readonly SentName[]): ShardMemory => {
  const memory = new ShardMemory();
  for (const name of names) memory.add(name, 0);
  return memory;
};
const joined = (...memories: readonly ShardMemory[]): ShardMemory => {
  const all = new ShardMemory();
  for (const each of memories) all.join(each);
  return all;
};
/** In an order of its own, and with numbers of 32 bits alike. */
const known = (memory: ShardMemory): SavedMemory => {
  const { rows, events } = memory.save('s');
  const inOrder = <Saved>(all: readonly Saved[]) =>
    [...all].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
  return { rows: inOrder(rows.map((each) => ({ ...each, bits: inOrder(each.bits) }))), events: inOrder(events) };
};
const saved = (memory: ShardMemory): ShardMemory => ShardMemory.from(JSON.parse(JSON.stringify(memory.save('s'))));

test('what is known does not depend on the order in which it came, or on how often', () => {
  fc.assert(
    fc.property(anyNames, fc.array(fc.nat()), (names, places) => {
      const again = places
        .map((place) => names[place % Math.max(1, names.length)])
        .filter((name) => name !== undefined);
      const shuffled = [...again, ...names.toReversed(), ...again];
      expect(known(memoryOf(shuffled))).toEqual(known(memoryOf(names)));
    }),
  );
});

test('a union is commutative, associative and idempotent, and knows what its parts know', () => {
  fc.assert(
    fc.property(anyNames, anyNames, anyNames, (one, two, three) => {
      const [a, b, c] = [memoryOf(one), memoryOf(two), memoryOf(three)];
      const all = joined(a, b, c);
      expect(known(joined(c, joined(b, a), b))).toEqual(known(all));
      expect(known(all)).toEqual(known(memoryOf([...one, ...two, ...three])));
      for (const name of [...one, ...two, ...three]) expect(all.has(name)).toBe(true);
    }),
  );
});

test('saved and read again it is the same', () => {
  fc.assert(
    fc.property(anyNames, (names) => {
      expect(known(saved(memoryOf(names)))).toEqual(known(memoryOf(names)));
    }),
  );
});

/** Of each batch all rows, and before the next one some of them, of it or of earlier ones, once more; late ones on top. */
const batches = fc.array(
  fc.record({ rows: fc.integer({ min: 1, max: 40 }), again: fc.array(fc.nat(), { maxLength: 20 }) }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

test('a first arrival is never a repeat, and each other one is: of results, over a split and a merge of it', () => {
  fc.assert(
    fc.property(batches, fc.nat({ max: 5 }), fc.nat({ max: 5 }), (all, splitAfter, mergeAfter) => {
      const sent: RowName[] = [];
      let shards = [new ShardMemory()];
      const seen = new Set<string>();
      // A key is of one shard: by what its row is called.
      const shardOf = ({ index }: RowName): ShardMemory => shards[index % shards.length]!;
      const arrives = (name: RowName): void => {
        const memory = shardOf(name);
        expect(memory.has(name), JSON.stringify(name)).toBe(seen.has(JSON.stringify(name)));
        seen.add(JSON.stringify(name));
        memory.add(name, 0);
      };
      for (const [batch, { rows, again }] of all.entries()) {
        for (let index = 0; index < rows; index++) sent.push(row({ ref: 100 + batch, group: index % 3, index }));
        for (const name of sent.slice(-rows)) arrives(name);
        for (const place of again) arrives(sent[place % sent.length]!);
        if (batch === splitAfter) shards = shards.flatMap((memory) => [saved(memory), saved(memory)]);
        if (batch === mergeAfter) shards = [joined(...shards)];
      }
    }),
  );
});

test('nor of events: tries of one batch cross, and a try of long ago sends on', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ upTo: fc.integer({ min: 1, max: 9 }), again: fc.array(fc.nat()) }), { maxLength: 8 }),
      (all) => {
        const memory = new ShardMemory();
        const seen = new Set<number>();
        let [from, base] = [10, 'TRIM_HORIZON'];
        const arrives = (sequence: number, its: string): void => {
          const name = event(sequence, its);
          expect(memory.has(name)).toBe(seen.has(sequence));
          seen.add(sequence);
          memory.add(name, 0);
        };
        const bases: string[] = ['TRIM_HORIZON'];
        for (const { upTo, again } of all) {
          // Acknowledged in any order; whoever began at an earlier place sends what lies behind that.
          for (const place of again) arrives(from + (place % upTo), bases[place % bases.length]!);
          for (let at = upTo - 1; at >= 0; at--) arrives(from + at, base);
          for (const place of again) arrives(10 + (place % (from + upTo - 10)), bases[place % bases.length]!);
          from += upTo;
          base = String(from - 1);
          bases.push('TRIM_HORIZON');
        }
      },
    ),
  );
});
