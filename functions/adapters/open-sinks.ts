/** What opens sinks: of each kind that takes an SDK, the adapter. Others open themselves, or the program has what does. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { SluiceError } from '../core/errors.ts';
import { RequestShare } from '../core/request-share.ts';
import type { Output } from '../pipeline/pipeline.ts';
import type { StreamLocation } from '../pipeline/stream-location.ts';
import type { Clock } from '../ports/clock.ts';
import type { CheckedCustomSink } from '../sinks/custom.ts';
import type { CheckedDynamodbSink } from '../sinks/dynamodb.ts';
import type { CheckedFirehoseSink } from '../sinks/firehose.ts';
import type { CheckedForEachBatch } from '../sinks/for-each-batch.ts';
import { type CheckedKinesisSink, kinesisKind } from '../sinks/kinesis.ts';
import type { CheckedLambdaSink } from '../sinks/lambda.ts';
import type { OutputRecord, OutputSink } from '../sinks/output-sink.ts';
import type { CheckedS3Sink } from '../sinks/s3.ts';
import type { SinkEnvironment } from '../sinks/sink-kind.ts';
import type { ClientSettings } from './aws-client.ts';
import { createCustomSink } from './callback/custom-sink.ts';
import { createCallbackSink } from './callback/for-each-batch-sink.ts';
import { createViewSink } from './dynamodb/view-sink.ts';
import { createFilesSink } from './files-sink.ts';
import { createFirehoseClient, createFirehoseSink } from './firehose/firehose-sink.ts';
import { aggregatingSink, laneOfBucket } from './kinesis/aggregating-sink.ts';
import { createKinesisSink, laneOfKey } from './kinesis/kinesis-sink.ts';
import { createLambdaClient, createLambdaSink } from './lambda/lambda-sink.ts';
import { lazyObjects } from './s3/lazy-objects.ts';
import type { StepLife } from './step-life.ts';

/** Of one step: what it waits for, and what ends with it. */
export type SinkOfStep = (clock: Clock, life: StepLife | undefined) => OutputSink;

export type AwsEnvironment = SinkEnvironment & {
  readonly kinesisClientAt: (place: AwsPlace) => KinesisClient;
  readonly dynamodbClientAt: (place: AwsPlace) => DynamoDBClient;
  /** Of a client of any service. */
  readonly settingsAt: (place: AwsPlace) => ClientSettings;
};

export type AwsPlace = Omit<StreamLocation, 'stream'>;

/** Called once for all steps: clients, and what is known of the sink, outlast them. */
export type OpenSink<Options = never> = (
  options: Options,
  environment: AwsEnvironment,
  /** Whose sink it is. */
  output: string,
) => SinkOfStep;

export type SinkOpeners = Readonly<Record<string, OpenSink>>;

/** As its options say. `open`: with records of a lane one after the other. */
export function openStream(
  { ordered, aggregate }: Pick<CheckedKinesisSink, 'ordered' | 'aggregate'>,
  open: (laneOf: ((record: OutputRecord) => string) | undefined) => OutputSink,
): OutputSink {
  if (globalThis.SLUICE_AGGREGATE !== false && aggregate) return aggregatingSink(open(laneOfBucket));
  return open(ordered ? laneOfKey : undefined);
}

const openKinesis: OpenSink<CheckedKinesisSink> = (sink, { kinesisClientAt }) => {
  const client = kinesisClientAt(sink);
  const share = new RequestShare();
  return (clock, life) => {
    const ofLife = life?.clientOf(client, 'Kinesis') ?? client;
    return openStream(sink, (laneOf) => createKinesisSink(ofLife, sink.stream, clock, Math.random, { share, laneOf }));
  };
};

const openDynamodb: OpenSink<CheckedDynamodbSink> = (sink, { dynamodbClientAt }) => {
  const client = dynamodbClientAt(sink);
  return (clock, life) => createViewSink(life?.clientOf(client, 'DynamoDB') ?? client, sink, clock);
};

const openFirehose: OpenSink<CheckedFirehoseSink> = (sink, { settingsAt }) => {
  const client = createFirehoseClient(settingsAt(sink));
  const share = new RequestShare();
  return (clock, life) => createFirehoseSink(life?.clientOf(client, 'Firehose') ?? client, sink, { clock, share });
};

const openLambda: OpenSink<CheckedLambdaSink> = (sink, { settingsAt }) => {
  const client = createLambdaClient(settingsAt(sink));
  const share = new RequestShare();
  return (clock, life) => createLambdaSink(life?.clientOf(client, 'Lambda') ?? client, sink, { clock, share });
};

const openS3: OpenSink<CheckedS3Sink> = (sink, { settingsAt }) => {
  const { bucket } = sink;
  const objectsOf = lazyObjects(settingsAt(sink));
  return (clock, life) => createFilesSink(sink, objectsOf(bucket, clock, life));
};

const openCustom: OpenSink<CheckedCustomSink> = (sink) => {
  const share = new RequestShare();
  return (clock, life) => {
    const own = createCustomSink(sink, { clock, share, over: life?.over });
    return life?.sinkOf(own) ?? own;
  };
};

const openForEachBatch: OpenSink<CheckedForEachBatch> = (sink) => (clock, life) => {
  const own = createCallbackSink(sink, { clock, over: life?.over });
  return life?.sinkOf(own) ?? own;
};

/** Each that no other pipeline needs by a word of its own: `functions/steps/bundled.d.ts`. */
const adapters: SinkOpeners = {
  [kinesisKind.kind]: openKinesis,
  ...(globalThis.SLUICE_CUSTOM_SINK !== false ? { custom: openCustom } : {}),
  ...(globalThis.SLUICE_DYNAMODB_SINK !== false ? { dynamodb: openDynamodb } : {}),
  ...(globalThis.SLUICE_FIREHOSE_SINK !== false ? { firehose: openFirehose } : {}),
  ...(globalThis.SLUICE_FOREACHBATCH_SINK !== false ? { forEachBatch: openForEachBatch } : {}),
  ...(globalThis.SLUICE_LAMBDA_SINK !== false ? { lambda: openLambda } : {}),
  ...(globalThis.SLUICE_S3_SINK !== false ? { s3: openS3 } : {}),
};

/** By an output's id. `more`: what this program opens beside. */
export function openSinks(
  outputs: readonly Output[],
  environment: AwsEnvironment,
  more: SinkOpeners = {},
): (clock: Clock, life: StepLife | undefined) => (output: string) => OutputSink {
  const opened = outputs.map((output) => [output.id, openSink(output, environment, more)] as const);
  return (clock, life) => {
    const sinks = new Map(opened.map(([id, ofStep]) => [id, ofStep(clock, life)]));
    return (output) => sinks.get(output) ?? refuse(output);
  };
}

function openSink({ id, sink: { kind, options } }: Output, environment: AwsEnvironment, more: SinkOpeners): SinkOfStep {
  const open = more[kind.kind] ?? adapters[kind.kind];
  if (open !== undefined) return open(options as never, environment, id);
  if (kind.open === undefined)
    throw new SluiceError('InvalidPipeline', `the ${kind.kind} sink is for development only; write to kinesis(…) here`);
  const own = kind.open(options, environment);
  return (_, life) => life?.sinkOf(own) ?? own;
}

/** What was stored is sent as it is, so it stays where it is until the output is there again. */
function refuse(output: string): never {
  throw new SluiceError(
    'InvalidPipeline',
    `there are stored results for an output '${output}', which the pipeline does not have: go back to the definition ` +
      'that has it until this batch is committed',
  );
}
