/** Metrics, alarms, a dashboard and traces of a deployed pipeline. */
import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { describe, expect, it, test } from 'vitest';
import { isGivenOut, type MetricName, metricKinds, metricNames } from '../../functions/pipeline/metrics.ts';
import { SluiceDashboard, SluicePipeline, type SluicePipelineProps } from '../../infra/index.ts';
import { alarmKinds, alarmNames } from '../../infra/observability/alarms/index.ts';
import { actionsOf, examples, newStack, resources, statements, synthesise } from './stack.ts';

const onPager: IAlarmAction = { bind: () => ({ alarmActionArn: 'arn:aws:sns:eu-west-1:123456789012:pager' }) };
type Watched = { readonly Namespace: string; readonly MetricName: string; readonly Dimensions?: unknown };

const alarmsIn = (template: Template) =>
  resources(template, 'AWS::CloudWatch::Alarm').map(({ id, properties }) => ({ id, ...properties })) as readonly {
    readonly id: string;
    readonly MetricName?: string;
    readonly Namespace?: string;
    readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: Watched } }[];
    readonly [property: string]: unknown;
  }[];

/** Of alarms and expressions alike. */
const watchedBy = (alarms: ReturnType<typeof alarmsIn>): readonly Watched[] =>
  alarms.flatMap(({ MetricName, Namespace, Dimensions, Metrics = [] }) =>
    MetricName === undefined
      ? Metrics.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric]))
      : [{ MetricName, Namespace: Namespace!, Dimensions }],
  );

/** What each function is told of metrics. */
const toldIn = (template: Template) =>
  Object.fromEntries(
    resources(template, 'AWS::Lambda::Function').map(({ properties }) => {
      const { Variables } = properties.Environment as { Variables: { SLUICE_METRICS?: string } };
      return [String(properties.Description).split(' ')[0], Variables.SLUICE_METRICS];
    }),
  );

describe('what a pipeline costs unless it is asked for more', () => {
  const { template, pipeline } = synthesise();

  it('is nothing: no metric, no alarm, no dashboard, no trace', () => {
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    expect(pipeline.alarms).toEqual({});
    expect(pipeline.metricSet).toBe('none');
    expect(statements(template).flatMap(({ statement }) => actionsOf(statement))).not.toContain(
      'xray:PutTraceSegments',
    );
  });

  it('is told to the functions that give metrics out, and to no other', () => {
    expect(toldIn(template)).toEqual({
      ...{ PlanBatch: 'none', CommitBatch: 'none' },
      ...{ ProcessShards: undefined, SealBatch: undefined, ReduceKeyGroup: undefined },
    });
  });
});

describe('metrics', () => {
  const { pipeline, stack } = synthesise({ metrics: 'all' });
  const { pipeline: few } = synthesise({ metrics: 'essential' });

  it('are given out once they are asked for, and the least that has them', () => {
    const asking = newStack();
    const given = { source: {}, sink: {}, stateBucket: false } as const;
    const asked = new SluicePipeline(asking, 'Asked', { ...given, pipeline: examples.departures });
    expect(asked.metricSet).toBe('none');
    asked.metricRecords();
    expect(asked.metricSet).toBe('essential');
    asked.metricBytes();
    asked.metricRecords();
    expect(toldIn(Template.fromStack(asking))).toMatchObject({ PlanBatch: 'all', CommitBatch: 'all' });
  });

  it('that alarms need are eight', () => {
    expect(metricNames.filter((name) => isGivenOut(name, 'essential'))).toHaveLength(8);
  });

  it('are of the pipeline, with the statistic of the list, or as they are asked for', () => {
    expect(stack.resolve(pipeline.metricMillisBehindLatest())).toMatchObject({
      ...{ namespace: 'Sluice', metricName: 'MillisBehindLatest', statistic: 'Maximum' },
      dimensions: { pipeline: 'departures' },
    });
    const asked = pipeline.metricRecords({ period: Duration.minutes(1), statistic: 'p90', label: 'records' });
    expect(asked).toMatchObject({ metricName: 'Records', statistic: 'p90', label: 'records' });
    expect(asked.period.toSeconds()).toBe(60);
  });

  it('may be by step and by reason', () => {
    expect(pipeline.metricStepDuration('reduce').dimensions).toEqual({ pipeline: 'departures', step: 'reduce' });
    expect(pipeline.metricDeadLetters({}, 'invalid-json').dimensions).toEqual({
      ...{ pipeline: 'departures', reason: 'invalid-json' },
    });
  });

  it('have a method each, but for what only `metric` names', () => {
    const methods = [
      ...[pipeline.metricMillisBehindLatest(), pipeline.metricRetentionUsed(), pipeline.metricHeartbeats()],
      ...[pipeline.metricRecords(), pipeline.metricBytes(), pipeline.metricBatches(), pipeline.metricRows()],
      ...(['read', 'counted', 'filtered', 'late', 'deadLettered', 'emitted'] as const).map((outcome) =>
        pipeline.metricEvents(outcome),
      ),
      ...[pipeline.metricDeadLetters(), pipeline.metricRefusedRows(), pipeline.metricWatermarkLag()],
      ...[pipeline.metricOpenEntries(), pipeline.metricStateBytes(), pipeline.metricLimitUsed()],
      ...[pipeline.metricBatchDuration(), pipeline.metricStepDuration('plan'), pipeline.metricThrottles()],
      ...[pipeline.metricExecutors(), pipeline.metricExecutorUse()],
    ].map(({ metricName }) => metricName);
    expect(new Set([...methods, 'FailedTasks'])).toEqual(new Set(metricNames));
  });

  it.each<[string, () => unknown, RegExp]>([
    ['there are not', () => pipeline.metric('Speed' as MetricName), /no metric Speed; there are Heartbeats, Records/],
    ['are given out by nothing', () => pipeline.metric('Records', {}, 'plan'), /Records is given out for the pipeline/],
    ['are given out by step alone', () => pipeline.metric('StepDuration'), /by its dimension alone/],
    [
      'are not given out',
      () => few.metricRows(),
      /departures has `metrics: 'essential'`, without Rows: `metrics: 'all'` has it/,
    ],
    ['are not given out by reason', () => few.metricDeadLetters({}, 'late'), /without DeadLetters by reason/],
  ])('that %s are refused by name', (_, ask, message) => {
    expect(ask).toThrow(message);
  });
});

