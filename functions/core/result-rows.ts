/** From a window whose result is given out to its row, as user code is given it, or as a dead letter shows it. */
import type { Aggregation, KeyValue } from '../pipeline/pipeline.ts';
import { type CallbackFailure, FailedAggregate, failureOf } from '../user-code/callback-failure.ts';
import type { Window } from '../windows/window-kind.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import type { RowInput } from './evaluate-row.ts';
import type { ResultWindow } from './key-change.ts';
import { operatorOf } from './keyed-operators.ts';
import type { VersionNumbers } from './result-version.ts';
import { unmergedOf } from './unmerged.ts';

type Row = RowInput['row'];

export type ResultEntry = {
  readonly keyValues: readonly KeyValue[];
  readonly window: ResultWindow;
  /** Of a row that is among the first of its window: what it has behind the aggregates. */
  readonly columns?: Readonly<Record<string, number>>;
};

export function rowInputOf(aggregation: Aggregation, entry: ResultEntry, index: number): RowInput {
  const unmerged = unmergedOf(aggregation, entry.window);
  const { keyValues, window } = entry;
  const { start, end } = window;
  const { row, failure } = rowOf(aggregation, entry);
  return {
    ...{ index, row, keyValues, window: { start, end } },
    ...(isOnly(window.version) ? {} : { version: window.version }),
    ...(unmerged === undefined ? {} : { unmerged }),
    ...(failure === undefined ? {} : { failure }),
    ...rankingOf(aggregation, entry),
  };
}

function rankingOf({ top }: Aggregation, { columns }: ResultEntry): Pick<RowInput, 'ranking'> {
  if (columns !== undefined) return { ranking: 'done' };
  return top === undefined ? {} : { ranking: 'asked' };
}

const isOnly = ({ revision, timing, final }: VersionNumbers): boolean =>
  revision === 0 && timing === 'on-time' && final;

/** Of a row that its code died of, and of user code's own aggregates, what it was made from as well. */
export function textOf(aggregation: Aggregation, entry: ResultEntry, reason: DeadLetterReason): string {
  const { row } = rowOf(aggregation, entry);
  const unmerged = unmergedOf(aggregation, entry.window);
  if (reason !== 'crashed-reducer' && unmerged === undefined) return JSON.stringify(row);
  const accumulators: Record<string, unknown> = {};
  for (const [at, { name, fn }] of aggregation.aggregates.entries()) {
    if (fn.gathered !== undefined) delete row[name];
    accumulators[name] = unmerged?.[name] ?? fn.save(entry.window.accumulators[at]);
  }
  return JSON.stringify({ row, accumulators });
}

/** Keys and window, in the order in which rows have them. */
export function namesOf(
  { keys, window: { kind } }: Aggregation,
  keyValues: readonly KeyValue[],
  window: Window,
): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [at, { name }] of keys.entries()) row[name] = keyValues[at];
  return Object.assign(row, kind.columns(window));
}

type MadeRow = { readonly row: Row; readonly failure: CallbackFailure | undefined };

/** Keys, window, aggregates: in this order they are written. Those of user code, and one that fails, have their places. */
function rowOf(aggregation: Aggregation, { keyValues, window, columns }: ResultEntry): MadeRow {
  if (operatorOf(aggregation).givesValues) return { row: givenValue(aggregation, window), failure: undefined };
  let failure: CallbackFailure | undefined;
  const row = namesOf(aggregation, keyValues, window);
  for (const [at, { name, fn }] of aggregation.aggregates.entries()) {
    row[name] = null;
    if (fn.gathered !== undefined) continue;
    try {
      row[name] = fn.result(window.accumulators[at]);
    } catch (error) {
      if (!(error instanceof FailedAggregate)) throw error;
      failure ??= failureOf(error, `aggregate ${name}: `);
    }
  }
  return { row: Object.assign(row, columns), failure };
}

/** Whatever it is: nobody looks into it but user code and whoever writes it. */
const givenValue = ({ aggregates }: Aggregation, { accumulators }: ResultWindow): Row =>
  aggregates[0]!.fn.result(accumulators[0]) as Row;
