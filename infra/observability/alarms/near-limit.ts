import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmKind } from '../alarm-kind.ts';

export const nearLimit: AlarmKind = {
  id: 'NearLimit',
  unit: 'percent of a limit',
  threshold: () => 80,
  rule: (threshold) => ({ threshold, periods: 1, ofPeriods: 1, period: Duration.minutes(5) }),
  metric: ({ pipeline }, period) => pipeline.metricLimitUsed({ period }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
  says: (threshold) =>
    `A batch has used ${threshold} % of a limit or more: the log of CommitBatch (\`near a limit\`) says which, and what to do. See docs/operations.md#limits.`,
};
