/** A batch in the log of the function: one line, and one more for what was refused. */
import type { ReasonCount, Reporter } from '../pipeline/reporter.ts';

export type ReportLog = {
  info(message: string, fields: Record<string, unknown>): void;
  warn(message: string, fields: Record<string, unknown>): void;
};

export function logLine(log: ReportLog): Reporter {
  return (report) => {
    const { batchId, ref, counters, resentElsewhere, repeated, unidentified, deadLetters, refusedRows, outputs } =
      report;
    const { sizes, warnings } = report;
    log.info('committed', {
      batchId,
      ref,
      ...counters,
      resentElsewhere,
      ...(repeated === undefined ? {} : { repeated, unidentified }),
      ...(outputs === undefined ? {} : { outputs }),
      sizes,
    });
    for (const { message: why, ...warning } of warnings) log.warn('near a limit', { batchId, ...warning, why });
    if (deadLetters.length > 0) log.warn('dead letters', { batchId, ...numbersIn(deadLetters) });
    if (refusedRows.length > 0) log.warn('refused results', { batchId, ...numbersIn(refusedRows) });
  };
}

const numbersIn = (counts: readonly ReasonCount[]): Record<string, number> =>
  Object.fromEntries(counts.map(({ reason, count }) => [reason, count]));
