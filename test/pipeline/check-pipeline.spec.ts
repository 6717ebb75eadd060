import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { bytesKind } from '../../functions/decoders/bytes.ts';
import { jsonKind } from '../../functions/decoders/json.ts';
import { avg, bytes, count, json, max, min, perMicroBatch, sum, tumbling } from '../../functions/index.ts';
import { pipeline } from '../../functions/pipeline/chain.ts';
import { checkPipeline, type PipelineOverrides, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { kinesis } from '../../functions/pipeline/kinesis.ts';
import { consoleKind, console as consoleSink } from '../../functions/sinks/console.ts';
import { file, fileKind } from '../../functions/sinks/file.ts';
import { kinesisKind, kinesisSinkOf } from '../../functions/sinks/kinesis.ts';
import { tumblingKind } from '../../functions/windows/tumbling.ts';

/** What a program without types could write. */
// biome-ignore lint/suspicious/noExplicitAny: the point is to get past the compiler
type Untyped = any;

const Flight = z.object({ date: z.string(), delay: z.number(), origin: z.string() });
const arn = 'arn:aws:kinesis:eu-central-1:123456789012:stream/flights';
const out = kinesis({ streamName: 'out' });

const read = (options: Untyped = {}) => pipeline('test').readStream(kinesis({ streamName: 'in', ...options }));
const withSource = (options: Untyped) => read(options).decode(bytes()).writeStream(out);
const withSink = (options: Untyped) =>
  read()
    .decode(bytes())
    .map((event) => event.length)
    .writeStream(kinesis({ streamName: 'out', ...options }));
const withOptions = (options: Untyped) =>
  pipeline('test', options)
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .writeStream(out);
const withTrigger = (options: Untyped) => withSource({}).trigger(options);
const flights = (): Untyped => read().decode(json(Flight));
const withWatermark = (selector: Untyped, options: Untyped) =>
  flights().withWatermark(selector, options).writeStream(out);
const timed = (): Untyped => flights().withWatermark((flight: { date: string }) => flight.date, { delay: '1 minute' });
const withGrouping = (keys: Untyped, window: Untyped, aggregates: Untyped) =>
  timed().groupBy(keys).window(window).aggregate(aggregates).writeStream(out);
const origin = { origin: (flight: { origin: string }) => flight.origin };

const messages = (definition: unknown, overrides?: PipelineOverrides) => {
  const checked = checkPipeline(definition, overrides);
  return checked.kind === 'valid' ? [] : checked.problems.map((problem) => problem.message);
};
const source = (definition: unknown, overrides?: PipelineOverrides) => requirePipeline(definition, overrides).source;
const sink = (definition: unknown, overrides?: PipelineOverrides) =>
  requirePipeline(definition, overrides).outputs[0]?.sink.options;

describe('defaults', () => {
  it('need nothing but the streams', () => {
    expect(requirePipeline(withSource({}))).toEqual({
      name: 'test',
      source: {
        stream: { kind: 'name', streamName: 'in' },
        region: undefined,
        endpointUrl: undefined,
        consumerType: 'GetRecords',
        startingPosition: { kind: 'latest' },
        describeShardIntervalMs: 1_000,
        maxFetchRecordsPerShard: 10_000,
        maxFetchTimePerShardMs: undefined,
        numberOfRecordsPerFetch: 10_000,
        fetchIntervalMs: 200,
        subscribeToShard: { consumerName: undefined, adopt: false, fallBack: 'fail', httpVersion: 'auto' },
        failOnDataLoss: false,
        compression: 'none',
        maxDecompressedBytes: 10_485_760,
      },
      decoder: { kind: bytesKind, options: {} },
      operations: [],
      references: [],
      aggregation: undefined,
      outputs: [
        {
          id: 'main',
          from: 'events',
          sent: 'while-reading',
          sink: {
            kind: kinesisKind,
            options: {
              stream: { kind: 'name', streamName: 'out' },
              region: undefined,
              endpointUrl: undefined,
              partitionKey: undefined,
              identity: 'none',
              identityField: '_sluice',
              ordered: false,
              aggregate: false,
              allowLoop: false,
            },
          },
        },
      ],
      trigger: { everyMs: 10_000, stopWhenIdleMs: undefined, availableNow: false },
      parallelism: 1,
      minBatchesToRetain: 100,
      shardsPerTask: 'auto',
      maxTasks: 40,
      letterKeeping: { payload: 'kept', retentionMs: 30 * 86_400_000 },
      newAggregates: 'refuse',
      fingerprint: '{"v":1}',
    });
  });

  it('of the watermark: a minute of idleness, an hour into the future', () => {
    const [operation] = requirePipeline(withWatermark(() => 0, { delay: '30 minutes' })).operations;
    expect(operation).toMatchObject({
      kind: 'watermark',
      eventTime: { delayMs: 1_800_000, idleTimeoutMs: 60_000, maxFutureMs: 3_600_000 },
    });
  });

  it('take the place of undefined', () => {
    expect(
      source(withSource({ region: undefined, maxFetchRecordsPerShard: undefined, getRecords: undefined })),
    ).toEqual(source(withSource({})));
    expect(source(withSource({ getRecords: { fetchInterval: undefined } })).fetchIntervalMs).toBe(200);
  });
});

describe('what was written', () => {
  it('becomes source options', () => {
    expect(
      source(
        withSource({
          streamName: undefined,
          streamArn: arn,
          endpointUrl: 'http://localhost:4567',
          consumerType: 'SubscribeToShard',
          startingPosition: 'AT_TIMESTAMP 2026-03-01T01:00:00+01:00',
          describeShardInterval: '0 seconds',
          maxFetchRecordsPerShard: 1,
          maxFetchTimePerShard: '30 seconds',
          getRecords: { numberOfRecordsPerFetch: 500, fetchInterval: '1 second' },
          subscribeToShard: { consumerName: 'mine', adopt: true, fallBack: 'polling', httpVersion: '2' },
          failOnDataLoss: true,
          compression: 'zstd',
          maxDecompressedBytes: 1_000,
        }),
      ),
    ).toEqual({
      stream: { kind: 'arn', streamArn: arn },
      region: 'eu-central-1',
      endpointUrl: 'http://localhost:4567',
      consumerType: 'SubscribeToShard',
      startingPosition: { kind: 'at-timestamp', timestamp: Date.UTC(2026, 2, 1) },
      describeShardIntervalMs: 0,
      maxFetchRecordsPerShard: 1,
      maxFetchTimePerShardMs: 30_000,
      numberOfRecordsPerFetch: 500,
      fetchIntervalMs: 1_000,
      subscribeToShard: { consumerName: 'mine', adopt: true, fallBack: 'polling', httpVersion: '2' },
      failOnDataLoss: true,
      compression: 'zstd',
      maxDecompressedBytes: 1_000,
    });
  });

  it.each([
    ['LATEST', { kind: 'latest' }],
    ['TRIM_HORIZON', { kind: 'trim-horizon' }],
    ['EARLIEST', { kind: 'trim-horizon' }],
    ['AT_TIMESTAMP 2026-03-01T00:00:00.250Z', { kind: 'at-timestamp', timestamp: Date.UTC(2026, 2, 1, 0, 0, 0, 250) }],
  ])('starts at %s', (startingPosition, expected) => {
    expect(source(withSource({ startingPosition })).startingPosition).toEqual(expected);
  });

  it('becomes sink options', () => {
    const partitionKey = () => 'key';
    expect(sink(withSink({ region: 'us-gov-east-1', partitionKey, identity: 'field', identityField: 'id' }))).toEqual({
      stream: { kind: 'name', streamName: 'out' },
      region: 'us-gov-east-1',
      endpointUrl: undefined,
      partitionKey,
      identity: 'field',
      identityField: 'id',
      ordered: false,
      aggregate: false,
      allowLoop: false,
    });
    const kindOf = (definition: unknown) => requirePipeline(definition).outputs[0]?.sink.kind;
    expect(kindOf(read().decode(bytes()).writeStream(consoleSink()))).toBe(consoleKind);
    const toFile = read().decode(bytes()).writeStream(file('out.ndjson'));
    expect([kindOf(toFile), sink(toFile)]).toEqual([fileKind, { path: 'out.ndjson' }]);
  });

  it('keeps operations and row operations in order', () => {
    const checked = requirePipeline(
      flights()
        .filter(() => true)
        .map((flight: unknown) => flight)
        .withWatermark(() => 0, { delay: '0 seconds', idleTimeout: 'never', maxFutureTime: '1 day' })
        .filter(() => true)
        .groupBy(origin)
        .window(tumbling('1 hour', { offset: '15 minutes' }))
        .aggregate({ n: count(), total: sum(() => 1), least: min(() => 1), most: max(() => 1), mean: avg(() => 1) })
        .map((row: unknown) => row)
        .filter(() => true)
        .writeStream(out)
        .trigger({ every: '0 seconds', stopWhenIdle: '5 minutes' }),
    );
    expect(checked.operations.map((operation) => operation.kind)).toEqual(['filter', 'map', 'watermark', 'filter']);
    expect(checked.operations[2]).toMatchObject({
      eventTime: { delayMs: 0, idleTimeoutMs: undefined, maxFutureMs: 86_400_000 },
    });
    expect(checked.aggregation?.window).toEqual({
      kind: tumblingKind,
      options: { sizeMs: 3_600_000, offsetMs: 900_000 },
    });
    expect(checked.aggregation?.keys).toEqual([{ name: 'origin', selector: origin.origin }]);
    expect(checked.aggregation?.aggregates.map(({ name, fn }) => [name, ...fn.fingerprint])).toEqual([
      ['n', 'count'],
      ['total', 'sum'],
      ['least', 'min'],
      ['most', 'max'],
      ['mean', 'avg'],
    ]);
    expect(checked.aggregation?.aggregates[0]?.selector).toBeUndefined();
    expect(checked.aggregation?.rowOperations.map((operation) => operation.kind)).toEqual(['map', 'filter']);
    expect(checked.trigger).toEqual({ everyMs: 0, stopWhenIdleMs: 300_000, availableNow: false });
  });

  it('takes schemas of any library that speaks Standard Schema', () => {
    const valibot = v.object({ id: v.number() });
    for (const schema of [Flight, valibot, Object.assign(() => {}, { '~standard': Flight['~standard'] })]) {
      expect(requirePipeline(read().decode(json(schema)).writeStream(out)).decoder).toEqual({
        kind: jsonKind,
        options: { schema, largeIntegers: 'number', header: 'none', parse: 'fields' },
      });
    }
  });
});

describe('each wrong value is refused by name', () => {
  const wholes = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10', null, 1n, 2 ** 53];
  const durations = ['10', '10s', '-1 seconds', 5, null, true, ''];

  it.each(wholes)('source.maxFetchRecordsPerShard: %s', (value) => {
    const [problem, ...others] = messages(withSource({ maxFetchRecordsPerShard: value }));
    expect(problem).toMatch(/^source\.maxFetchRecordsPerShard: .+ is not allowed; use a whole number of at least 1$/);
    expect(others).toEqual([]);
  });

  it('says it in one sentence', () => {
    expect(messages(withSource({ maxFetchRecordsPerShard: 0 }))).toEqual([
      'source.maxFetchRecordsPerShard: 0 is not allowed; use a whole number of at least 1',
    ]);
    expect(messages(withSource({ describeShardInterval: '1s' }))).toEqual([
      "source.describeShardInterval: '1s' is not allowed; use a duration in whole numbers, such as '10 seconds' or '1 hour'",
    ]);
  });

  it.each([
    ['source.maxFetchRecordsPerShard', wholes, (value: unknown) => withSource({ maxFetchRecordsPerShard: value })],
    ['source.describeShardInterval', durations, (value: unknown) => withSource({ describeShardInterval: value })],
    [
      'source.maxFetchTimePerShard',
      [...durations, '0 seconds'],
      (value: unknown) => withSource({ maxFetchTimePerShard: value }),
    ],
    [
      'source.getRecords.numberOfRecordsPerFetch',
      [...wholes, 10_001],
      (value: unknown) => withSource({ getRecords: { numberOfRecordsPerFetch: value } }),
    ],
    [
      'source.getRecords.fetchInterval',
      durations,
      (value: unknown) => withSource({ getRecords: { fetchInterval: value } }),
    ],
    ['source.getRecords', [5, 'fast', null, []], (value: unknown) => withSource({ getRecords: value })],
    ['source.subscribeToShard', [5, 'on', null, []], (value: unknown) => withSource({ subscribeToShard: value })],
    [
      'source.subscribeToShard.consumerName',
      ['', 'a b', 'x'.repeat(129), null],
      (value: unknown) => withSource({ subscribeToShard: { consumerName: value } }),
    ],
    [
      'source.subscribeToShard.adopt',
      ['true', 1, null],
      (value: unknown) => withSource({ subscribeToShard: { adopt: value } }),
    ],
    [
      'source.subscribeToShard.fallBack',
      ['GetRecords', true, null],
      (value: unknown) => withSource({ subscribeToShard: { fallBack: value } }),
    ],
    [
      'source.subscribeToShard.httpVersion',
      [2, 1.1, 'h2', null],
      (value: unknown) => withSource({ subscribeToShard: { httpVersion: value } }),
    ],
    ['source.failOnDataLoss', ['true', 1, null], (value: unknown) => withSource({ failOnDataLoss: value })],
    ['source.compression', ['GZIP', 'snappy', '', true, null], (value: unknown) => withSource({ compression: value })],
    [
      'source.maxDecompressedBytes',
      [...wholes, 104_857_601],
      (value: unknown) => withSource({ maxDecompressedBytes: value }),
    ],
    [
      'source.consumerType',
      ['subscribeToShard', 'getrecords', null],
      (value: unknown) => withSource({ consumerType: value }),
    ],
    [
      'source.startingPosition',
      [
        'latest',
        '',
        null,
        5,
        'AT_TIMESTAMP',
        'AT_TIMESTAMP 2026-03-01',
        'AT_TIMESTAMP 2026-03-01T00:00:00',
        'AT_TIMESTAMP now',
        'AFTER_SEQUENCE_NUMBER 1',
      ],
      (value: unknown) => withSource({ startingPosition: value }),
    ],
    [
      'source.streamName',
      ['', 'a b', 'ä', 'x'.repeat(129), 5, null, arn],
      (value: unknown) => withSource({ streamName: value }),
    ],
    [
      'source.streamArn',
      ['flights', '', 5, null, arn.replace('kinesis', 'dynamodb'), `${arn}/consumer/a:1`],
      (value: unknown) => withSource({ streamName: undefined, streamArn: value }),
    ],
    ['source.region', ['', 'Ireland', 'eu_west_1', 5, null], (value: unknown) => withSource({ region: value })],
    [
      'source.endpointUrl',
      ['', 'localhost:4567', 'ftp://localhost', 'http://', 5, null],
      (value: unknown) => withSource({ endpointUrl: value }),
    ],
    ['sink.streamName', ['', 'a b', 5], (value: unknown) => withSink({ streamName: value })],
    ['sink.region', ['nowhere'], (value: unknown) => withSink({ region: value })],
    ['sink.endpointUrl', ['nowhere'], (value: unknown) => withSink({ endpointUrl: value })],
    [
      'sink.partitionKey',
      ['origin', null, 5, async () => 'key'],
      (value: unknown) => withSink({ partitionKey: value }),
    ],
    ['sink.identity', ['header', true, null], (value: unknown) => withSink({ identity: value })],
    [
      'sink.identityField',
      ['', 'x'.repeat(65), '__proto__', 5, null],
      (value: unknown) => withSink({ identityField: value }),
    ],
    [
      'sink.path',
      ['', 5, null],
      (value: unknown) =>
        read()
          .decode(bytes())
          .writeStream(file(value as string)),
    ],
    ['options.parallelism', [...wholes, 401], (value: unknown) => withOptions({ parallelism: value })],
    ['options.minBatchesToRetain', [...wholes, 1], (value: unknown) => withOptions({ minBatchesToRetain: value })],
    ['options.newAggregates', ['empty', true], (value: unknown) => withOptions({ newAggregates: value })],
    ['options.shardsPerTask', [...wholes, 1_001, 'all'], (value: unknown) => withOptions({ shardsPerTask: value })],
    ['options.maxTasks', [...wholes, 1_601], (value: unknown) => withOptions({ maxTasks: value })],
    ['trigger.every', durations, (value: unknown) => withTrigger({ every: value })],
    ['trigger.stopWhenIdle', [...durations, '0 seconds'], (value: unknown) => withTrigger({ stopWhenIdle: value })],
    ['withWatermark.delay', [...durations, 'never'], (value: unknown) => withWatermark(() => 0, { delay: value })],
    [
      'withWatermark.idleTimeout',
      [...durations, 'always'],
      (value: unknown) => withWatermark(() => 0, { delay: '1 hour', idleTimeout: value }),
    ],
    [
      'withWatermark.maxFutureTime',
      [...durations, 'never'],
      (value: unknown) => withWatermark(() => 0, { delay: '1 hour', maxFutureTime: value }),
    ],
    ['withWatermark', ['date', null, async () => 0], (value: unknown) => withWatermark(value, { delay: '1 hour' })],
    ['filter', [true, null, async () => true], (value: unknown) => flights().filter(value).writeStream(out)],
    ['map', ['origin', null, async () => true], (value: unknown) => flights().map(value).writeStream(out)],
    [
      'decode',
      [null, 5, { kind: 'xml' }, Flight],
      (value: unknown) =>
        read()
          .decode(value as Untyped)
          .writeStream(out),
    ],
    [
      'decode.schema',
      [null, {}, { '~standard': {} }, { '~standard': null }, () => true],
      (value: unknown) =>
        read()
          .decode(json(value as Untyped))
          .writeStream(out),
    ],
    [
      'window',
      [null, 'tumbling', {}, { kind: 'sliding', size: '1 hour' }],
      (value: unknown) => withGrouping(origin, value, { n: count() }),
    ],
    [
      'window.size',
      [...durations, '0 hours'],
      (value: unknown) => withGrouping(origin, tumbling(value as Untyped), { n: count() }),
    ],
    [
      'window.offset',
      [...durations, '1 hour', '2 hours'],
      (value: unknown) => withGrouping(origin, tumbling('1 hour', { offset: value as Untyped }), { n: count() }),
    ],
    [
      'groupBy.origin',
      ['origin', null, async () => 'a'],
      (value: unknown) => withGrouping({ origin: value }, perMicroBatch(), { n: count() }),
    ],
    [
      'aggregate.n',
      [5, null, 'count', {}, { kind: 'median' }, async () => 5],
      (value: unknown) => withGrouping(origin, perMicroBatch(), { n: value }),
    ],
    [
      'aggregate.n',
      ['delay', null, async () => 5],
      (value: unknown) => withGrouping(origin, perMicroBatch(), { n: sum(value as Untyped) }),
    ],
    [
      'filter of rows',
      [true, async () => true],
      (value: unknown) =>
        timed().groupBy(origin).window(perMicroBatch()).aggregate({ n: count() }).filter(value).writeStream(out),
    ],
    [
      'map of rows',
      ['n', async () => true],
      (value: unknown) =>
        timed().groupBy(origin).window(perMicroBatch()).aggregate({ n: count() }).map(value).writeStream(out),
    ],
    [
      'source',
      [null, 'in', consoleSink()],
      (value: unknown) =>
        pipeline('test')
          .readStream(value as Untyped)
          .decode(bytes())
          .writeStream(out),
    ],
    [
      'sink',
      [null, 'out', {}, { kind: 's3' }],
      (value: unknown) =>
        read()
          .decode(bytes())
          .writeStream(value as Untyped),
    ],
    [
      'name',
      ['', 'a b', 'x'.repeat(129), 'ä', 5, null],
      (value: unknown) =>
        pipeline(value as string)
          .readStream(kinesis({ streamName: 'in' }))
          .decode(bytes())
          .writeStream(out),
    ],
  ] satisfies [string, unknown[], (value: unknown) => unknown][])('%s', (option, values, build) => {
    for (const value of values) {
      const checked = checkPipeline(build(value));
      expect(checked, String(value)).toMatchObject({ kind: 'invalid' });
      if (checked.kind === 'valid') continue;
      expect(checked.problems.map((problem) => problem.option)).toEqual([option]);
      expect(checked.problems[0]?.message).toMatch(/^[\w. ]+: .+ is not allowed; use .+/);
    }
  });

  it.each([
    ['source.streamName', withSource({ streamName: undefined })],
    ['sink.streamName', withSink({ streamName: undefined })],
    ['withWatermark.delay', withWatermark(() => 0, {})],
    ['withWatermark', withWatermark(undefined, { delay: '1 hour' })],
    ['filter', flights().filter().writeStream(out)],
    ['aggregate.n', withGrouping(origin, perMicroBatch(), { n: sum(undefined as Untyped) })],
    ['window.size', withGrouping(origin, tumbling(undefined as Untyped), { n: count() })],
    [
      'name',
      pipeline(undefined as Untyped)
        .readStream(kinesis({ streamName: 'in' }))
        .decode(bytes())
        .writeStream(out),
    ],
  ])('%s when it is missing', (option, definition) => {
    const [problem, ...others] = messages(definition);
    expect(problem).toMatch(new RegExp(`^${option}: nothing is given; use `));
    expect(others).toEqual([]);
  });

  it('a stream by name and ARN at once', () => {
    expect(messages(withSource({ streamArn: arn }))).toEqual([
      `source.streamArn: '${arn}' is not allowed; use either streamName or streamArn`,
    ]);
  });

  it('a region that is not the one of the ARN', () => {
    expect(messages(withSource({ streamName: undefined, streamArn: arn, region: 'eu-west-1' }))).toEqual([
      "source.region: 'eu-west-1' is not allowed; use 'eu-central-1', the region of streamArn, or leave it out",
    ]);
    expect(messages(withSource({ streamName: undefined, streamArn: arn, region: 'eu-central-1' }))).toEqual([]);
  });

  it('a consumer name that the pipeline name makes too long', () => {
    const named = (length: number, options: Untyped) =>
      pipeline('x'.repeat(length))
        .readStream(kinesis({ streamName: 'in', consumerType: 'SubscribeToShard', ...options }))
        .decode(bytes())
        .writeStream(out);
    expect(messages(named(122, {}))).toEqual([
      "source.subscribeToShard.consumerName: nothing is given; use one of your own: 'sluice-' and the pipeline's name have more than 128 characters",
    ]);
    expect(messages(named(122, { subscribeToShard: { consumerName: 'short' } }))).toEqual([]);
    expect(messages(named(122, { consumerType: 'GetRecords' }))).toEqual([]);
    expect(messages(named(121, {}))).toEqual([]);
  });

  it('does not repeat long values', () => {
    expect(messages(withSource({ streamName: 'x'.repeat(5_000) }))[0]?.length).toBeLessThan(200);
  });
});

describe('unknown options', () => {
  it.each([
    ['source.startingPositon', 'startingPosition', withSource({ startingPositon: 'LATEST' })],
    ['source.startingposition', 'startingPosition', withSource({ startingposition: 'LATEST' })],
    [
      'source.kinesis.maxFetchRecordsPerShard',
      'maxFetchRecordsPerShard',
      withSource({ 'kinesis.maxFetchRecordsPerShard': 5 }),
    ],
    ['source.maxFetchTimePerShardSec', 'maxFetchTimePerShard', withSource({ maxFetchTimePerShardSec: 30 })],
    ['source.getRecords.fetchIntervalMs', 'fetchInterval', withSource({ getRecords: { fetchIntervalMs: 5 } })],
    ['sink.partitonKey', 'partitionKey', withSink({ partitonKey: () => '' })],
    ['options.paralelism', 'parallelism', withOptions({ paralelism: 5 })],
    ['trigger.evry', 'every', withTrigger({ evry: '1 second' })],
    ['withWatermark.idleTimeOut', 'idleTimeout', withWatermark(() => 0, { delay: '1 hour', idleTimeOut: '1 hour' })],
    [
      'window.ofset',
      'offset',
      withGrouping(origin, tumbling('1 hour', { ofset: '1 minute' } as Untyped), { n: count() }),
    ],
  ])('%s: did you mean %s?', (option, guess, definition) => {
    expect(messages(definition)).toEqual([`${option}: there is no such option; did you mean ${guess}?`]);
  });

  it.each([
    ['options', withOptions],
    ['trigger', withTrigger],
    ['withWatermark', (options: Untyped) => withWatermark(() => 0, options)],
    [
      'allowedLateness',
      (options: Untyped) =>
        timed()
          .groupBy(origin)
          .window(tumbling('1 hour'))
          .allowedLateness('1 hour', options)
          .aggregate({ n: count() })
          .writeStream(out),
    ],
    [
      'outputMode',
      (options: Untyped) => withGrouping(origin, tumbling('1 hour'), { n: count() }).outputMode('complete', options),
    ],
    ['window', (options: Untyped) => withGrouping(origin, tumbling('1 hour', options), { n: count() })],
    ['decode', (options: Untyped) => read().decode(json(Flight, options)).writeStream(out)],
  ])('of %s are an object', (path, defined) => {
    for (const [given, shown] of [
      [2000, '2000'],
      [null, 'null'],
      ['1 hour', "'1 hour'"],
      [[], 'a list'],
      [() => ({}), 'a function'],
    ])
      expect(messages(defined(given))).toContain(`${path}: ${shown} is not allowed; use an object of options`);
  });

  it('that resemble none are answered with all', () => {
    expect(messages(withTrigger({ cron: '* * * * *' }))).toEqual([
      'trigger.cron: there is no such option; use one of every, stopWhenIdle, availableNow',
    ]);
    expect(messages(withSource({ partitionKey: () => '' }))[0]).toContain('use one of streamName, streamArn, region');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])('of every name: %j', (name) => {
    const options = Object.fromEntries([[name, 5]]);
    expect(messages(withTrigger(options))).toHaveLength(1);
  });
});

describe('names of columns', () => {
  it.each(['windowStart', 'windowEnd', 'batchId', '_sluice'])('%s is reserved, whatever the window', (name) => {
    for (const window of [perMicroBatch(), tumbling('1 hour')]) {
      const message = `'${name}' is not allowed; use a name that Sluice does not write itself`;
      expect(messages(withGrouping({ [name]: () => 'a' }, window, { n: count() }))).toEqual([
        `groupBy.${name}: ${message}`,
      ]);
      expect(messages(withGrouping(origin, window, { [name]: count() }))).toEqual([`aggregate.${name}: ${message}`]);
    }
  });

  it('are not used twice', () => {
    expect(messages(withGrouping(origin, perMicroBatch(), { origin: count() }))).toEqual([
      "aggregate.origin: 'origin' is not allowed; use a name that is not a key as well",
    ]);
  });

  it.each(['', '0', '12', 'x'.repeat(65), '__proto__'])('cannot be %j', (name) => {
    const keys = Object.fromEntries([[name, () => 'a']]);
    const aggregates = Object.fromEntries([[name, count()]]);
    expect(messages(withGrouping(keys, perMicroBatch(), { n: count() }))).toHaveLength(1);
    expect(messages(withGrouping(origin, perMicroBatch(), aggregates))).toHaveLength(1);
  });

  it('can be any other', () => {
    const names = ['a', 'A', 'origin-airport', 'größe', 'a.b', '1st', 'with space', '$', 'constructor'];
    const keys = Object.fromEntries(names.map((name) => [name, () => 'a']));
    expect(messages(withGrouping(keys, perMicroBatch(), { n: count() }))).toEqual([]);
  });

  it('are at least one aggregate, and not too many', () => {
    const many = (howMany: number, value: unknown) =>
      Object.fromEntries(Array.from({ length: howMany }, (_, index) => [`n${index}`, value]));
    expect(messages(withGrouping({}, perMicroBatch(), { n: count() }))).toEqual([]);
    expect(messages(withGrouping(origin, perMicroBatch(), {}))).toHaveLength(1);
    expect(
      messages(
        withGrouping(
          many(16, () => 'a'),
          perMicroBatch(),
          { events: count() },
        ),
      ),
    ).toEqual([]);
    expect(
      messages(
        withGrouping(
          many(17, () => 'a'),
          perMicroBatch(),
          { events: count() },
        ),
      ),
    ).toHaveLength(1);
    expect(messages(withGrouping(origin, perMicroBatch(), many(64, count())))).toEqual([]);
    expect(messages(withGrouping(origin, perMicroBatch(), many(65, count())))).toHaveLength(1);
  });

  it('are not the identity field', () => {
    const grouped = (identityField: string, identity: 'field' | 'none' = 'field') =>
      timed()
        .groupBy(origin)
        .window(perMicroBatch())
        .aggregate({ n: count() })
        .writeStream(kinesis({ streamName: 'out', identity, identityField }));
    for (const name of ['origin', 'n', 'batchId', 'windowStart']) {
      expect(messages(grouped(name))).toEqual([
        `sink.identityField: '${name}' is not allowed; use a name that is not a column of the result`,
      ]);
      expect(messages(grouped(name, 'none'))).toEqual([]);
    }
    expect(messages(grouped('id'))).toEqual([]);
  });
});

describe('identity', () => {
  const identity = (definition: unknown) => {
    const { outputs } = requirePipeline(definition);
    return kinesisSinkOf(outputs[0]!.sink)?.identity;
  };

  it('is a field of what Sluice writes, and never of bytes that pass through', () => {
    expect(identity(flights().writeStream(out))).toBe('none');
    expect(
      identity(
        flights()
          .filter(() => true)
          .writeStream(out),
      ),
    ).toBe('none');
    expect(identity(timed().writeStream(out))).toBe('none');
    expect(
      identity(
        flights()
          .map((flight: unknown) => flight)
          .writeStream(out),
      ),
    ).toBe('field');
    expect(identity(withGrouping(origin, perMicroBatch(), { n: count() }))).toBe('field');
    expect(identity(withSink({ identity: 'none' }))).toBe('none');
  });

  it('is refused where it is asked for and cannot be', () => {
    expect(messages(flights().writeStream(kinesis({ streamName: 'out', identity: 'field' })))).toEqual([
      "sink.identity: 'field' is not allowed; use 'none', or a map(…): bytes that pass through are not changed",
    ]);
    expect(messages(flights().writeStream(kinesis({ streamName: 'out', identity: 'none' })))).toEqual([]);
  });
});

describe('order of steps that the compiler would refuse', () => {
  it('tumbling windows without a watermark', () => {
    const definition = flights().groupBy(origin).window(tumbling('1 hour')).aggregate({ n: count() }).writeStream(out);
    expect(messages(definition)).toEqual([
      "window: 'tumbling' is not allowed; use withWatermark(…) before groupBy(…), or perMicroBatch()",
    ]);
  });

  it('a chain that has no end', () => {
    for (const stage of [pipeline('test'), read(), flights(), timed(), flights().groupBy(origin)]) {
      expect(messages(stage)).toEqual([
        "pipeline: 'a chain that ends before writeStream' is not allowed; use the result of pipeline(…)…writeStream(…), as the default export of its file",
      ]);
    }
  });

  it('anything that is no pipeline', () => {
    for (const value of [undefined, null, 5, 'pipeline', {}, [], () => 5, { default: withSource({}) }]) {
      expect(messages(value)).toHaveLength(1);
    }
  });

  it('callbacks, options or keys that are left out altogether do not crash the check', () => {
    expect(messages(flights().withWatermark().groupBy().window().aggregate().writeStream())).toEqual([
      expect.stringMatching(/^withWatermark: nothing/),
      expect.stringMatching(/^withWatermark.delay: nothing/),
      expect.stringMatching(/^window: undefined/),
      expect.stringMatching(/^groupBy: /),
      expect.stringMatching(/^aggregate: /),
      expect.stringMatching(/^sink: undefined/),
    ]);
    expect(
      messages(
        pipeline('test')
          .readStream(kinesis(undefined as Untyped))
          .decode(bytes())
          .writeStream(out),
      ),
    ).toHaveLength(1);
  });
});

it.each([
  ['AT_TIMESTAMP 2026-03-01T00:00:00Z', 'AT_TIMESTAMP 2026-03-01T01:00:00+01:00'],
  ['AT_TIMESTAMP 2026-03-01T00:00:00Z', 'AT_TIMESTAMP 2026-02-28T23:59:59.999Z'],
])('a stream from %s can not end at %s', (startingPosition, endingPosition) => {
  expect(messages(withSource({ startingPosition, endingPosition }))).toEqual([
    expect.stringMatching(
      /^source\.endingPosition: 'AT_TIMESTAMP .*Z' is not allowed; use a time after the startingPosition$/,
    ),
  ]);
});

describe('a run of what is available now', () => {
  it('keeps how often it is started', () => {
    expect(requirePipeline(withTrigger({ availableNow: true, every: '1 hour' })).trigger).toEqual({
      everyMs: 3_600_000,
      stopWhenIdleMs: undefined,
      availableNow: true,
    });
  });

  it('ends by itself: beside it no other end may be given', () => {
    expect(messages(withTrigger({ availableNow: true, stopWhenIdle: '1 minute' }))).toEqual([
      "trigger.stopWhenIdle: '1 minute' is not allowed; use either stopWhenIdle or availableNow",
    ]);
    expect(messages(withTrigger({ availableNow: 'yes' as never }))).toEqual([
      "trigger.availableNow: 'yes' is not allowed; use true or false",
    ]);
    const both = pipeline('both')
      .readStream(kinesis({ streamName: 'in', endingPosition: 'AT_TIMESTAMP 2026-03-01T00:00:00Z' }))
      .decode(bytes())
      .writeStream(kinesis({ streamName: 'out' }))
      .trigger({ availableNow: true });
    expect(messages(both)).toEqual([
      'trigger.availableNow: true is not allowed; use either availableNow or the endingPosition of the source',
    ]);
  });
});

describe('all problems at once', () => {
  const broken = pipeline('no spaces please', { parallelism: 0, minBatchesToRetain: 1 })
    .readStream(
      kinesis({ streamName: '', startingPosition: 'NOW', maxFetchRecordsPerShard: 0, colour: 'blue' } as Untyped),
    )
    .decode(json({} as Untyped))
    .withWatermark('date' as Untyped, { delay: '1' as Untyped })
    .groupBy({ windowStart: 'origin' } as Untyped)
    .window(tumbling('0 hours' as Untyped))
    .aggregate({ n: 5 } as Untyped)
    .filter(5 as Untyped)
    .writeStream(kinesis({ identity: 'maybe' } as Untyped))
    .trigger({ every: 'day' as Untyped });

  it('in the order of the chain', () => {
    const checked = checkPipeline(broken, { region: 'moon', endpointUrl: 'x' });
    expect(checked.kind === 'invalid' && checked.problems.map((problem) => problem.option)).toEqual([
      'override.region',
      'override.endpointUrl',
      'name',
      'options.parallelism',
      'options.minBatchesToRetain',
      'source.colour',
      'source.streamName',
      'source.maxFetchRecordsPerShard',
      'source.startingPosition',
      'decode.schema',
      'withWatermark',
      'withWatermark.delay',
      'window.size',
      'groupBy.windowStart',
      'groupBy.windowStart',
      'aggregate.n',
      'filter of rows',
      'sink.identity',
      'sink.streamName',
      'trigger.every',
    ]);
  });

  it('each with option, value and what is allowed', () => {
    const checked = checkPipeline(withSource({ maxFetchRecordsPerShard: 0 }));
    expect(checked).toEqual({
      kind: 'invalid',
      problems: [
        {
          option: 'source.maxFetchRecordsPerShard',
          value: 0,
          allowed: 'a whole number of at least 1',
          message: 'source.maxFetchRecordsPerShard: 0 is not allowed; use a whole number of at least 1',
        },
      ],
    });
  });

  it('in one error', () => {
    const definition = withSource({ maxFetchRecordsPerShard: 0, failOnDataLoss: 1 });
    let thrown: unknown;
    try {
      requirePipeline(definition);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'InvalidPipeline', canRetry: false });
    expect((thrown as Error).message).toBe(
      [
        'pipeline test has 2 problems:',
        '  source.maxFetchRecordsPerShard: 0 is not allowed; use a whole number of at least 1',
        '  source.failOnDataLoss: 1 is not allowed; use true or false',
      ].join('\n'),
    );
    expect(() => requirePipeline(undefined)).toThrow(
      /^pipeline \(none\) has 1 problem:\n {2}pipeline: undefined is not allowed/,
    );
  });
});

