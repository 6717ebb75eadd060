/** A reporter in one file: sums of what each pipeline emitted, in this process. */
import type { Reporter } from '../../functions/pipeline/reporter.ts';

const totals = new Map<string, number>();
export const emittedBy = (pipeline: string): number => totals.get(pipeline) ?? 0;

export const sumUp: Reporter = async ({ pipeline, counters }) => {
  totals.set(pipeline, emittedBy(pipeline) + counters.emitted);
};
