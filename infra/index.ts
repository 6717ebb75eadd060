/** `kinesis-sluice/cdk`: pipelines as AWS CDK constructs. */
export type { PipelineStream } from './pipeline-streams.ts';
export type { PipelineSink } from './sinks/stack-sink.ts';
export { SluiceBucket, type SluiceBucketProps } from './sluice-bucket.ts';
export { SluicePipeline, type SluicePipelineProps } from './sluice-pipeline.ts';
export { SluiceTable, type SluiceTableProps } from './sluice-table.ts';
