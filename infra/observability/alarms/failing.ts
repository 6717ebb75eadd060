import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmKind } from '../alarm-kind.ts';

/** One execution that fails is begun again by the schedule, and nothing is lost: where it goes on, somebody has to look. */
export const failing: AlarmKind = {
  id: 'Failing',
  unit: 'executions that failed in five minutes',
  threshold: () => 1,
  rule: (threshold) => ({ threshold, periods: 2, ofPeriods: 3, period: Duration.minutes(5) }),
  metric: ({ stateMachine }, period) =>
    new MathExpression({
      label: 'executions that failed',
      expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
      period,
      usingMetrics: {
        failed: stateMachine.metricFailed({ period, statistic: 'Sum' }),
        timedOut: stateMachine.metricTimedOut({ period, statistic: 'Sum' }),
      },
    }),
  comparison: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  missing: TreatMissingData.NOT_BREACHING,
  says: (threshold) =>
    `${threshold} or more executions failed in five minutes, again and again: the log of the state machine has the error's name. See docs/reference/errors.md.`,
};
