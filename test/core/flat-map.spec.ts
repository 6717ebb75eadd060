/** `flatMap` of events: what its elements come to, and that an event has one fate all the same. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decompress } from '../../functions/adapters/decompress.ts';
import { createJudge } from '../../functions/core/judge-event.ts';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import {
  checkPipeline,
  collect,
  count,
  first,
  json,
  kinesis,
  last,
  perMicroBatch,
  pipeline,
  runPipeline,
  session,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { EventIdentity } from '../../functions/sinks/identity.ts';
import { md5, noon, page, planned, plannedTask, record } from '../support/builders.ts';
import { ShardRead } from '../support/shard-read.ts';

type Order = { readonly at?: number; readonly items: readonly unknown[] };
const orders = pipeline('orders')
  .readStream(kinesis({ streamName: 'orders' }))
  .decode(json(z.looseObject({}) as unknown as z.ZodType<Order>));
const sink = kinesis({ streamName: 'items' });
const items = orders.flatMap(({ items: given }) => given as readonly { readonly at?: number; readonly id?: string }[]);
const written = items.writeStream(sink);

const run = (definition: unknown, ...events: readonly Order[]) =>
  runPipeline(definition as typeof written, { events: events as never[] });

describe('elements', () => {
  it('are written in the order given, those of one event behind those of the one before', () => {
    const { results, filtered } = run(written, { items: [1, 2, 3] }, { items: [] }, { items: [4] });
    expect(results).toEqual([1, 2, 3, 4]);
    expect(filtered).toBe(1);
  });

  it.each([
    ['a set', new Set([1, 2])],
    [
      'the keys of a map',
      new Map([
        [1, 'a'],
        [2, 'b'],
      ]).keys(),
    ],
    ['typed numbers', Uint8Array.of(1, 2)],
  ])('are those of %s as well', (_, given) => {
    expect(run(orders.flatMap(() => given).writeStream(sink), { items: [] }).results).toEqual([1, 2]);
  });

  it('go through the steps behind, each on its own, and may be made into more', () => {
    const steps = orders
      .flatMap(({ items: given }) => given as readonly number[])
      .filter((item) => item > 1)
      .flatMap((item) => Array.from({ length: item }, (_, at) => at))
      .map((at) => ({ at }));
    const { results } = run(steps.writeStream(sink), { items: [1, 2, 3] });
    expect(results).toEqual([0, 1, 0, 1, 2].map((at) => ({ at })));
  });

  it('of a text are refused: a text is one value', () => {
    const { deadLetters } = run(orders.flatMap((() => 'abc') as never).writeStream(sink), { items: [] });
    expect(deadLetters).toMatchObject([
      { reason: 'invalid-result', message: 'flatMap returned a text; return a list of texts: [text]' },
    ]);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [7, 'number'],
    [{ length: 1 }, 'object'],
  ])('can not be made of %s', (given, named) => {
    const { deadLetters } = run(orders.flatMap((() => given) as never).writeStream(sink), { items: [] });
    const message = `flatMap returned ${named}; return a list or another iterable, [] for nothing`;
    expect(deadLetters).toMatchObject([{ reason: 'invalid-result', message }]);
  });

  it.each([
    ['a promise', () => Promise.resolve([1]), 'flatMap'],
    ['an asynchronous generator', async function* () {}, 'flatMap'],
    ['a list of promises', () => [1, Promise.reject(new Error('unheard'))], 'an element of flatMap'],
  ])('that are %s are a wrong pipeline', (_, mapper, named) => {
    const definition = orders.flatMap(((event: Order) => (mapper as (event: Order) => unknown)(event)) as never);
    expect(() => run(definition.writeStream(sink), { items: [] })).toThrow(`${named} returned a promise`);
  });
});

describe('a limit of elements', () => {
  const endless = (made: { count: number; closed?: boolean }) =>
    function* () {
      try {
        for (;;) yield made.count++;
      } finally {
        made.closed = true;
      }
    };

  it.each([
    [{ maxElements: 5 }, 5],
    [undefined, 10_000],
  ])('%j ends what has no end: the event is a dead letter', (options, most) => {
    const made = { count: 0 };
    const { results, deadLetters } = run(orders.flatMap(endless(made), options).writeStream(sink), { items: [] });
    expect(results).toEqual([]);
    expect(deadLetters).toMatchObject([
      { reason: 'too-many-elements', message: `flatMap made more than ${most} elements, its maxElements` },
    ]);
    expect(made).toEqual({ count: most + 1, closed: true });
  });

  it('counts those of one event, in all calls for it, and what a filter leaves out', () => {
    const nested = orders
      .flatMap(({ items: given }) => given)
      .flatMap((item) => [item, item], { maxElements: 4 })
      .filter(() => false);
    const { deadLetters, filtered } = run(nested.writeStream(sink), { items: [1, 2] }, { items: [1, 2, 3] });
    expect(filtered).toBe(1);
    expect(deadLetters).toMatchObject([{ event: { items: [1, 2, 3] }, reason: 'too-many-elements' }]);
  });

  it('is one of bytes, too, of all records of an event', () => {
    const large = orders.flatMap(() => Array.from({ length: 17 }, () => 'x'.repeat(1_000_000)));
    const { results, deadLetters } = run(large.writeStream(sink), { items: [] });
    expect(results).toEqual([]);
    expect(deadLetters).toMatchObject([
      { reason: 'too-many-elements', message: 'what comes of it has more than 16777216 bytes' },
    ]);
  });

  it.each([
    [{ maxElements: 0 }, 'flatMap.maxElements: 0 is not allowed; use a whole number from 1 to 100000'],
    [{ maxElements: 100_001 }, 'flatMap.maxElements: 100001 is not allowed; use a whole number from 1 to 100000'],
    [{ limit: 3 }, 'flatMap.limit: there is no such option; use one of maxElements'],
  ])('%j is refused', (options, message) => {
    const checked = checkPipeline(orders.flatMap(() => [], options as never).writeStream(sink));
    expect(checked).toMatchObject({ kind: 'invalid', problems: [{ message }] });
  });

  it.each([
    [undefined, 'flatMap: nothing is given; use a function that returns its result at once (not async)'],
    [
      async () => [],
      'flatMap: an async function is not allowed; use a function that returns its result at once (not async)',
    ],
  ])('of %s: what is no callback is refused', (mapper, message) => {
    const checked = checkPipeline(orders.flatMap(mapper as never).writeStream(sink));
    expect(checked).toMatchObject({ kind: 'invalid', problems: [{ message }] });
  });
});

describe('an event with an element that fails (ELEMENT-1)', () => {
  const third = (event: Order) =>
    (function* () {
      yield* event.items;
      if (event.items.length === 3) throw new Error('no more');
    })();
  const counted = orders
    .flatMap(third)
    .groupBy({})
    .window(perMicroBatch())
    .aggregate({ items: count() })
    .writeStream(sink);

  it('is a dead letter, and nothing of it counts', () => {
    const { results, deadLetters } = run(counted, { items: [1, 2] }, { items: [1, 2, 3] }, { items: [1] });
    expect(results).toMatchObject([{ items: 3 }]);
    expect(deadLetters).toMatchObject([{ event: { items: [1, 2, 3] }, reason: 'callback-failed', message: 'no more' }]);
  });

  it('says which element it is', () => {
    const picky = items.map(({ id }) => id!.length).writeStream(sink);
    expect(run(picky, { items: [{ id: 'a' }, {}] }).deadLetters).toMatchObject([
      { reason: 'callback-failed', message: expect.stringMatching(/^element 1: /) },
    ]);
  });

  it('also where a key or a time of it is none', () => {
    const keyed = items
      .groupBy({ id: ({ id }) => id as string })
      .window(perMicroBatch())
      .aggregate({ items: count() })
      .writeStream(sink);
    expect(run(keyed, { items: [{ id: 'a' }, { id: [] }] })).toMatchObject({
      results: [],
      deadLetters: [{ reason: 'invalid-key', message: expect.stringMatching(/^element 1: groupBy id: /) }],
    });
  });

  it('goes to no output that refuses one of its elements, and whole to the others (SEVERAL-1)', () => {
    const several = orders
      .flatMap(({ items: given }) => given as readonly number[])
      .writeStream(sink)
      .writeStream(kinesis({ streamName: 'odd' }), {
        name: 'odd',
        filter: (item) => item % 2 === 1,
        map: (item) => {
          if (item === 5) throw new Error('five');
          return item;
        },
      });
    const [batch] = runPipeline(several as never, { batches: [[{ items: [1, 2, 3] }, { items: [3, 4, 5] }] as never] });
    expect(batch!.outputs).toMatchObject({ main: { results: [1, 2, 3, 3, 4, 5] }, odd: { results: [1, 3] } });
    expect(batch!.deadLetters).toMatchObject([{ event: { items: [3, 4, 5] }, message: 'output odd: five' }]);
  });
});

describe('event times of elements', () => {
  const timed = items
    .withWatermark(({ at }) => at!, { delay: '10 seconds' })
    .groupBy({ id: ({ id }) => id! })
    .window(tumbling('10 seconds'))
    .aggregate({ items: count(), first: first(({ at }) => at!), all: collect(({ at }) => at!) })
    .writeStream(sink);
  const at = (seconds: number) => ({ at: seconds * 1000, id: 'a' });

  it('put each into its own window, and the latest moves the watermark', () => {
    const [batch] = runPipeline(timed as never, { batches: [[{ items: [at(25), at(3), at(12)] }] as never] });
    expect(batch).toMatchObject({
      watermark: new Date(15_000),
      results: [{ windowEnd: '1970-01-01T00:00:10.000Z', items: 1 }],
      open: [{ windowStart: '1970-01-01T00:00:10.000Z' }, { windowStart: '1970-01-01T00:00:20.000Z' }],
    });
  });

  it('make each late or not: the event is told of, and the others count', () => {
    const [, batch] = runPipeline(timed as never, {
      batches: [[{ items: [at(25)] }], [{ items: [at(2), at(26), at(3)] }], { watermark: 30_000 }] as never,
    });
    expect(batch!.late).toEqual([{ items: [at(2), at(26), at(3)] }]);
    expect(batch!.open).toMatchObject([{ windowStart: '1970-01-01T00:00:20.000Z' }]);
  });

  it('of sessions are late in the reduce, and the event once', () => {
    const sessions = items
      .withWatermark((item) => item.at!, { delay: '1 second' })
      .groupBy({})
      .window(session('2 seconds'))
      .aggregate({ items: count() })
      .writeStream(sink);
    const [, batch] = runPipeline(sessions as never, {
      batches: [[{ items: [at(25)] }], [{ items: [at(2), at(3), at(25)] }]] as never,
    });
    expect(batch!.late).toHaveLength(1);
  });

  it('before flatMap are those of the event', () => {
    const definition = orders
      .withWatermark((order) => order.at!, { delay: '10 seconds' })
      .flatMap(({ items: given }) => given as readonly string[])
      .groupBy({ item: (item) => item })
      .window(tumbling('10 seconds'))
      .aggregate({ items: count() })
      .writeStream(sink);
    const { results } = run(definition, { at: 12_000, items: ['a', 'b', 'a'] });
    expect(results).toMatchObject([
      { item: 'a', items: 2 },
      { item: 'b', items: 1 },
    ]);
  });
});

describe('the order of elements (RANK-1)', () => {
  const ordered = orders
    .flatMap(({ items: given }) => given)
    .groupBy({})
    .window(perMicroBatch())
    .aggregate({ first: first((item) => item), last: last((item) => item), all: collect((item) => item) })
    .writeStream(sink);

  it('is that in which they were given, though they have one time and one place in the stream', () => {
    const given = Array.from({ length: 12 }, (_, at) => `item ${at}`);
    const { results } = run(ordered, { items: given }, { items: ['x'] });
    expect(results).toMatchObject([{ first: 'item 0', last: 'x', all: { values: [...given, 'x'] } }]);
  });
});

const valuesOf = (records: readonly { readonly data: string | Uint8Array }[]) =>
  records.map(({ data }) => JSON.parse(data as string) as { readonly id: string; readonly _sluice: EventIdentity });

describe('records of elements', () => {
  const mapped = requirePipeline(written);
  const task = plannedTask([planned('a')], { generation: 4 });
  const readOf = () =>
    new ShardRead(new TaskRead({ pipeline: mapped, task, streamName: 'orders', md5, decompress }), planned('a'));
  const three = [1, 2, 3].map((id) => record(id, { items: [{ id: `${id}a` }, { id: `${id}b` }] }, noon));

  it('have an identity each: the place of the event, and their own behind it', () => {
    const { taken } = readOf().takeSome(page(three), 0);
    expect(valuesOf(taken.outputs).map(({ _sluice }) => [_sluice.sequence, _sluice.sub, _sluice.index])).toEqual(
      [1, 2, 3].flatMap((sequence) => [
        [`${sequence}`, 0, 0],
        [`${sequence}`, 0, 1],
      ]),
    );
  });

  it('of an event that was sent in part are sent again, and those of none before it or behind it', () => {
    const read = readOf();
    read.takeSome(page(three), 0);
    // The sink has both of the first event, one of the second, and both of the third.
    read.delivered({ outputs: new Map([['main', new Set([1])]]), letters: new Set() });
    expect(read.counters).toMatchObject({ read: 1, passed: 1, counted: 2, emitted: 2 });
    const { outcome } = read.result('deadline');
    expect(outcome).toMatchObject({ to: { sequenceNumber: '1' }, sentAhead: [{ runs: [['3', 0, '3', 0]] }] });
    if (outcome.kind === 'end-of-shard' || outcome.sentAhead === undefined) throw new Error('it goes on');
    const shard = planned('a', { position: outcome.to, sentAhead: outcome.sentAhead });
    const next = new ShardRead(read.reader.task, shard);
    const { taken } = next.takeSome(page(three.slice(1)), 0);
    expect(valuesOf(taken.outputs).map(({ id }) => id)).toEqual(['2a', '2b']);
    expect(next.counters).toMatchObject({ read: 2, passed: 2, counted: 4, emitted: 4 });
  });

  it('are counted: read is passed, filtered and dead-lettered, and elements are counted', () => {
    const read = readOf();
    const four = [...three, record(4, { items: [] }, noon), record(5, { items: null }, noon)];
    read.takeSome(page(four), 0);
    expect(read.counters).toEqual({
      ...{ read: 5, passed: 3, filtered: 1, deadLettered: 1 },
      ...{ counted: 6, late: 0, emitted: 6 },
    });
  });

  it('end a step once there are as many as one holds', () => {
    const many = [1, 2, 3].map((id) => record(id, { items: Array.from({ length: 600 }, () => ({ id: '' })) }, noon));
    expect(readOf().takeSome(page(many), 0).next).toBe(2);
  });
});

describe('what user code changes', () => {
  it('in the meta changes no identity and no rank', () => {
    const definition = orders
      .flatMap((order, meta) => {
        Object.assign(meta, { sequenceNumber: '99', shardId: 'other' });
        meta.arrivalTime.setTime(0);
        return order.items;
      })
      .groupBy({})
      .window(perMicroBatch())
      .aggregate({ first: first((item) => item) })
      .writeStream(sink);
    const judge = createJudge(requirePipeline(definition), plannedTask([]), decompress);
    const meta = {
      ...{ streamName: 'orders', shardId: 'a', partitionKey: 'k', explicitHashKey: undefined },
      ...{ sequenceNumber: '7', subSequenceNumber: 2, arrivalTime: new Date(noon) },
    };
    const { elements } = judge(new TextEncoder().encode('{"items":["x","y"]}'), meta, '');
    expect(elements!.grouped.map(({ values }) => values)).toEqual(
      [0, 1].map((at) => [
        { value: at === 0 ? '"x"' : '"y"', rank: { time: noon, sequence: '7', sub: 2, shard: 'a', at } },
      ]),
    );
  });
});