describe('alarms', () => {
  const { template, pipeline } = synthesise({ alarmActions: [onPager] });
  const alarms = alarmsIn(template);

  it('come with their actions, all of them', () => {
    expect(Object.keys(pipeline.alarms)).toEqual(alarmNames);
    expect(alarms).toHaveLength(alarmNames.length);
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual(['arn:aws:sns:eu-west-1:123456789012:pager']);
  });

  it('watch metrics that the pipeline gives out, and those of its state machine', () => {
    const watched = watchedBy(alarms);
    const own = watched.filter(({ Namespace }) => Namespace === 'Sluice');
    for (const { MetricName, Dimensions } of own) {
      expect(isGivenOut(MetricName as MetricName, 'essential'), MetricName).toBe(true);
      expect(Dimensions).toEqual([{ Name: 'pipeline', Value: 'departures' }]);
    }
    const others = watched.filter(({ Namespace }) => Namespace !== 'Sluice');
    expect(others.map(({ Namespace, MetricName }) => `${Namespace} ${MetricName}`).sort()).toEqual([
      ...['AWS/States ExecutionsFailed', 'AWS/States ExecutionsTimedOut'],
    ]);
  });

  it('need all of the metrics that are given out by default, but for those that graphs need', () => {
    const watched = new Set(watchedBy(alarms).map(({ MetricName }) => MetricName));
    const rest = metricNames.filter((name) => metricKinds[name].set === 'essential' && !watched.has(name));
    expect(rest).toEqual(['Records', 'MillisBehindLatest']);
  });

  it('say what has happened, and to which pipeline', () => {
    for (const { AlarmDescription } of alarms) expect(AlarmDescription).toMatch(/^departures: .{40,}/);
  });

  test('an idle pipeline trips none: only silence is an alarm, of the heartbeats that its plans give', () => {
    const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData !== 'notBreaching');
    expect(breaching).toMatchObject([
      {
        ...{ MetricName: 'Heartbeats', Statistic: 'Sum', Period: 60, EvaluationPeriods: 15, DatapointsToAlarm: 15 },
        ...{ ComparisonOperator: 'LessThanThreshold', Threshold: 1, TreatMissingData: 'breaching' },
      },
    ]);
  });

  const madeWith = (props: Partial<SluicePipelineProps>) => alarmsIn(synthesise(props).template);

  it('may be asked for without actions, with other thresholds, and be left out', () => {
    expect(madeWith({ alarms: true })).toHaveLength(alarmNames.length);
    expect(madeWith({ alarms: false, alarmActions: [onPager] })).toEqual([]);
    const some = madeWith({ alarms: { behind: { threshold: 30, evaluationPeriods: 2 }, throttled: false } });
    expect(some).toHaveLength(alarmNames.length - 1);
    expect(some.find(({ MetricName }) => MetricName === 'RetentionUsed')).toMatchObject({
      ...{ Threshold: 30, EvaluationPeriods: 2, DatapointsToAlarm: 2 },
    });
  });

  test('who starts the pipeline on request only, or by a schedule of his own, has no alarm of silence unless it is asked for', () => {
    for (const schedule of [false, ScheduleExpression.rate(Duration.hours(6))] as const) {
      expect(madeWith({ alarms: true, schedule }).map(({ MetricName }) => MetricName)).not.toContain('Heartbeats');
      const asked = madeWith({ alarms: { stalled: { threshold: 60 } }, schedule });
      expect(asked.find(({ MetricName }) => MetricName === 'Heartbeats')).toMatchObject({ EvaluationPeriods: 60 });
    }
  });

  it.each([
    [10_000, 15, 60, 15],
    [600_000, 30, 60, 30],
    [12 * 3_600_000, 2_160, 3_600, 36],
    [72 * 3_600_000, 10_080, 3_600, 168],
  ])('of silence waits for three turns: a trigger of %i ms', (triggerMs, minutes, period, periods) => {
    const { stalled } = alarmKinds;
    expect(stalled.threshold({ triggerMs })).toBe(minutes);
    const rule = stalled.rule(minutes);
    expect([rule.period.toSeconds(), rule.ofPeriods, rule.threshold]).toEqual([period, periods, 1]);
  });

  it.each<[string, Partial<SluicePipelineProps>, RegExp]>([
    ['a name that there is not', { alarms: { slow: {} } as never }, /no alarm slow; there are behind, stalled/],
    [
      'a threshold of nothing',
      { alarms: { behind: { threshold: 0 } } },
      /`alarms.behind.threshold` is 0; it is a number/,
    ],
    ['half a minute', { alarms: { stalled: { threshold: 2.5 } } }, /`alarms.stalled.threshold` is 2.5; it is whole/],
    [
      'more periods than there are',
      { alarms: { behind: { datapointsToAlarm: 4, evaluationPeriods: 3 } } },
      /`alarms.behind` asks for 4 of 3 periods/,
    ],
    ['a pipeline without metrics', { alarms: true, metrics: 'none' }, /has `metrics: 'none'`, without RetentionUsed/],
  ])('refuse %s', (_, props, message) => {
    expect(() => synthesise(props)).toThrow(message);
  });
});

