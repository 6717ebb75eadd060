/** `sideOutputLate`: which events come out of it, what is said of each, and how it travels (CARRY-1 to CARRY-5). */

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Carried, CarriedRecords, carriedOut } from '../../functions/core/carried.ts';
import { inMemory } from '../../functions/core/group-partials.ts';
import { outputCountsOf } from '../../functions/core/outbox.ts';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import { blocksOf, reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import {
  bytes,
  checkPipeline,
  collect,
  count,
  json,
  kinesis,
  type LateEvent,
  perMicroBatch,
  pipeline,
  runPipeline,
  session,
  sliding,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { EventIdentity } from '../../functions/sinks/identity.ts';
import { batchBody, md5, noon, page, planned, plannedTask, record, utf8 } from '../support/builders.ts';
import { ShardRead } from '../support/shard-read.ts';

type Reading = { readonly at: number; readonly key: string };
const readings = pipeline('readings')
  .readStream(kinesis({ streamName: 'readings' }))
  .decode(json(z.object({ at: z.number(), key: z.string() })))
  .withWatermark(({ at }) => at, { delay: '10 milliseconds', maxFutureTime: '10000 days' })
  .groupBy({ key: ({ key }) => key });
const sink = kinesis({ streamName: 'out' });
const lateSink = kinesis({ streamName: 'late' });
const tumblings = readings
  .window(tumbling('10 milliseconds'))
  .sideOutputLate(lateSink)
  .aggregate({ events: count() })
  .writeStream(sink);
const sessions = readings
  .window(session('10 milliseconds'))
  .sideOutputLate(lateSink)
  .aggregate({ events: count(), times: collect(({ at }) => at) })
  .writeStream(sink);

const at = (time: number, key = 'a'): Reading => ({ at: time, key });
const run = (definition: unknown, batches: readonly unknown[], options: object = {}) =>
  runPipeline(definition as never, { batches, ...options } as never) as unknown as readonly {
    readonly late: readonly object[];
    readonly outputs: {
      readonly main: { readonly results: readonly object[] };
      readonly late: { readonly results: readonly LateEvent[] };
    };
  }[];
const lateIn = (definition: unknown, batches: readonly unknown[], options?: object) =>
  run(definition, batches, options).map(({ outputs }) => outputs.late.results);
const textOf = ({ payload }: LateEvent): unknown =>
  payload !== null && 'text' in payload ? JSON.parse(payload.text) : payload;

describe('a late event', () => {
  it('comes out with its bytes, place, window and how late it was', () => {
    const [, late] = lateIn(tumblings, [[at(50)], [at(27)]]);
    expect(late).toEqual([
      {
        payload: { text: '{"at":27,"key":"a"}' },
        ...{ payloadBytes: 19, partitionKey: 'test', source: 'main', shardId: expect.any(String) },
        ...{ sequenceNumber: expect.stringMatching(/^\d+$/), subSequenceNumber: 0, arrivalTime: expect.any(String) },
        eventTime: '1970-01-01T00:00:00.027Z',
        ...{ windowStart: '1970-01-01T00:00:00.020Z', windowEnd: '1970-01-01T00:00:00.030Z' },
        // The watermark lies the delay behind the event at 50.
        ...{ watermark: '1970-01-01T00:00:00.040Z', lateByMs: 10 },
      },
    ]);
  });

  it('is told against the watermark that its batch began with: what is in time comes out of the results alone', () => {
    const batches = [[at(50), at(27)], [at(35), at(39), at(41)], { watermark: 100 }];
    const [first, second, third] = run(tumblings, batches);
    expect([first!.outputs.late.results, third!.outputs.late.results]).toEqual([[], []]);
    expect(second!.outputs.late.results.map(textOf)).toEqual([at(35), at(39)]);
    expect(second!.late).toEqual([at(35), at(39)]);
    expect(third!.outputs.main.results).toMatchObject([{ events: 1 }, { events: 1 }]);
  });

  it('is late by what the allowed lateness lacks', () => {
    const allowed = readings
      .window(tumbling('10 milliseconds'))
      .allowedLateness('5 milliseconds')
      .sideOutputLate(lateSink)
      .aggregate({ events: count() })
      .writeStream(sink);
    const [, late] = lateIn(allowed, [[at(50)], [at(27), at(31)]]);
    expect(late!.map(({ eventTime, lateByMs }) => [new Date(eventTime).getTime(), lateByMs])).toEqual([[27, 5]]);
  });

  it('of windows that overlap is late for the last of them, which is told', () => {
    const overlapping = readings
      .window(sliding('30 milliseconds', '10 milliseconds'))
      .sideOutputLate(lateSink)
      .aggregate({ events: count() })
      .writeStream(sink);
    const [, late] = lateIn(overlapping, [[at(60)], [at(21), at(19), at(29)]]);
    expect(
      late!.map(({ eventTime, windowStart, windowEnd }) =>
        [eventTime, windowStart, windowEnd].map((text) => new Date(text).getTime()),
      ),
    ).toEqual([
      [21, 20, 50],
      [19, 10, 40],
      [29, 20, 50],
    ]);
  });

  it('of each key and key group is there, and of each shard', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const shards = { one: keys.map((key) => at(20, key)), two: keys.map((key) => at(25, key)) };
    const batches = [{ shards: { one: [at(50)], two: [at(50)] } }, { shards }];
    const [, late] = lateIn(tumblings, batches, { parallelism: 4 });
    expect(
      late!
        .map(textOf)
        .map((each) => JSON.stringify(each))
        .sort(),
    ).toEqual([...shards.one, ...shards.two].map((each) => JSON.stringify(each)).sort());
  });

  it('that is no text comes in base64', () => {
    const raw = pipeline('raw')
      .readStream(kinesis({ streamName: 'raw' }))
      .decode(bytes())
      .withWatermark((event) => event.length, { delay: '0 seconds' })
      .groupBy({})
      .window(tumbling('10 milliseconds'))
      .sideOutputLate(lateSink)
      .aggregate({ events: count() })
      .writeStream(sink);
    const large = new Uint8Array(40);
    const small = Uint8Array.of(0xff, 0, 1);
    const [, late] = lateIn(raw, [[large], [small]]);
    expect(late).toMatchObject([{ payload: { base64: '/wAB' }, payloadBytes: 3 }]);
  });

  it('that flatMap has made is told by its place', () => {
    const elements = pipeline('elements')
      .readStream(kinesis({ streamName: 'elements' }))
      .decode(json(z.object({ all: z.array(z.number()) })))
      .flatMap(({ all }) => all)
      .withWatermark((time) => time, { delay: '10 milliseconds' })
      .groupBy({})
      .window(tumbling('10 milliseconds'))
      .sideOutputLate(lateSink)
      .aggregate({ events: count() })
      .writeStream(sink);
    const [, late] = lateIn(elements, [[{ all: [50] }], [{ all: [20, 51, 30] }, { all: [41] }, { all: [10] }]]);
    expect(late!.map((each) => [each.element, textOf(each)])).toEqual([
      [0, { all: [20, 51, 30] }],
      [2, { all: [20, 51, 30] }],
      [0, { all: [10] }],
    ]);
  });

  it('that flatMap has made goes without the payload where those before it have 4 MiB (CARRY-6)', () => {
    const elements = pipeline('elements')
      .readStream(kinesis({ streamName: 'elements' }))
      .decode(json(z.object({ at: z.number(), filler: z.string(), all: z.number() })))
      .withWatermark(({ at }) => at, { delay: '10 milliseconds' })
      .flatMap(({ all }) => Array.from({ length: all }))
      .groupBy({})
      .window(tumbling('10 milliseconds'))
      .sideOutputLate(lateSink)
      .aggregate({ events: count() })
      .writeStream(sink);
    const event = { at: 0, filler: 'x'.repeat(1_000_000), all: 10 };
    const [, late] = lateIn(elements, [[{ ...event, at: 50 }], [event, { ...event, all: 1 }]]);
    const payloads = (first: number, upTo: number) => late!.slice(first, upTo).map(({ payload }) => payload !== null);
    expect(payloads(0, 10)).toEqual([...new Array(5).fill(true), ...new Array(5).fill(false)]);
    expect(late![9]).toMatchObject({ element: 9, payloadBytes: late![0]!.payloadBytes });
    expect(payloads(10, 11)).toEqual([true]);
  });

  it('whose key is none is a dead letter, however late', () => {
    const [, batch] = run(
      pipeline('keyless')
        .readStream(kinesis({ streamName: 'in' }))
        .decode(json(z.object({ at: z.number(), key: z.string() })))
        .withWatermark((event) => event.at, { delay: '0 seconds' })
        .groupBy({ key: (event) => (event.at < 20 ? (undefined as never) : event.key) })
        .window(tumbling('10 milliseconds'))
        .sideOutputLate(lateSink)
        .aggregate({ events: count() })
        .writeStream(sink),
      [[at(50)], [at(10)]],
    );
    expect(batch).toMatchObject({ deadLetters: [{ reason: 'invalid-key' }], outputs: { late: { results: [] } } });
  });
});

describe('sessions, whose lateness is decided when all have merged (CARRY-3)', () => {
  const open = { one: [at(100)], two: [at(100)] };

  it('give out what overlaps no open session, and not what joins one', () => {
    const batches = [[at(30)], [at(21), at(5), at(31)], { watermark: 100 }];
    // The watermark is 20: [5, 15) is over. [21, 31) has not ended.
    const [, second, third] = run(sessions, batches);
    expect(second!.outputs.late.results.map(textOf)).toEqual([at(5)]);
    expect(third!.outputs.main.results).toMatchObject([{ events: 3 }]);
  });

  it('of several executors: an event that is late by itself counts where another shard has what joins it', () => {
    const joined = { one: [at(75)], two: [at(83), at(60)] };
    const [, second] = run(sessions, [{ shards: open }, { shards: joined }]);
    // The watermark is 90. [75, 85) with [83, 93) is in time; [60, 70) overlaps nothing.
    expect(second!.outputs.late.results.map(textOf)).toEqual([at(60)]);
    expect(second!.late).toEqual([at(60)]);
  });

  it.each(['by-task', 'reversed'])('in the same order whatever blocks are merged first: %s', (mergeOrder) => {
    const shards = { one: [at(70), at(60)], two: [at(50), at(40)] };
    const [, late] = lateIn(sessions, [{ shards: open }, { shards }], mergeOrder === 'by-task' ? {} : { mergeOrder });
    expect(late!.map(textOf)).toEqual([at(70), at(60), at(50), at(40)]);
  });
});

describe('the block', () => {
  const checked = requirePipeline(tumblings) as Pipeline & { readonly aggregation: Aggregation };
  const task = plannedTask([planned('a')], { generation: 4, watermark: noon, parallelism: 3 });
  const readOf = (definition: Pipeline = checked) =>
    new ShardRead(
      new TaskRead({ pipeline: definition, task, streamName: 'in', md5, decompress: () => ({}) as never }),
      planned('a'),
    );
  const early = (key: string) => ({ at: noon - 1_000, key });

  it('takes late events to their key groups, beside what counts', () => {
    const read = readOf();
    const records = ['a', 'b', 'c', 'd', 'e'].map((key, index) => record(index + 1, early(key)));
    read.takeSome(page([...records, record(9, { at: noon + 5, key: 'z' })]), 0);
    read.delivered();
    const groups = inMemory(read.reader.task.partials());
    expect([...groups.values()].flatMap(({ carried = [] }) => carried.map(({ place }) => place[1])).sort()).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
    expect([...groups.values()].filter(({ windows }) => windows.length > 0)).toHaveLength(1);
    // A group is reduced for what it carries, and has no window for that.
    expect(
      [...groups.values()].filter(({ windows }) => windows.length === 0).every(({ open }) => open.ends.length === 0),
    ).toBe(true);
  });

  it('has under one identity the same bytes, which say where the try began', () => {
    const read = readOf();
    read.takeSome(page([record(7, early('a'))]), 0);
    read.delivered();
    const [{ carried = [] } = {}] = [...inMemory(read.reader.task.partials()).values()];
    const { _sluice } = JSON.parse(carried[0]!.record.data as string) as { _sluice: EventIdentity };
    expect(_sluice).toEqual({
      ...{ v: 1, pipeline: 'readings', output: 'late', generation: 4, source: 'main', shard: 'a' },
      ...{ sequence: '7', sub: 0, index: 0, base: 'TRIM_HORIZON' },
    });
  });

  it('has those alone that were delivered, where a letter was not', () => {
    const read = readOf();
    const records = [record(1, early('a')), record(2, { at: 'never', key: 'a' }), record(3, early('a'))];
    read.takeSome(page(records), 0);
    read.delivered({ outputs: new Map(), letters: new Set([0]) });
    const carried = [...inMemory(read.reader.task.partials()).values()].flatMap((group) => group.carried ?? []);
    expect(carried.map(({ place }) => place[1])).toEqual(['1']);
    expect(read.counters).toMatchObject({ read: 1, late: 1 });
  });

  it('is full at 4 MiB, and a step ends before there is much more (CARRY-2)', () => {
    const read = readOf();
    const filler = 'x'.repeat(500_000);
    const large = Array.from({ length: 20 }, (_, index) => record(index + 1, { ...early('a'), filler }));
    const { next } = read.takeSome(page(large), 0);
    expect(next).toBe(8);
    expect(read.reader.task.carried.isFull).toBe(false);
    read.takeSome(page(large), next);
    expect(read.reader.task.carried.isFull).toBe(true);
  });

  it('goes without the payload where the record would be larger than the sink takes (CARRY-5)', () => {
    const read = readOf();
    read.takeSome(page([record(1, { ...early('a'), filler: 'x'.repeat(1_048_400) })]), 0);
    const [{ carried = [] } = {}] = [...inMemory(read.reader.task.partials()).values()];
    const { payload, payloadBytes } = JSON.parse(carried[0]!.record.data as string) as LateEvent;
    expect([payload, payloadBytes > 1_048_400]).toEqual([null, true]);
    expect(read.counters).toMatchObject({ late: 1, deadLettered: 0 });
  });

  it('of a larger sink has it', () => {
    const larger = readings
      .window(tumbling('10 milliseconds'))
      .sideOutputLate(kinesis({ streamName: 'late', maxRecordBytes: 2_097_152 }))
      .aggregate({ events: count() })
      .writeStream(sink);
    const read = readOf(requirePipeline(larger));
    read.takeSome(page([record(1, { ...early('a'), filler: 'x'.repeat(1_048_400) })]), 0);
    const [{ carried = [] } = {}] = [...inMemory(read.reader.task.partials()).values()];
    expect(JSON.parse(carried[0]!.record.data as string)).toMatchObject({ payload: { text: expect.any(String) } });
  });

  it('without an output carries nothing: late events are counted', () => {
    const plain = readings.window(tumbling('10 milliseconds')).aggregate({ events: count() }).writeStream(sink);
    const read = readOf(requirePipeline(plain));
    read.takeSome(page([record(1, early('a'))]), 0);
    read.delivered();
    expect(read.counters).toMatchObject({ late: 1 });
    expect(inMemory(read.reader.task.partials()).size).toBe(0);
  });

  it('goes to the outbox, counted of its output', () => {
    const read = readOf();
    read.takeSome(page([record(1, early('a')), record(2, early('a'))]), 0);
    read.delivered();
    const partials = [...inMemory(read.reader.task.partials()).values()];
    const body = batchBody({ batchId: 1, watermarkIn: noon, watermarkOut: noon });
    const state = reduceKeyGroup(checked, body, { keyGroup: 0, before: [], ...blocksOf(partials) });
    expect(state.outbox.map(({ output, records }) => [output, records.length])).toEqual([
      ['main', 0],
      ['late', 2],
    ]);
    expect(outputCountsOf(state)).toEqual({
      main: { emitted: 0, filtered: 0, refused: 0 },
      late: { emitted: 2, filtered: 0, refused: 0 },
    });
  });
});

describe('the order in the outbox (CARRY-4)', () => {
  const carried = (shard: string, sequence: string, sub: number, element: number): Carried => ({
    output: 'late',
    record: { partitionKey: '', explicitHashKey: undefined, data: `${shard} ${sequence} ${sub} ${element}` },
    place: [shard, sequence, sub, element],
  });

  it('is by shard, sequence number as a number, event and element', () => {
    const inOrder = [
      carried('a', '9', 0, 0),
      carried('a', '10', 0, 0),
      carried('a', '10', 1, 0),
      carried('a', '10', 1, 1),
      carried('b', '1', 0, 0),
    ];
    expect(carriedOut(inOrder.toReversed(), new Map()).map(({ record: each }) => each)).toEqual(
      inOrder.map((each) => each.record),
    );
  });

  it('is kept by key group', () => {
    const records = new CarriedRecords();
    for (const keyGroup of [2, 0, 2]) records.add({ keyGroup, carried: carried('a', '1', 0, 0), bytes: 1 });
    expect([...records.byGroup].map(([keyGroup, all]) => [keyGroup, all.length])).toEqual([
      [2, 2],
      [0, 1],
    ]);
  });
});

describe('what is refused', () => {
  const problems = (definition: unknown) => {
    const checked = checkPipeline(definition);
    return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
  };
  const withSink = (given: unknown) =>
    readings
      .window(tumbling('10 milliseconds'))
      .sideOutputLate(given as never)
      .aggregate({ events: count() })
      .writeStream(sink);

  it.each([
    [undefined, /^sideOutputLate: undefined is not allowed; use /],
    [
      kinesis({ streamName: 'late', partitionKey: () => 'k' }),
      /^sideOutputLate: 'kinesis' is not allowed; use a sink without callbacks/,
    ],
    [kinesis({ streamName: 'readings' }), /^sideOutputLate.streamName: 'readings' is not allowed; use another stream/],
    [kinesis({ streamName: 'late', maxRecordBytes: 1 }), /^sideOutputLate.maxRecordBytes: 1 is not allowed/],
  ])('a sink that is none, runs callbacks, or is what is read: %o', (given, message) => {
    expect(problems(withSink(given))).toEqual([expect.stringMatching(message)]);
  });

  it('windows in which no event is late', () => {
    const definition = (
      readings.window(perMicroBatch()) as never as {
        sideOutputLate: (sink: unknown) => ReturnType<typeof readings.window<never>>;
      }
    )
      .sideOutputLate(lateSink)
      .aggregate({ events: count() })
      .writeStream(sink as never);
    expect(problems(definition)).toEqual([
      "sideOutputLate: 'per-micro-batch' is not allowed; use it after windows of event time: no event is late in these",
    ]);
  });

  it('another output of its name', () => {
    const definition = tumblings.writeStream(kinesis({ streamName: 'copy' }), { name: 'late', map: (row) => row });
    expect(problems(definition)).toEqual([
      "outputs[1].name: 'late' is not allowed; use another name: late is the output that sideOutputLate names",
    ]);
  });

  it('nothing where a stream is named from outside by the output', () => {
    expect(checkPipeline(tumblings, { sinks: { late: 'elsewhere' } })).toMatchObject({
      kind: 'valid',
      pipeline: {
        outputs: [
          { id: 'main' },
          { id: 'late', from: 'late', sink: { options: { stream: { streamName: 'elsewhere' } } } },
        ],
      },
    });
  });
});

describe('bytes', () => {
  it('of a text with a byte order mark stay as they were', () => {
    const [, late] = lateIn(
      pipeline('raw')
        .readStream(kinesis({ streamName: 'raw' }))
        .decode(bytes())
        .withWatermark((event) => event.length, { delay: '0 seconds' })
        .groupBy({})
        .window(tumbling('10 milliseconds'))
        .sideOutputLate(lateSink)
        .aggregate({ events: count() })
        .writeStream(sink),
      [[new Uint8Array(40)], [utf8('\uFEFFab')]],
    );
    expect(late).toMatchObject([{ payload: { text: '\uFEFFab' }, payloadBytes: 5 }]);
  });
});
