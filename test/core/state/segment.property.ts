/** PAGE-1, PAGE-2, SEGMENT-1, SEGMENT-2: what is read is what was written, and nothing that was not. */
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statePacking } from '../../../functions/adapters/state-packing.ts';
import { canonicalKey } from '../../../functions/core/key-group.ts';
import { byBounds } from '../../../functions/core/patched-windows.ts';
import type { Given, GivenRun, SavedWindow } from '../../../functions/core/saved-windows.ts';
import type { Packing } from '../../../functions/core/state/packing.ts';
import { encodeSegment, readIndex, readPage } from '../../../functions/core/state/segment.ts';
import type { EntryOfSlice, StateEntry } from '../../../functions/core/state/state-entry.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', '\n', '"', '\\', '\u2028', '\ud800', '\udfff\ud800', '\ufeff', '[', '",1]', 'x'.repeat(5_000)),
);
const keyValue = fc.oneof(
  text,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const time = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(1_700_000_000_000, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 51, 0.5, 8.64e15),
);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const accumulator = fc.jsonValue({ maxDepth: 2 }).map(plain);
const given: fc.Arbitrary<Given> = fc.oneof(
  fc.tuple(fc.nat(9), fc.nat(9)),
  fc.tuple(fc.nat(9), fc.nat(9), fc.array(text, { maxLength: 2 })),
  fc.tuple(
    fc.nat(9),
    fc.nat(9),
    fc.dictionary(fc.constantFrom('main', 'late', 'b'), fc.nat(9), { noNullPrototype: true }),
  ),
) as never;
const mark = fc.option(fc.oneof(given, fc.nat(5)), { nil: undefined });
const window: fc.Arbitrary<SavedWindow> = fc
  .tuple(time, time, fc.array(accumulator, { maxLength: 3 }), mark)
  .map(([start, end, saved, of]): SavedWindow => (of === undefined ? [start, end, saved] : [start, end, saved, of]));
/** As most entries are. */
const regular = fc.tuple(fc.nat(3), fc.constantFrom(10, 20), fc.integer(), fc.boolean());
const runs: fc.Arbitrary<readonly GivenRun[]> = fc.array(
  fc.tuple(time, time, given).map((run): GivenRun => run),
  { maxLength: 2 },
);
const windows = fc.uniqueArray(window, { maxLength: 3, selector: ([start, end]) => `${start} ${end}` });

const content: fc.Arbitrary<Omit<StateEntry, 'canonical'>> = fc.oneof(
  regular.map(([start, end, n, isAdded]) => {
    const only: SavedWindow[] = [[start, end, [n, [n, 1.5]]]];
    return { upserts: isAdded ? [] : only, added: isAdded ? only : [], removals: [] };
  }),
  fc
    .record({ all: windows, cuts: fc.tuple(fc.nat(3), fc.nat(3)), given: fc.option(runs, { nil: undefined }) })
    .map((told) => {
      const [from, upTo] = told.cuts.toSorted((one, other) => one - other) as [number, number];
      const entry = {
        upserts: told.all.slice(0, from).sort(byBounds),
        added: told.all.slice(from, upTo).sort(byBounds),
        removals: told.all
          .slice(upTo)
          .map(([start, end]) => [start, end] as const)
          .sort(([one], [other]) => one - other),
      };
      return told.given === undefined ? entry : { ...entry, given: told.given };
    }),
);
const entries: fc.Arbitrary<readonly EntryOfSlice[]> = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom(-5, 0, 10, 1_700_000_000_000),
      fc.array(keyValue, { minLength: 1, maxLength: 2 }),
      content,
    ),
    {
      minLength: 1,
      maxLength: 12,
      selector: ([slice, key]) => `${slice} ${canonicalKey(key)}`,
    },
  )
  .map((all) =>
    all
      .map(([slice, key, rest]): EntryOfSlice => [slice, { canonical: canonicalKey(key), ...rest }])
      .sort(([one, { canonical: key }], [other, { canonical: otherKey }]) => one - other || (key < otherKey ? -1 : 1)),
  );
const limits = fc.record({
  pageEntries: fc.constantFrom(1, 2, 5, 12),
  mostPageChars: fc.constantFrom(1, 100, 100_000),
});

const named = { name: 's' };
type Encoded = NonNullable<ReturnType<typeof encodeSegment>>;
function decoded({ bytes, ...facts }: Encoded, packing: Packing = statePacking): readonly EntryOfSlice[] {
  const pages = readIndex(bytes.subarray(bytes.length - facts.index), { ...named, ...facts }, packing);
  return pages.flatMap((page) => {
    const bytesOfPage = bytes.subarray(page.offset, page.offset + page.length);
    const { entries, slices } = readPage(bytesOfPage, page, named, packing);
    return entries.map((entry, at): EntryOfSlice => [slices?.[at] ?? page.slice, entry]);
  });
}