describe('a dashboard', () => {
  const shownIn = (template: Template) => {
    const [dashboard] = resources(template, 'AWS::CloudWatch::Dashboard');
    return JSON.stringify(dashboard!.properties.DashboardBody).replaceAll('\\"', '"');
  };
  const namesIn = (body: string) => [...body.matchAll(/"Sluice","(\w+)"/g)].map(([, name]) => name!);

  it('comes with all metrics, and shows those that are in the list', () => {
    const { template, pipeline } = synthesise({ dashboard: true });
    expect(pipeline.metricSet).toBe('all');
    const names = namesIn(shownIn(template));
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !metricNames.includes(name as MetricName))).toEqual([]);
  });

  it('of several pipelines shows of each what it gives out', () => {
    const stack = newStack();
    const given = { source: {}, sink: {}, stateBucket: false } as const;
    const all = new SluicePipeline(stack, 'All', { ...given, pipeline: examples.departures, metrics: 'all' });
    const few = new SluicePipeline(stack, 'Few', { ...given, pipeline: examples.republish });
    new SluiceDashboard(stack, 'Both', { pipelines: [all, few], dashboardName: 'flights' });
    const shown = [...shownIn(Template.fromStack(stack)).matchAll(/"Sluice","(\w+)","pipeline","(\w+)"/g)];
    const ofFew = shown.filter(([, , pipeline]) => pipeline === 'republish').map(([, name]) => name);
    expect(ofFew.filter((name) => !isGivenOut(name as MetricName, 'essential'))).toEqual([]);
    expect(ofFew).toContain('MillisBehindLatest');
  });

  it('of nothing is refused', () => {
    const { stack, pipeline } = synthesise({ metrics: 'none' });
    expect(() => new SluiceDashboard(stack, 'Of', { pipelines: [] })).toThrow(/has nothing to show/);
    expect(() => new SluiceDashboard(stack, 'Of2', { pipelines: [pipeline] })).toThrow(/`metrics: 'none'`/);
  });
});

describe('traces', () => {
  const { template } = synthesise({ tracing: true });

  it('are sent by all functions and the state machine', () => {
    template.allResourcesProperties('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } });
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      TracingConfiguration: { Enabled: true },
      RoleArn: Match.anyValue(),
    });
  });

  it('need these rights and no others', () => {
    const actions = statements(template)
      .flatMap(({ statement }) => actionsOf(statement))
      .filter((action) => action.startsWith('xray:'));
    expect([...new Set(actions)].sort()).toEqual([
      ...['xray:GetSamplingRules', 'xray:GetSamplingTargets'],
      ...['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    ]);
    const ofFunctions = statements(template).filter(({ role }) => !role.includes('Driver'));
    expect(ofFunctions.flatMap(({ statement }) => actionsOf(statement))).not.toContain('xray:GetSamplingRules');
  });
});
