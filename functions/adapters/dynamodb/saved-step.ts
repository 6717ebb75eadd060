/**
 * Steps of an outbox in saved JSON. Each row lies there once, however many outputs it goes to: of the second and further records only what
 * is not as in the first one, which is the name of the output in the identity where no output has a map of its own.
 */
import type { EvaluatedRow } from '../../core/evaluate-row.ts';
import type { OutboxStep } from '../../core/outbox.ts';
import type { Addressed, Missed } from '../../core/output.ts';
import type { OutputRecord } from '../../sinks/output-sink.ts';
import { fromSavedOutput, type SavedOutput, toSavedOutput } from './saved-output.ts';

/** `k`, `h`: absent as in the first, `h` null for none. `cut`: so many characters of its beginning and end, with `d` in between. */
type SavedDifference = {
  readonly k?: string;
  readonly h?: string | null;
  readonly cut?: readonly [begin: number, end: number];
  readonly d?: string;
  readonly b?: string;
};
type SavedRow =
  | Exclude<EvaluatedRow, { readonly kind: 'output' }>
  | {
      readonly kind: 'output';
      readonly to: readonly (readonly [output: string, SavedOutput | SavedDifference])[];
      readonly missed?: readonly Missed[];
    };
export type SavedStep = Omit<OutboxStep, 'rows'> & { readonly rows: readonly SavedRow[] };

export const toSavedStep = (step: OutboxStep): SavedStep => ({ ...step, rows: step.rows.map(toSavedRow) });
export const fromSavedStep = (saved: SavedStep): OutboxStep => ({ ...saved, rows: saved.rows.map(fromSavedRow) });

function toSavedRow(row: EvaluatedRow): SavedRow {
  if (row.kind !== 'output') return row;
  const { records, ...rest } = row;
  const first = records[0]?.record;
  const to = records.map(
    ({ output, record }, at) => [output, at === 0 ? toSavedOutput(record) : differenceOf(first!, record)] as const,
  );
  return { ...rest, to };
}

function fromSavedRow(row: SavedRow): EvaluatedRow {
  if (row.kind !== 'output') return row;
  const { to, ...rest } = row;
  const records: Addressed[] = [];
  for (const [output, saved] of to) {
    const first = records[0]?.record;
    records.push({
      output,
      record: first === undefined ? fromSavedOutput(saved as SavedOutput) : applied(first, saved),
    });
  }
  return { ...rest, records };
}

function differenceOf(first: OutputRecord, record: OutputRecord): SavedDifference {
  const { k, h, d, b } = toSavedOutput(record);
  return {
    ...(k === first.partitionKey ? {} : { k }),
    ...(h === first.explicitHashKey ? {} : { h: h ?? null }),
    ...(d === undefined || typeof first.data !== 'string'
      ? { ...(d === undefined ? { b: b! } : { d }) }
      : cut(first.data, d)),
  };
}

function applied(first: OutputRecord, { k, h, cut: kept, d, b }: SavedDifference): OutputRecord {
  return {
    partitionKey: k ?? first.partitionKey,
    explicitHashKey: h === undefined ? first.explicitHashKey : (h ?? undefined),
    data: b === undefined ? joined(String(first.data), kept, d ?? '') : Buffer.from(b, 'base64'),
  };
}

const joined = (first: string, kept: SavedDifference['cut'], middle: string): string =>
  kept === undefined ? middle : first.slice(0, kept[0]) + middle + first.slice(first.length - kept[1]);

function cut(first: string, text: string): Pick<SavedDifference, 'cut' | 'd'> {
  const most = Math.min(first.length, text.length);
  let begin = 0;
  while (begin < most && first.charCodeAt(begin) === text.charCodeAt(begin)) begin += 1;
  let end = 0;
  while (end < most - begin && first.charCodeAt(first.length - 1 - end) === text.charCodeAt(text.length - 1 - end))
    end += 1;
  return { cut: [begin, end], d: text.slice(begin, text.length - end) };
}
