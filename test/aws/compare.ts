/**
 * What came out against what was put.
 *
 * COMPARE-1 Rows of one identity are one row, as for a reader that drops repeats; they have to be the same, byte by byte.
 * COMPARE-2 The rows are those of a direct computation: none is missing, none is there twice, none is other.
 */
import { differences, type FlightResult } from '../../local/demo/flight-results.ts';

export type Comparison = {
  readonly rows: number;
  readonly expected: number;
  /** Records of the sink that repeat another. */
  readonly repeats: number;
  readonly differences: readonly string[];
};

export type SentRow = { readonly identity: string; readonly bytes: string; readonly row: FlightResult };

export function compare(expected: readonly FlightResult[], sent: readonly SentRow[]): Comparison {
  const first = new Map<string, SentRow>();
  const changed: string[] = [];
  for (const each of sent) {
    const known = first.get(each.identity);
    if (known === undefined) first.set(each.identity, each);
    else if (known.bytes !== each.bytes) changed.push(`${each.identity} was sent again with other bytes`);
  }
  const rows = [...first.values()].map(({ row }) => row);
  return {
    ...{ rows: rows.length, expected: expected.length, repeats: sent.length - rows.length },
    differences: [...changed, ...differences(expected, rows)],
  };
}
