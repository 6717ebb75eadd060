/** What compiles and what does not. Never run: `tsc` is the test. */
import {
  aggregate,
  avg,
  bytes,
  collect,
  console as consoleSink,
  count,
  countDistinct,
  type Duration,
  type EventMeta,
  file,
  first,
  json,
  type KinesisStream,
  kinesis,
  type LateEvent,
  last,
  max,
  min,
  type PipelineDefinition,
  percentile,
  perMicroBatch,
  pipeline,
  type RowMeta,
  type Sink,
  session,
  stddev,
  sum,
  topK,
  tumbling,
  variance,
} from 'kinesis-sluice';
import * as v from 'valibot';
import * as z from 'zod';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Exact<A, B> = Same<A, B> extends true ? (B extends A ? true : false) : false;
/** Compiles only if the type of the value is `Expected`, neither wider nor narrower. */
declare function exactly<Expected>(): <Actual>(value: Exact<Actual, Expected> extends true ? Actual : never) => void;
type InputOf<P> = P extends PipelineDefinition<infer Input, unknown> ? Input : never;
type RowOf<P> = P extends PipelineDefinition<unknown, infer Row> ? Row : never;
declare function input<P extends PipelineDefinition>(definition: P): InputOf<P>;
declare function row<P extends PipelineDefinition>(definition: P): RowOf<P>;

const Flight = z.object({
  date: z.string(),
  delay: z.number(),
  gate: z.number().nullable(),
  origin: z.string(),
  international: z.boolean().optional(),
});
type Flight = { date: string; delay: number; gate: number | null; origin: string; international?: boolean | undefined };
const source = kinesis({ streamName: 'flights' });
const flights = pipeline('flights').readStream(source).decode(json(Flight));
const timed = flights.withWatermark((flight) => flight.date, { delay: '30 minutes' });
const hourly = timed.groupBy({ origin: (flight) => flight.origin }).window(tumbling('1 hour'));
const perBatch = flights.groupBy({ origin: (flight) => flight.origin }).window(perMicroBatch());

// The schema's output is the event; its input is what producers write.
export function theSchemaMakesTheEvent() {
  const Dated = z.object({ at: z.string().transform((text) => new Date(text)), size: z.coerce.number<string>() });
  const events = pipeline('dated').readStream(source).decode(json(Dated));
  events.filter((event) => {
    exactly<{ at: Date; size: number }>()(event);
    return true;
  });
  exactly<{ at: string; size: string }>()(input(events.writeStream(consoleSink())));
  exactly<{ at: Date; size: number }>()(row(events.writeStream(consoleSink())));
  const valibot = pipeline('valibot')
    .readStream(source)
    .decode(json(v.object({ id: v.number() })));
  exactly<{ id: number }>()(row(valibot.writeStream(consoleSink())));
  const raw = pipeline('raw').readStream(source).decode(bytes());
  exactly<Uint8Array>()(row(raw.writeStream(consoleSink())));
  exactly<Uint8Array>()(input(raw.writeStream(consoleSink())));
}

// Every callback gets the event of its step, and the metadata.
export function callbacksGetTheEventOfTheirStep() {
  flights.filter((event, meta) => {
    exactly<Flight>()(event);
    exactly<EventMeta>()(meta);
    return true;
  });
  flights
    .map((flight, meta) => ({ origin: flight.origin, shard: meta.shardId, minutes: flight.delay }))
    .filter((event) => event.minutes > 0)
    .withWatermark((_, meta) => meta.arrivalTime, { delay: '0 seconds', idleTimeout: 'never', maxFutureTime: '1 day' })
    .map((event) => ({ ...event, doubled: event.minutes * 2 }))
    .filter((event) => event.doubled > 0)
    .groupBy({
      shard: (event) => event.shard,
      late: (event) => event.minutes > 15,
      first: (_, meta) => meta.partitionKey,
    })
    .window(tumbling('1 hour', { offset: '15 minutes' }))
    .aggregate({ total: sum((event) => event.doubled), calls: count() })
    .writeStream(
      kinesis({
        streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/out',
        partitionKey: (result) => {
          exactly<{
            shard: string;
            late: boolean;
            first: string;
            windowStart: string;
            windowEnd: string;
            total: number;
            calls: number;
          }>()(result);
          return result.shard;
        },
      }),
    );
  // @ts-expect-error a field the map dropped
  flights.map((flight) => ({ origin: flight.origin })).filter((event) => event.delay > 0);
  // @ts-expect-error a field the schema does not have
  flights.groupBy({ origin: (flight) => flight.orgin });
  // @ts-expect-error a field the schema does not have
  hourly.aggregate({ late: avg((flight) => flight.lateness) });
}

