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
type Open = { readonly key: string; readonly start: number; readonly end: number; readonly values: readonly number[] };

/** `watermarks`: after each turn; null: nothing is known. */
export function directly(
  window: WindowCase,
  turns: readonly Turn[],
  watermarks: readonly (number | null)[],
): readonly { readonly rows: readonly Row[]; readonly late: number }[] {
  let open: readonly Open[] = [];
  return turns.map((turn, at) => {
    const before = (at === 0 ? null : watermarks[at - 1]!) ?? Number.NEGATIVE_INFINITY;
    const after = watermarks[at]! ?? Number.NEGATIVE_INFINITY;
    const isOpen = ({ end }: Open): boolean => window.windowsOf === undefined || end > before;
    const events = Array.isArray(turn) ? (turn as readonly Given[]) : [];
    const opened = events.map((event) => openedBy(event, window));
    const whole = joined([...open, ...opened.flat()], window.areMerged === true);
    const all = whole.filter(isOpen);
    // Of windows that merge it is told by what they have become.
    const late = window.areMerged
      ? whole.filter((entry) => !isOpen(entry)).reduce((sum, { values }) => sum + values.length, 0)
      : opened.filter((windows) => !windows.some(isOpen)).length;
    const isClosed = ({ end }: Open): boolean => window.windowsOf === undefined || end <= after;
    open = all.filter((entry) => !isClosed(entry));
    return {
      rows: all.filter(isClosed).map((entry) => rowOf(entry, window.windowsOf !== undefined)),
      late,
    };
  });
}

const openedBy = ({ key, at, value }: Given, { windowsOf }: WindowCase): readonly Open[] =>
  (windowsOf?.(at) ?? [[0, 1] as const]).map(([start, end]) => ({ key, start, end, values: [value] }));

/** Those of one key and window as one; or of one key, where they overlap. */
function joined(windows: readonly Open[], areMerged: boolean): readonly Open[] {
  const all: Open[] = [];
  const inOrder = [...windows].sort((one, other) =>
    one.key === other.key ? one.start - other.start || one.end - other.end : one.key < other.key ? -1 : 1,
  );
  for (const window of inOrder) {
    const last = all.at(-1);
    const isSame = last?.key === window.key && last.start === window.start && last.end === window.end;
    const isJoined = areMerged ? last?.key === window.key && window.start < last.end : isSame;
    if (!isJoined) all.push(window);
    else {
      const end = Math.max(last!.end, window.end);
      all[all.length - 1] = { ...last!, end, values: [...last!.values, ...window.values] };
    }
  }
  return all;
}

function rowOf({ key, start, end, values }: Open, isOfTime: boolean): Row {
  const bounds = isOfTime ? { windowStart: new Date(start).toISOString(), windowEnd: new Date(end).toISOString() } : {};
  const total = values.reduce((sum, value) => sum + value, 0);
  return { key, ...bounds, events: values.length, total, least: Math.min(...values), most: Math.max(...values) };
}
