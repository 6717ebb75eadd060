/** ORDER-1 to ORDER-3: lists of keys, read as one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalKey } from '../../functions/core/key-group.ts';
import { keysInOrder } from '../../functions/core/keys-in-order.ts';
import type { SavedKey } from '../../functions/core/saved-windows.ts';
import type { KeyValue } from '../../functions/pipeline/pipeline.ts';

const keyOf = (values: readonly KeyValue[], count = 1): SavedKey => [values, [[0, 10, [count]]]];
const byText = (one: SavedKey, other: SavedKey): number => (canonicalKey(one[0]) < canonicalKey(other[0]) ? -1 : 1);

const value = fc.oneof(
  fc.constantFrom('a', 'b', '1', 1, 10, 9, true, null),
  fc.string({ unit: 'binary', maxLength: 2 }),
);
const keys = fc.uniqueArray(fc.array(value, { minLength: 1, maxLength: 2 }), { selector: canonicalKey, maxLength: 12 });
const sources = fc.array(
  keys.map((given) => given.map((values, at) => keyOf(values, at)).sort(byText)),
  { maxLength: 9 },
);

it('each key comes once, in order, with what each source has for it, in their order (ORDER-1)', () => {
  fc.assert(
    fc.property(sources, (given) => {
      const all = given.flatMap((entries, source) => entries.map(([values, windows]) => ({ values, source, windows })));
      const texts = [...new Set(all.map(({ values }) => canonicalKey(values)))].sort((one, other) =>
        one < other ? -1 : 1,
      );
      const expected = texts.map((canonical) => {
        const found = all.filter(({ values }) => canonicalKey(values) === canonical);
        return {
          canonical,
          keyValues: found[0]!.values,
          found: found.map(({ source, windows }) => ({ source, windows })),
        };
      });
      expect([...keysInOrder(given)]).toEqual(expected);
    }),
  );
});

it('of each source one key is held, and none is asked for before it is needed (ORDER-2)', () => {
  const taken = [0, 0];
  function* counting(source: number, letters: string) {
    for (const letter of letters) {
      taken[source]! += 1;
      yield keyOf([letter]);
    }
  }
  const seen: [string, ...number[]][] = [];
  for (const { keyValues } of keysInOrder([counting(0, 'abcd'), counting(1, 'bz')]))
    seen.push([String(keyValues[0]), ...taken]);
  expect(seen).toEqual([
    ['a', 2, 1],
    ['b', 3, 2],
    ['c', 4, 2],
    ['d', 4, 2],
    ['z', 4, 2],
  ]);
});

it.each([
  ['out of order', ['b', 'a'], 'key ["a"] comes after ["b"]'],
  ['twice in it', ['a', 'a'], 'key ["a"] comes after ["a"]'],
])('a list that has a key %s is refused (ORDER-3)', (_, letters, message) => {
  const wrong = letters.map((letter) => keyOf([letter]));
  expect(() => [...keysInOrder([[keyOf(['a'])], wrong])]).toThrow(message);
});