// Rows.
export function rowsHaveExactTypes() {
  const departures = hourly.aggregate({ departures: count(), averageDelay: avg((flight) => flight.delay) });
  type Departures = {
    origin: string;
    windowStart: string;
    windowEnd: string;
    departures: number;
    averageDelay: number;
  };
  exactly<Departures>()(row(departures.writeStream(kinesis({ streamName: 'departures' }))));
  exactly<Flight>()(
    input(departures.writeStream(kinesis({ streamName: 'departures' })).trigger({ every: '1 minute' })),
  );
  exactly<{ origin: string; batchId: number; events: number }>()(
    row(perBatch.aggregate({ events: count() }).writeStream(consoleSink())),
  );
  // A tumbling window or none: both are open after withWatermark.
  exactly<{ origin: string; batchId: number; events: number }>()(
    row(
      timed
        .groupBy({ origin: (flight) => flight.origin })
        .window(perMicroBatch())
        .aggregate({ events: count() })
        .writeStream(consoleSink()),
    ),
  );
  // Nulls are left out, so a group of nothing but nulls has none of these.
  const gates = perBatch.aggregate({
    gates: sum((flight) => flight.gate),
    low: min((flight) => flight.gate),
    high: max((flight) => flight.gate ?? undefined),
    mean: avg((flight) => flight.gate),
    least: min((flight) => flight.delay),
    most: max((flight) => flight.delay),
    events: count(),
  });
  exactly<{
    origin: string;
    batchId: number;
    gates: number | null;
    low: number | null;
    high: number | null;
    mean: number | null;
    least: number;
    most: number;
    events: number;
  }>()(row(gates.writeStream(consoleSink())));
  // What is kept is what JSON makes of it.
  const kept = perBatch.aggregate({
    earliest: first((flight) => flight.origin),
    latest: last((flight) => ({ at: new Date(flight.date), gate: flight.gate })),
    gate: last((flight) => flight.gate),
    international: first((flight) => flight.international),
  });
  exactly<{
    origin: string;
    batchId: number;
    earliest: string;
    latest: { at: string; gate: number | null };
    gate: number | null;
    international: boolean | null;
  }>()(row(kept.writeStream(consoleSink())));
  // Of a single number there is no sample variance.
  const spread = perBatch.aggregate({
    variance: variance((flight) => flight.delay),
    stddev: stddev((flight) => flight.gate, { of: 'sample' }),
    all: variance((flight) => flight.delay, { of: 'population' }),
    gates: stddev((flight) => flight.gate, { of: 'population' }),
  });
  exactly<{
    origin: string;
    batchId: number;
    variance: number | null;
    stddev: number | null;
    all: number;
    gates: number | null;
  }>()(row(spread.writeStream(consoleSink())));
  // What is made of several values.
  const made = perBatch.aggregate({
    list: collect((flight) => flight.gate, { limit: 5 }),
    routes: countDistinct((flight) => ({ from: flight.origin }), { exactUpTo: 0 }),
    busiest: topK((flight) => flight.international, 2),
    median: percentile((flight) => flight.delay, 0.5),
    delays: percentile((flight) => flight.delay, [0.5, 0.99]),
    gates: percentile((flight) => flight.gate, [0.5]),
    some: percentile((flight) => flight.delay, [0.5, 0.99] as number[]),
  });
  exactly<{
    origin: string;
    batchId: number;
    list: { readonly values: number[]; readonly truncated: number };
    routes: number;
    busiest: { readonly value: boolean; readonly count: number; readonly error: number }[];
    median: number;
    delays: [number, number];
    gates: [number] | null;
    some: number[];
  }>()(row(made.writeStream(consoleSink())));
  // @ts-expect-error a text is no number
  perBatch.aggregate({ median: percentile((flight) => flight.origin, 0.5) });
  // @ts-expect-error a selector answers at once
  perBatch.aggregate({ earliest: first(async (flight) => flight.origin) });
  // @ts-expect-error how many are told
  perBatch.aggregate({ busiest: topK((flight) => flight.origin) });
  // Several keys, of every type a key can have.
  const keyed = flights
    .groupBy({
      origin: (flight) => flight.origin,
      gate: (flight) => flight.gate,
      abroad: (flight) => flight.international ?? false,
    })
    .window(perMicroBatch())
    .aggregate({ n: count() });
  exactly<{ origin: string; gate: number | null; abroad: boolean; batchId: number; n: number }>()(
    row(keyed.writeStream(consoleSink())),
  );
  const busy = departures
    .filter((result) => result.departures > 10)
    .map(({ origin, averageDelay }) => ({ origin, averageDelay }));
  exactly<{ origin: string; averageDelay: number }>()(row(busy.writeStream(file('busy.ndjson'))));
  // @ts-expect-error the map dropped it
  busy.filter((result) => result.departures > 10);
}

// A filter that is a type guard narrows.
export function aTypeGuardNarrows() {
  const isGated = (flight: Flight): flight is Flight & { gate: number } => flight.gate !== null;
  exactly<number>()(
    row(
      flights
        .filter(isGated)
        .map((flight) => flight.gate)
        .writeStream(consoleSink()),
    ),
  );
  exactly<number>()(
    row(
      timed
        .filter(isGated)
        .map((flight) => flight.gate)
        .writeStream(consoleSink()),
    ),
  );
}

