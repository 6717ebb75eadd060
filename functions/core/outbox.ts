/** The rows of a reduced key group, by output. */
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { Addressed, Missed } from './output.ts';
import { madeOf, type OutputCounts } from './output-counts.ts';

/** What is to be sent to one output, in the order of the rows. */
export type OutboxOfOutput = {
  readonly output: string;
  readonly records: readonly OutputRecord[];
  /** Rows that its own filter left out, and others take. Absent: none. */
  readonly filtered?: number;
  /** By how many more `flatMap` has made for it of results than one each. Absent: none. */
  readonly made?: number;
};

type OfOutput = { readonly records: OutputRecord[]; filtered: number; made: number };

/** What is for each output, filled row by row. */
export class Outbox {
  readonly #byOutput = new Map<string, OfOutput>();
  readonly #outputs: number;

  constructor(outputs: readonly string[]) {
    this.#outputs = outputs.length;
    for (const output of outputs) this.#of(output);
  }

  add(records: readonly Addressed[], missed: readonly Missed[]): void {
    for (const { output, record } of records) this.#of(output).records.push(record);
    for (const one of missed) if (one.kind === 'filtered') this.#of(one.output).filtered += one.count ?? 1;
  }

  /** All rows of one result. `nowhere`: those that no output takes. */
  addSeveral(records: readonly Addressed[], missed: readonly Missed[], nowhere: number): void {
    this.add(records, missed);
    for (const [output, of] of this.#byOutput) {
      const ofOutput = missed.find((one) => one.output === output);
      if (ofOutput?.kind === 'refused') continue;
      const own = records.filter((one) => one.output === output).length + (ofOutput?.count ?? 0);
      of.made += Math.max(0, own + nowhere - 1);
    }
  }

  byOutput(): readonly OutboxOfOutput[] {
    const all = Array.from(this.#byOutput, ([output, { records, filtered, made }]) => ({
      output,
      records,
      ...(filtered === 0 ? {} : { filtered }),
      ...madeOf(made),
    }));
    return this.#outputs > 1 ? all : all.filter(({ records }) => records.length > 0);
  }

  /** Of rows that were kept, there may be an output that there is no more. */
  #of(output: string) {
    const found = this.#byOutput.get(output) ?? { records: [], filtered: 0, made: 0 };
    this.#byOutput.set(output, found);
    return found;
  }
}

/** Of a stored state. */
type StoredRows = {
  readonly outbox: readonly OutboxOfOutput[];
  readonly filtered: number;
  readonly refused: readonly { readonly outputs?: readonly string[] }[];
};

/** What became of the rows for each output, where there are several. */
export function outputCountsOf({ outbox, filtered, refused }: StoredRows): OutputCounts {
  if (outbox.length < 2) return {};
  const counts = outbox.map(({ output, records, filtered: own = 0, made = 0 }) => {
    const refusals = refused.filter(({ outputs }) => outputs === undefined || outputs.includes(output)).length;
    const count = { emitted: records.length, filtered: filtered + own, refused: refusals, ...madeOf(made) };
    return [output, count] as const;
  });
  return Object.fromEntries(counts);
}
