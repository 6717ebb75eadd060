/** The rows that came out last, of each output. A pipeline that runs elsewhere sends them past this page. */
import type { PageFacts } from '../page-facts.ts';
import type { Panel } from './panel.ts';

export type ResultsModel = {
  /** Undefined: nobody tells them. */
  readonly outputs?: readonly {
    readonly output: string;
    /** Since the run began. */
    readonly count: number;
    readonly columns: readonly string[];
    /** The newest first; texts, by columns. */
    readonly rows: readonly (readonly string[])[];
  }[];
};

const maxColumns = 12;
const maxText = 80;

export const resultsPanel: Panel = {
  id: 'results',
  model: ({ rows }: PageFacts): ResultsModel => {
    if (rows === undefined) return {};
    const outputs = Object.entries(rows).map(([output, { count, last }]) => {
      const columns = [...new Set(last.flatMap(([, row]) => Object.keys(asObject(row))))].slice(0, maxColumns);
      const lines = last.toReversed().map(([batchId, row]) => {
        const values = asObject(row);
        return [String(batchId), ...columns.map((name) => textOf(values[name]))];
      });
      return { output, count, columns: ['batch', ...columns], rows: lines };
    });
    return { outputs };
  },
};

const asObject = (row: unknown): Readonly<Record<string, unknown>> =>
  typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : { value: row };

function textOf(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > maxText ? `${text.slice(0, maxText - 1)}…` : text;
}
