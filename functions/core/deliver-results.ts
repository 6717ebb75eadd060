/**
 * What becomes of the rows of a batch, and of those that are taken back: what is stored of them, step by step, and what follows from it.
 */
import { besideResults, outputsFrom } from '../pipeline/outputs.ts';
import type { Aggregation, Pipeline } from '../pipeline/pipeline.ts';
import type { EvaluatedRow, RowSetup } from './evaluate-row.ts';
import { givenOf } from './given-rows.ts';
import type { RefusedResult } from './letter-of-row.ts';
import { lettersOfRows } from './letters-of-rows.ts';
import type { Outbox, OutboxStep } from './outbox.ts';
import { OutboxCounts } from './outbox-counts.ts';
import { type Addressed, refusalIn } from './output.ts';
import { type Ranking, rankingOf } from './rank-rows.ts';
import type { OutputLimits } from './record-limit.ts';
import type { ResultEntries } from './result-entries.ts';
import { textOf } from './result-rows.ts';
import { isVersioned, versionOf } from './result-version.ts';
import {
  byWindow,
  lostRows,
  nothingKept,
  outputsThatLose,
  type RetractedEntry,
  refusedRetraction,
  retractionOf,
  rowsByOutput,
  type TakenBack,
  takenBackBy,
} from './rows-taken-back.ts';
import type { Given } from './saved-windows.ts';
import { refusalOf, refusedBy, rowWith, withinLimits } from './stored-rows.ts';

export type ToDeliver = {
  readonly setup: RowSetup;
  readonly entries: ResultEntries;
  /** Windows that stay open and are merged only: their places are behind those of the entries. */
  readonly merges: number;
  readonly retracted: readonly RetractedEntry[];
  /** What the blocks have brought for outputs beside those of results. It is behind all rows. */
  readonly carried: readonly Addressed[];
  /** Results that others of their window come before, and that are no entries. Absent: none. */
  readonly passedOver?: number;
};

/** Of what is carried a step has so many: each may be as large as a sink takes it. */
const mostCarriedBytes = 4_000_000;

type Delivering = Pick<Pipeline, 'name' | 'outputs'> & { readonly aggregation: Aggregation };

/**
 * Step by step, in the order of the rows: first what is to be stored of them, then, of what is stored, what follows from it. Rows are let
 * go with each step.
 */
export class Delivery {
  readonly #pipeline: Delivering;
  readonly #given: ToDeliver;
  readonly #ids: readonly string[];
  readonly #losing: readonly string[];
  readonly #isVersioned: boolean;
  readonly #counts: OutboxCounts;
  readonly #ranked: Ranking;
  readonly #givenOf: Given[] = [];
  readonly #merged = new Map<number, EvaluatedRow>();
  readonly #back: TakenBack[];
  #taken: readonly TakenBack[] | undefined;
  #end = 0;
  #retracted = 0;

