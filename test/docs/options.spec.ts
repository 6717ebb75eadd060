/**
 * docs/reference/options.md has every option, its default, what it takes and what its docstring says;
 * `npx vitest run test/docs/options.spec.ts --update` writes it anew. What a docstring calls the default is the default.
 */
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { CheckedAvro } from '../../functions/decoders/avro.ts';
import type { CheckedCsv } from '../../functions/decoders/csv.ts';
import type { CheckedJson } from '../../functions/decoders/json.ts';
import {
  avro,
  checkPipeline,
  collect,
  count,
  countDistinct,
  csv,
  type Decoder,
  dynamodb,
  firehose,
  forEachBatch,
  globalWindow,
  json,
  kinesis,
  lambda,
  ndjson,
  parquet,
  percentile,
  perMicroBatch,
  pipeline,
  type Sink,
  s3,
  sliding,
  topK,
  tumbling,
  variance,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { checkRole } from '../../functions/pipeline/check-role.ts';
import { parseDuration } from '../../functions/pipeline/duration.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { protobuf } from '../../functions/protobuf.ts';
import type { CheckedDynamodbSink } from '../../functions/sinks/dynamodb.ts';
import type { CheckedFirehoseSink } from '../../functions/sinks/firehose.ts';
import type { CheckedForEachBatch } from '../../functions/sinks/for-each-batch.ts';
import { kinesisSinkOf } from '../../functions/sinks/kinesis.ts';
import type { CheckedLambdaSink } from '../../functions/sinks/lambda.ts';
import type { CheckedS3Sink } from '../../functions/sinks/s3.ts';
import type { CheckedTumbling } from '../../functions/windows/tumbling.ts';
import { FlightSchema } from '../decoders/vectors/flight_pb.ts';
import { type Field, fieldsWithDocs } from './docstrings.ts';
import { readDocument, withGenerated, wrapped } from './documents.ts';

type Place =
  | 'source'
  | 'source.getRecords'
  | 'source.role'
  | 'source.subscribeToShard'
  | 'source.deduplicate'
  | 'decode'
  | 'csv'
  | 'avro'
  | 'protobuf'
  | 'sink'
  | 'sink.role'
  | 'dynamodb'
  | 's3'
  | 'ndjson'
  | 'parquet'
  | 'firehose'
  | 'forEachBatch'
  | 'lambda'
  | 'options'
  | 'flatMap'
  | 'withReference'
  | 'withWatermark'
  | 'window'
  | 'sliding'
  | 'global'
  | 'aggregate.variance'
  | 'aggregate.percentile'
  | 'aggregate.collect'
  | 'aggregate.countDistinct'
  | 'aggregate.topK'
  | 'allowedLateness'
  | 'topRows'
  | 'dropDuplicates'
  | 'outputMode'
  | 'trigger';
const page = 'docs/reference/options.md';

/** An option with a name that resembles none: the refusal lists all that exist. */
const unknown = { qqqqqqqqqqqqqqqqqqqq: 1 };

/** The options stand at `place`. */
function definitionWith(place: Place | undefined, options: object = unknown) {
  const at = (candidate: Place): object => (candidate === place ? options : {});
  const mode = place === 'topRows' ? 'append' : place === 'outputMode' ? 'complete' : 'update';
  const source: { readonly streamName: string } = {
    streamName: 'in',
    ...at('source'),
    ...(place === 'source.getRecords' ? { getRecords: options } : {}),
    ...(place === 'source.role' ? { role: options } : {}),
    ...(place === 'source.subscribeToShard' ? { subscribeToShard: options } : {}),
    ...(place === 'source.deduplicate' ? { deduplicate: options } : {}),
  };
  const sink: { readonly streamName: string } = {
    streamName: 'out',
    ...at('sink'),
    ...(place === 'sink.role' ? { role: options } : {}),
  };
  const timed = pipeline('any', at('options'))
    .readStream(kinesis(source))
    .decode<unknown, unknown>(decoderWith(place, at))
    .flatMap((event) => [event], at('flatMap'))
    .withReference('any', () => 1, { every: '1 hour', ...at('withReference') })
    .withWatermark((_, meta) => meta.arrivalTime, { delay: '0 seconds', ...at('withWatermark') });
  if (place === 'dropDuplicates')
    return timed
      .dropDuplicates({ key: (_, meta) => meta.partitionKey }, { within: '1 hour', ...options })
      .writeStream(kinesis(sink))
      .trigger({});
  const rows = timed
    .groupBy({ key: (_, meta) => meta.partitionKey })
    .window(windowWith(place, options))
    .allowedLateness(place === 'global' || place === 'topRows' ? '0 seconds' : '1 day', at('allowedLateness'))
    .aggregate({ events: count(), ...aggregatesWith(at) });
  return (place === 'topRows' ? rows.topRows(1, { by: () => 1, ...options }) : rows)
    .writeStream(sinkWith(place, options) ?? kinesis(sink))
    .outputMode(mode as 'complete', at('outputMode'))
    .trigger(at('trigger'));
}

function sinkWith(place: Place | undefined, options: object): Sink<unknown> | undefined {
  if (place === 'dynamodb') return dynamodb({ tableName: 'any', ...options });
  if (place === 'lambda') return lambda({ functionName: 'any', ...options });
  if (place === 'forEachBatch') return forEachBatch(() => {}, options);
  if (place === 'firehose') return firehose({ deliveryStreamName: 'any', ...options });
  if (place === 's3') return s3({ bucket: 'any', identity: 'field', ...options });
  if (place === 'ndjson') return s3({ bucket: 'any', identity: 'field', format: ndjson(options) });
  if (place === 'parquet') {
    const columns = { any: 'json' } as const;
    return s3({ bucket: 'any', identity: 'field', format: parquet({ columns, ...options }) }) as Sink<unknown>;
  }
  return undefined;
}

function decoderWith(place: Place | undefined, at: (place: Place) => object): Decoder<unknown, unknown> {
  if (place === 'csv') return csv({ any: 'text' }, at('csv')) as Decoder<unknown, unknown>;
  if (place === 'protobuf') return protobuf(FlightSchema, at('protobuf')) as unknown as Decoder<unknown, unknown>;
  if (place === 'avro') return avro('int', at('avro')) as Decoder<unknown, unknown>;
  return json(z.any(), at('decode'));
}

function windowWith(place: Place | undefined, options: object): ReturnType<typeof tumbling> {
  const given = place === 'sliding' ? sliding('1 hour', '5 minutes', options) : undefined;
  const total = place === 'global' ? globalWindow({ ttl: '1 hour', ...options }) : undefined;
  return (given ?? total ?? tumbling('1 hour', place === 'window' ? options : {})) as ReturnType<typeof tumbling>;
}

const aggregatesWith = (at: (place: Place) => object) => ({
  variance: variance(() => 1, at('aggregate.variance')),
  percentile: percentile(() => 1, 0.5, at('aggregate.percentile')),
  collect: collect(() => 1, at('aggregate.collect')),
  countDistinct: countDistinct(() => 1, at('aggregate.countDistinct')),
  topK: topK(() => 1, 1, at('aggregate.topK')),
});

function knownOptions(place: Place): string[] {
  const checked = checkPipeline(definitionWith(place));
  if (checked.kind === 'valid') throw new Error(`${place} takes any option`);
  const [problem] = checked.problems.filter(({ message }) => message.includes('there is no such option'));
  return problem!.allowed.replace(/^one of /, '').split(', ');
}

/** A symbol is no value of any option, and the refusal says what is. */
function allowedAt(place: Place, name: string): string {
  const checked = checkPipeline(definitionWith(place, { [name]: Symbol('none') }));
  const problems = checked.kind === 'valid' ? [] : checked.problems;
  return problems.find(({ option }) => option.endsWith(`.${name}`))?.allowed ?? '';
}

function defaults(place?: Place): Pipeline {
  const checked = checkPipeline(definitionWith(place, {}));
  if (checked.kind === 'invalid') throw new Error(checked.problems.map(({ message }) => message).join('\n'));
  return checked.pipeline;
}

const dropping = defaults('source.deduplicate').source.deduplicate!;
const { decoder, source, outputs, operations, aggregation, trigger, ...rest } = defaults();
const ofAvro = defaults('avro').decoder.options as CheckedAvro;
const ofCsv = defaults('csv').decoder.options as CheckedCsv;
const sink = kinesisSinkOf(outputs[0]!.sink)!;
const view = defaults('dynamodb').outputs[0]!.sink.options as CheckedDynamodbSink;
const ofLambda = defaults('lambda').outputs[0]!.sink.options as CheckedLambdaSink;
const ofS3 = requirePipeline(
  pipeline('any')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.any()))
    .groupBy({})
    .window(perMicroBatch())
    .aggregate({ events: count() })
    .writeStream(s3({ bucket: 'any' })),
).outputs[0]!.sink.options as CheckedS3Sink;
const ofFirehose = defaults('firehose').outputs[0]!.sink.options as CheckedFirehoseSink;
const ofForEachBatch = defaults('forEachBatch').outputs[0]!.sink.options as CheckedForEachBatch;
const flattened = operations[0] as Extract<(typeof operations)[number], { kind: 'flatMap' }>;
const { eventTime } = operations[1] as Extract<(typeof operations)[number], { kind: 'watermark' }>;
const { offsetMs } = aggregation!.window.options as CheckedTumbling;

