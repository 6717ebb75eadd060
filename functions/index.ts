/** The public API of the package: the language pipelines are written in, and the kit to test them with. */
export type { Aggregate } from './aggregates/aggregate-function.ts';
export { avg } from './aggregates/avg.ts';
export { type Collected, type CollectOptions, collect } from './aggregates/collect.ts';
export { count } from './aggregates/count.ts';
export { type CountDistinctOptions, countDistinct } from './aggregates/count-distinct.ts';
export { type AggregateOptions, aggregate, type CustomAggregate } from './aggregates/custom.ts';
export { first } from './aggregates/first.ts';
export { last } from './aggregates/last.ts';
export { max } from './aggregates/max.ts';
export { min } from './aggregates/min.ts';
export type { VarianceOptions } from './aggregates/moments.ts';
export { type PercentileOptions, type PercentileResult, percentile } from './aggregates/percentile.ts';
export { stddev } from './aggregates/stddev.ts';
export { sum } from './aggregates/sum.ts';
export { type Frequent, type TopKOptions, topK } from './aggregates/top-k.ts';
export { variance } from './aggregates/variance.ts';
export { type AvroDecoder, type AvroOptions, type AvroSchema, avro } from './decoders/avro.ts';
export { type BytesDecoder, bytes } from './decoders/bytes.ts';
export { type CsvDecoder, type CsvEvent, type CsvOptions, type CsvType, csv } from './decoders/csv.ts';
export type { JsonEvent, JsonFields, JsonFieldType } from './decoders/declared-fields.ts';
export type { Decoder } from './decoders/decoder-kind.ts';
export { type JsonDecoder, type JsonOptions, json } from './decoders/json.ts';
export { type PlainTextDecoder, text } from './decoders/text.ts';
export type { EventMeta, NoReferences, RowMeta } from './pipeline/callback.ts';
export { pipeline } from './pipeline/chain.ts';
export { type CheckedPipeline, checkPipeline, type PipelineOverrides } from './pipeline/check-pipeline.ts';
export type { PipelineDefinition } from './pipeline/definition.ts';
export type { Duration } from './pipeline/duration.ts';
export { SluiceError, type SluiceErrorName } from './pipeline/errors.ts';
export {
  type DeduplicateOptions,
  type KinesisSinkOptions,
  type KinesisSourceOptions,
  type KinesisStream,
  kinesis,
} from './pipeline/kinesis.ts';
export type { KeyValue } from './pipeline/pipeline.ts';
export type { ShardPosition, ShardPositions, SparkCheckpoint } from './pipeline/positions.ts';
export type { Problem } from './pipeline/problems.ts';
export type { ReferenceOptions } from './pipeline/references.ts';
export type { RoleOptions } from './pipeline/role-options.ts';
export type { DeadLetterRecord, LateEvent, PayloadForm } from './pipeline/side-outputs.ts';
export type {
  CompleteOptions,
  DistinctStage,
  DropDuplicatesOptions,
  EventStage,
  FlatMapOptions,
  GroupedStage,
  OutputOptions,
  PipelineOptions,
  PipelineStart,
  ResultRow,
  RowStage,
  Sink,
  SourceStage,
  TimedEventStage,
  TopRowsOptions,
  TriggerOptions,
  VersionOptions,
  WatermarkOptions,
  WindowedStage,
  WrittenPipeline,
} from './pipeline/stages.ts';
export type { BatchEvent, BatchRow } from './sinks/batch-row.ts';
export { type ConsoleSink, console } from './sinks/console.ts';
export {
  type CustomSink,
  type CustomSinkOptions,
  customSink,
  type PutRecords,
  type SinkRecord,
} from './sinks/custom.ts';
export { type DynamodbSink, type DynamodbSinkOptions, dynamodb } from './sinks/dynamodb.ts';
export { type FileSink, file } from './sinks/file.ts';
export type { FileFormat } from './sinks/file-format.ts';
export { type FirehoseSink, type FirehoseSinkOptions, firehose } from './sinks/firehose.ts';
export {
  type BatchCall,
  type BatchCallback,
  type ForEachBatchOptions,
  type ForEachBatchSink,
  forEachBatch,
} from './sinks/for-each-batch.ts';
export type { ResultTiming, ResultVersion } from './sinks/identity.ts';
export { type LambdaSink, type LambdaSinkOptions, lambda } from './sinks/lambda.ts';
export { type NdjsonOptions, ndjson } from './sinks/ndjson.ts';
export { type ParquetColumns, type ParquetOptions, type ParquetRow, parquet } from './sinks/parquet.ts';
export type { ParquetType, ParquetValue } from './sinks/parquet-column.ts';
export { type S3Sink, type S3SinkOptions, s3 } from './sinks/s3.ts';
export type { BatchOptions } from './testing/batch-options.ts';
export type { BatchResult, OpenEntry } from './testing/run-batches.ts';
export { type RunOptions, type RunResult, runPipeline } from './testing/run-pipeline.ts';
export { type StateChange, type StateRow, type StateRowKind, stateChanges } from './testing/state-changes.ts';
export type { Moment, TestBatch, TestEvent } from './testing/test-batch.ts';
export { type ExpectedRow, type Transcript, type TranscriptOptions, transcript } from './testing/transcript.ts';
export type { ExpectedState } from './testing/transcript-steps.ts';
export { type GlobalWindow, type GlobalWindowOptions, globalWindow } from './windows/global-window.ts';
export { type PerMicroBatchWindow, perMicroBatch } from './windows/per-micro-batch.ts';
export { type SessionWindow, session } from './windows/session.ts';
export { type SlidingOptions, type SlidingWindow, sliding } from './windows/sliding.ts';
export { type TumblingOptions, type TumblingWindow, tumbling } from './windows/tumbling.ts';
