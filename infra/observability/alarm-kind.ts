/** What an alarm of a pipeline is. A new one is a file in `alarms/` and a line in `alarms/index.ts`. */
import type { Duration } from 'aws-cdk-lib';
import type { ComparisonOperator, IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { MeasuredPipeline } from './measured-pipeline.ts';

/** What an alarm watches. */
export type Watched = {
  readonly pipeline: MeasuredPipeline;
  readonly stateMachine: Pick<IStateMachine, 'metricFailed' | 'metricTimedOut'>;
  readonly triggerMs: number;
};

/** From which value on, in how many periods of how many. */
export type AlarmRule = {
  readonly threshold: number;
  readonly periods: number;
  readonly ofPeriods: number;
  readonly period: Duration;
};

export type AlarmKind = {
  /** Its id below the pipeline. */
  readonly id: string;
  /** Of `threshold` in the options. */
  readonly unit: string;
  readonly threshold: (watched: Pick<Watched, 'triggerMs'>) => number;
  /** What an asked threshold comes to. @throws `Error` where it can't be watched */
  readonly rule: (threshold: number) => AlarmRule;
  readonly metric: (watched: Watched, period: Duration) => IMetric;
  readonly comparison: ComparisonOperator;
  /** What it says of a time in which nothing was measured. */
  readonly missing: TreatMissingData;
  /** What has happened, and where to look. */
  readonly says: (threshold: number) => string;
};