/** Without a role it has no options: these are of one of which only the ARN is given. */
const { durationMs, ...role } = checkRole('role', { arn: 'arn:aws:iam::123456789012:role/any' }, undefined, [])!;
const roleDefaults = {
  arn: undefined,
  sessionName: role.sessionName,
  externalId: role.externalId,
  duration: durationMs,
  stsRegion: role.stsRegion,
  stsEndpointUrl: role.stsEndpointUrl,
};

type Part = {
  readonly title: string;
  readonly place: Place;
  readonly file: string;
  readonly type: string;
  /** What each option is when it is not given; undefined: nothing, or what words have to say. */
  readonly defaults: Readonly<Record<string, unknown>>;
};

const kinesisFile = 'functions/pipeline/kinesis.ts';
const stagesFile = 'functions/pipeline/stages.ts';

const parts: readonly Part[] = [
  {
    title: 'stream',
    place: 'source',
    file: kinesisFile,
    type: 'StreamLocation',
    defaults: { streamName: undefined, streamArn: undefined, region: source.region, endpointUrl: source.endpointUrl },
  },
  {
    title: 'role',
    place: 'source.role',
    file: 'functions/pipeline/role-options.ts',
    type: 'RoleOptions',
    defaults: roleDefaults,
  },
  {
    title: 'source',
    place: 'source',
    file: kinesisFile,
    type: 'KinesisSourceOptions',
    defaults: {
      consumerType: source.consumerType,
      startingPosition: { latest: 'LATEST' }[source.startingPosition.kind as 'latest'],
      endingPosition: source.endingPosition,
      describeShardInterval: source.describeShardIntervalMs,
      maxFetchRecordsPerShard: source.maxFetchRecordsPerShard,
      maxFetchTimePerShard: source.maxFetchTimePerShardMs,
      'getRecords.numberOfRecordsPerFetch': source.numberOfRecordsPerFetch,
      'getRecords.fetchInterval': source.fetchIntervalMs,
      'subscribeToShard.consumerName': source.subscribeToShard.consumerName,
      'subscribeToShard.consumerArn': source.subscribeToShard.consumerArn,
      'subscribeToShard.adopt': source.subscribeToShard.adopt,
      'subscribeToShard.fallBack': source.subscribeToShard.fallBack,
      'subscribeToShard.httpVersion': source.subscribeToShard.httpVersion,
      failOnDataLoss: source.failOnDataLoss,
      deduplicate: source.deduplicate !== undefined,
      compression: source.compression,
      maxDecompressedBytes: source.maxDecompressedBytes,
    },
  },
  {
    title: 'deduplicate',
    place: 'source.deduplicate',
    file: kinesisFile,
    type: 'DeduplicateOptions',
    defaults: { identityField: dropping.identityField, forgetAfter: dropping.forgetAfterMs },
  },
  {
    title: 'decoder',
    place: 'decode',
    file: 'functions/decoders/json.ts',
    type: 'JsonOptions',
    defaults: {
      largeIntegers: (decoder.options as CheckedJson).largeIntegers,
      header: (decoder.options as CheckedJson).header,
      parse: (decoder.options as CheckedJson).parse,
    },
  },
  {
    title: 'csv',
    place: 'csv',
    file: 'functions/decoders/csv.ts',
    type: 'CsvOptions',
    defaults: { delimiter: ofCsv.delimiter, quotes: ofCsv.quotes },
  },
  {
    title: 'avro',
    place: 'avro',
    file: 'functions/decoders/avro.ts',
    type: 'AvroOptions',
    defaults: { writer: undefined, versions: undefined, longs: ofAvro.longs, logicalTypes: ofAvro.logicalTypes },
  },
  {
    title: 'protobuf',
    place: 'protobuf',
    file: 'functions/decoders/protobuf.ts',
    type: 'ProtobufOptions',
    defaults: { versions: undefined },
  },
  {
    title: 'sink',
    place: 'sink',
    file: kinesisFile,
    type: 'KinesisSinkOptions',
    defaults: {
      partitionKey: sink.partitionKey,
      identity: sink.identity,
      identityField: sink.identityField,
      maxRecordBytes: sink.maxRecordBytes,
      ordered: sink.ordered,
      aggregate: sink.aggregate,
      allowLoop: sink.allowLoop,
    },
  },
  {
    title: 'dynamodb',
    place: 'dynamodb',
    file: 'functions/sinks/dynamodb.ts',
    type: 'DynamodbSinkOptions',
    defaults: {
      ...{ tableName: undefined, tableArn: undefined, region: view.region, endpointUrl: view.endpointUrl },
      ...{ partitionKey: view.partitionKey, sortKey: view.sortKey, partitionKeyName: view.partitionKeyName },
      ...{ sortKeyName: view.sortKeyName, identityField: view.identityField, tombstoneTtl: view.tombstoneTtlMs },
      ttlField: view.ttlField,
    },
  },
  {
    title: 's3',
    place: 's3',
    file: 'functions/sinks/s3.ts',
    type: 'S3SinkOptions',
    defaults: {
      ...{
        bucket: undefined,
        prefix: undefined,
        region: ofS3.region,
        endpointUrl: ofS3.endpointUrl,
        format: undefined,
      },
      ...{ partitionBy: ofS3.partitionBy, maxRowsPerFile: ofS3.limits.maxRows },
      maxMiBPerFile: ofS3.limits.maxBytes / 1_048_576,
      ...{ identity: ofS3.identity, identityField: ofS3.identityField },
    },
  },
  {
    title: 'ndjson',
    place: 'ndjson',
    file: 'functions/sinks/ndjson.ts',
    type: 'NdjsonOptions',
    defaults: ofS3.format.options as Record<string, unknown>,
  },
  {
    title: 'parquet',
    place: 'parquet',
    file: 'functions/sinks/parquet.ts',
    type: 'ParquetOptions',
    defaults: { columns: undefined, compression: 'snappy' },
  },
  {
    title: 'firehose',
    place: 'firehose',
    file: 'functions/sinks/firehose.ts',
    type: 'FirehoseSinkOptions',
    defaults: {
      ...{ deliveryStreamName: undefined, deliveryStreamArn: undefined },
      ...{ region: ofFirehose.region, endpointUrl: ofFirehose.endpointUrl, delimiter: ofFirehose.delimiter },
      ...{ identity: ofFirehose.identity, identityField: ofFirehose.identityField },
    },
  },
  {
    title: 'forEachBatch',
    place: 'forEachBatch',
    file: 'functions/sinks/for-each-batch.ts',
    type: 'ForEachBatchOptions',
    defaults: { maxRows: ofForEachBatch.maxRows },
  },
  {
    title: 'lambda',
    place: 'lambda',
    file: 'functions/sinks/lambda.ts',
    type: 'LambdaSinkOptions',
    defaults: {
      ...{ functionName: undefined, functionArn: undefined },
      ...{ region: ofLambda.region, endpointUrl: ofLambda.endpointUrl, batchSize: ofLambda.batchSize },
      ...{ identity: ofLambda.identity, identityField: ofLambda.identityField },
    },
  },
  {
    title: 'pipeline',
    place: 'options',
    file: stagesFile,
    type: 'PipelineOptions',
    defaults: {
      parallelism: rest.parallelism,
      minBatchesToRetain: rest.minBatchesToRetain,
      shardsPerTask: rest.shardsPerTask,
      newAggregates: rest.newAggregates,
      deadLetterPayload: rest.letterKeeping.payload,
      deadLetterRetention: rest.letterKeeping.retentionMs,
      maxTasks: rest.maxTasks,
    },
  },
  {
    title: 'watermark',
    place: 'withWatermark',
    file: stagesFile,
    type: 'WatermarkOptions',
    defaults: { delay: undefined, idleTimeout: eventTime.idleTimeoutMs, maxFutureTime: eventTime.maxFutureMs },
  },
  {
    title: 'withReference',
    place: 'withReference',
    file: 'functions/pipeline/references.ts',
    type: 'ReferenceOptions',
    defaults: { every: undefined, staleAfter: undefined, version: undefined },
  },
  {
    title: 'flatMap',
    place: 'flatMap',
    file: stagesFile,
    type: 'FlatMapOptions',
    defaults: { maxElements: flattened.maxElements },
  },
  {
    title: 'window',
    place: 'window',
    file: 'functions/windows/tumbling.ts',
    type: 'TumblingOptions',
    defaults: { offset: offsetMs, zone: undefined },
  },
  {
    title: 'sliding',
    place: 'sliding',
    file: 'functions/windows/sliding.ts',
    type: 'SlidingOptions',
    defaults: { offset: offsetMs },
  },
  {
    title: 'globalWindow',
    place: 'global',
    file: 'functions/windows/global-window.ts',
    type: 'GlobalWindowOptions',
    defaults: { ttl: undefined },
  },
  {
    title: 'variance',
    place: 'aggregate.variance',
    file: 'functions/aggregates/moments.ts',
    type: 'VarianceOptions',
    defaults: { of: 'sample' },
  },
  {
    title: 'percentile',
    place: 'aggregate.percentile',
    file: 'functions/aggregates/percentile.ts',
    type: 'PercentileOptions',
    defaults: { error: 0.01 },
  },
  {
    title: 'collect',
    place: 'aggregate.collect',
    file: 'functions/aggregates/collect.ts',
    type: 'CollectOptions',
    defaults: { limit: 100, beyond: 'truncate' },
  },
  {
    title: 'countDistinct',
    place: 'aggregate.countDistinct',
    file: 'functions/aggregates/count-distinct.ts',
    type: 'CountDistinctOptions',
    defaults: { exactUpTo: 1_000, beyond: 'approximate', precision: 12 },
  },
  {
    title: 'topK',
    place: 'aggregate.topK',
    file: 'functions/aggregates/top-k.ts',
    type: 'TopKOptions',
    defaults: { exactUpTo: 1_000 },
  },
  {
    title: 'versions',
    place: 'allowedLateness',
    file: stagesFile,
    type: 'VersionOptions',
    defaults: { retractions: 'send', accumulation: 'accumulating' },
  },
  {
    title: 'topRows',
    place: 'topRows',
    file: stagesFile,
    type: 'TopRowsOptions',
    defaults: { by: undefined, order: defaults('topRows').aggregation!.top!.order, rankAs: undefined },
  },
  {
    title: 'dropDuplicates',
    place: 'dropDuplicates',
    file: stagesFile,
    type: 'DropDuplicatesOptions',
    defaults: { within: undefined },
  },
  {
    title: 'complete',
    place: 'outputMode',
    file: stagesFile,
    type: 'CompleteOptions',
    defaults: { maxRows: 10_000 },
  },
  {
    title: 'trigger',
    place: 'trigger',
    file: stagesFile,
    type: 'TriggerOptions',
    defaults: { every: trigger.everyMs, stopWhenIdle: trigger.stopWhenIdleMs, availableNow: trigger.availableNow },
  },
];

