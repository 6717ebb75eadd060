/** Two aggregates, for tests of what is saved of them. */
import { avgKind } from '../../../functions/aggregates/avg.ts';
import { countKind } from '../../../functions/aggregates/count.ts';

const functions = [countKind, avgKind].map((kind) => kind.read('', { selector: () => 1 } as never, [])!.fn);

export const countAndMean = {
  functions,
  /** Of n events, each of a quarter. */
  saved: (n: number): readonly unknown[] => [n, [n, n / 4]],
  merged(older: readonly unknown[], newer: readonly unknown[]): readonly unknown[] {
    if (older.length === 0 || newer.length === 0) return older.length === 0 ? newer : older;
    return functions.map((fn, at) => fn.save(fn.merge(fn.merge(fn.empty(), older[at]), newer[at])));
  },
};
