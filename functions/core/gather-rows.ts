/**
 * The gathering step of `topRows`: from what the key groups of a batch have handed on to the rows that go out, as those of a key group of
 * its own, behind the last one.
 *
 * GATHER-1 A function of the stored states of the batch's key groups, whatever the order in which they are read: whoever resumes computes
 *    the same rows in the same order (window, rank), so `index` names the same row for ever.
 * GATHER-2 It has an outbox like any key group, which is stored before anything of it is sent; it keeps no windows, and no state follows its own.
 */
import type { TopRows } from '../pipeline/pipeline.ts';
import { accumulated } from './accumulated.ts';
import { Delivery } from './deliver-results.ts';
import { canonicalKey } from './key-group.ts';
import type { SealedBatch } from './model.ts';
import type { RankedRow } from './rank-rows.ts';
import { type Aggregating, type Reduction, reductionOf, rowInputs } from './reduction.ts';
import { heldEntries } from './result-entries.ts';
import type { ResultEntry } from './result-rows.ts';
import { onlyVersion } from './result-version.ts';
import { asSealed } from './sealed-versions.ts';
import { FirstRows, type RowPlace } from './top-rows.ts';
import { withoutUserCode } from './unmerged.ts';

/** The number that the gathering step has among key groups. */
export const gatheringGroup = ({ parallelism }: Pick<SealedBatch, 'parallelism'>): number => parallelism;

type Gathered = RowPlace & { readonly row: RankedRow };

/** Holds no more than what goes out. */
export class GatheredRows {
  readonly #pipeline: Aggregating;
  readonly #body: SealedBatch;
  readonly #top: TopRows;
  readonly #first: FirstRows<Gathered>;
  #taken = 0;

  constructor(given: Aggregating, body: SealedBatch) {
    const pipeline = asSealed(given, body);
    const { top } = pipeline.aggregation;
    if (top === undefined) throw new Error(`rows of batch ${body.batchId} are gathered, and its seal ranks none`);
    this.#pipeline = pipeline;
    this.#body = body;
    this.#top = top;
    this.#first = new FirstRows(top);
  }

  /** Of one key group. */
  take(rows: readonly RankedRow[]): void {
    this.#taken += rows.length;
    for (const row of rows) {
      const [start, end] = row.window;
      this.#first.take({ start, end, by: row.by, canonical: canonicalKey(row.keyValues), row });
    }
  }

  /** When all groups' are taken. */
  reduction(): Reduction {
    const { batchId, ref, generation } = this.#body;
    const setup = { generation, batchId, ref, keyGroup: gatheringGroup(this.#body) };
    const pipeline = this.#pipeline;
    const entries = heldEntries(this.#entries());
    const passedOver = this.#taken - entries.length;
    const begin = () => new Delivery(pipeline, { setup, entries, merges: 0, retracted: [], carried: [], passedOver });
    const outcomeOf = (delivery: Delivery) => ({ ...setup, delta: [], ...delivery.counts(0) });
    return reductionOf(pipeline, { setup, rows: rowInputs(pipeline.aggregation, entries), late: [], begin, outcomeOf });
  }

  #entries(): readonly ResultEntry[] {
    const functions = withoutUserCode(this.#pipeline.aggregation);
    return this.#first.byWindow().flatMap((rows) =>
      rows.map(({ row: { keyValues, window, revision = 0 } }, at): ResultEntry => {
        const [start, end, saved] = window;
        const result = { ...accumulated({ start, end, parts: [saved] }, functions), given: undefined };
        return { keyValues, window: { ...result, version: { ...onlyVersion, revision } }, columns: this.#columns(at) };
      }),
    );
  }

  #columns(at: number): Readonly<Record<string, number>> {
    const { rankAs } = this.#top;
    return rankAs === undefined ? {} : { [rankAs]: at + 1 };
  }
}
