/** Everything at once, as one would write it without a stream: what each batch should have given out, and what was late. */
import type { WindowCase } from './window-cases.ts';

export type Given = { readonly key: string; readonly at: number; readonly value: number; readonly shard: string };
export type Row = {
  readonly key: string;
  readonly windowStart?: string;
  readonly windowEnd?: string;
  readonly events: number;
  readonly total: number;
  readonly least: number;
  readonly most: number;
};

type Turn = readonly Given[] | 'cut' | 'close' | { readonly watermark: number };
type Open = { readonly key: string; readonly start: number; readonly end: number; readonly values: number[] };

/** `watermarks`: after each turn; null: nothing is known. */
export function directly(
  { windowsOf }: WindowCase,
  turns: readonly Turn[],
  watermarks: readonly (number | null)[],
): readonly { readonly rows: readonly Row[]; readonly late: number }[] {
  const open = new Map<string, Open>();
  return turns.map((turn, at) => {
    const before = (at === 0 ? null : watermarks[at - 1]!) ?? Number.NEGATIVE_INFINITY;
    const after = watermarks[at]! ?? Number.NEGATIVE_INFINITY;
    let late = 0;
    for (const { key, at: time, value } of Array.isArray(turn) ? (turn as readonly Given[]) : []) {
      const windows = windowsOf?.(time) ?? [[0, Number.POSITIVE_INFINITY] as const];
      const left = windows.filter(([, end]) => end > before);
      if (left.length === 0) late += 1;
      for (const [start, end] of left) {
        const name = `${key} ${start} ${end}`;
        const entry = open.get(name) ?? { key, start, end, values: [] };
        entry.values.push(value);
        open.set(name, entry);
      }
    }
    const rows: Row[] = [];
    for (const [name, entry] of open) {
      if (windowsOf !== undefined && entry.end > after) continue;
      rows.push(rowOf(entry, windowsOf !== undefined));
      open.delete(name);
    }
    return { rows, late };
  });
}

function rowOf({ key, start, end, values }: Open, isOfTime: boolean): Row {
  const bounds = isOfTime ? { windowStart: new Date(start).toISOString(), windowEnd: new Date(end).toISOString() } : {};
  const total = values.reduce((sum, value) => sum + value, 0);
  return { key, ...bounds, events: values.length, total, least: Math.min(...values), most: Math.max(...values) };
}
