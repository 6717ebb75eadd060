/** `dropDuplicates`: of a key the first event passes, and others that are nearer to it than `within` are left out. */

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { inMemory } from '../../functions/core/group-partials.ts';
import { TaskRead } from '../../functions/core/read/task-read.ts';
import {
  type BatchOptions,
  bytes,
  count,
  type DistinctStage,
  type Duration,
  json,
  kinesis,
  type LateEvent,
  pipeline,
  runPipeline,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { md5, page, planned, plannedTask, record } from '../support/builders.ts';
import { ShardRead } from '../support/shard-read.ts';

const event = z.object({ id: z.string(), at: z.number(), text: z.string().optional() });
type Event = z.infer<typeof event>;
const at = (time: number, text?: string, id = 'a'): Event => ({
  id,
  at: time,
  ...(text === undefined ? {} : { text }),
});
const source = kinesis({ streamName: 'source' });
const sink = kinesis({ streamName: 'sink' });

const timed = (delay: Duration = '5 milliseconds') =>
  pipeline('once')
    .readStream(source)
    .decode(json(event))
    .withWatermark((each) => each.at, { delay });
const once = (within: Duration = '10 milliseconds', delay?: Duration): DistinctStage<unknown, Event> =>
  timed(delay).dropDuplicates({ id: (each) => each.id }, { within });

const run = (batches: BatchOptions<unknown>['batches'], stage = once(), options: Partial<BatchOptions<unknown>> = {}) =>
  runPipeline(stage.writeStream(sink) as ReturnType<DistinctStage<unknown, Event>['writeStream']>, {
    ...options,
    batches,
  });
const timesOf = (results: ReturnType<typeof run>) => results.map((batch) => batch.results.map((row) => row.at));

describe('of the events of a key', () => {
  it('the earliest passes, and others that are less than within behind it do not', () => {
    expect(timesOf(run([[at(103), at(100), at(109), at(110)]]))).toEqual([[100, 110]]);
  });

  it('each that passes keeps out what comes behind it; a duplicate keeps out nothing', () => {
    expect(timesOf(run([[at(100), at(108), at(116), at(125), at(126)]]))).toEqual([[100, 116, 126]]);
  });

  it('of one time the one that was put first passes', () => {
    const [batch] = run([[at(100, 'first'), at(100, 'second')]]);
    expect(batch?.results).toEqual([at(100, 'first')]);
  });

  it('those of other keys are none of its business', () => {
    const batches = [[at(100), at(100, undefined, 'b'), at(101, undefined, 'b')]];
    expect(run(batches)[0]?.results).toEqual([at(100), at(100, undefined, 'b')]);
  });

  it('a key may have several parts', () => {
    const stage = timed().dropDuplicates(
      { id: (each) => each.id, text: (each) => each.text ?? null },
      { within: '10 milliseconds' },
    );
    expect(run([[at(100, 'x'), at(101, 'y'), at(102, 'x')]], stage)[0]?.results).toEqual([at(100, 'x'), at(101, 'y')]);
  });

  it('it does not hang on which shard has which of them, or who has read it', () => {
    const shards = { a: [at(105), at(112)], b: [at(100), at(121)], c: [at(111)] };
    for (const mergeOrder of ['by-task', 'reversed'] as const)
      expect(timesOf(run([{ shards }], once(), { mergeOrder }))).toEqual([[100, 111, 121]]);
  });
});

describe('from batch to batch', () => {
  it('what has passed stays passed, also if an earlier one comes that is in time', () => {
    expect(timesOf(run([[at(105)], [at(101), at(104), at(114)], [at(115)]]))).toEqual([[105], [], [115]]);
  });

  it('an earlier one that is far enough passes as well', () => {
    expect(timesOf(run([[at(130)], [at(120), at(121)]], once('10 milliseconds', '20 milliseconds')))).toEqual([
      [130],
      [120],
    ]);
  });

  it('a key is known until the watermark has reached what has passed and within', () => {
    const [first, second, third] = run([[at(100)], { watermark: 109 }, { watermark: 110 }]);
    expect([first, second, third].map((batch) => batch?.open)).toEqual([[{ id: 'a' }], [{ id: 'a' }], []]);
  });

  it('what the watermark is past is late, whether its key is known or not', () => {
    const [, batch] = run([
      [at(100), at(120)],
      [at(114), at(115), at(100), at(90, undefined, 'b')],
    ]);
    expect(batch?.results.map((row) => row.at)).toEqual([]);
    expect(batch?.late).toEqual([at(114), at(100), at(90, undefined, 'b')]);
  });

  it('one that the watermark has just reached passes', () => {
    const [, batch] = run([[at(100), at(120)], [at(115, undefined, 'b')]]);
    expect(batch?.results).toEqual([at(115, undefined, 'b')]);
  });

  it('a run that is begun anew from what is saved goes on the same', () => {
    const batches = [
      [at(100)],
      'cut',
      { crash: 'reducing' },
      [at(105), at(111)],
      { crash: 'reading' },
      [at(112)],
    ] as const;
    expect(timesOf(run(batches)).flat()).toEqual([100, 111]);
  });

  it('at the end of the input all are forgotten, and nothing is given out for that', () => {
    const results = run([[at(100)]], once(), { closeWindows: true });
    expect(results.map((batch) => [batch.results.length, batch.open.length])).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });
});

describe('what passes', () => {
  it('goes through the steps behind it to each output', () => {
    const written = once()
      .filter((each) => each.at > 100)
      .map((each) => `${each.id} ${each.at}`)
      .writeStream(sink)
      .writeStream(kinesis({ streamName: 'second' }), { name: 'second', map: (text) => ({ text }) });
    const [batch] = runPipeline(written, { batches: [[at(100), at(110), at(112)]] });
    expect(batch?.results).toEqual(['a 110']);
    expect(batch?.outputs.second?.results).toEqual([{ text: 'a 110' }]);
  });

  it('goes out once, under its key and from its time to where it is forgotten', () => {
    const [batch] = run([[at(100)]]);
    expect(batch?.versions).toEqual([
      { window: [100, 110], key: '["a"]', row: 0, revision: 0, timing: 'on-time', final: true, retracted: false },
    ]);
  });

  it('is whatever JSON can write: texts, numbers, lists, null', () => {
    const values = ['text', 7, [1, 2], null, { at: new Date(0) }];
    const stage = timed()
      .flatMap(() => values)
      .dropDuplicates({ value: (value) => JSON.stringify(value) }, { within: '1 day' });
    const [batch] = runPipeline(stage.writeStream(sink), { batches: [[at(1)]] });
    expect(new Set(batch?.results.map((row) => JSON.stringify(row)))).toEqual(
      new Set(values.map((value) => JSON.stringify(value))),
    );
  });

  it('of the elements of one event the first passes', () => {
    const stage = timed()
      .flatMap((each) => [1, 2, 3].map((element) => ({ ...each, element })))
      .dropDuplicates({ id: (each) => each.id }, { within: '1 day' });
    const [batch] = runPipeline(stage.writeStream(sink), { batches: [[at(1), at(2)]] });
    expect(batch?.results).toEqual([{ ...at(1), element: 1 }]);
  });

  it('is no reference: what one callback does to it the next batch does not see', () => {
    const spoiled = once().map((each) => Object.assign(each, { text: 'spoiled' }));
    const [first, second] = runPipeline(spoiled.writeStream(sink), { batches: [[at(100)], [at(100)]] });
    expect([first?.results.length, second?.results.length]).toEqual([1, 0]);
  });
});

describe('what can not pass is a dead letter', () => {
  it('without a key', () => {
    const stage = timed().dropDuplicates({ id: () => undefined as never }, { within: '1 day' });
    const [batch] = run([[at(1)]], stage);
    expect(batch?.deadLetters).toMatchObject([
      { reason: 'invalid-key', message: expect.stringMatching(/^dropDuplicates id: /) },
    ]);
  });

  it('without a form in JSON', () => {
    const stage = pipeline('bytes')
      .readStream(source)
      .decode(bytes())
      .withWatermark(() => 0, { delay: '1 second' })
      .dropDuplicates({ length: (each) => each.length }, { within: '1 day' });
    const [batch] = runPipeline(stage.writeStream(sink as never), { batches: [[new Uint8Array([1, 2])]] });
    expect(batch?.deadLetters).toMatchObject([
      {
        reason: 'invalid-aggregate-value',
        message: 'dropDuplicates: Uint8Array has no form in JSON; make an object or a list of it',
      },
    ]);
  });

  it('where a callback behind it fails on it: the row is the event', () => {
    const failing = once().map((each) => {
      throw new Error(`no ${each.id}`);
    });
    const [batch] = runPipeline(failing.writeStream(sink), { batches: [[at(7, 'x')]] });
    expect(batch?.deadLetters).toEqual([{ event: at(7, 'x'), reason: 'callback-failed', message: 'no a' }]);
  });
});

it('late events go to their output, with how late each was by its own time', () => {
  const written = once()
    .sideOutputLate(kinesis({ streamName: 'late' }))
    .writeStream(sink);
  const [, batch] = runPipeline(written, { batches: [[at(120)], [at(112), at(115)]] });
  const late = batch?.outputs.late?.results as readonly LateEvent[];
  // With a delay of 3 ms more it had been in time.
  expect(late).toMatchObject([
    { windowStart: new Date(112).toISOString(), windowEnd: new Date(122).toISOString(), lateByMs: 2 },
  ]);
  expect(late).toHaveLength(1);
});

describe('the block of a task', () => {
  const task = plannedTask([planned('a')], { parallelism: 3 });
  const readOf = (definition: unknown) =>
    new ShardRead(
      new TaskRead({
        pipeline: requirePipeline(definition),
        task,
        streamName: 'in',
        md5,
        decompress: () => ({}) as never,
      }),
      planned('a'),
    );
  const large = (index: number) => record(index + 1, { ...at(index, 'x'.repeat(500_000)), id: `${index}` });

  it('is full with 4 MiB of events that may pass, and a step ends before there is much more (CARRY-2)', () => {
    const read = readOf(once().writeStream(sink));
    const pages = page(Array.from({ length: 20 }, (_, index) => large(index)));
    const { next } = read.takeSome(pages, 0);
    expect(next).toBe(8);
    expect(read.reader.task.carried.isFull).toBe(false);
    read.takeSome(pages, next);
    expect(read.reader.task.carried.isFull).toBe(true);
  });

  it('is so with as many events that may count, however small', () => {
    const id = (each: Event) => each.id;
    const grouped = timed().dropDuplicates({ id }, { within: '1 day' }).groupBy({}).window(tumbling('1 day'));
    const read = readOf(grouped.aggregate({ events: count() }).writeStream(sink));
    const records = Array.from({ length: 30_000 }, (_, index) => record(index + 1, at(index, undefined, `${index}`)));
    let next = 0;
    while (next < records.length && !read.reader.task.carried.isFull) next = read.takeSome(page(records), next).next;
    expect(next).toBeGreaterThan(20_000);
    expect(next).toBeLessThan(30_000);
  });

  it('has of one time the first event only, and each time of a key', () => {
    const read = readOf(once().writeStream(sink));
    read.takeSome(page([3, 1, 1, 2].map((time, index) => record(index + 1, at(time, `${index}`)))), 0);
    read.delivered();
    const [{ windows } = { windows: [] }] = [...inMemory(read.reader.task.partials()).values()];
    expect(windows.map(([key, all]) => [key, all.map(([start, end]) => [start, end])])).toEqual([
      [
        ['a'],
        [
          [1, 11],
          [2, 12],
          [3, 13],
        ],
      ],
    ]);
    expect(JSON.stringify(windows)).toContain(String.raw`\"text\":\"1\"`);
    expect(JSON.stringify(windows)).not.toContain(String.raw`\"text\":\"2\"`);
  });
});
