import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmKind } from '../alarm-kind.ts';

export const refusedRows: AlarmKind = {
  id: 'RefusedRows',
  unit: 'refused rows in five minutes',
  threshold: () => 1,
  rule: (threshold) => ({ threshold, periods: 1, ofPeriods: 1, period: Duration.minutes(5) }),
  metric: ({ pipeline }, period) => pipeline.metricRefusedRows({ period }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
  says: (threshold) =>
    `${threshold} or more rows were refused by a callback or by the limits of a sink in five minutes: \`sluice dead-letters list\` shows them.`,
};
