/** A dashboard of CloudWatch for one pipeline or several. */
import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { MeasuredPipeline } from './measured-pipeline.ts';

/** What the dashboard needs of a pipeline: a `SluicePipeline` has it. */
export interface DashboardPipeline extends MeasuredPipeline {
  /** What drives it. */
  readonly stateMachine: IStateMachine;
}

/** Whose dashboard it is: the third argument of `new SluiceDashboard`. */
export interface SluiceDashboardProps {
  /** From top to bottom. */
  readonly pipelines: readonly DashboardPipeline[];
  /** The name of the dashboard. @default one made by CloudFormation */
  readonly dashboardName?: string;
}

/**
 * A dashboard with some graphs of each pipeline: how far behind, records and events, what went wrong, how long the steps take, state, executors.
 * Of a pipeline without `metrics: 'all'` it shows those that the essential ones are enough for.
 *
 * @throws `Error` without a pipeline, or if one has `metrics: 'none'`
 * @example
 * ```ts
 * import { App, Stack } from 'aws-cdk-lib';
 * import { SluiceDashboard, SluicePipeline } from 'kinesis-sluice/cdk';
 *
 * const stack = new Stack(new App(), 'Flights');
 * const departures = new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts', metrics: 'all' });
 * const republish = new SluicePipeline(stack, 'Republish', { pipeline: 'examples/republish.ts' });
 *
 * new SluiceDashboard(stack, 'Pipelines', { pipelines: [departures, republish] });
 * ```
 */
export class SluiceDashboard extends Construct {
  /** The dashboard itself: more widgets may be added. */
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, { pipelines, dashboardName }: SluiceDashboardProps) {
    super(scope, id);
    if (pipelines.length === 0) throw new Error('a dashboard without a pipeline has nothing to show');
    this.dashboard = new Dashboard(this, 'Dashboard', {
      defaultInterval: Duration.hours(3),
      ...(dashboardName === undefined ? {} : { dashboardName }),
    });
    for (const pipeline of pipelines) {
      this.dashboard.addWidgets(new TextWidget({ markdown: `## ${pipeline.pipelineName}`, width: 24, height: 1 }));
      this.dashboard.addWidgets(...graphsOf(pipeline));
    }
  }
}

const width = 8;
const height = 6;

function graphsOf(pipeline: DashboardPipeline): readonly IWidget[] {
  const hasAll = pipeline.metricSet === 'all';
  const only = (metrics: () => readonly IMetric[]): readonly IMetric[] => (hasAll ? metrics() : []);
  const { stateMachine } = pipeline;
  const graphs: readonly { readonly title: string; readonly left: readonly IMetric[]; readonly stacked?: true }[] = [
    {
      title: 'Behind (ms)',
      left: [pipeline.metricMillisBehindLatest(), ...only(() => [pipeline.metricWatermarkLag()])],
    },
    { title: 'Share of limits (%)', left: [pipeline.metricRetentionUsed(), pipeline.metricLimitUsed()] },
    { title: 'Records and heartbeats', left: [pipeline.metricRecords(), pipeline.metricHeartbeats()] },
    {
      title: 'Refused',
      left: [
        ...[pipeline.metricDeadLetters(), pipeline.metricRefusedRows(), pipeline.metricThrottles()],
        ...[stateMachine.metricFailed({ label: 'executions that failed' }), stateMachine.metricTimedOut()],
      ],
    },
    {
      title: 'Events',
      left: only(() =>
        (['read', 'counted', 'filtered', 'late', 'emitted'] as const).map((outcome) => pipeline.metricEvents(outcome)),
      ),
    },
    {
      title: 'Steps (ms)',
      stacked: true,
      left: only(() =>
        (['plan', 'process', 'seal', 'reduce', 'commit'] as const).map((step) =>
          pipeline.metricStepDuration(step, { label: step }),
        ),
      ),
    },
    { title: 'Open windows of keys', left: only(() => [pipeline.metricOpenEntries()]) },
    { title: 'State (bytes)', left: only(() => [pipeline.metricStateBytes()]) },
    { title: 'Executors', left: only(() => [pipeline.metricExecutors(), pipeline.metricExecutorUse()]) },
  ];
  return graphs
    .filter(({ left }) => left.length > 0)
    .map(
      ({ title, left, stacked }) =>
        new GraphWidget({ title, left: [...left], stacked: stacked ?? false, width, height }),
    );
}