// The order of steps.
export function stepsComeInOrder() {
  const start = pipeline('order');
  const afterSource = start.readStream(source);
  const grouped = timed.groupBy({ origin: (flight) => flight.origin });
  const rows = hourly.aggregate({ n: count() });
  const written = rows.writeStream(consoleSink());
  // @ts-expect-error nothing to decode yet
  start.decode(bytes());
  // @ts-expect-error nothing to filter before decode
  afterSource.filter(() => true);
  // @ts-expect-error nothing to write before decode
  afterSource.writeStream(consoleSink());
  // @ts-expect-error a window needs keys
  timed.window(tumbling('1 hour'));
  // @ts-expect-error aggregates need a window
  grouped.aggregate({ n: count() });
  // @ts-expect-error groups need a window
  grouped.writeStream(consoleSink());
  // @ts-expect-error an event-time window needs withWatermark
  flights.groupBy({ origin: (flight) => flight.origin }).window(tumbling('1 hour'));
  // @ts-expect-error one watermark
  timed.withWatermark((flight) => flight.date, { delay: '1 second' });
  // @ts-expect-error a window without aggregates has no results
  hourly.writeStream(consoleSink());
  // @ts-expect-error rows have no event time of their own
  rows.withWatermark((result) => result.windowEnd, { delay: '1 second' });
  // @ts-expect-error rows are not grouped again
  rows.groupBy({ origin: (result: { origin: string }) => result.origin });
  // @ts-expect-error the trigger comes last
  rows.trigger({ every: '1 second' });
  // @ts-expect-error one trigger
  written.trigger({ every: '1 second' }).trigger({ every: '1 second' });
  // @ts-expect-error one sink
  written.writeStream(consoleSink());
  // @ts-expect-error a stage is not a pipeline
  rows satisfies PipelineDefinition;
  written satisfies PipelineDefinition;
}

// Callbacks that return promises.
export function promisesDoNotCompile() {
  // @ts-expect-error filter
  flights.filter(async (flight) => flight.delay > 0);
  // @ts-expect-error map
  flights.map(async (flight) => flight.origin);
  // @ts-expect-error map that sometimes returns a promise
  flights.map((flight) => (flight.delay > 0 ? Promise.resolve(1) : 2));
  // @ts-expect-error filter with a time
  timed.filter(async (flight) => flight.delay > 0);
  // @ts-expect-error map with a time
  timed.map(async (flight) => flight.origin);
  // @ts-expect-error event time
  flights.withWatermark(async (flight) => flight.date, { delay: '1 minute' });
  // @ts-expect-error key
  flights.groupBy({ origin: async (flight) => flight.origin });
  // @ts-expect-error sum
  hourly.aggregate({ n: sum(async (flight) => flight.delay) });
  // @ts-expect-error avg
  hourly.aggregate({ n: avg(async (flight) => flight.delay) });
  // @ts-expect-error filter on rows
  hourly.aggregate({ n: count() }).filter(async (result) => result.n > 0);
  // @ts-expect-error map on rows
  hourly.aggregate({ n: count() }).map(async (result) => result.n);
  // @ts-expect-error partition key
  flights.writeStream(kinesis({ streamName: 'out', partitionKey: async (flight) => flight.origin }));
}

// What callbacks return.
export function returnTypesCount() {
  // @ts-expect-error a filter says yes or no
  flights.filter((flight) => flight.origin);
  // @ts-expect-error an event time is a Date, a number or a string
  flights.withWatermark((flight) => flight.international, { delay: '1 minute' });
  // @ts-expect-error a key is a string, number, boolean or null
  flights.groupBy({ flight: (flight) => flight });
  // @ts-expect-error a key may be null, but not undefined
  flights.groupBy({ abroad: (flight) => flight.international });
  // @ts-expect-error a sum is of numbers
  hourly.aggregate({ n: sum((flight) => flight.origin) });
  // @ts-expect-error a sum needs a selector
  hourly.aggregate({ n: sum() });
  // @ts-expect-error not an aggregate
  hourly.aggregate({ n: (flight: Flight) => flight.delay });
}

// Names.
export function namesAreUnique() {
  // @ts-expect-error reserved, whatever the window
  flights.groupBy({ windowStart: (flight) => flight.origin });
  // @ts-expect-error reserved
  flights.groupBy({ origin: (flight) => flight.origin, windowEnd: (flight) => flight.origin });
  // @ts-expect-error reserved
  flights.groupBy({ batchId: (flight) => flight.origin });
  // @ts-expect-error reserved
  flights.groupBy({ _sluice: (flight) => flight.origin });
  // @ts-expect-error reserved
  hourly.aggregate({ windowEnd: count() });
  // @ts-expect-error reserved
  hourly.aggregate({ n: count(), _sluice: max((flight) => flight.delay) });
  // @ts-expect-error reserved
  hourly.aggregate({ batchId: count() });
  // @ts-expect-error already a key
  hourly.aggregate({ origin: count() });
  const computed: Record<string, (flight: Flight) => string> = { origin: (flight) => flight.origin };
  timed.groupBy(computed).window(perMicroBatch()).aggregate({ n: count() });
  // @ts-expect-error already a key
  hourly.aggregate({ n: count(), origin: avg((flight) => flight.delay) });
}

