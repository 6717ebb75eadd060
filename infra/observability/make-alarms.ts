/** The alarms that an app has asked for. */
import { Alarm, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { Watched } from './alarm-kind.ts';
import { type AlarmName, alarmKinds, alarmNames } from './alarms/index.ts';

/** Of one alarm. */
export interface SluiceAlarm {
  /** From which value on, in the unit of the alarm. @default what the table of alarms in the documents says */
  readonly threshold?: number;
  /** In how many of `evaluationPeriods`. @default what the table of alarms says, or with `evaluationPeriods` all of them */
  readonly datapointsToAlarm?: number;
  /** How many periods are looked at. `stalled` has as many as it takes. @default what the table of alarms says */
  readonly evaluationPeriods?: number;
}

/** Which alarms a pipeline has; `false`: not that one. */
export type SluiceAlarms = { readonly [Name in AlarmName]?: SluiceAlarm | false };

export type AlarmsAsked = {
  readonly alarms?: boolean | SluiceAlarms;
  readonly alarmActions?: readonly IAlarmAction[];
  /** Its trigger says when it is started. Otherwise requests do, or a schedule of the app's own, and nobody knows when the next run is due. */
  readonly isStartedByTrigger: boolean;
};

export type MadeAlarms = { readonly [Name in AlarmName]?: Alarm };

/** Who asks for actions asks for alarms. */
export const hasAlarms = ({ alarms, alarmActions = [] }: Pick<AlarmsAsked, 'alarms' | 'alarmActions'>): boolean =>
  alarms === undefined ? alarmActions.length > 0 : alarms !== false;

export function makeAlarms(watched: Watched, asked: AlarmsAsked): MadeAlarms {
  if (!hasAlarms(asked)) return {};
  const options: SluiceAlarms = typeof asked.alarms === 'object' ? asked.alarms : {};
  refuseUnknown(options);
  const made = alarmNames
    .filter((name) => options[name] !== false)
    // It would be an alarm whenever no run was due.
    .filter((name) => name !== 'stalled' || asked.isStartedByTrigger || options.stalled !== undefined)
    .map((name) => [name, makeAlarm(name, watched, options[name] || {})] as const);
  for (const [, alarm] of made) alarm.addAlarmAction(...(asked.alarmActions ?? []));
  return Object.fromEntries(made);
}

function makeAlarm(name: AlarmName, watched: Watched, options: SluiceAlarm): Alarm {
  const kind = alarmKinds[name];
  refuseWrong(name, options);
  const asked = options.threshold ?? kind.threshold(watched);
  const { threshold, period, periods, ofPeriods } = kind.rule(asked);
  const evaluationPeriods = options.evaluationPeriods ?? ofPeriods;
  const datapointsToAlarm =
    options.datapointsToAlarm ?? (options.evaluationPeriods === undefined ? periods : evaluationPeriods);
  if (datapointsToAlarm > evaluationPeriods)
    throw new Error(`\`alarms.${name}\` asks for ${datapointsToAlarm} of ${evaluationPeriods} periods`);
  return new Alarm(watched.pipeline, `${kind.id}Alarm`, {
    alarmDescription: `${watched.pipeline.pipelineName}: ${kind.says(asked)}`,
    metric: kind.metric(watched, period),
    comparisonOperator: kind.comparison,
    treatMissingData: kind.missing,
    ...{ threshold, evaluationPeriods, datapointsToAlarm },
  });
}

function refuseUnknown(options: SluiceAlarms): void {
  const unknown = Object.keys(options).filter((name) => !alarmNames.includes(name as AlarmName));
  if (unknown.length === 0) return;
  throw new Error(`there is no alarm ${unknown.join(', ')}; there are ${alarmNames.join(', ')}`);
}

function refuseWrong(name: AlarmName, options: SluiceAlarm): void {
  for (const [option, value] of Object.entries(options) as [keyof SluiceAlarm, number | undefined][]) {
    const isRight = option === 'threshold' ? Number(value) > 0 : Number.isInteger(value) && Number(value) > 0;
    if (value === undefined || isRight) continue;
    const what = option === 'threshold' ? `a number of ${alarmKinds[name].unit} above 0` : 'a whole number from 1';
    throw new Error(`\`alarms.${name}.${option}\` is ${value}; it is ${what}`);
  }
}
