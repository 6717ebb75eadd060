/** `first` and `last`: which event they are of, what they keep, and what becomes of what they don't. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decompress } from '../../functions/adapters/decompress.ts';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import { createJudge } from '../../functions/core/judge-event.ts';
import { keyChanges } from '../../functions/core/keyed-operators.ts';
import { WindowTable } from '../../functions/core/window-table.ts';
import {
  console as consoleSink,
  type EventMeta,
  first,
  json,
  kinesis,
  last,
  perMicroBatch,
  pipeline,
  runPipeline,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';

type Event = { readonly at: number; readonly value: unknown };
const events = pipeline('order')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ at: z.number(), value: z.unknown() }) as unknown as z.ZodType<Event>));
const aggregates = { first: first(({ value }: Event) => value), last: last(({ value }: Event) => value) };
const sink = consoleSink();
const timed = events
  .withWatermark(({ at }) => at, { delay: '1 minute' })
  .groupBy({})
  .window(tumbling('1 minute'))
  .aggregate(aggregates)
  .writeStream(sink);
const timeless = events.groupBy({}).window(perMicroBatch()).aggregate(aggregates).writeStream(sink);

const run = (given: readonly unknown[], eventsPerBatch = 100) =>
  runPipeline(timed as never, { events: given as never[], eventsPerBatch }) as {
    readonly results: readonly { readonly first: unknown; readonly last: unknown }[];
    readonly deadLetters: readonly object[];
  };

describe('first and last', () => {
  it.each([1, 2, 100])('are of the earliest and of the latest event, however they came, in batches of %i', (size) => {
    const given = [3, 1, 5, 2, 4].map((at) => ({ at, value: `at ${at}` }));
    expect(run(given, size).results).toMatchObject([{ first: 'at 1', last: 'at 5' }]);
  });

  it('of events at one time are of the first and of the last in the stream', () => {
    const given = ['a', 'b', 'c'].map((value) => ({ at: 7, value }));
    for (const size of [1, 100]) expect(run(given, size).results).toMatchObject([{ first: 'a', last: 'c' }]);
  });

  it('leave null out, and are null of nothing else (AGGREGATE-3)', () => {
    const given = [null, 'x', null].map((value, at) => ({ at, value }));
    expect(run(given).results).toMatchObject([{ first: 'x', last: 'x' }]);
    expect(run([{ at: 1, value: null }, { at: 2 }]).results).toMatchObject([{ first: null, last: null }]);
  });

  it.each([[false], [0], [''], [[null, { b: 1, a: [] }]]])('keep %j as it is', (value) => {
    expect(run([{ at: 1, value }]).results).toMatchObject([{ first: value, last: value }]);
  });
});

const meta = (change: Partial<EventMeta>): EventMeta => ({
  ...{ streamName: 'in', shardId: 'shardId-000000000000', partitionKey: 'p', explicitHashKey: undefined },
  ...{ sequenceNumber: '5', subSequenceNumber: 0, arrivalTime: new Date(1_000), ...change },
});

/** Each event is read by a function of its own; blocks are merged in the order given. */
function merged(definition: unknown, read: readonly (readonly [Event, Partial<EventMeta>])[]): unknown {
  const checked = requirePipeline(definition);
  const blocks = read.map(([event, change]) => {
    const table = new WindowTable(checked.aggregation!);
    const judge = createJudge(checked, { batchId: 0, watermark: null, generation: 1, ref: 1 }, decompress);
    // As from another thread.
    table.count(structuredClone(judge(utf8(event), meta(change), '').grouped!));
    return JSON.parse(JSON.stringify(table.saveByKeyGroup(1).get(0)!.windows));
  });
  const [change] = keyChanges(
    checked.aggregation!,
    { batchId: 0, watermarkIn: null, watermarkOut: null },
    { before: [], blocks },
  );
  const [window] = [...change!.results, ...change!.changed];
  return checked.aggregation!.aggregates.map(({ fn }, at) => fn.result(window!.accumulators[at]));
}
const utf8 = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('of events at one time', () => {
  it.each<[string, Partial<EventMeta>, Partial<EventMeta>]>([
    ['sequence numbers as numbers', { sequenceNumber: '9' }, { sequenceNumber: '10' }],
    ['places in an aggregated record', { subSequenceNumber: 9 }, { subSequenceNumber: 10 }],
    ['shards', {}, { shardId: 'shardId-000000000001' }],
    [
      'sequence numbers before places and shards',
      { sequenceNumber: '9', subSequenceNumber: 3, shardId: 'shardId-000000000001' },
      { sequenceNumber: '10' },
    ],
    ['places before shards', { shardId: 'shardId-000000000001' }, { subSequenceNumber: 1 }],
    [
      'not arrivals',
      { sequenceNumber: '4', arrivalTime: new Date(2_000) },
      { sequenceNumber: '5', arrivalTime: new Date(1_000) },
    ],
  ])('%s decide, in whatever order blocks come', (_, earlier, later) => {
    const read = [
      [{ at: 1, value: 'earlier' }, earlier],
      [{ at: 1, value: 'later' }, later],
    ] as const;
    for (const order of [read, read.toReversed()]) expect(merged(timed, order)).toEqual(['earlier', 'later']);
  });

  it('arrivals decide where the pipeline knows no event time', () => {
    const read = [
      [
        { at: 2, value: 'earlier' },
        { sequenceNumber: '10', arrivalTime: new Date(1_000) },
      ],
      [
        { at: 1, value: 'later' },
        { sequenceNumber: '9', arrivalTime: new Date(2_000) },
      ],
    ] as const;
    for (const order of [read, read.toReversed()]) expect(merged(timeless, order)).toEqual(['earlier', 'later']);
  });

  it('what callbacks do to what they are told decides nothing', () => {
    const spoilt = events
      .filter(({ value }, given) => {
        if (value === 'earlier') {
          given.arrivalTime.setTime(9_000);
          Object.assign(given, { sequenceNumber: '99', subSequenceNumber: 9, shardId: 'x' });
        }
        return true;
      })
      .groupBy({})
      .window(perMicroBatch())
      .aggregate(aggregates)
      .writeStream(sink);
    const read = [
      [{ at: 0, value: 'earlier' }, { sequenceNumber: '1' }],
      [{ at: 0, value: 'later' }, { sequenceNumber: '2' }],
    ] as const;
    expect(merged(spoilt, read)).toEqual(['earlier', 'later']);
  });
});