// Places for each shard.
export function positions() {
  const { readStream: read } = pipeline('read');
  const streamName = 'flights';
  const places = {
    'shardId-000000000000': 'SHARD_END',
    'shardId-000000000001': 'AFTER_SEQUENCE_NUMBER 49605240428222307037115827613554798409561082419642105874.3',
    'shardId-000000000002': 'AT_SEQUENCE_NUMBER 49605240428222307037115827613554798409561082419642105874',
    'shardId-000000000003': 'AT_TIMESTAMP 2026-03-01T00:00:00.250Z',
  } as const;
  read(kinesis({ streamName, startingPosition: { ...places, others: 'LATEST' }, endingPosition: places }));
  // As a JSON module has it.
  const saved = {
    metadata: { streamName: 'flights', batchId: '7' },
    'shardId-000000000000': {
      iteratorType: 'AFTER_SEQUENCE_NUMBER',
      iteratorPosition: '496',
      subSequenceNumber: -1,
      isLast: true,
    },
  };
  read(kinesis({ streamName, startingPosition: saved, endingPosition: saved }));
  read(kinesis({ streamName, startingPosition: '{"shardId-000000000000": "TRIM_HORIZON"}' }));
  // @ts-expect-error an end is not one place for all shards, but for a time
  read(kinesis({ streamName, endingPosition: 'LATEST' }));
  // @ts-expect-error all that is not named in an end is not read
  read(kinesis({ streamName, endingPosition: { ...places, others: 'LATEST' } }));
  // @ts-expect-error a number belongs to one shard
  read(kinesis({ streamName, startingPosition: 'AFTER_SEQUENCE_NUMBER 496' }));
  // @ts-expect-error no place in a shard
  read(kinesis({ streamName, startingPosition: { 'shardId-000000000000': 'LATEST' } }));
  // @ts-expect-error no id of a shard
  read(kinesis({ streamName, startingPosition: { shard0: 'TRIM_HORIZON' } }));
}

// kinesis() as source.
export function kinesisAsSource() {
  const { readStream: read } = pipeline('read');
  read(
    kinesis({
      streamName: 'flights',
      region: 'eu-west-1',
      endpointUrl: 'http://localhost:4567',
      consumerType: 'GetRecords',
      startingPosition: 'AT_TIMESTAMP 2026-03-01T00:00:00+01:00',
      describeShardInterval: '0 seconds',
      maxFetchRecordsPerShard: 1_000,
      maxFetchTimePerShard: '30 seconds',
      getRecords: { numberOfRecordsPerFetch: 1_000, fetchInterval: '250 milliseconds' },
      failOnDataLoss: true,
      compression: 'auto',
      maxDecompressedBytes: 1_000_000,
      deduplicate: { identityField: 'id', forgetAfter: '60 days' },
    }),
  );
  read(kinesis({ streamName: 'flights', deduplicate: true }));
  read(kinesis({ streamName: 'flights', region: process.env.AWS_REGION }));
  // @ts-expect-error the stream is required
  read(kinesis({ startingPosition: 'LATEST' }));
  // @ts-expect-error name or ARN
  read(kinesis({ streamName: 'flights', streamArn: 'arn:aws:kinesis:eu-west-1:123456789012:stream/flights' }));
  // @ts-expect-error a sink's option
  read(kinesis({ streamName: 'flights', partitionKey: () => 'a' }));
  // @ts-expect-error misspelt
  read(kinesis({ streamName: 'flights', startingPositon: 'LATEST' }));
  // @ts-expect-error no such position
  read(kinesis({ streamName: 'flights', startingPosition: 'latest' }));
  // @ts-expect-error a moment needs a zone
  read(kinesis({ streamName: 'flights', startingPosition: 'AT_TIMESTAMP 2026-03-01T00:00:00' }));
  // @ts-expect-error a moment needs a time
  read(kinesis({ streamName: 'flights', startingPosition: 'AT_TIMESTAMP 2026-03-01' }));
  // @ts-expect-error no such option
  read(kinesis({ streamName: 'flights', deduplicate: { forget: '60 days' } }));
  // @ts-expect-error a source's option
  flights.writeStream(kinesis({ streamName: 'out', deduplicate: true }));
  // @ts-expect-error no such compression
  read(kinesis({ streamName: 'flights', compression: 'snappy' }));
  read(kinesis({ streamName: 'flights', consumerType: 'SubscribeToShard', subscribeToShard: { adopt: true } }));
  // @ts-expect-error no such way to read
  read(kinesis({ streamName: 'flights', consumerType: 'subscribeToShard' }));
  // @ts-expect-error a duration
  read(kinesis({ streamName: 'flights', describeShardInterval: '1s' }));
  const sinkOnly: KinesisStream<'sink', string> = kinesis({ streamName: 'out', partitionKey: (line) => line });
  // @ts-expect-error made to be a sink
  read(sinkOnly);
  // @ts-expect-error a stream that is read from
  read(consoleSink());
}

