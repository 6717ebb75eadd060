/**
 * The values of each metric in one batch.
 *
 * METRIC-1 Nothing in them is data of an event: numbers, steps and reasons.
 * METRIC-2 What is given out by reason or step adds up to what is given out for the pipeline.
 * METRIC-3 A value that nobody knows is not there, and never 0.
 */
import { isGivenOut, type MetricName, type MetricSet, metricNames } from '../pipeline/metrics.ts';
import type { BatchReport, ReasonCount } from '../pipeline/reporter.ts';

export type Datum = {
  readonly name: MetricName;
  readonly value: number;
  /** Undefined: of the pipeline. */
  readonly by?: { readonly dimension: 'step' | 'reason'; readonly value: string } | undefined;
};

type Value = number | undefined | readonly Omit<Datum, 'name'>[];

export function measured(report: BatchReport, set: MetricSet): readonly Datum[] {
  const data = metricNames.flatMap((name): readonly Datum[] => {
    const value = measures[name](report);
    if (value === undefined) return [];
    return typeof value === 'number' ? [{ name, value }] : value.map((one) => ({ name, ...one }));
  });
  return data.filter(({ name, by }) => isGivenOut(name, set, by?.dimension));
}

const measures: Readonly<Record<MetricName, (report: BatchReport) => Value>> = {
  Heartbeats: () => 1,
  Records: ({ records }) => records,
  MillisBehindLatest: ({ kind, millisBehindLatest }) => (kind === 'read' ? millisBehindLatest : undefined),
  RetentionUsed: ({ kind, millisBehindLatest, retentionMs }) =>
    kind === 'read' && retentionMs !== undefined ? percent(millisBehindLatest, retentionMs) : undefined,
  DeadLetters: ({ counters, deadLetters }) => [{ value: counters.deadLettered }, ...byReason(deadLetters)],
  RefusedRows: ({ refusedRows }) => [
    { value: refusedRows.reduce((sum, { count }) => sum + count, 0) },
    ...byReason(refusedRows),
  ],
  Throttles: ({ throttles }) => throttles,
  LimitUsed: ({ nearestLimit }) => nearestLimit && percent(nearestLimit.size, nearestLimit.most),
  Batches: () => 1,
  Bytes: ({ bytes }) => bytes,
  EventsRead: ({ counters }) => counters.read,
  EventsCounted: ({ counters }) => counters.counted,
  EventsFiltered: ({ counters }) => counters.filtered,
  EventsLate: ({ counters }) => counters.late,
  EventsEmitted: ({ counters }) => counters.emitted,
  Rows: ({ results }) => results,
  WatermarkLag: ({ watermark, committedAt }) =>
    watermark === null || watermark === lastDate ? undefined : Math.max(0, committedAt - watermark),
  OpenEntries: ({ sizes }) => sizes.states?.total.entries,
  StateBytes: ({ sizes }) => sizes.states?.total.bytes,
  BatchDuration: ({ steps }) => steps?.reduce((sum, { ms }) => sum + ms, 0),
  StepDuration: ({ steps }) => steps?.map(({ step, ms }) => ({ value: ms, by: { dimension: 'step', value: step } })),
  Executors: ({ executors }) => executors?.count,
  ExecutorUse: ({ executors }) =>
    executors === undefined || executors.longestMs === 0
      ? undefined
      : percent(executors.workMs, executors.count * executors.longestMs),
  FailedTasks: ({ failedTasks }) => failedTasks,
};

/** The watermark of a pipeline that was declared finished. */
const lastDate = 8_640_000_000_000_000;

/** To a tenth. */
const percent = (part: number, whole: number): number => Math.round((part / whole) * 1000) / 10;

/** Each reason once. */
function byReason(counts: readonly ReasonCount[]): readonly Omit<Datum, 'name'>[] {
  const sums = new Map<string, number>();
  for (const { reason, count } of counts) sums.set(reason, (sums.get(reason) ?? 0) + count);
  return Array.from(sums, ([reason, value]) => ({ value, by: { dimension: 'reason', value: reason } }));
}
