/** `dropDuplicates` before `groupBy`: windows of a group count what passes, each key of events once within a time. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  aggregate,
  type BatchOptions,
  count,
  type Duration,
  first,
  globalWindow,
  json,
  kinesis,
  perMicroBatch,
  pipeline,
  runPipeline,
  session,
  sliding,
  sum,
  tumbling,
} from '../../functions/index.ts';

const event = z.object({ id: z.string(), at: z.number(), country: z.string(), amount: z.number() });
type Event = z.infer<typeof event>;
const order = (id: string, at: number, amount = 1, country = 'DE'): Event => ({ id, at, country, amount });
const country = (each: Event): string => each.country;
const id = (each: Event): string => each.id;
const sink = kinesis({ streamName: 'sink' });

const once = (delay: Duration = '5 milliseconds', within: Duration = '20 milliseconds') =>
  pipeline('once')
    .readStream(kinesis({ streamName: 'source' }))
    .decode(json(event))
    .withWatermark((each) => each.at, { delay })
    .dropDuplicates({ id, country }, { within });
const counted = once()
  .groupBy({ country })
  .window(tumbling('10 milliseconds'))
  .aggregate({ orders: count(), total: sum((each) => each.amount) })
  .map(({ windowStart, ...row }) => ({ ...row, start: Date.parse(windowStart) }));
const definition = counted.map(({ windowEnd: _, ...row }) => row).writeStream(sink);
const run = (batches: BatchOptions<unknown>['batches'], options: Partial<BatchOptions<unknown>> = {}) =>
  runPipeline(definition, { ...options, batches: batches as never }).map(({ results }) => results);

describe('windows count what passes', () => {
  it('once, with the first of each key', () => {
    const batches = [[order('a', 101, 5), order('a', 100, 7), order('b', 102, 1)], { watermark: 110 }] as const;
    expect(run(batches)).toEqual([[], [{ country: 'DE', orders: 2, total: 8, start: 100 }]]);
  });

  it('and not again in a later batch, nor in a later window', () => {
    const batches = [[order('a', 105)], [order('a', 104), order('a', 112)], { watermark: 120 }] as const;
    expect(run(batches)).toEqual([[], [], [{ country: 'DE', orders: 1, total: 1, start: 100 }]]);
  });

  it('again when the time is up', () => {
    const batches = [[order('a', 100)], [order('a', 120)], { watermark: 130 }] as const;
    expect(
      run(batches)
        .flat()
        .map(({ start, orders }) => [start, orders]),
    ).toEqual([
      [100, 1],
      [120, 1],
    ]);
  });

  it('of each group on its own: the same id in another country is another key', () => {
    const batches = [[order('a', 100), order('a', 101, 2, 'FR'), order('a', 102, 4)], { watermark: 110 }] as const;
    expect(run(batches)[1]).toEqual([
      { country: 'DE', orders: 1, total: 1, start: 100 },
      { country: 'FR', orders: 1, total: 2, start: 100 },
    ]);
  });

  it('of whatever shard, in whatever order blocks are merged, by however many key groups', () => {
    const shards = { x: [order('a', 103, 3), order('b', 104, 1, 'FR')], y: [order('a', 101, 7)], z: [order('c', 109)] };
    const expected = run([{ shards }, { watermark: 140 }]).flat();
    expect(expected).toHaveLength(2);
    for (const options of [{ mergeOrder: 'reversed' }, { parallelism: 5 }] as const) {
      const results = run([{ shards }, { watermark: 140 }], options).flat();
      expect(new Set(results.map((row) => JSON.stringify(row)))).toEqual(
        new Set(expected.map((row) => JSON.stringify(row))),
      );
    }
  });

  it('through cuts and crashes', () => {
    const batches = [
      [order('a', 100)],
      'cut',
      { crash: 'reducing' },
      [order('a', 101), order('b', 102)],
      { crash: 'reading' },
      [order('b', 103), order('c', 104)],
      { watermark: 110 },
    ] as const;
    expect(run(batches).flat()).toEqual([{ country: 'DE', orders: 3, total: 3, start: 100 }]);
  });
});

describe('any kind of windows', () => {
  const resultsOf = (windows: { readonly aggregate: unknown }, mode?: 'update') => {
    const grouped = windows as ReturnType<ReturnType<ReturnType<typeof once>['groupBy']>['window']>;
    const written = grouped.aggregate({ orders: count(), least: first(id) }).writeStream(sink);
    const batches = [
      [order('a', 100), order('b', 101), order('a', 102)],
      [order('b', 103), order('c', 104)],
      { watermark: 140 },
    ];
    return runPipeline(mode === undefined ? written : written.outputMode(mode), { batches: batches as never }).map(
      ({ results }) => results.map(({ orders, least }) => `${orders} ${least}`),
    );
  };

  it('sliding', () => {
    expect(resultsOf(once().groupBy({ country }).window(sliding('10 milliseconds', '5 milliseconds')))).toEqual([
      [],
      [],
      ['3 a', '3 a'],
    ]);
  });

  it('sessions', () => {
    expect(resultsOf(once().groupBy({ country }).window(session('2 milliseconds')))).toEqual([[], [], ['2 a', '1 c']]);
  });

  it('of a batch', () => {
    expect(resultsOf(once().groupBy({ country }).window(perMicroBatch()))).toEqual([['2 a'], ['1 c'], []]);
  });

  it('running totals', () => {
    const totals = once()
      .groupBy({ country })
      .window(globalWindow({ ttl: '1 day' }));
    expect(resultsOf(totals, 'update')).toEqual([['2 a'], ['3 a'], []]);
  });

  it('of one group of all', () => {
    expect(resultsOf(once().groupBy({}).window(tumbling('10 milliseconds')))).toEqual([[], [], ['3 a']]);
  });
});

it('an aggregate of one’s own is given what passes', () => {
  const ids = aggregate({
    name: 'ids',
    version: 1,
    empty: (): string[] => [],
    add: (all, each: Event) => [...all, `${each.id}${each.amount}`],
    merge: (one, other) => [...one, ...other].toSorted(),
    result: (all) => all.join(),
  });
  const written = once().groupBy({ country }).window(tumbling('10 milliseconds')).aggregate({ ids }).writeStream(sink);
  const batches = [
    [order('b', 102, 2), order('a', 101, 1), order('b', 101, 3)],
    [order('a', 103, 9)],
    { watermark: 110 },
  ];
  expect(runPipeline(written, { batches: batches as never }).flatMap(({ results }) => results)).toMatchObject([
    { ids: 'a1,b3' },
  ]);
});

it('late is what the watermark is past, also where its window is open', () => {
  const [, batch] = runPipeline(definition, {
    batches: [[order('a', 109)], [order('b', 103), order('c', 104)]] as never,
  });
  expect(batch?.late).toEqual([order('b', 103)]);
});

it('keys are forgotten with the group at rest', () => {
  const wide = once('5 milliseconds', '15 milliseconds').groupBy({ country }).window(tumbling('1 day'));
  const written = wide.aggregate({ orders: count() }).writeStream(sink).outputMode('update');
  const batches = [[order('a', 100)], [order('b', 120)], [order('a', 116)]] as const;
  const rows = runPipeline(written, { batches: batches as never }).map(({ results }) =>
    results.map(({ orders }) => orders),
  );
  expect(rows).toEqual([[1], [2], [3]]);
});

it('keys of every type are told from their groups', () => {
  const kinds = [true, false, null, 0, -1, '', 'x', '!', '"', ']', '[', ','];
  const part = (each: Event) => kinds[each.amount]!;
  const distinct = pipeline('kinds')
    .readStream(kinesis({ streamName: 'source' }))
    .decode(json(event))
    .withWatermark((each) => each.at, { delay: '5 milliseconds' })
    .dropDuplicates({ part, id }, { within: '1 day' });
  const events = kinds.flatMap((_, at) => [order('a', 100, at), order('a', 101, at), order('b', 101, at)]);
  const ofParts = distinct.groupBy({ part }).window(tumbling('1 second')).aggregate({ n: count() }).writeStream(sink);
  const [batch] = runPipeline(ofParts.outputMode('update'), { batches: [events, events] as never });
  expect(batch?.results.map(({ n }) => n)).toEqual(kinds.map(() => 2));
  const all = distinct.groupBy({}).window(tumbling('1 second')).aggregate({ n: count() }).writeStream(sink);
  const rows = runPipeline(all.outputMode('update'), { batches: [events, events] as never }).flatMap(
    ({ results }) => results,
  );
  expect(rows.map(({ n }) => n)).toEqual([2 * kinds.length]);
  const both = distinct.groupBy({ part, id }).window(tumbling('1 second')).aggregate({ n: count() }).writeStream(sink);
  const [each] = runPipeline(both.outputMode('update'), { batches: [events] as never });
  expect(each?.results.map(({ n }) => n)).toEqual(kinds.flatMap(() => [1, 1]));
});
