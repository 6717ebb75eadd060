import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmKind } from '../alarm-kind.ts';

/** A pipeline that is idle, or caught up, measures 0 about every ten minutes or nothing at all: both are well. */
export const behind: AlarmKind = {
  id: 'Behind',
  unit: 'percent of the retention',
  threshold: () => 50,
  rule: (threshold) => ({ threshold, periods: 3, ofPeriods: 3, period: Duration.minutes(5) }),
  metric: ({ pipeline }, period) => pipeline.metricRetentionUsed({ period }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
  says: (threshold) =>
    `Behind by ${threshold} % of the retention of the stream or more: at 100 % records are lost. See docs/operations.md#alarms.`,
};
