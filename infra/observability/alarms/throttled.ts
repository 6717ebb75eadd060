import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmKind } from '../alarm-kind.ts';

/** Some throttling is how a shard is read at its limit: what counts is that it goes on. */
export const throttled: AlarmKind = {
  id: 'Throttled',
  unit: 'refused calls in five minutes',
  threshold: () => 100,
  rule: (threshold) => ({ threshold, periods: 3, ofPeriods: 3, period: Duration.minutes(5) }),
  metric: ({ pipeline }, period) => pipeline.metricThrottles({ period }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
  says: (threshold) =>
    `Kinesis refused ${threshold} or more calls in five minutes, for a quarter of an hour: fewer readers, or enhanced fan-out.`,
};