// kinesis() as sink.
export function kinesisAsSink() {
  const rows = hourly.aggregate({ n: count() });
  rows.writeStream(kinesis({ streamName: 'out', identity: 'none', identityField: 'id', region: 'eu-west-1' }));
  rows.writeStream(kinesis({ streamName: 'out', partitionKey: (result) => `${result.origin}/${result.windowStart}` }));
  flights.writeStream(kinesis({ streamName: 'out', partitionKey: (flight) => flight.origin }));
  flights.map((flight) => flight.origin).writeStream(kinesis({ streamName: 'out', partitionKey: (origin) => origin }));
  // @ts-expect-error not a field of the row
  rows.writeStream(kinesis({ streamName: 'out', partitionKey: (result) => result.country }));
  const batchRows = perBatch.aggregate({ n: count() });
  // @ts-expect-error the windows of micro-batches have no start
  batchRows.writeStream(kinesis({ streamName: 'out', partitionKey: (result) => result.windowStart }));
  // @ts-expect-error a partition key is a string
  rows.writeStream(kinesis({ streamName: 'out', partitionKey: (result) => result.n }));
  // @ts-expect-error not what the rows are
  rows.writeStream(kinesis({ streamName: 'out', partitionKey: (result: { country: string }) => result.country }));
  // @ts-expect-error a source's option
  rows.writeStream(kinesis({ streamName: 'out', startingPosition: 'LATEST' }));
  // @ts-expect-error the stream is required
  rows.writeStream(kinesis({}));
  // @ts-expect-error no such identity
  rows.writeStream(kinesis({ streamName: 'out', identity: 'header' }));
}

// kinesis() in a variable: every option of both, and the rows of its callback are its own.
export function kinesisInAVariable() {
  const either = kinesis({ streamName: 'either', region: 'eu-west-1' });
  pipeline('either').readStream(either).decode(bytes()).writeStream(either);
  const out = kinesis({ streamName: 'out', partitionKey: (result: { origin: string }) => result.origin });
  hourly.aggregate({ n: count() }).writeStream(out);
  const typed: Sink<{ origin: string }> = kinesis({ streamName: 'out', partitionKey: (result) => result.origin });
  hourly.aggregate({ n: count() }).writeStream(typed);
  const numbers = hourly.aggregate({ n: count() }).map((result) => result.n);
  // @ts-expect-error rows without an origin
  numbers.writeStream(out);
  // @ts-expect-error rows without an origin
  numbers.writeStream(typed);
}

// Durations.
export function durationsAreChecked() {
  const fine: Duration[] = ['0 seconds', '1 second', '10 seconds', '100 milliseconds', '1 hour', '24 hours', '7 days'];
  exactly<Duration[]>()(fine);
  for (const span of fine) tumbling(span, { offset: span });
  for (const span of fine) session(span);
  // @ts-expect-error not '0 seconds'
  session('0 seconds');
  hourly.allowedLateness('1 day', { retractions: 'ignore' });
  // @ts-expect-error no event of a micro-batch is late
  flights.groupBy({}).window(perMicroBatch()).allowedLateness('1 day');
  const results = hourly.aggregate({ n: count() }).writeStream(kinesis({ streamName: 'out' }));
  results.outputMode('complete', { maxRows: 5, retractions: 'ignore' });
  results.outputMode('append', { accumulation: 'discarding' });
  // @ts-expect-error no such mode
  results.outputMode('replace');
  // @ts-expect-error all that is open is given out as a whole
  results.outputMode('complete', { accumulation: 'discarding' });
  // @ts-expect-error other modes have no limit
  results.outputMode('update', { maxRows: 5 });
  // @ts-expect-error no unit
  tumbling('10');
  // @ts-expect-error no space
  tumbling('10s');
  // @ts-expect-error unknown unit
  tumbling('1 fortnight');
  // @ts-expect-error not a number
  tumbling('one hour');
  // @ts-expect-error a fraction
  tumbling('1.5 hours');
  // @ts-expect-error negative
  tumbling('-1 hours');
  // @ts-expect-error nothing
  tumbling('0 hours');
  // @ts-expect-error unknown unit
  tumbling('1 hour', { offset: '5 min' });
  // @ts-expect-error unknown option
  tumbling('1 hour', { ofset: '5 minutes' });
  // @ts-expect-error no unit
  flights.withWatermark((flight) => flight.date, { delay: '30' });
  // @ts-expect-error the delay is required
  flights.withWatermark((flight) => flight.date, {});
  // @ts-expect-error never is for the idle timeout
  flights.withWatermark((flight) => flight.date, { delay: 'never' });
  // @ts-expect-error unknown unit
  flights.writeStream(consoleSink()).trigger({ every: '10 secs' });
}

// Pipeline options.
export function pipelineOptionsAreChecked() {
  pipeline('options', { parallelism: 4, minBatchesToRetain: 10, shardsPerTask: 5, maxTasks: 10 });
  pipeline('options', { shardsPerTask: 'auto' });
  // @ts-expect-error misspelt
  pipeline('options', { paralellism: 4 });
  // @ts-expect-error a number
  pipeline('options', { parallelism: '4' });
}

// A role, of the source and of the sink alike.
export function kinesisWithRole() {
  const role = { arn: 'arn:aws:iam::222222222222:role/reader', externalId: 'partner', duration: '15 minutes' } as const;
  const { readStream: read } = pipeline('read');
  read(kinesis({ streamName: 'flights', role }));
  read(kinesis({ streamName: 'flights', role: { arn: role.arn, sessionName: 's', stsRegion: 'eu-west-1' } }));
  flights.writeStream(kinesis({ streamName: 'out', role: { ...role, stsEndpointUrl: 'https://sts.example.com' } }));
  // @ts-expect-error its ARN is required
  read(kinesis({ streamName: 'flights', role: { externalId: 'partner' } }));
  // @ts-expect-error an object
  read(kinesis({ streamName: 'flights', role: role.arn }));
  // @ts-expect-error misspelt
  flights.writeStream(kinesis({ streamName: 'out', role: { ...role, externalID: 'partner' } }));
  // @ts-expect-error a duration
  flights.writeStream(kinesis({ streamName: 'out', role: { arn: role.arn, duration: 3600 } }));
}

