/** ENTRY-1, ENTRY-2, ENTRY-3: entries in a row do what each of them does, however they are composed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gathering } from '../../../functions/aggregates/gathered.ts';
import { byBounds } from '../../../functions/core/patched-windows.ts';
import type { Bounds, GivenRun, SavedKey, SavedWindow } from '../../../functions/core/saved-windows.ts';
import { composed, entriesOf, type StateEntry, settled } from '../../../functions/core/state/state-entry.ts';
import { countAndMean } from './count-and-mean.ts';

type Op = 'nothing' | 'upsert' | 'add' | 'remove';
const bounds: readonly Bounds[] = [
  [0, 10],
  [0, 20],
  [10, 20],
  [20, 30],
];
const op = fc.record({
  does: fc.constantFrom<Op>('nothing', 'upsert', 'add', 'remove'),
  n: fc.nat(5),
  isGiven: fc.boolean(),
});
const runs: fc.Arbitrary<readonly GivenRun[] | undefined> = fc.option(
  fc.nat(3).map((versions): readonly GivenRun[] => [[10, 20, [versions, 1]]]),
  { nil: undefined },
);
const entry: fc.Arbitrary<StateEntry> = fc
  .record({ ops: fc.array(op, { minLength: bounds.length, maxLength: bounds.length }), given: runs })
  .map(({ ops, given }) => {
    const of = (does: Op) => ops.flatMap((each, at) => (each.does === does ? [{ ...each, bounds: bounds[at]! }] : []));
    const upserts = of('upsert').map(({ n, isGiven, bounds: [start, end] }): SavedWindow => {
      const saved = n === 0 ? [] : countAndMean.saved(n);
      return isGiven ? [start, end, saved, [n, 1]] : [start, end, saved];
    });
    const added = of('add').map(({ n, bounds: [start, end] }): SavedWindow => [start, end, countAndMean.saved(n)]);
    const removals = of('remove').map((each) => each.bounds);
    const rest = given === undefined ? {} : { given };
    return { canonical: '["k"]', upserts, added, removals, ...rest };
  });

/** By hand: windows by their bounds. */
type State = { readonly windows: ReadonlyMap<string, SavedWindow>; readonly given: readonly GivenRun[] };
const nameOf = ([start, end]: Bounds | SavedWindow): string => `${start} ${end}`;
const nothing: State = { windows: new Map(), given: [] };

function applied({ windows: before }: State, { upserts, added, removals, given = [] }: StateEntry): State {
  const windows = new Map(before);
  for (const each of removals) windows.delete(nameOf(each));
  for (const each of upserts) windows.set(nameOf(each), each);
  for (const each of added) {
    const known = windows.get(nameOf(each));
    const [start, end, saved] = each;
    if (known === undefined) windows.set(nameOf(each), each);
    else windows.set(nameOf(each), [start, end, countAndMean.merged(known[2], saved), ...known.slice(3)] as never);
  }
  return { windows, given };
}

const savedOf = ({ windows, given }: State): SavedKey | undefined => {
  const inOrder = [...windows.values()].sort(byBounds);
  if (inOrder.length === 0) return undefined;
  return given.length === 0 ? [['k'], inOrder] : [['k'], inOrder, given];
};
const { functions } = countAndMean;
const join = (one: StateEntry, other: StateEntry): StateEntry => composed(one, other, functions);
const entries = fc.array(entry, { minLength: 1, maxLength: 5 });

describe('composed', () => {
  it('does what all do, one after the other, whatever was there (ENTRY-1)', () => {
    fc.assert(
      fc.property(entries, entries, (before, all) => {
        const state = before.reduce(applied, nothing);
        const byHand = savedOf(all.reduce(applied, state));
        expect(savedOf(applied(state, all.reduce(join)))).toEqual(byHand);
        expect(settled([...before, ...all].reduce(join))).toEqual(byHand);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the same in any grouping (ENTRY-2)', () => {
    fc.assert(
      fc.property(entry, entry, entry, (first, second, third) => {
        expect(join(first, join(second, third))).toEqual(join(join(first, second), third));
      }),
      { numRuns: 1_000 },
    );
  });

  it('has each bounds once, by start and end (ENTRY-3)', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const { upserts, added, removals } = all.reduce(join);
        for (const list of [upserts, added, removals]) expect(list).toEqual(list.toSorted(byBounds));
        const names = [...upserts, ...added, ...removals].map(nameOf);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('refuses to merge what only code of the user can', () => {
    const ofUser = [{ ...functions[0]!, gathered: gathering((value) => value) }];
    const one = { canonical: '["k"]', upserts: [], added: [[0, 10, [1]] as const], removals: [] };
    expect(() => composed(one, one, ofUser)).toThrow('an aggregate of user code is merged where its code may not run');
    expect(() => composed(one, one, [gathering((value) => value)])).toThrow('user code');
    expect(
      composed({ ...one, upserts: one.added, added: [] }, { ...one, upserts: [[0, 10, [2]]], added: [] }, ofUser),
    ).toEqual({
      ...one,
      added: [],
      upserts: [[0, 10, [2]]],
    });
  });
});

describe('entriesOf', () => {
  const delta = [
    {
      canonical: '["a"]',
      keyValues: ['a'],
      upserts: [
        [0, 10, [1]],
        [0, 20, [2]],
      ],
      removals: [[5, 10]],
    },
    { canonical: '["b"]', keyValues: ['b'], upserts: [[10, 20, [3]]], removals: [[0, 5]] },
  ] as const;

  it('makes an entry of each end of a key, by end and key', () => {
    expect([...entriesOf(delta, 'by-end', ([, end]) => end === 20)]).toEqual([
      [5, { canonical: '["b"]', upserts: [], added: [], removals: [[0, 5]] }],
      [10, { canonical: '["a"]', upserts: [[0, 10, [1]]], added: [], removals: [[5, 10]] }],
      [20, { canonical: '["a"]', upserts: [], added: [[0, 20, [2]]], removals: [] }],
      [20, { canonical: '["b"]', upserts: [], added: [[10, 20, [3]]], removals: [] }],
    ]);
  });

  it('makes one entry of a key where there is one slice, with what was given out', () => {
    const given = [[10, 20, [1, 1]]] as const;
    expect([...entriesOf([{ ...delta[0], given }], 'one', () => false)]).toEqual([
      [0, { canonical: '["a"]', upserts: delta[0].upserts, added: [], removals: [[5, 10]], given }],
    ]);
    expect(() => [...entriesOf([{ ...delta[0], given }], 'by-end', () => false)]).toThrow(
      '["a"]: windows that overlap are no slices of their own',
    );
  });
});
