/** Reporters of every deployed pipeline: a commit has no user code, so they are the program's own. */
import type { Reporter } from '../pipeline/reporter.ts';
import { logLine, type ReportLog } from './log-line.ts';
import { type MetricOptions, metricReporter } from './metrics.ts';

/** `metrics`: of a function whose log CloudWatch reads. */
export const ownReporters = (log: ReportLog, metrics?: MetricOptions): readonly Reporter[] => [
  logLine(log),
  ...(metrics === undefined || metrics.set === 'none' ? [] : [metricReporter(metrics)]),
];