describe('overrides', () => {
  const other = 'arn:aws:kinesis:us-east-1:123456789012:stream/other';

  it('replace streams by name or by ARN', () => {
    expect(source(withSource({}), { source: 'other' }).stream).toEqual({ kind: 'name', streamName: 'other' });
    expect(source(withSource({}), { source: other })).toMatchObject({
      stream: { kind: 'arn', streamArn: other },
      region: 'us-east-1',
    });
    expect(source(withSource({ streamName: undefined, streamArn: arn }), { source: 'other' }).stream).toEqual({
      kind: 'name',
      streamName: 'other',
    });
    expect(sink(withSink({}), { sink: other })).toMatchObject({
      stream: { kind: 'arn', streamArn: other },
      region: 'us-east-1',
    });
    expect(source(withSource({}), { sink: other }).stream).toEqual({ kind: 'name', streamName: 'in' });
  });

  it('stand in for a stream that the file does not name, or names wrongly', () => {
    for (const streamName of [undefined, '', 5]) {
      expect(messages(withSource({ streamName }))).toHaveLength(1);
      expect(messages(withSource({ streamName }), { source: 'other' })).toEqual([]);
    }
  });

  it('set region and endpoint for source and sink', () => {
    const settings = { region: 'us-west-2', endpointUrl: 'http://localhost:4567' };
    const definition = withSink({ region: 'eu-west-1', endpointUrl: 'https://vpce.example.com' });
    expect(source(definition, settings)).toMatchObject(settings);
    expect(sink(definition, settings)).toMatchObject(settings);
    expect(sink(definition)).toMatchObject({ region: 'eu-west-1', endpointUrl: 'https://vpce.example.com' });
  });

  it('leave a stream in the region of its ARN', () => {
    const definition = withSource({ streamName: undefined, streamArn: arn });
    expect(source(definition, { region: 'us-west-2' }).region).toBe('eu-central-1');
    expect(source(withSource({ region: 'eu-west-1' }), { source: other, region: 'us-west-2' }).region).toBe(
      'us-east-1',
    );
  });

  it('are checked as well', () => {
    expect(messages(withSource({}), { source: 'a b' })[0]).toMatch(
      /^override of source: 'a b' is not allowed; use a stream name/,
    );
    expect(messages(withSource({}), { source: '' })).toHaveLength(1);
    expect(messages(withSink({}), { sink: 'arn:aws:s3:::bucket' })).toHaveLength(1);
    expect(messages(read().decode(bytes()).writeStream(consoleSink()), { sink: 'other' })).toEqual([
      "override of sink: 'other' is not allowed; use nothing: the sink is console, and has no place that could be another one",
    ]);
  });
});