/** Another version of a compression: other bytes of the same. */
const otherPacking: Packing = { ...statePacking, compress: (bytes) => deflateSync(bytes, { level: 0 }) };

describe('a segment', () => {
  it('is read as it was written, whatever keys, accumulators and marks are (PAGE-1)', () => {
    fc.assert(
      fc.property(entries, limits, (all, of) => {
        const segment = encodeSegment(all, { ...of, packing: statePacking })!;
        expect(decoded(segment)).toEqual(plain(all));
        expect(segment.entries).toBe(all.length);
        expect(segment.slices).toEqual([all[0]![0], all.at(-1)![0]]);
      }),
      { numRuns: 500 },
    );
  });

  it('has the digest of its entries, however they are compressed (PAGE-2, SEGMENT-1)', () => {
    fc.assert(
      fc.property(entries, entries, (all, others) => {
        const of = { pageEntries: 3, mostPageChars: 100 };
        const segment = encodeSegment(all, { ...of, packing: statePacking })!;
        const other = encodeSegment(all, { ...of, packing: otherPacking })!;
        expect(other.digest).toBe(segment.digest);
        expect(decoded(other)).toEqual(decoded(segment));
        const different = encodeSegment(others, { ...of, packing: statePacking })!;
        expect(different.digest === segment.digest).toBe(JSON.stringify(all) === JSON.stringify(others));
      }),
      { numRuns: 200 },
    );
  });

  it('has a page for as much of a slice as fills one, and for several slices together that are small (SEGMENT-2)', () => {
    const of = (slice: number, count: number) =>
      Array.from(
        { length: count },
        (_, n): EntryOfSlice => [
          slice,
          { canonical: canonicalKey([n]), upserts: [[0, slice, [n]]], added: [], removals: [] },
        ],
      );
    const all = [...of(10, 9), ...of(20, 1), ...of(30, 1), ...of(40, 1), ...of(50, 8)];
    const { bytes, ...facts } = encodeSegment(all, { pageEntries: 8, mostPageChars: 10_000, packing: statePacking })!;
    const pages = readIndex(bytes.subarray(bytes.length - facts.index), { ...named, ...facts }, statePacking);
    expect(pages.map(({ slice, lastSlice, entries }) => [slice, lastSlice, entries])).toEqual([
      [10, 10, 8],
      [10, 20, 2],
      [30, 40, 2],
      [50, 50, 8],
    ]);
    expect(decoded({ bytes, ...facts })).toEqual(all);
  });

  it('of nothing there is none', () => {
    expect(encodeSegment([], { pageEntries: 3, mostPageChars: 100, packing: statePacking })).toBeUndefined();
  });
});

describe('a segment that is not what was written', () => {
  const missing = expect.objectContaining({ name: 'MissingItem' });

  it('is refused, whichever of its bytes is another (SEGMENT-1)', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, place, by) => {
        const segment = encodeSegment(all, { pageEntries: 3, mostPageChars: 100, packing: statePacking })!;
        const bytes = segment.bytes.slice();
        const at = place % bytes.length;
        bytes[at] = bytes[at]! ^ by;
        let read: readonly EntryOfSlice[] | undefined;
        try {
          read = decoded({ ...segment, bytes });
        } catch (error) {
          expect(error).toEqual(missing);
        }
        // A bit of the form that says nothing may be another.
        if (read !== undefined) expect(read).toEqual(decoded(segment));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused where another page, or none, lies in its place', () => {
    const all = ['a', 'b', 'c', 'd'].map(
      (key, n): EntryOfSlice => [
        0,
        { canonical: canonicalKey([key]), upserts: [[0, 10, [n]]], added: [], removals: [] },
      ],
    );
    const { bytes, ...facts } = encodeSegment(all, { pageEntries: 2, mostPageChars: 100, packing: statePacking })!;
    const [first, second] = readIndex(bytes.subarray(bytes.length - facts.index), { ...named, ...facts }, statePacking);
    const bytesOfSecond = bytes.subarray(second!.offset, second!.offset + second!.length);
    expect(() => readPage(bytesOfSecond, first!, named, statePacking)).toThrow(missing);
    expect(() => readPage(new Uint8Array(), first!, named, statePacking)).toThrow(
      /^segment s: its page at 0 is not what was written: /,
    );
    expect(() =>
      readIndex(bytes.subarray(bytes.length - facts.index), { ...named, ...facts, digest: 'x' }, statePacking),
    ).toThrow('segment s: its index is not what was written: it does not fit the digest');
    expect(() => readIndex(bytes, { ...named, ...facts }, statePacking)).toThrow(missing);
  });
});
