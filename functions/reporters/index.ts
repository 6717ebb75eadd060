/** Reporters of every deployed pipeline. Those of the pipeline file are told after them. */
import type { Reporter } from '../pipeline/reporter.ts';
import { logLine, type ReportLog } from './log-line.ts';

export const ownReporters = (log: ReportLog): readonly Reporter[] => [logLine(log)];
