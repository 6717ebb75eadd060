/** What is wrong with a pipeline, on the screen: each finding in three lines, the worst first. */
import type { Finding } from '../../functions/findings/finding.ts';
import { oneLine } from './letter-text.ts';

/** Empty: nothing is known to be wrong. */
export const findingLines = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ kind, severity, subject, cause, mend }) => [
    `${severity.toUpperCase().padEnd(10)} ${kind}: ${oneLine(subject)}`,
    `${' '.repeat(11)}${oneLine(cause)}`,
    `${' '.repeat(11)}Do: ${oneLine(mend)}`,
  ]);
