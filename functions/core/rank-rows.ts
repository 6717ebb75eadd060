/**
 * With `topRows`: what a key group hands on to the gathering step instead of giving it out.
 *
 * HANDED-1 What is handed on is what the stored steps say: a row that so many stand before in the steps so far is stored as left out, and the
 *    state names the others. So a second reducer hands on the same, and each row has one fate: here, or in the gathering step.
 */
import type { Aggregation, KeyValue } from '../pipeline/pipeline.ts';
import type { EvaluatedRow } from './evaluate-row.ts';
import { canonicalKey } from './key-group.ts';
import type { ResultEntry } from './result-rows.ts';
import type { SavedWindow } from './saved-windows.ts';
import { FirstRows, type RowPlace, type TopRule } from './top-rows.ts';
import { saveWindow } from './unmerged.ts';

/** As a state has it. */
export type RankedRow = {
  readonly keyValues: readonly KeyValue[];
  readonly by: number | null;
  /** What the row is made of. */
  readonly window: SavedWindow;
  /** Of the version that it is to be. Absent: the first. */
  readonly revision?: number;
};

type Ranked = Extract<EvaluatedRow, { readonly kind: 'ranked' }>;
type Candidate = RowPlace & { readonly entry: ResultEntry; readonly row: Ranked; readonly revision: number };

export type Ranking = Pick<RankedRows, 'kept' | 'take' | 'counts' | 'state'>;

/** Of a batch that is not ranked nothing is handed on. */
const nothingRanked: Ranking = {
  kept: (row) => row,
  take() {},
  counts: { handedOn: 0, passedOver: 0 },
  state: {},
};

export const rankingOf = (aggregation: Aggregation): Ranking =>
  globalThis.SLUICE_TOP_ROWS !== false && aggregation.top !== undefined
    ? new RankedRows(aggregation, aggregation.top)
    : nothingRanked;

class RankedRows {
  readonly #aggregation: Aggregation;
  readonly #first: FirstRows<Candidate>;
  #taken = 0;

  constructor(aggregation: Aggregation, rule: TopRule) {
    this.#aggregation = aggregation;
    this.#first = new FirstRows(rule);
  }

  /** As the row is stored. */
  kept(row: EvaluatedRow, entry: ResultEntry | undefined): EvaluatedRow {
    if (row.kind !== 'ranked' || entry === undefined) return row;
    return this.#first.isBehind(placeOf(entry, row)) ? { kind: 'filtered' } : row;
  }

  /** One that is stored. */
  take(row: EvaluatedRow, entry: ResultEntry, revision: number): void {
    if (row.kind !== 'ranked') return;
    this.#taken += 1;
    this.#first.take({ ...placeOf(entry, row), entry, row, revision });
  }

  /** `passedOver`: those that were taken, and that others stand before. */
  get counts(): { readonly handedOn: number; readonly passedOver: number } {
    const handedOn = this.#all().length;
    return { handedOn, passedOver: this.#taken - handedOn };
  }

  /** What the state says of them. */
  get state(): { readonly ranked?: readonly RankedRow[] } {
    const ranked = this.#all().map(({ entry: { keyValues, window }, row, revision }): RankedRow => {
      const merged = row.saved === undefined ? undefined : ({ kind: 'merged', saved: row.saved } as const);
      const saved = saveWindow(this.#aggregation, window, merged);
      return { keyValues, by: row.by, window: saved, ...(revision === 0 ? {} : { revision }) };
    });
    return ranked.length === 0 ? {} : { ranked };
  }

  #all(): readonly Candidate[] {
    return this.#first.byWindow().flat();
  }
}

const placeOf = ({ keyValues, window: { start, end } }: ResultEntry, { by }: Ranked): RowPlace => ({
  ...{ start, end, by },
  canonical: canonicalKey(keyValues),
});
