/** Evaluated rows as they are stored: within the limits of their outputs, and why one is refused. */
import type { EvaluatedRow } from './evaluate-row.ts';
import type { SeveralRows } from './evaluate-several.ts';
import type { RefusedResult } from './letter-of-row.ts';
import { type Addressed, type Missed, nothingMissed, type Refusal, refusalIn } from './output.ts';
import type { OutputLimits } from './record-limit.ts';

export function withinLimits(row: EvaluatedRow, limits: OutputLimits): EvaluatedRow {
  if (row.kind !== 'output') return row;
  const { records, missed } = limits.within({ records: row.records, missed: row.missed ?? nothingMissed });
  return rowWith(records, missed, row);
}

export const rowWith = (
  records: readonly Addressed[],
  missed: readonly Missed[],
  { several }: { readonly several?: SeveralRows } = {},
): EvaluatedRow => ({
  ...{ kind: 'output', records },
  ...(missed.length === 0 ? {} : { missed }),
  ...(several === undefined ? {} : { several }),
});

/** What its letter says if any of the outputs, or all, refuse it. */
export function refusalOf(row: EvaluatedRow, outputs: number): (Refusal & Pick<RefusedResult, 'outputs'>) | undefined {
  if (row.kind === 'merged') throw new Error('a row was taken for a window that stays open');
  if (row.kind === 'filtered' || row.kind === 'ranked') return undefined;
  if (row.kind === 'refused') return { reason: row.reason, message: row.message };
  const { missed = nothingMissed } = row;
  const refusal = refusalIn(missed, outputs);
  return refusal === undefined ? undefined : { ...refusal, ...refusedBy(missed, outputs) };
}

export function refusedBy(missed: readonly Missed[], outputs: number): Pick<RefusedResult, 'outputs'> {
  const by = new Set(missed.flatMap(({ kind, output }) => (kind === 'refused' ? [output] : [])));
  return by.size < outputs ? { outputs: [...by] } : {};
}