  constructor(pipeline: Delivering, given: ToDeliver) {
    this.#pipeline = pipeline;
    this.#given = given;
    this.#ids = outputsFrom(pipeline, 'results').map(({ id }) => id);
    this.#losing = outputsThatLose(pipeline);
    this.#ranked = rankingOf(pipeline.aggregation);
    this.#isVersioned = isVersioned(pipeline.aggregation);
    this.#counts = new OutboxCounts(this.#ids, besideResults(pipeline));
    this.#back = given.retracted.map((entry) => ({
      ...entry,
      from: lostRows(entry.window.given, this.#losing, nothingKept),
    }));
  }

  /** The place of what comes next. */
  get end(): number {
    return this.#end;
  }

  /** Of rows that user code is given. */
  get rows(): number {
    return this.#given.entries.length + this.#given.merges;
  }

  /** There are no more than so many, whatever becomes of them. */
  get most(): number {
    const { entries, retracted, carried } = this.#given;
    const { ignoresRetractions, discards } = this.#pipeline.aggregation;
    const rows = this.rows + carried.length;
    if (ignoresRetractions === true || discards === true) return rows;
    return rows + retracted.length + entries.known + entries.forgotten;
  }

  /** What user code made of the rows from `end` on, as it is to be stored: what is too large is refused, and each refusal has its letter. */
  stepOf(results: readonly EvaluatedRow[], limits: OutputLimits): OutboxStep {
    const { entries } = this.#given;
    const rows = results.map((row, at) => this.#ranked.kept(withinLimits(row, limits), entries.at(this.#end + at)));
    const refused = rows.flatMap((row, at): RefusedResult | readonly [] => {
      const index = this.#end + at;
      const entry = entries.at(index);
      const refusal = entry === undefined ? undefined : refusalOf(row, this.#ids.length);
      if (entry === undefined || refusal === undefined) return [];
      const { keyValues, window } = entry;
      // User code had the row that was made for it, and may have changed it.
      const text = textOf(this.#pipeline.aggregation, entry, refusal.reason);
      return { index, ...refusal, version: versionOf(window, keyValues, window.version), row: text };
    });
    return { rows, refused, ...lettersOfRows(this.#pipeline, this.#given.setup, refused) };
  }

  /** Behind all rows: those that take one back, at most so many. Undefined: nothing is left. */
  retractions(most: number, limits: OutputLimits): OutboxStep | undefined {
    const from = this.#end - this.rows;
    const taken = this.#takenBack().slice(from, from + most);
    if (taken.length === 0) return undefined;
    const refused: RefusedResult[] = [];
    const rows = taken.map((entry, at): EvaluatedRow => {
      const index = this.#given.entries.length + from + at;
      const { records, missed } = limits.within(retractionOf(this.#pipeline, this.#given.setup, { ...entry, index }));
      const refusal = refusalIn(missed, this.#ids.length);
      if (refusal !== undefined)
        refused.push(
          refusedRetraction(this.#pipeline.aggregation, entry, {
            index,
            ...refusal,
            ...refusedBy(missed, this.#ids.length),
          }),
        );
      return rowWith(records, missed);
    });
    return { rows, refused, ...lettersOfRows(this.#pipeline, this.#given.setup, refused) };
  }

  /** Behind those: what is carried, at most so many. Undefined: nothing is left. */
  carried(most: number): OutboxStep | undefined {
    const from = this.#end - this.rows - this.#takenBack().length;
    const rows: EvaluatedRow[] = [];
    let bytes = 0;
    for (const each of this.#given.carried.slice(from, from + most)) {
      if (bytes >= mostCarriedBytes) break;
      rows.push({ kind: 'output', records: [each] });
      bytes += each.record.data.length;
    }
    return rows.length === 0 ? undefined : { rows, refused: [] };
  }

  /** A step that begins at `end`, as it is stored. */
  take(step: OutboxStep): void {
    const from = this.#end;
    for (const [at, row] of step.rows.entries()) this.#takeRow(from + at, row);
    this.#counts.take(step, from, this.#given.setup);
    this.#end += step.rows.length;
  }

  /** Of what was taken. */
  counts(late: number): Omit<Outbox, 'inline'> {
    const { entries, passedOver: before = 0 } = this.#given;
    const { handedOn, passedOver } = this.#ranked.counts;
    const results = entries.length - handedOn + before;
    return this.#counts.sum({ results, passedOver: passedOver + before, retracted: this.#retracted, late });
  }

  /** Rows whose fate the gathering step decides. */
  get ranked(): Ranking['state'] {
    return this.#ranked.state;
  }

  /** By entry: what has been given out of it then. Undefined: nothing is to be said of it. */
  get given(): readonly Given[] | undefined {
    return this.#isVersioned ? this.#givenOf : undefined;
  }

  mergedAt(place: number): EvaluatedRow | undefined {
    return this.#merged.get(place);
  }

  #takeRow(place: number, row: EvaluatedRow): void {
    const entry = this.#given.entries.at(place);
    if (entry === undefined) {
      if (place < this.rows) this.#merged.set(place, row);
      else this.#takeBehind(place - this.rows, row);
      return;
    }
    this.#counts.countRow(row);
    const { window, keyValues } = entry;
    // In another mode before a version of it may have been given out.
    if (!this.#isVersioned && window.given === undefined) {
      this.#ranked.take(row, entry, window.version.revision);
      return;
    }
    const records = row.kind === 'output' ? row.records : [];
    const kept = rowsByOutput(records, this.#ids);
    const discards = this.#pipeline.aggregation.discards === true;
    const from = discards ? [] : lostRows(window.given, this.#losing, kept);
    if (from.length > 0) this.#back.push({ keyValues, window, from });
    const isVersion = records.length + from.length > 0;
    const { revision } = window.version;
    const given = givenOf(isVersion ? revision + 1 : revision, kept);
    this.#givenOf[place] = given;
    this.#ranked.take(row, entry, given[0]);
    if (window.isForgotten !== true || records.length === 0) return;
    const after = { ...window, given, version: { ...window.version, revision: given[0] } };
    this.#back.push({ keyValues, window: after, from: lostRows(given, this.#losing, nothingKept) });
  }

  /** One that takes a row back, or is carried. */
  #takeBehind(place: number, row: EvaluatedRow): void {
    this.#counts.countRecords(row);
    const taken = this.#takenBack()[place];
    if (taken === undefined) return;
    this.#counts.countRetraction(row);
    this.#retracted += takenBackBy(taken, row);
  }

  /** When all rows are known. */
  #takenBack(): readonly TakenBack[] {
    this.#taken ??=
      this.#pipeline.aggregation.ignoresRetractions === true
        ? []
        : this.#back.sort(byWindow).filter(({ from }) => from.length > 0);
    return this.#taken;
  }
}
