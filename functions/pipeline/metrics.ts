/**
 * The metrics that a deployed pipeline has in CloudWatch: names, units and what they are of. Functions give them out (`functions/reporters/`),
 * the construct makes metrics, alarms and dashboards of them, and docs/reference/metrics.md is written from them.
 */
export const metricNamespace = 'Sluice';

/** Each metric is of one pipeline. */
export const pipelineDimension = 'pipeline';

export type MetricUnit = 'Count' | 'Bytes' | 'Milliseconds' | 'Percent';

export type MetricKind = {
  readonly unit: MetricUnit;
  /** What is looked at of several values, if nothing else is asked for. */
  readonly statistic: 'Sum' | 'Maximum' | 'Average';
  /**
   * essential   alarms need it: given out by default
   * all         where all are asked for
   */
  readonly set: 'essential' | 'all';
  /** It is given out by the values of this dimension. */
  readonly by?: 'step' | 'reason';
  /** Beside that, it is given out for the pipeline as a whole. */
  readonly andInAll?: true;
  /** For people. */
  readonly says: string;
};

export const metricKinds = {
  Heartbeats: {
    unit: 'Count',
    statistic: 'Sum',
    set: 'essential',
    says: 'One with each commit, and with each plan that finds nothing to do',
  },
  Records: { unit: 'Count', statistic: 'Sum', set: 'essential', says: 'Kinesis records that were read' },
  MillisBehindLatest: {
    unit: 'Milliseconds',
    statistic: 'Maximum',
    set: 'essential',
    says: 'How far the slowest shard was behind its tip',
  },
  RetentionUsed: {
    unit: 'Percent',
    statistic: 'Maximum',
    set: 'essential',
    says: 'The same as a share of the retention: at 100 records are lost',
  },
  DeadLetters: {
    unit: 'Count',
    statistic: 'Sum',
    set: 'essential',
    by: 'reason',
    andInAll: true,
    says: 'Events that could not be processed',
  },
  RefusedRows: {
    unit: 'Count',
    statistic: 'Sum',
    set: 'essential',
    by: 'reason',
    andInAll: true,
    says: 'Rows that a callback or a limit of a sink has refused',
  },
  Throttles: {
    unit: 'Count',
    statistic: 'Sum',
    set: 'essential',
    says: 'Calls that Kinesis refused because of its limits',
  },
  LimitUsed: {
    unit: 'Percent',
    statistic: 'Maximum',
    set: 'essential',
    says: 'Of the limit that the batch came nearest to, how much it has used',
  },
  Batches: { unit: 'Count', statistic: 'Sum', set: 'all', says: 'Batches that were committed' },
  Bytes: { unit: 'Bytes', statistic: 'Sum', set: 'all', says: 'Bytes of the records that were read' },
  EventsRead: { unit: 'Count', statistic: 'Sum', set: 'all', says: 'Events in them' },
  EventsCounted: {
    unit: 'Count',
    statistic: 'Sum',
    set: 'all',
    says: 'Events in windows or for outputs; with `flatMap` elements',
  },
  EventsFiltered: { unit: 'Count', statistic: 'Sum', set: 'all', says: 'Events that a filter left out' },
  EventsLate: {
    unit: 'Count',
    statistic: 'Sum',
    set: 'all',
    says: 'Events whose windows had closed; with `flatMap` elements',
  },
  EventsEmitted: {
    unit: 'Count',
    statistic: 'Sum',
    set: 'all',
    says: 'Rows that were given out, or without aggregation events',
  },
  Rows: { unit: 'Count', statistic: 'Sum', set: 'all', says: 'Results of windows; not without aggregation' },
  WatermarkLag: {
    unit: 'Milliseconds',
    statistic: 'Maximum',
    set: 'all',
    says: 'From the watermark to the commit, where there is one',
  },
  OpenEntries: {
    unit: 'Count',
    statistic: 'Maximum',
    set: 'all',
    says: 'Windows of keys in the states that the batch has changed',
  },
  StateBytes: { unit: 'Bytes', statistic: 'Maximum', set: 'all', says: 'Bytes of these states' },
  BatchDuration: {
    unit: 'Milliseconds',
    statistic: 'Average',
    set: 'all',
    says: 'From the plan of a batch to its report, where it is known',
  },
  StepDuration: {
    unit: 'Milliseconds',
    statistic: 'Average',
    set: 'all',
    by: 'step',
    says: 'The same of each step: they add up to it',
  },
  Executors: { unit: 'Count', statistic: 'Average', set: 'all', says: 'Executors that stored something' },
  ExecutorUse: {
    unit: 'Percent',
    statistic: 'Average',
    set: 'all',
    says: 'Their work, of what they could do while the longest worked',
  },
  FailedTasks: { unit: 'Count', statistic: 'Sum', set: 'all', says: 'Executors that failed as a whole' },
} as const satisfies Readonly<Record<string, MetricKind>>;

export type MetricName = keyof typeof metricKinds;
export const metricNames = Object.keys(metricKinds) as readonly MetricName[];

/**
 * essential   what alarms need
 * all         all of them
 * none        none: nothing is billed
 */
export const metricSets = ['essential', 'all', 'none'] as const;
export type MetricSet = (typeof metricSets)[number];

/** Whether a pipeline of that set gives it out: with the dimension that is named, or for the pipeline as a whole. */
export function isGivenOut(name: MetricName, set: MetricSet, by?: 'step' | 'reason'): boolean {
  const kind: MetricKind = metricKinds[name];
  if (by === undefined && kind.by !== undefined && kind.andInAll !== true) return false;
  if (by !== undefined && kind.by !== by) return false;
  if (set === 'none') return false;
  return set === 'all' || (kind.set === 'essential' && by === undefined);
}