/** Objects of options: only what is in them is told. */
const nestedNames = new Set(['getRecords', 'role', 'subscribeToShard']);
const fieldsOfPart = ({ file, type }: Pick<Part, 'file' | 'type'>): Field[] =>
  fieldsWithDocs(file, type).filter(({ name }) => !nestedNames.has(name));

/** `getRecords.fetchInterval` of the source is checked as `fetchInterval` of `source.getRecords`. */
function placed(part: Part, option: string): readonly [Place, string] {
  const [outer, inner] = option.split('.') as [string, string | undefined];
  return inner === undefined ? [part.place, outer] : [`${part.place}.${outer}` as Place, inner];
}

/** A literal as the value it stands for; words are for what depends on something: no value at all. */
function valueIn(fallback: string | undefined): unknown {
  const text = /^'(.*)'$/.exec(fallback ?? '')?.[1];
  if (text !== undefined) return parseDuration(text) ?? text;
  return /^(\d+(\.\d+)?|true|false)$/.test(fallback ?? '') ? JSON.parse(fallback!) : undefined;
}

describe.each(parts)('options of $title', (part) => {
  const fields = fieldsOfPart(part);

  test('have the defaults that their docstrings name', () => {
    expect(Object.fromEntries(fields.map(({ name, fallback }) => [name, valueIn(fallback)]))).toEqual(part.defaults);
  });

  test('say what they are, and what holds without them', () => {
    for (const { name, text, fallback, isRequired } of fields) {
      expect(text, name).not.toBe('');
      expect(isRequired || fallback !== undefined, name).toBe(true);
    }
  });
});

