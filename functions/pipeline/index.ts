/** The language pipelines are written in: the public API of the package. */
export type { Aggregate } from '../aggregates/aggregate-function.ts';
export { avg } from '../aggregates/avg.ts';
export { count } from '../aggregates/count.ts';
export { type AggregateOptions, aggregate, type CustomAggregate } from '../aggregates/custom.ts';
export { max } from '../aggregates/max.ts';
export { min } from '../aggregates/min.ts';
export { sum } from '../aggregates/sum.ts';
export { runPipeline } from '../core/run-pipeline.ts';
export { type BytesDecoder, bytes } from '../decoders/bytes.ts';
export { type JsonDecoder, type JsonOptions, json } from '../decoders/json.ts';
export { type PerMicroBatchWindow, perMicroBatch } from '../windows/per-micro-batch.ts';
export { type TumblingOptions, type TumblingWindow, tumbling } from '../windows/tumbling.ts';
export type { EventMeta } from './callback.ts';
export { pipeline } from './chain.ts';
export { type CheckedPipeline, checkPipeline, type PipelineOverrides } from './check-pipeline.ts';
export type { PipelineDefinition } from './definition.ts';
export type { Duration } from './duration.ts';
export { SluiceError } from './errors.ts';
export {
  type KinesisSinkOptions,
  type KinesisSourceOptions,
  type KinesisStream,
  kinesis,
  type RoleOptions,
} from './kinesis.ts';
export type { KeyValue } from './pipeline.ts';
export type { ShardPosition, ShardPositions, SparkCheckpoint } from './positions.ts';
export type { Problem } from './problems.ts';
export { type ConsoleSink, console, type FileSink, file } from './sinks.ts';
export type {
  EventStage,
  GroupedStage,
  PipelineOptions,
  PipelineStart,
  ResultRow,
  RowStage,
  Sink,
  SourceStage,
  TimedEventStage,
  TriggerOptions,
  WatermarkOptions,
  WindowedStage,
  WrittenPipeline,
} from './stages.ts';
