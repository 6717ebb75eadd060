/** What a key group's steps come to, row by row: for its report, and for whoever sends them. */
import { isSideOutput } from '../pipeline/side-outputs.ts';
import { countLetter, emptyTally, type Tally } from './dead-letter-tally.ts';
import type { EvaluatedRow, RowSetup } from './evaluate-row.ts';
import { placeOfLetter } from './letter-of-row.ts';
import type { Outbox, OutboxStep, StepSummary } from './outbox.ts';
import type { Addressed, Missed } from './output.ts';
import { madeOf, type OutputCounts, retractedOf } from './output-counts.ts';
import { addUses, type ReferenceUses, usesPart } from './references.ts';

type Counts = { records: number; filtered: number; refused: number; made: number; retracted: number };

export class OutboxCounts {
  readonly #byOutput = new Map<string, Counts>();
  readonly #outputs: readonly string[];
  readonly #steps: StepSummary[] = [];
  #refused: Tally = emptyTally;
  #filtered = 0;
  #made = 0;
  #references: ReferenceUses = {};

  /** `sides`: outputs that are given no results. */
  constructor(outputs: readonly string[], sides: readonly string[] = []) {
    this.#outputs = outputs;
    for (const output of [...outputs, ...sides]) this.#of(output);
  }

  /** Of a result: its rows are given out, filtered or refused. */
  countRow(row: EvaluatedRow): void {
    if (row.kind === 'filtered') this.#filtered += 1;
    if (row.kind !== 'output') return;
    const { records, missed = [], several } = row;
    const isRefused = missed.some(({ kind }) => kind === 'refused');
    const nowhere = isRefused ? 0 : nowhereOf(row);
    this.#filtered += nowhere;
    if (several !== undefined) this.#countSeveral(records, missed, nowhere);
    if (several !== undefined && !isRefused) this.#made += several.made;
    if (several !== undefined || nowhere === 0) this.countRecords(row);
  }

  countRecords(row: EvaluatedRow): void {
    if (row.kind !== 'output') return;
    const { records, missed = [] } = row;
    for (const one of missed) if (one.kind === 'filtered') this.#of(one.output).filtered += one.count ?? 1;
    for (const { output } of records) this.#of(output).records += 1;
  }

  /** Of rows that are taken back. One letter is in the place of all that an output refuses. */
  countRetraction(row: EvaluatedRow): void {
    if (row.kind !== 'output') return;
    for (const { output } of row.records) this.#of(output).retracted += 1;
    const refusing = (row.missed ?? []).filter(({ kind }) => kind === 'refused').map(({ output }) => output);
    for (const output of new Set(refusing)) this.#of(output).retracted += 1;
  }

  /** By how many more there are of each output than one. `nowhere`: those that no output takes. */
  #countSeveral(records: readonly Addressed[], missed: readonly Missed[], nowhere: number): void {
    for (const [output, of] of this.#byOutput) {
      const ofOutput = missed.find((one) => one.output === output);
      if (ofOutput?.kind === 'refused') continue;
      const own = records.filter((one) => one.output === output).length + (ofOutput?.count ?? 0);
      of.made += Math.max(0, own + nowhere - 1);
    }
  }

  /** When its rows are counted. */
  take({ rows, refused, letters = [], references = {} }: OutboxStep, from: number, setup: RowSetup): void {
    this.#references = addUses(this.#references, references);
    const records: Record<string, number> = {};
    for (const row of rows) {
      if (row.kind !== 'output') continue;
      for (const { output } of row.records) records[output] = (records[output] ?? 0) + 1;
    }
    for (const { output } of letters) {
      records[output] = (records[output] ?? 0) + 1;
      this.#of(output).records += 1;
    }
    this.#steps.push({ from, records, refused: refused.length });
    for (const letter of refused) {
      this.#refused = countLetter(this.#refused, { ...placeOfLetter(setup, letter), reason: letter.reason });
      for (const output of letter.outputs ?? this.#outputs) this.#of(output).refused += 1;
    }
  }

  /** `passedOver`: results that were neither given out nor handed on, since others of their window come first. */
  sum({ results, passedOver, retracted, late }: Record<'results' | 'passedOver' | 'retracted' | 'late', number>) {
    const ofAll = this.#filtered + passedOver;
    const outputs: OutputCounts = Object.fromEntries(
      Array.from(this.#byOutput, ([output, { records, filtered, refused, made, retracted: back }]) => [
        output,
        isSideOutput(output)
          ? { emitted: records, filtered: 0, refused: 0 }
          : { emitted: records, filtered: ofAll + filtered, refused, ...madeOf(made), ...retractedOf(back) },
      ]),
    );
    const fates = {
      ...{ results, filtered: ofAll, refused: this.#refused, ...madeOf(this.#made) },
      ...(retracted === 0 ? {} : { retracted }),
      ...(late === 0 ? {} : { late }),
    };
    const uses = usesPart(this.#references);
    return { fates, outputs, steps: this.#steps, ...uses } satisfies Omit<Outbox, 'inline'>;
  }

  /** Of rows that were kept, there may be an output that there is no more. */
  #of(output: string): Counts {
    const found = this.#byOutput.get(output) ?? { records: 0, filtered: 0, refused: 0, made: 0, retracted: 0 };
    this.#byOutput.set(output, found);
    return found;
  }
}

/** Rows of a result that no output takes. */
function nowhereOf({ records, several }: Extract<EvaluatedRow, { kind: 'output' }>): number {
  if (several !== undefined) return 1 + several.made - several.emitted;
  return records.length === 0 ? 1 : 0;
}