// Without keys there is one group, whose row has the window and the aggregates only.
export function noKeysAreOneGroup() {
  const all = flights.groupBy({}).window(perMicroBatch()).aggregate({ n: count() });
  exactly<{ batchId: number; n: number }>()(row(all.writeStream(consoleSink())));
  // @ts-expect-error: a name that Sluice writes itself
  flights.groupBy({}).window(perMicroBatch()).aggregate({ batchId: count() });
  // @ts-expect-error: there is no such column
  all.filter((result) => result.origin === 'LIS');
  // @ts-expect-error: neither 'text' nor 'number'
  json(Flight, { largeIntegers: 'bigint' });
}

// Aggregates of the user's own.
export function ownAggregatesHaveTheirTypes() {
  const totals = perBatch.aggregate({
    n: count(),
    longest: aggregate({
      name: 'longest',
      version: 1,
      empty: () => '',
      add: (longest, flight: Flight, meta) => {
        exactly<string>()(longest);
        exactly<EventMeta>()(meta);
        return flight.origin.length > longest.length ? flight.origin : longest;
      },
      merge: (one, other) => (one.length >= other.length ? one : other),
      result: (longest) => longest,
    }),
    origins: aggregate({
      name: 'origins',
      version: 1,
      empty: () => new Set<string>(),
      add: (origins, flight: Flight) => origins.add(flight.origin),
      merge: (one, other) => new Set([...one, ...other]),
      save: (origins) => [...origins],
      restore: (saved) => new Set(saved),
      result: (origins) => ({ count: origins.size }),
    }),
  });
  exactly<{ origin: string; batchId: number; n: number; longest: string; origins: { count: number } }>()(
    row(totals.writeStream(consoleSink())),
  );
  const common = { name: 'own', version: 1, empty: () => 0, merge: (one: number, other: number) => one + other };
  perBatch.aggregate({
    // @ts-expect-error of an event of another pipeline
    own: aggregate({
      ...common,
      add: (sum: number, event: { gates: number }) => sum + event.gates,
      result: (sum) => sum,
    }),
  });
  aggregate({
    ...common,
    // @ts-expect-error add of a promise
    add: async (sum: number, flight: Flight) => sum + flight.delay,
    result: (sum: number) => sum,
  });
  aggregate({
    ...common,
    add: (sum: number, flight: Flight) => sum + flight.delay,
    // @ts-expect-error a promise as the result
    result: async (sum: number) => sum,
  });
}

// Further outputs are given what the first one is, and write that or what their own map makes of it.
export function furtherOutputs() {
  const rows = hourly.aggregate({ departures: count() });
  type Row = { origin: string; windowStart: string; windowEnd: string; departures: number };
  const written = rows
    .writeStream(consoleSink())
    .writeStream(kinesis({ streamName: 'a', partitionKey: (row) => row.origin }), {
      name: 'busy',
      filter: (row) => {
        exactly<Row>()(row);
        return row.departures > 10;
      },
    })
    .writeStream(kinesis<'sink', { airport: string }>({ streamName: 'b', partitionKey: (made) => made.airport }), {
      name: 'airports',
      map: (row) => ({ airport: row.origin }),
    });
  exactly<Row>()(row(written));
  exactly<Row>()(row(written.trigger({ every: '1 minute' })));
  flights.writeStream(consoleSink()).writeStream(consoleSink(), {
    name: 'shards',
    filter: (flight, meta) => {
      exactly<Flight>()(flight);
      exactly<EventMeta>()(meta);
      return true;
    },
    map: (flight, meta) => [flight.origin, meta.shardId],
  });
  const one = rows.writeStream(consoleSink());
  // What the sink is given is known from the map, whatever the first output is given.
  one.writeStream(kinesis({ streamName: 'b' }), { name: 'a', map: (row) => ({ airport: row.origin }) });
  one.writeStream(kinesis({ streamName: 'b', partitionKey: (made: { airport: string }) => made.airport }), {
    name: 'a',
    map: (row) => ({ airport: row.origin }),
  });
  // @ts-expect-error a further output has a name
  one.writeStream(consoleSink());
  // @ts-expect-error rows have no such column
  one.writeStream(consoleSink(), { name: 'a', filter: (row) => row.gate > 1 });
  // @ts-expect-error a promise is no row
  one.writeStream(consoleSink(), { name: 'a', map: async (row) => row });
  // @ts-expect-error a promise is no answer
  one.writeStream(consoleSink(), { name: 'a', filter: async () => true });
  // @ts-expect-error the map makes no such rows
  one.writeStream(kinesis<'sink', { gate: number }>({ streamName: 'b' }), { name: 'a', map: (row) => row });
  // @ts-expect-error a stream that is read
  one.writeStream(source as KinesisStream<'source', never>, { name: 'a' });
  // @ts-expect-error the first one has none of its own
  rows.writeStream(consoleSink(), { name: 'a' });
  // @ts-expect-error nothing is written behind the trigger
  one.trigger({}).writeStream(consoleSink(), { name: 'a' });
}

