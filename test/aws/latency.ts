/** How long a row took: from when the event was put with which its window could close, until the row was in the sink. */
import type { Put } from './parts.ts';

export type ArrivedRow = { readonly windowEnd: number; readonly arrivedAt: number };

export type Latency = {
  readonly rows: number;
  /** Closed by the end of the run, not by an event. */
  readonly without: number;
  /** Milliseconds; undefined: of no row. */
  readonly half: number | undefined;
  readonly most95: number | undefined;
  readonly longest: number | undefined;
};

/** `delayMs`: of the watermark. `puts` in the order in which they were made. */
export function latencyOf(rows: readonly ArrivedRow[], puts: readonly Put[], delayMs: number): Latency {
  const taken = rows.flatMap(({ windowEnd, arrivedAt }) => {
    const closing = puts.find(({ latest }) => latest >= windowEnd + delayMs);
    return closing === undefined ? [] : [arrivedAt - closing.at];
  });
  const sorted = taken.toSorted((a, b) => a - b);
  const at = (share: number): number | undefined => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return {
    ...{ rows: taken.length, without: rows.length - taken.length },
    ...{ half: at(0.5), most95: at(0.95), longest: sorted.at(-1) },
  };
}
