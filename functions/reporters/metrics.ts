/** A batch as metrics of CloudWatch, and the sign of life of a pipeline that has none. */
import type { MetricSet } from '../pipeline/metrics.ts';
import type { Reporter } from '../pipeline/reporter.ts';
import { emfDocuments } from './emf.ts';
import { measured } from './measured.ts';

/** Where metrics go: a line of the function's log, with nothing before or behind it. */
export type MetricLog = (line: string) => void;

export type MetricOptions = { readonly set: MetricSet; readonly write: MetricLog };

export function metricReporter({ set, write }: MetricOptions): Reporter {
  return (report) => {
    const { pipeline, committedAt, batchId, ref } = report;
    const frame = { pipeline, at: committedAt, place: { batchId, ref } };
    for (const document of emfDocuments(measured(report, set), frame)) write(JSON.stringify(document));
  };
}

/** Of a plan that finds nothing to do. */
export function heartbeat({ set, write }: MetricOptions): ((pipeline: string, at: number) => void) | undefined {
  if (set === 'none') return undefined;
  return (pipeline, at) => {
    for (const document of emfDocuments([{ name: 'Heartbeats', value: 1 }], { pipeline, at, place: {} }))
      write(JSON.stringify(document));
  };
}