test.each<Place>([
  'source',
  'source.getRecords',
  'source.role',
  'source.subscribeToShard',
  'source.deduplicate',
  'decode',
  'csv',
  'avro',
  'protobuf',
  'sink',
  'sink.role',
  's3',
  'ndjson',
  'parquet',
  'firehose',
  'lambda',
  'options',
  'flatMap',
  'withWatermark',
  'window',
  'sliding',
  'global',
  'aggregate.variance',
  'aggregate.percentile',
  'aggregate.collect',
  'aggregate.countDistinct',
  'aggregate.topK',
  'allowedLateness',
  'topRows',
  'dropDuplicates',
  'outputMode',
  'trigger',
])('every option that is taken at %s is told, and no other', (place) => {
  const [at, inner] = place.split('.') as ['source' | 'sink', string | undefined];
  const told = parts
    // The first of these are those of lateness, too.
    .flatMap((part) => (part.title === 'versions' ? [part, { ...part, place: 'outputMode' as const }] : [part]))
    // A sink is a stream, too.
    .map((part) => (at === 'sink' && ['stream', 'role'].includes(part.title) ? sinkOf(part) : part))
    .flatMap((part) => fieldsOfPart(part).map(({ name }) => placed(part, name)))
    .filter(([where]) => where === place)
    .map(([, name]) => name);
  const known = knownOptions(place).filter((name) => inner !== undefined || !nestedNames.has(name));
  expect(told.toSorted()).toEqual(known.toSorted());
});

