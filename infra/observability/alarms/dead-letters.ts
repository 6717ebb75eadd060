import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmKind } from '../alarm-kind.ts';

export const deadLetters: AlarmKind = {
  id: 'DeadLetters',
  unit: 'dead letters in five minutes',
  threshold: () => 1,
  rule: (threshold) => ({ threshold, periods: 1, ofPeriods: 1, period: Duration.minutes(5) }),
  metric: ({ pipeline }, period) => pipeline.metricDeadLetters({ period }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
  says: (threshold) =>
    `${threshold} or more events could not be processed in five minutes: \`sluice dead-letters list\` shows them.`,
};