describe('a value that can’t be kept is the dead letter of its event', () => {
  const problem = 'characters of JSON are too many to keep; 4096 are allowed';
  const of = (selector: (event: Event) => unknown) =>
    runPipeline(
      events
        .groupBy({})
        .window(perMicroBatch())
        .aggregate({ kept: last(selector) })
        .writeStream(sink),
      { events: [{ at: 1, value: 'x' }] },
    );

  it('what is too long', () => {
    expect(of(() => 'x'.repeat(4_094)).results).toMatchObject([{ kept: 'x'.repeat(4_094) }]);
    expect(of(() => 'x'.repeat(4_095)).deadLetters).toMatchObject([
      { reason: 'invalid-aggregate-value', message: `aggregate kept: 4097 ${problem}` },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['a number that is none', Number.NaN, 'NaN has no form in JSON; return null, or text'],
    ['a bigint', 1n, 'a bigint has no form in JSON; return null, or text'],
    ['a map', new Map(), 'Map has no form in JSON; make an object or a list of it'],
    ['a set inside', { seen: new Set([1]) }, 'field seen: Set has no form in JSON; make an object or a list of it'],
    ['a function', () => 1, "function can't be written; return null where there is no value"],
  ])('%s', (_, value, message) => {
    expect(of(() => value).deadLetters).toMatchObject([
      { reason: 'invalid-aggregate-value', message: `aggregate kept: ${message}` },
    ]);
  });

  it('but a date is kept as JSON writes it', () => {
    expect(of(() => new Date(0)).results).toEqual([{ batchId: 0, kept: '1970-01-01T00:00:00.000Z' }]);
  });

  it('and a promise is a wrong pipeline', () => {
    expect(() => of(() => Promise.resolve(1))).toThrow('aggregate kept returned a promise');
  });
});

it('they are saved as [time, sequence number, place, shard, JSON], for ever', () => {
  for (const kind of ['first', 'last']) {
    const { fn } = aggregateKinds.of({ kind })!.read(kind, { selector: () => 1 }, [])!;
    const rank = { time: 5, sequence: '49', sub: 2, shard: 'shardId-000000000003' };
    expect(fn.save(fn.add(fn.empty(), { value: '{"a":1}', rank }))).toEqual([
      5,
      '49',
      2,
      'shardId-000000000003',
      '{"a":1}',
    ]);
    expect(fn.save(fn.empty())).toBeNull();
    expect(fn.fingerprint).toEqual([kind]);
  }
});
