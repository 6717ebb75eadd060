/**
 * The rows of a reduced key group as they are stored and sent: in steps, each of them once for all outputs.
 *
 * STEP-1 A step is named by its first row, and is put if absent. Who comes second takes the stored one with its rows, so the steps of a
 *    (batch, ref, group) are one chain, whoever makes the next.
 * STEP-2 Nothing of a step is sent before it is stored and a state names it; the state comes after its last step.
 * STEP-3 What is in hand is one step at a time: of the one that makes it, and of each output that is sent to.
 */
import type { OutputRecord } from '../sinks/output-sink.ts';
import { lettersIn, type RowFates } from './dead-letter-tally.ts';
import type { EvaluatedRow } from './evaluate-row.ts';
import type { RefusedResult } from './letter-of-row.ts';
import type { Addressed } from './output.ts';
import type { OutputCounts } from './output-counts.ts';
import type { ReferenceUses } from './references.ts';

export type OutboxStep = {
  /** In their order: those of closed windows, those that are merged only, those that take one back, and what the blocks have carried. */
  readonly rows: readonly EvaluatedRow[];
  /** Letters of those that an output, or all, refuse. */
  readonly refused: readonly RefusedResult[];
  /** What goes of them to the output of dead letters. Absent: nothing. */
  readonly letters?: readonly Addressed[];
  /** What user code was given when it made them. Absent: nothing. */
  readonly references?: ReferenceUses;
};

/** What a state says of a step. */
export type StepSummary = {
  /** The place of its first row. */
  readonly from: number;
  /** How many records it has, by output. Absent: none. */
  readonly records: Readonly<Record<string, number>>;
  readonly refused: number;
};

/** What a state says of the rows of its batch. */
export type Outbox = {
  readonly fates: RowFates;
  /** Of each output there is. */
  readonly outputs: OutputCounts;
  readonly steps: readonly StepSummary[];
  /** By output that is sent in parts: how many rows one has at most (PART-1). Absent: there is none. */
  readonly partRows?: Readonly<Record<string, number>>;
  /** What user code was given for any of them. Absent: nothing. */
  readonly references?: ReferenceUses;
  /** The steps themselves, where all rows fit into one: there is nothing beside the state then. */
  readonly inline?: readonly OutboxStep[];
};

export function recordsOf(
  { rows, letters = [] }: Pick<OutboxStep, 'rows' | 'letters'>,
  output: string,
): OutputRecord[] {
  const records: OutputRecord[] = [];
  for (const row of rows) {
    if (row.kind !== 'output') continue;
    for (const each of row.records) if (each.output === output) records.push(each.record);
  }
  for (const each of letters) if (each.output === output) records.push(each.record);
  return records;
}

/** Up to which of an output's records each step goes. */
export function endsOf(steps: readonly StepSummary[], output: string): readonly number[] {
  let end = 0;
  return steps.map(({ records }) => (end += records[output] ?? 0));
}

/** Rows that go out and those that are taken back, and that no output refuses. */
export const emittedRows = ({
  fates: { results, made = 0, retracted = 0, filtered, refused },
}: Pick<Outbox, 'fates'>): number => results + made + retracted - filtered - lettersIn(refused);

/** Without aggregation there are no rows: what its outputs are sent. */
export const sentRecords = ({ outputs }: Pick<Outbox, 'outputs'>): number =>
  Object.values(outputs).reduce((sum, { emitted }) => sum + emitted, 0);

/** What became of the rows for each output, where there are several. */
export const outputCountsOf = ({ outputs }: Pick<Outbox, 'outputs'>): OutputCounts =>
  Object.keys(outputs).length < 2 ? {} : outputs;
