/** Reporters of every deployed pipeline: a commit has no user code, so they are the program's own. */
import type { Reporter } from '../pipeline/reporter.ts';
import { logLine, type ReportLog } from './log-line.ts';

export const ownReporters = (log: ReportLog): readonly Reporter[] => [logLine(log)];
