import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmKind } from '../alarm-kind.ts';

const minuteMs = 60_000;
const leastMinutes = 15;
const dayMinutes = 1_440;
/** CloudWatch looks back so far, by periods of an hour. */
const mostMinutes = 7 * dayMinutes;

/** An idle pipeline gives heartbeats with its plans; one that is stopped gives none, and neither does one whose batch is never committed. */
export const stalled: AlarmKind = {
  id: 'Stalled',
  unit: 'minutes',
  // A turn may be late by another one, of triggers that leave room for it.
  threshold: ({ triggerMs }) => Math.min(mostMinutes, Math.max(leastMinutes, Math.ceil((3 * triggerMs) / minuteMs))),
  rule(minutes) {
    if (!Number.isInteger(minutes) || minutes < 2 || minutes > mostMinutes)
      throw new Error(`\`alarms.stalled.threshold\` is ${minutes}; it is whole minutes, from 2 to ${mostMinutes}`);
    const period = minutes <= dayMinutes ? Duration.minutes(1) : Duration.hours(1);
    const periods = Math.ceil(minutes / period.toMinutes());
    return { threshold: 1, periods, ofPeriods: periods, period };
  },
  metric: ({ pipeline }, period) => pipeline.metricHeartbeats({ period }),
  comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
  missing: TreatMissingData.BREACHING,
  says: (minutes) =>
    `For ${minutes} minutes no batch was committed, and no plan found nothing left to do. See docs/operations.md#alarms.`,
};