// What `flatMap` makes of one are several, each of the type that the steps behind it see.
export function elementsHaveTheTypeOfWhatIsIterated() {
  exactly<string>()(row(flights.flatMap((flight) => [flight.origin]).writeStream(consoleSink())));
  exactly<number>()(
    row(
      timed.flatMap((flight, meta) => new Set([flight.delay, meta.arrivalTime.getTime()])).writeStream(consoleSink()),
    ),
  );
  exactly<1 | 2>()(
    row(
      flights
        .flatMap(function* () {
          yield 1 as const;
          yield 2 as const;
        })
        .writeStream(consoleSink()),
    ),
  );
  // @ts-expect-error a text is one value
  flights.flatMap((flight) => flight.origin);
  // @ts-expect-error a promise is no list
  flights.flatMap(async (flight) => [flight.origin]);
  // @ts-expect-error what is asked for in the background is none
  flights.flatMap(async function* (flight) {
    yield flight.origin;
  });
  // @ts-expect-error nothing is no list
  timed.flatMap(() => undefined);
  // @ts-expect-error no such option
  flights.flatMap(() => [], { most: 3 });
}

// Of rows, and of one output.
export function rowsOfOneResult() {
  const counted = hourly.aggregate({ n: count() });
  exactly<{ origin: string; at: number }>()(
    row(counted.flatMap(({ origin, n }) => [{ origin, at: n }]).writeStream(consoleSink())),
  );
  const one = counted.writeStream(consoleSink());
  one.writeStream(kinesis({ streamName: 'b', partitionKey: (made: { airport: string }) => made.airport }), {
    name: 'a',
    flatMap: (result) => [{ airport: result.origin }],
    maxElements: 2,
  });
  // @ts-expect-error a text is one value
  counted.flatMap((result) => result.origin);
  // @ts-expect-error a promise is no list
  counted.flatMap(async (result) => [result.n]);
  // @ts-expect-error either map or flatMap
  one.writeStream(consoleSink(), { name: 'a', map: (result) => result, flatMap: (result) => [result] });
  // @ts-expect-error the flatMap makes no such rows
  one.writeStream(kinesis<'sink', { gate: number }>({ streamName: 'b' }), { name: 'a', flatMap: (result) => [result] });
  // @ts-expect-error a limit of nothing
  one.writeStream(consoleSink(), { name: 'a', maxElements: 2 });
}

// Late events are of windows that have a time, and go to sinks that take them.
export function lateEventsHaveASinkOfTheirOwn() {
  hourly
    .sideOutputLate(kinesis({ streamName: 'late' }))
    .allowedLateness('1 hour')
    .aggregate({ n: count() });
  hourly.allowedLateness('1 hour').sideOutputLate(consoleSink()).aggregate({ n: count() });
  exactly<LateEvent['payload']>()(null as LateEvent['payload']);
  // @ts-expect-error no event is late in a window of a micro-batch
  perBatch.sideOutputLate(consoleSink());
  // @ts-expect-error late events are no flights
  hourly.sideOutputLate(kinesis<'sink', Flight>({ streamName: 'late' }));
  // @ts-expect-error a stream that is read
  hourly.sideOutputLate(source as KinesisStream<'source', never>);
}

// Letters go to sinks that take them, of any pipeline.
export function lettersHaveASinkOfTheirOwn() {
  flights
    .writeStream(consoleSink())
    .deadLettersTo(kinesis({ streamName: 'letters' }))
    .trigger({});
  hourly.aggregate({ n: count() }).writeStream(consoleSink()).deadLettersTo(consoleSink()).outputMode('update');
  // @ts-expect-error letters are no flights
  flights.writeStream(consoleSink()).deadLettersTo(kinesis<'sink', Flight>({ streamName: 'letters' }));
}

// The first rows of a window say where they stand, under a name that the pipeline gives.
export function firstRowsHaveAPlace() {
  const results = hourly.aggregate({ n: count() });
  results
    .filter(({ n }) => n > 1)
    .topRows(3, { by: ({ n }) => n, order: 'lowest', rankAs: 'place' })
    .map((result) => {
      exactly<number>()(result.place);
      return result.n;
    });
  results.topRows(3, { by: ({ n }) => (n > 1 ? n : null) }).map((result) => {
    // @ts-expect-error nothing was said of a place
    return result.place;
  });
  // @ts-expect-error nothing to rank by
  results.topRows(3);
  // @ts-expect-error nothing to rank by
  results.topRows(3, { order: 'lowest' });
  // @ts-expect-error no such order
  results.topRows(3, { by: ({ n }) => n, order: 'desc' });
  // @ts-expect-error a text is no number
  results.topRows(3, { by: ({ n }) => String(n) });
  // @ts-expect-error a promise is no number
  results.topRows(3, { by: async ({ n }) => n });
}

