/** `kinesis-sluice/cdk`: pipelines as AWS CDK constructs. */
export type { SluiceFunctionProps } from './function-options.ts';
export type { SluiceAlarm, SluiceAlarms } from './observability/make-alarms.ts';
export {
  type DashboardPipeline,
  SluiceDashboard,
  type SluiceDashboardProps,
} from './observability/sluice-dashboard.ts';
export type { PipelineStream } from './pipeline-streams.ts';
export type { PipelineSink } from './sinks/stack-sink.ts';
export { SluiceBucket, type SluiceBucketProps } from './sluice-bucket.ts';
export { SluicePipeline } from './sluice-pipeline.ts';
export type { SluicePipelineProps } from './sluice-pipeline-props.ts';
export { SluiceTable, type SluiceTableProps } from './sluice-table.ts';
