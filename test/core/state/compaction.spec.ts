/** DUE-1, DUE-2, DUE-3, MERGE-2, MERGE-3, MANIFEST-3: which runs are merged, when, and what is left of them. */
import { describe, expect, it } from 'vitest';
import { SegmentStore, smallLimits } from '../../../bench/segment-store.ts';
import { statePacking } from '../../../functions/adapters/state-packing.ts';
import { canonicalKey } from '../../../functions/core/key-group.ts';
import { compactionStep } from '../../../functions/core/state/compaction.ts';
import { type Manifest, namedBy, type Run, type StateLimits, sizeOf } from '../../../functions/core/state/manifest.ts';
import type { Packing } from '../../../functions/core/state/packing.ts';
import type { EntryOfSlice, StateEntry } from '../../../functions/core/state/state-entry.ts';
import { countAndMean } from './count-and-mean.ts';

const { functions, saved } = countAndMean;
const entry = (key: string, change: Partial<StateEntry>): StateEntry => ({
  canonical: canonicalKey([key]),
  ...{ upserts: [], added: [], removals: [] },
  ...change,
});
const put = (key: string, n = 1, slice = 10): EntryOfSlice => [slice, entry(key, { upserts: [[0, slice, saved(n)]] })];
const add = (key: string, n = 1, slice = 10): EntryOfSlice => [slice, entry(key, { added: [[0, slice, saved(n)]] })];
const remove = (key: string, slice = 10): EntryOfSlice => [slice, entry(key, { removals: [[0, slice]] })];

const storeOf = (limits: Partial<StateLimits>, keyGroup = 0) =>
  new SegmentStore({ functions, limits: { ...smallLimits, ...limits }, keyGroup });
const never = { mostYounger: 1_000 };
const atOnce = { entries: 1_000, share: 0, ofYoungest: 0, chars: 1e9 };

/** Of each run how many entries its segments have, with its level in front; in brackets, runs that are being merged. */
const shapeOf = ({ runs }: Pick<Manifest, 'runs'>): string => runs.map(runText).join(' ');
const runText = ({ level, segments, rest }: Run): string => {
  const counts = segments.map(({ entries }) => entries).join('+');
  return `${'^'.repeat(level)}${counts}${rest === undefined ? '' : `(${shapeOf(rest)})`}`;
};
const namesOf = (keys: string): string[] => [...keys];

describe('runs are merged', () => {
  it('when there are as many of a level as fan in, those that stand next to each other, the oldest run apart (DUE-3)', () => {
    const store = storeOf({ ...never, fanIn: 3, mostMerged: atOnce });
    const shapes = namesOf('abcdefghijklmn').map((key) => {
      store.apply([put(key)]);
      return shapeOf(store.manifest);
    });
    expect(shapes).toEqual([
      ...[
        '1',
        '1 1',
        '1 1 1',
        '1 1 1 1',
        '1 ^3 1',
        '1 ^3 1 1',
        '1 ^3 1 1 1',
        '1 ^3 ^3 1',
        '1 ^3 ^3 1 1',
        '1 ^3 ^3 1 1 1',
      ],
      ...['1 ^3 ^3 ^3 1', '1 ^^9 1 1', '1 ^^9 1 1 1', '1 ^^9 ^3 1'],
    ]);
    expect(store.keys().map(([key]) => key)).toEqual(namesOf('abcdefghijklmn').map((key) => [key]));
  });

  it('all into one when the younger ones have more than so many times the entries of the oldest', () => {
    const store = storeOf({ mostYounger: 0.5, fanIn: 100, mostMerged: atOnce });
    store.apply(namesOf('abcdef').map((key) => put(key)));
    const shapes = namesOf('abcd').map((key) => {
      store.apply([add(key), add('z')]);
      return shapeOf(store.manifest);
    });
    expect(shapes).toEqual(['6 2', '6 2 2', '^7 2', '^7 2 2']);
    expect(store.keys().at(-1)).toEqual([['z'], [[0, 10, saved(4)]]]);
  });

  it('step by step, one merge at a time, and what comes meanwhile waits behind (DUE-2, MERGE-2, MANIFEST-3)', () => {
    const limits = { mostYounger: 0.5, mostMerged: { ...atOnce, entries: 3 }, pageEntries: 2 };
    const store = storeOf(limits);
    store.apply(namesOf('abcdef').map((key) => put(key)));
    store.apply(namesOf('acegi').map((key) => add(key)));
    const shapes = namesOf('vwxyz').map((key) => {
      store.apply([put(key)]);
      return shapeOf(store.manifest);
    });
    expect(shapes).toEqual([
      ...['^2(6 5) 1', '^2+2(6 5) 1 1', '^2+2+3(5) 1 1 1', '^2+2+3+1 1 1 1 1', '^2+2+3+1 ^2 1 1 1'],
    ]);
    const found = store.keys().map(([[key], [window]]) => `${key}${window![2][0]}`);
    expect(found.join(' ')).toBe('a2 b1 c2 d1 e2 f1 g1 i1 v1 w1 x1 y1 z1');
  });

  it('of groups in turn, and of one that is not reduced when it is its turn, when it has waited as long (DUE-1)', () => {
    const merged = [0, 1, 2].map((keyGroup) => {
      const store = storeOf({ ...never, turns: 3, mostMerged: atOnce }, keyGroup);
      return namesOf('abcdefghi').map((key) => {
        const before = store.merged;
        store.apply([put(key)]);
        return store.merged > before ? 'm' : '-';
      });
    });
    expect(merged.map((each) => each.join(''))).toEqual(['---m--m--', '----m--m-', '-----m--m']);
    const rare = storeOf({ ...never, turns: 3, mostMerged: atOnce });
    const steps = namesOf('abcdefgh').map((key) => {
      rare.batchId = rare.batchId * 3 + 1;
      const before = rare.merged;
      rare.apply([put(key)]);
      return rare.merged > before ? 'm' : '-';
    });
    expect(steps.join('')).toBe('------m-');
  });

  it('a share of the largest run at a time, or a multiple of the youngest', () => {
    const manifest = (entries: readonly number[]): Manifest => ({
      runs: entries.map((count, at) => ({
        level: 0,
        segments: [{ name: `${at}`, chunks: 1, bytes: 9, index: 1, entries: count, slices: [0, 0], digest: '' }],
      })),
    });
    const budget = (entries: readonly number[], mostMerged: StateLimits['mostMerged']) =>
      compactionStep(manifest(entries), { batchId: 0, keyGroup: 0 }, { ...smallLimits, mostMerged })!.entries;
    expect(budget([100, 90, 20], { entries: 10, share: 0.3, ofYoungest: 0, chars: 9 })).toBe(30);
    expect(budget([100, 90, 20], { entries: 10, share: 0.3, ofYoungest: 2, chars: 9 })).toBe(40);
    expect(budget([100, 90, 20], { entries: 50, share: 0.3, ofYoungest: 2, chars: 9 })).toBe(50);
  });
});

