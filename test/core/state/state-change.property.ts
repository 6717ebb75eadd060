/** CHANGED-1, CHANGED-2, KEYS-1, BYSLICE-1, MERGE-1: a state of segments is the state that follows batch by batch, however it is cut and merged. */
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentStore, smallLimits } from '../../../bench/segment-store.ts';
import { statePacking } from '../../../functions/adapters/state-packing.ts';
import { canonicalKey } from '../../../functions/core/key-group.ts';
import { byBounds } from '../../../functions/core/patched-windows.ts';
import type { GivenRun, SavedKey, SavedWindow, SavedWindows } from '../../../functions/core/saved-windows.ts';
import type { KeyOfSlice } from '../../../functions/core/state/keys-by-slice.ts';
import { type Manifest, namedBy, type StateLimits } from '../../../functions/core/state/manifest.ts';
import type { Packing } from '../../../functions/core/state/packing.ts';
import { entriesOf } from '../../../functions/core/state/state-entry.ts';
import { applyDelta, type KeyDelta, type StateDelta } from '../../../functions/core/state-delta.ts';
import type { KeyValue } from '../../../functions/pipeline/pipeline.ts';
import { countAndMean } from './count-and-mean.ts';

const { functions } = countAndMean;

const keys: readonly (readonly KeyValue[])[] = [
  ['a'],
  ['b'],
  ['ä\n'],
  ['10'],
  [9],
  [null],
  [true],
  ['\ud800'],
  ['"]!'],
];
type Told = {
  readonly key: number;
  readonly start: number;
  readonly end: number;
  readonly does: 'put' | 'add' | 'remove';
  readonly n: number;
};
const told: fc.Arbitrary<Told> = fc.record({
  key: fc.nat(keys.length - 1),
  start: fc.nat(2).map((start) => start * 10),
  end: fc.nat(3).map((end) => (end + 1) * 10),
  does: fc.constantFrom('put', 'add', 'add', 'remove'),
  n: fc.nat(9),
});
type Batch = {
  readonly changes: readonly Told[];
  readonly over: number;
  readonly given: number;
};
const batch: fc.Arbitrary<Batch> = fc.record({
  changes: fc.array(told, { maxLength: 10 }),
  over: fc.nat(3),
  given: fc.nat(3),
});
const batches = fc.array(batch, { maxLength: 14 });
const limits: fc.Arbitrary<StateLimits> = fc.record({
  mostInlineChars: fc.constantFrom(0, 200, 8_192),
  pageEntries: fc.constantFrom(1, 2, 3, 9, 16),
  mostPageChars: fc.constantFrom(1, 60, 1_000),
  fanIn: fc.integer({ min: 2, max: 4 }),
  mostYounger: fc.constantFrom(0.5, 1, 100),
  mostMerged: fc.record({
    entries: fc.integer({ min: 1, max: 8 }),
    share: fc.constantFrom(0, 0.5),
    ofYoungest: fc.constantFrom(0, 1),
    chars: fc.constantFrom(1, 10_000),
  }),
  turns: fc.integer({ min: 1, max: 3 }),
  mostReadWhole: fc.constantFrom(0, 300, 100_000),
});

const added = ([, , saved]: SavedWindow): boolean => (saved as readonly unknown[]).length === 3;
/** A third one only says that it is to be added: it is taken off before anything is saved. */
const asAdded = (window: SavedWindow): SavedWindow => [window[0], window[1], [...window[2], 'added']];

type Plan = { readonly model: StateDelta; readonly given: StateDelta };

/** What a reduce would make of it: the model's delta says of what is added what comes of it. */
function planOf(before: SavedWindows, { changes, given }: Batch, hasGiven: boolean): Plan {
  const state = new Map(before.map((key) => [canonicalKey(key[0]), key]));
  const model: KeyDelta[] = [];
  const told: KeyDelta[] = [];
  const byKey = [...Map.groupBy(changes, ({ key }) => canonicalKey(keys[key]!))].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  for (const [canonical, ofKey] of byKey) {
    const there = new Map((state.get(canonical)?.[1] ?? []).map((window) => [`${window[0]} ${window[1]}`, window]));
    const once = new Map(ofKey.map((each) => [`${each.start} ${each.end}`, each]));
    const [upserts, sums, removals]: [SavedWindow[], SavedWindow[], (readonly [number, number])[]] = [[], [], []];
    for (const [name, { start, end, does, n }] of once) {
      const known = there.get(name);
      const window: SavedWindow =
        n === 1
          ? [start, end, countAndMean.saved(n), [n, 1]]
          : [start, end, n === 0 && does === 'put' ? [] : countAndMean.saved(n)];
      if (does === 'remove') {
        if (known !== undefined) removals.push([start, end]);
      } else if (does === 'put') {
        upserts.push(window);
        sums.push(window);
      } else {
        const [, , saved] = window;
        upserts.push(asAdded([start, end, saved]));
        const old = known?.[2] ?? [];
        const merged = countAndMean.merged(old, saved);
        sums.push(known?.[3] === undefined ? [start, end, merged] : [start, end, merged, known[3]]);
      }
    }
    const runs: GivenRun[] | undefined = hasGiven && given > 0 ? [[10, given * 10, [given, 1]]] : undefined;
    const rest = {
      canonical,
      keyValues: keys[ofKey[0]!.key]!,
      removals: removals.sort(byBounds),
      ...(runs && { given: runs }),
    };
    told.push({ ...rest, upserts: upserts.sort(byBounds) });
    model.push({ ...rest, upserts: sums.sort(byBounds) });
  }
  return { model, given: told };
}

