/** A batch in the log of the function: one line, and one more for what was refused. */
import type { BatchReport, ReasonCount, Reporter } from '../pipeline/reporter.ts';

export type ReportLog = {
  info(message: string, fields: Record<string, unknown>): void;
  warn(message: string, fields: Record<string, unknown>): void;
};

export function logLine(log: ReportLog): Reporter {
  return (report) => {
    const { batchId, ref, counters, resentElsewhere, repeated, unidentified, deadLetters, refusedRows, outputs } =
      report;
    const { sizes, warnings, steps } = report;
    log.info('committed', {
      batchId,
      ref,
      ...counters,
      resentElsewhere,
      ...(repeated === undefined ? {} : { repeated, unidentified }),
      ...(outputs === undefined ? {} : { outputs }),
      ...(steps === undefined ? {} : { ms: msBySteps(steps) }),
      sizes,
    });
    for (const { message: why, ...warning } of warnings) log.warn('near a limit', { batchId, ...warning, why });
    if (deadLetters.length > 0) log.warn('dead letters', { batchId, ...numbersIn(deadLetters) });
    if (refusedRows.length > 0) log.warn('refused results', { batchId, ...numbersIn(refusedRows) });
  };
}

/** Of each step, and of all together. */
function msBySteps(steps: NonNullable<BatchReport['steps']>): Record<string, number> {
  const all = steps.reduce((sum, { ms }) => sum + ms, 0);
  return { ...Object.fromEntries(steps.map(({ step, ms }) => [step, ms])), all };
}

const numbersIn = (counts: readonly ReasonCount[]): Record<string, number> =>
  Object.fromEntries(counts.map(({ reason, count }) => [reason, count]));
