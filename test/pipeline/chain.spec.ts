import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import departures from '../../examples/departures.ts';
import eventsPerCountry from '../../examples/events-per-country.ts';
import republish from '../../examples/republish.ts';
import * as core from '../../functions/core/errors.ts';
import * as api from '../../functions/index.ts';

const { checkPipeline, count, json, kinesis, pipeline, tumbling } = api;

const Flight = z.object({ date: z.string(), origin: z.string() });
const flights = pipeline('chain', { parallelism: 2 })
  .readStream(kinesis({ streamName: 'in', getRecords: { fetchInterval: '1 second' } }))
  .decode(json(Flight));
const written = flights
  .filter(() => true)
  .withWatermark((flight) => flight.date, { delay: '1 minute' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour', { offset: '1 minute' }))
  .aggregate({ n: count() })
  .map((row) => row)
  .writeStream(kinesis({ streamName: 'out' }));

/** Every object that the chain made: not the user's own functions and schema. */
function* parts(value: unknown, path = 'definition'): Generator<[string, object]> {
  if (typeof value !== 'object' || value === null || value === Flight) return;
  yield [path, value];
  for (const [name, part] of Object.entries(value)) yield* parts(part, `${path}.${name}`);
}

describe('the chain', () => {
  it('builds frozen plain data', () => {
    for (const definition of [written, written.trigger({ every: '1 minute' })]) {
      const found = [...parts(definition)];
      expect(found.length).toBeGreaterThan(15);
      for (const [path, part] of found) {
        expect(Object.isFrozen(part), path).toBe(true);
        expect([Object.prototype, Array.prototype], path).toContain(Object.getPrototypeOf(part));
      }
    }
  });

  it('leaves the schema and the functions of the user alone', () => {
    const schema = z.object({ a: z.number() });
    const frozen = Object.isFrozen(schema);
    const mapper = (event: unknown) => event;
    pipeline('own')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(schema))
      .map(mapper);
    expect(Object.isFrozen(schema)).toBe(frozen);
    expect(Object.isFrozen(mapper)).toBe(false);
  });

  it('does not see later changes of the options it was given', () => {
    const options = { streamName: 'in', getRecords: { numberOfRecordsPerFetch: 5 } };
    const definition = pipeline('changed').readStream(kinesis(options)).decode(api.bytes()).writeStream(api.console());
    options.streamName = 'out';
    options.getRecords.numberOfRecordsPerFetch = 6;
    const checked = checkPipeline(definition);
    expect(checked.kind === 'valid' && checked.pipeline.source).toMatchObject({
      stream: { streamName: 'in' },
      numberOfRecordsPerFetch: 5,
    });
    expect(Object.isFrozen(options)).toBe(false);
  });

  it('branches: a stage can be the start of several pipelines', () => {
    const one = flights.map((flight) => flight.origin);
    const two = flights.filter(() => true);
    const kinds = [one, two, flights].map((stage) =>
      stage.writeStream(api.console()).operations.map((operation) => operation.kind),
    );
    expect(kinds).toEqual([['map'], ['filter'], []]);
  });

  it('calls nothing', () => {
    const called = () => {
      throw new Error('called');
    };
    const definition = flights
      .filter(called)
      .map(called)
      .withWatermark(called, { delay: '1 minute' })
      .groupBy({ key: called })
      .window(tumbling('1 hour'))
      .aggregate({ total: api.sum(called) })
      .filter(called)
      .writeStream(kinesis({ streamName: 'out', partitionKey: called }));
    expect(checkPipeline(definition).kind).toBe('valid');
  });

  it('is complete with writeStream, and trigger changes only the trigger', () => {
    const triggered = written.trigger({ every: '1 minute', stopWhenIdle: '1 hour' });
    const [before, after] = [checkPipeline(written), checkPipeline(triggered)];
    if (before.kind === 'invalid' || after.kind === 'invalid') throw new Error('invalid');
    expect(after.pipeline).toEqual({
      ...before.pipeline,
      trigger: { everyMs: 60_000, stopWhenIdleMs: 3_600_000, availableNow: false },
    });
    expect(triggered).not.toHaveProperty('trigger');
  });

  it('offers at run time what the types promise, and nothing after the end', () => {
    expect(Object.keys(pipeline('steps'))).toEqual(['readStream']);
    expect(Object.keys(flights)).toEqual([
      ...['groupBy', 'writeStream', 'filter', 'map', 'flatMap', 'withWatermark', 'withReference'],
    ]);
    expect(Object.keys(flights.withWatermark(() => 0, { delay: '1 minute' }))).not.toContain('withWatermark');
  });
});

describe('the public API', () => {
  it('is this', () => {
    expect(Object.keys(api).sort()).toEqual([
      'SluiceError',
      'aggregate',
      'avg',
      'avro',
      'bytes',
      'checkPipeline',
      'collect',
      'console',
      'count',
      'countDistinct',
      'csv',
      'customSink',
      'dynamodb',
      'file',
      'firehose',
      'first',
      'forEachBatch',
      'globalWindow',
      'json',
      'kinesis',
      'lambda',
      'last',
      'max',
      'min',
      'ndjson',
      'parquet',
      'perMicroBatch',
      'percentile',
      'pipeline',
      'runPipeline',
      's3',
      'session',
      'sliding',
      'stateChanges',
      'stddev',
      'sum',
      'text',
      'topK',
      'transcript',
      'tumbling',
      'variance',
    ]);
  });

  it('has one class of errors', () => {
    expect(core.SluiceError).toBe(api.SluiceError);
  });
});

describe('the examples', () => {
  it.each([
    ['events-per-country', eventsPerCountry],
    ['departures', departures],
    ['republish', republish],
  ])('%s is a valid pipeline of that name', (name, definition) => {
    expect(checkPipeline(definition)).toMatchObject({ kind: 'valid', pipeline: { name } });
  });

  it('departures waits half an hour for late flights', () => {
    const checked = checkPipeline(departures);
    expect(checked.kind === 'valid' && checked.pipeline).toMatchObject({
      source: { stream: { streamName: 'flights' }, startingPosition: { kind: 'trim-horizon' } },
      operations: [{ kind: 'watermark', eventTime: { delayMs: 1_800_000 } }],
      aggregation: { window: { kind: { kind: 'tumbling' }, options: { sizeMs: 3_600_000, offsetMs: 0 } } },
      outputs: [{ sink: { options: { stream: { streamName: 'departures' }, identity: 'field' } } }],
    });
  });

  it('republish changes nothing in a record', () => {
    const checked = checkPipeline(republish);
    expect(checked.kind === 'valid' && checked.pipeline).toMatchObject({
      operations: [{ kind: 'filter' }],
      aggregation: undefined,
      outputs: [{ sink: { options: { identity: 'none', partitionKey: undefined } } }],
    });
  });
});