const withoutSlices = (state: SavedWindows, over: number): SavedWindows =>
  state.flatMap(([key, windows, ...given]): SavedKey[] => {
    const left = windows.filter(([, end]) => end > over);
    return left.length === 0 ? [] : [[key, left, ...given]];
  });

/** By slice, in each by key. */
function slicesOf(state: SavedWindows, sliceOf: 'by-end' | 'one'): KeyOfSlice[] {
  if (sliceOf === 'one') return state.map((key): KeyOfSlice => [0, key]);
  const all = state.flatMap(([key, windows]) =>
    [...Map.groupBy(windows, ([, end]) => end)].map(([end, ofEnd]): KeyOfSlice => [end, [key, ofEnd]]),
  );
  return all.sort(([one], [other]) => one - other);
}

/** The mark of what is added is taken off. */
const entriesFrom = (delta: StateDelta, sliceOf: 'by-end' | 'one') =>
  Array.from(
    entriesOf(delta, sliceOf, added),
    ([slice, entry]) =>
      [
        slice,
        { ...entry, added: entry.added.map(([start, end, saved]): SavedWindow => [start, end, saved.slice(0, 2)]) },
      ] as const,
  );

const counts = { cases: 0, merges: 0, severalSegments: 0, over: 0 };

const ofSlices = (state: SavedWindows, slices: readonly number[]): SavedWindows =>
  state.flatMap(([key, windows]): SavedKey[] => {
    const found = windows.filter(([, end]) => slices.includes(end));
    return found.length === 0 ? [] : [[key, found]];
  });

function check(sliceOf: 'by-end' | 'one', given: readonly Batch[], limits: StateLimits): void {
  const store = new SegmentStore({ functions, limits });
  const again = new SegmentStore({ functions, limits, packing: otherPacking });
  let state: SavedWindows = [];
  let over = 0;
  for (const each of given) {
    if (sliceOf === 'by-end') over = Math.max(over, each.over * 10 - 10);
    const { model, given: delta } = planOf(state, each, sliceOf === 'one');
    state = withoutSlices(applyDelta(state, model), over);
    const entries = entriesFrom(delta, sliceOf);
    for (const one of [store, again]) {
      one.apply(entries, over > 0 ? over : undefined);
    }
    expect(store.keys()).toEqual(state);
    expect(store.bySlice(100)).toEqual(slicesOf(state, sliceOf));
    expect(factsOf(again.manifest)).toEqual(factsOf(store.manifest));
    if (sliceOf === 'one') continue;
    for (const slices of [[10], [20, 40], [30]])
      expect(store.keys({ named: new Set(slices), after: 0, upTo: 0 })).toEqual(ofSlices(state, slices));
  }
  counts.cases += 1;
  counts.merges += store.merged;
  counts.severalSegments += namedBy(store.manifest).length > 1 ? 1 : 0;
  counts.over += over > 0 ? 1 : 0;
}

/** Another version of a compression. */
const otherPacking: Packing = { ...statePacking, compress: (bytes) => deflateSync(bytes, { level: 0 }) };

/** What does not hang on it. */
const factsOf = (manifest: Manifest) =>
  JSON.parse(JSON.stringify(manifest), (key, value) => (key === 'bytes' || key === 'index' ? 0 : value));

describe.each(['by-end', 'one'] as const)('slices: %s', (sliceOf) => {
  it('is what comes of all batches, whatever the limits (CHANGED-1, KEYS-1, MERGE-1)', () => {
    fc.assert(
      fc.property(batches, limits, (given, of) => check(sliceOf, given, of)),
      { numRuns: 150 },
    );
  });

  it('is what comes of all batches with the least limits', () => {
    fc.assert(
      fc.property(batches, (given) => check(sliceOf, given, smallLimits)),
      { numRuns: 150 },
    );
  });
});

it('has had cases with merges, with several segments and with slices that are over', () => {
  expect(counts.merges).toBeGreaterThan(counts.cases);
  expect(counts.severalSegments).toBeGreaterThan(counts.cases / 4);
  expect(counts.over).toBeGreaterThan(counts.cases / 4);
});