describe('what a merge leaves', () => {
  it('nothing is removed in the oldest run, and it is in others (MERGE-3)', () => {
    const store = storeOf({ ...never, fanIn: 2, mostMerged: atOnce });
    for (const entries of [[put('a'), put('b')], [remove('a')], [put('c'), remove('x')], []]) store.apply(entries);
    expect(shapeOf(store.manifest)).toBe('2 ^3');
    const oldest = storeOf({ mostYounger: 0.5, mostMerged: atOnce });
    for (const entries of [[put('a'), put('b')], [remove('a'), put('c')], []]) oldest.apply(entries);
    expect(shapeOf(oldest.manifest)).toBe('^2');
    expect(oldest.keys()).toEqual(['b', 'c'].map((key) => [[key], [[0, 10, saved(1)]]]));
    const gone = storeOf({ mostYounger: 0.5, mostMerged: atOnce });
    for (const entries of [[put('a')], [remove('a')], []]) gone.apply(entries);
    expect(gone.manifest.runs).toEqual([]);
  });

  it('pages that no other run has anything between stay as they lie there', () => {
    let expanded = 0;
    const expand: Packing['expand'] = (bytes, length) => {
      expanded += 1;
      return statePacking.expand(bytes, length);
    };
    const limits = { ...smallLimits, mostYounger: 0.1, mostMerged: atOnce };
    const store = new SegmentStore({ functions, limits, packing: { ...statePacking, expand } });
    store.apply(namesOf('abcdefghi').map((key) => put(key)));
    store.apply([add('e')]);
    expanded = 0;
    store.apply([]);
    expect(shapeOf(store.manifest)).toBe('^9');
    // Both indexes in each round, the page of d, e and f, and that of the other e: neither that of a, b and c nor that of g, h and i.
    expect(expanded).toBe(4 + 2);
    expect(store.keys().map(([, [window]]) => window![2][0])).toEqual([1, 1, 1, 1, 2, 1, 1, 1, 1]);
  });
});

describe('what is over', () => {
  it('is not written, and segments that have nothing else are let go of unread (MERGE-3)', () => {
    const store = storeOf({ ...never, fanIn: 100 });
    store.apply([put('a', 1, 10), put('a', 1, 20)]);
    store.apply([put('b', 1, 10)]);
    store.apply([put('c', 1, 10), put('c', 1, 20)], 10);
    expect(shapeOf(store.manifest)).toBe('2 1');
    expect(store.readRanges).toBe(0);
    expect(sizeOf(store.manifest)).toMatchObject({ entries: 3, segments: 2, runs: 2, inlineChars: 0 });
    expect(store.keys()).toEqual(['a', 'c'].map((key) => [[key], [[0, 20, saved(1)]]]));
    store.apply([], 20);
    expect(store.manifest).toEqual({ runs: [], overUpTo: 20 });
    expect(namedBy(store.manifest)).toEqual([]);
  });

  it('is left out of what is merged, also where it shares a page with what is not (MERGE-3)', () => {
    const store = storeOf({ mostYounger: 0.3, mostMerged: atOnce, pageEntries: 16 });
    store.apply([put('a', 1, 10), put('b', 1, 10), put('a', 1, 20)]);
    store.apply([add('b', 1, 20)]);
    store.apply([], 10);
    expect(shapeOf(store.manifest)).toBe('^2');
    expect(store.keys()).toEqual(['a', 'b'].map((key) => [[key], [[0, 20, saved(1)]]]));
  });

  it('is left out of what lies in the manifest', () => {
    const store = storeOf({ mostInlineChars: 1_000 });
    store.apply([put('a', 1, 10), put('a', 1, 20)]);
    expect(store.manifest).toMatchObject({
      runs: [],
      inline: {
        pages: [
          [10, 1, expect.any(String)],
          [20, 1, expect.any(String)],
        ],
      },
    });
    store.apply([], 10);
    expect(store.manifest).toMatchObject({ inline: { pages: [[20, 1, expect.any(String)]] }, overUpTo: 10 });
    store.apply([], 20);
    expect(store.manifest).toEqual({ runs: [], overUpTo: 20 });
  });
});
