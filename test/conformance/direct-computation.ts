/** Everything at once, as one would write it without a stream: what each batch should have given out, and what was late. */
import { DirectComputation, type Result } from '../windows/direct-computation.ts';
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

/** `watermarks`: after each turn; null: nothing is known. */
export function directly(
  { windowsOf, areMerged }: WindowCase,
  turns: readonly Turn[],
  watermarks: readonly (number | null)[],
): readonly { readonly rows: readonly Row[]; readonly late: number }[] {
  const direct = new DirectComputation<Given>({
    keyOf: ({ key }) => key,
    windowsOf: ({ at }, batch) => windowsOf?.(at) ?? [[batch, batch + 1]],
    merges: areMerged === true,
  });
  return turns.map((turn, batch) => {
    const [before, after] = [watermarks[batch - 1], watermarks[batch]].map((each) => each ?? Number.NEGATIVE_INFINITY);
    // A window of a batch closes with it.
    const marks = windowsOf === undefined ? [batch, batch + 1] : [before!, after!];
    const events = Array.isArray(turn) ? (turn as readonly Given[]) : [];
    const { results, late } = direct.batch(events, { batch, watermarkIn: marks[0]!, watermarkOut: marks[1]! });
    return { rows: results.map((result) => rowOf(result, windowsOf !== undefined)), late: late.length };
  });
}

function rowOf({ key, window: [start, end], of }: Result<Given>, isOfTime: boolean): Row {
  const values = of.map(({ value }) => value);
  const bounds = isOfTime ? { windowStart: new Date(start).toISOString(), windowEnd: new Date(end).toISOString() } : {};
  const total = values.reduce((sum, value) => sum + value, 0);
  return { key, ...bounds, events: values.length, total, least: Math.min(...values), most: Math.max(...values) };
}
