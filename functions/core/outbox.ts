/** The rows of a reduced key group, by output. */
import type { OutputRecord } from '../sinks/output-sink.ts';
import type { Addressed, Missed } from './output.ts';
import type { OutputCounts } from './output-counts.ts';

/** What is to be sent to one output, in the order of the rows. */
export type OutboxOfOutput = {
  readonly output: string;
  readonly records: readonly OutputRecord[];
  /** Rows that its own filter left out, and others take. Absent: none. */
  readonly filtered?: number;
};

/** What is for each output, filled row by row. */
export class Outbox {
  readonly #byOutput = new Map<string, { readonly records: OutputRecord[]; filtered: number }>();
  readonly #outputs: number;

  constructor(outputs: readonly string[]) {
    this.#outputs = outputs.length;
    for (const output of outputs) this.#of(output);
  }

  add(records: readonly Addressed[], missed: readonly Missed[]): void {
    for (const { output, record } of records) this.#of(output).records.push(record);
    for (const { kind, output } of missed) if (kind === 'filtered') this.#of(output).filtered += 1;
  }

  byOutput(): readonly OutboxOfOutput[] {
    const all = Array.from(this.#byOutput, ([output, { records, filtered }]) =>
      filtered === 0 ? { output, records } : { output, records, filtered },
    );
    return this.#outputs > 1 ? all : all.filter(({ records }) => records.length > 0);
  }

  /** Of rows that were kept, there may be an output that there is no more. */
  #of(output: string) {
    const found = this.#byOutput.get(output) ?? { records: [], filtered: 0 };
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
  const counts = outbox.map(({ output, records, filtered: own = 0 }) => {
    const refusals = refused.filter(({ outputs }) => outputs === undefined || outputs.includes(output)).length;
    return [output, { emitted: records.length, filtered: filtered + own, refused: refusals }] as const;
  });
  return Object.fromEntries(counts);
}