// What passes is the event, as JSON has it, and behind it there is no `meta` any more.
export function whatPassesIsTheEvent() {
  const once = timed.dropDuplicates({ origin: (flight) => flight.origin }, { within: '1 hour' });
  exactly<Flight>()(row(once.writeStream(consoleSink())));
  exactly<number | null>()(
    row(
      once
        .filter((flight) => flight.delay > 1)
        .map(({ gate }) => gate)
        .writeStream(consoleSink()),
    ),
  );
  once.sideOutputLate(consoleSink()).flatMap((flight) => [flight.origin]);
  const dated = timed.map((flight) => ({ at: new Date(flight.date) }));
  const passed = dated.dropDuplicates({ at: ({ at }) => at.getTime() }, { within: '1 hour' });
  exactly<{ at: string }>()(row(passed.writeStream(consoleSink())));
  const origin = (flight: Flight) => flight.origin;
  const grouped = timed.dropDuplicates({ origin }, { within: '1 hour' }).groupBy({ origin });
  exactly<{ origin: string; windowStart: string; windowEnd: string; n: number }>()(
    row(grouped.window(tumbling('1 hour')).aggregate({ n: count() }).writeStream(consoleSink())),
  );
  // @ts-expect-error a field that flights do not have
  once.groupBy({ gone: (flight) => flight.gone });
  // @ts-expect-error what was filtered is not grouped: a filter comes before
  once.filter(() => true).groupBy({ origin });
  // @ts-expect-error without event times nobody knows what is first
  flights.dropDuplicates({ origin: (flight: Flight) => flight.origin }, { within: '1 hour' });
  // @ts-expect-error for how long?
  timed.dropDuplicates({ origin: (flight) => flight.origin });
  // @ts-expect-error an hour is a text
  timed.dropDuplicates({ origin: (flight) => flight.origin }, { within: 3_600_000 });
  // @ts-expect-error a list is no key
  timed.dropDuplicates({ origin: (flight) => [flight.origin] }, { within: '1 hour' });
  // @ts-expect-error a name is no key
  timed.dropDuplicates({ origin: 'origin' }, { within: '1 hour' });
  // @ts-expect-error there is no meta any more
  once.map((_, meta) => meta.shardId);
  // @ts-expect-error there are no windows to rank
  once.topRows(1, { by: () => 1 });
  // @ts-expect-error late events are no flights
  once.sideOutputLate(kinesis<'sink', Flight>({ streamName: 'late' }));
}

// Reference data is in the meta of callbacks behind its step, under its name.
export function referencesAreTypedByName() {
  type Airport = { readonly city: string };
  const equipped = flights
    .withReference('airports', async () => new Map<string, Airport>(), { every: '1 hour' })
    .withReference('fees', () => ({ v: 1, base: 5 }), {
      every: '1 day',
      staleAfter: '2 days',
      version: ({ v }) => `${v}`,
    });
  type References = { readonly airports: Map<string, Airport>; readonly fees: { v: number; base: number } };
  equipped.map((flight, meta) => {
    exactly<Flight>()(flight);
    exactly<EventMeta<References>>()(meta);
    exactly<string | undefined>()(meta.references.airports.get(flight.origin)?.city);
    exactly<string>()(meta.shardId);
    return flight;
  });
  equipped
    .filter((_, meta) => meta.references.fees.base > 0)
    .flatMap((flight, meta) => [{ ...flight, fee: meta.references.fees.base }])
    .withWatermark((flight, meta) => (meta.references.fees.v > 0 ? flight.date : 0), { delay: '1 minute' })
    .withReference('carriers', () => ['AA'], { every: '1 hour' })
    .groupBy({ city: (flight, meta) => meta.references.airports.get(flight.origin)?.city ?? null })
    .window(tumbling('1 hour'))
    .allowedLateness('1 hour')
    .aggregate({ flights: count() })
    .filter((_, meta) => meta.references.carriers.includes('AA'))
    .map((result, meta) => {
      exactly<RowMeta<References & { readonly carriers: string[] }>['references']['fees']>()(meta.references.fees);
      return { ...result, base: meta.references.fees.base };
    })
    .writeStream(consoleSink())
    .writeStream(consoleSink(), {
      name: 'second',
      filter: (_, meta) => meta.references.fees.base > 1,
      map: (row) => row.base,
    });
  equipped.writeStream(consoleSink()).writeStream(consoleSink(), {
    ...{ name: 'second' },
    map: (flight, meta) => ({ city: meta.references.airports.get(flight.origin) }),
  });
  // @ts-expect-error a name that there is none of
  equipped.map((_, meta) => meta.references.cities);
  // @ts-expect-error before its step
  flights.map((_, meta) => meta.references.airports);
  // @ts-expect-error a name that is taken
  equipped.withReference('airports', () => 1, { every: '1 hour' });
  // @ts-expect-error how often has to be said
  flights.withReference('airports', () => 1, {});
  // @ts-expect-error it is not to be given another value
  equipped.map((_, meta) => (meta.references.fees = { v: 2, base: 6 }));
  // @ts-expect-error a version is a text
  flights.withReference('airports', () => 1, { every: '1 hour', version: (value) => value });
}
