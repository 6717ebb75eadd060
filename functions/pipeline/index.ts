/** The language pipelines are written in: the public API of the package. */
export { runPipeline } from '../core/run-pipeline.ts';
export { type Aggregate, avg, count, max, min, sum } from './aggregates.ts';
export { pipeline } from './chain.ts';
export { type CheckedPipeline, checkPipeline, type PipelineOverrides } from './check-pipeline.ts';
export { type BytesDecoder, bytes, type JsonDecoder, type JsonOptions, json } from './decode.ts';
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
export type { EventMeta, KeyValue } from './pipeline.ts';
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
export {
  type PerMicroBatchWindow,
  perMicroBatch,
  type TumblingOptions,
  type TumblingWindow,
  tumbling,
} from './windows.ts';
