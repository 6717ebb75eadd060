/** Rows for the eye. */
import Table from 'cli-table3';

const maxCellLength = 48;

/** The fields of the rows as columns, in the order they first appear, but for the one that is to be last. */
export function tableOfRows(
  rows: readonly unknown[],
  { maxRows, last }: { readonly maxRows: number; readonly last?: string | undefined },
): string {
  const shown = rows.slice(0, maxRows).map(toFields);
  const names = new Set(shown.flatMap((row) => Object.keys(row)));
  const columns = [...names].filter((name) => name !== last);
  if (last !== undefined && names.has(last)) columns.push(last);
  const table = plainTable(columns);
  for (const row of shown) table.push(columns.map((name) => cell(row[name])));
  const left = rows.length - shown.length;
  return left > 0 ? `${table.toString()}\n${left.toLocaleString('en')} more` : table.toString();
}

export function plainTable(head: readonly string[]): Table.Table {
  // No colours: the same text on a terminal, in a log and in a test.
  return new Table({ head: [...head], style: { head: [], border: [], compact: true } });
}

function toFields(row: unknown): Record<string, unknown> {
  const isRecord = typeof row === 'object' && row !== null && !Array.isArray(row);
  return isRecord ? (row as Record<string, unknown>) : { value: row };
}

function cell(value: unknown): string {
  if (value === undefined) return '';
  const text =
    typeof value === 'number' ? numberText(value) : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > maxCellLength ? `${text.slice(0, maxCellLength - 1)}…` : text;
}

function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Math.round(value * 1000) / 1000);
}