function sinkOf(part: Part): Part {
  return { ...part, place: part.place.replace('source', 'sink') as Place };
}

/** Literals look like code; an apostrophe stands behind a letter and begins none. */
const asCode = (text: string): string => text.replaceAll(/(?<![\w`])('\w[^']*')/g, '`$1`');

function entry({ name, isRequired, text, fallback }: Field, allowed: string): string {
  const literal = valueIn(fallback) === undefined ? fallback : `\`${fallback}\``;
  const isNeeded = isRequired && !text.endsWith('exactly one.');
  const otherwise = fallback === undefined ? (isNeeded ? 'Required.' : '') : `Default: ${literal}.`;
  // What a duration is stands at the head of the page.
  const kind = allowed.replace(/ in whole numbers, such as '10 seconds' or '1 hour'$/, '');
  const takes = kind === '' ? '' : `Takes ${asCode(kind)}.`;
  const words = [`- **\`${name}\`**:`, asCode(text), takes, otherwise];
  return wrapped(words.filter((each) => each !== '').join(' '), '  ');
}

/** Types that no rules check: the compiler alone does. */
const unchecked = [
  { title: 'outputs', file: stagesFile, type: 'OutputOptions' },
  { title: 'tests', file: 'functions/testing/run-pipeline.ts', type: 'RunOptions' },
  { title: 'batches', file: 'functions/testing/batch-options.ts', type: 'BatchOptions' },
  { title: 'construct', file: 'infra/sluice-pipeline-props.ts', type: 'SluicePipelineProps' },
  { title: 'functions', file: 'infra/function-options.ts', type: 'SluiceFunctionProps' },
  { title: 'table', file: 'infra/sluice-table.ts', type: 'SluiceTableProps' },
];

test('the page has all of them, as their docstrings and rules say', async () => {
  let text = readDocument(page);
  for (const part of parts) {
    const entries = fieldsOfPart(part).map((field) => entry(field, allowedAt(...placed(part, field.name))));
    text = withGenerated(text, part.title, entries.join('\n'));
  }
  for (const part of unchecked) {
    text = withGenerated(
      text,
      part.title,
      fieldsWithDocs(part.file, part.type)
        .map((field) => entry(field, ''))
        .join('\n'),
    );
  }
  await expect(text).toMatchFileSnapshot(`../../${page}`);
});
