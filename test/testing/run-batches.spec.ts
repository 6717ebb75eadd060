/** `runPipeline` with batches: what each of them gives, and that neither cuts, shards, key groups nor order change it. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  aggregate,
  type BatchOptions,
  count,
  json,
  kinesis,
  perMicroBatch,
  pipeline,
  runPipeline,
  stateChanges,
  sum,
  type TestBatch,
  tumbling,
} from '../../functions/index.ts';

const event = z.object({ at: z.number(), key: z.string() });
type Event = z.infer<typeof event>;
const at = (time: number, key = 'a'): Event => ({ at: time, key });
const source = kinesis({ streamName: 'source' });
const sink = kinesis({ streamName: 'sink' });

const timed = (options: { idleTimeout?: '1 minute' } = {}) =>
  pipeline('counts')
    .readStream(source)
    .decode(json(event))
    .filter((each) => each.key !== 'skip')
    .withWatermark((each) => each.at, { delay: '5 milliseconds', ...options })
    .groupBy({ key: (each) => each.key })
    .window(tumbling('10 milliseconds'));
const counts = timed().aggregate({ events: count() }).writeStream(sink);

const windowOf = (start: number) => ({
  windowStart: new Date(start).toISOString(),
  windowEnd: new Date(start + 10).toISOString(),
});
const row = (start: number, events: number, key = 'a') => ({ key, ...windowOf(start), events });
const stateRow = (start: number, events: number, key = 'a', group = 0) => {
  const [from, to] = [new Date(start).toISOString(), new Date(start + 10).toISOString()];
  return { kind: 'window', group, key: { key }, start: from, end: to, values: { events } };
};
const run = (batches: readonly TestBatch<Event>[], options: Partial<BatchOptions<Event>> = {}) =>
  runPipeline(counts, { batches, ...options });

describe('a batch', () => {
  it('gives its rows with their versions, what is late, dead and filtered, the watermark, and what is open', () => {
    const broken = { at: 'x', key: 'a' } as never;
    const [first, second, third] = run([
      [at(1), at(2, 'b'), at(3, 'skip')],
      [at(16), at(17, 'b')],
      [at(4), broken],
    ]);
    expect(first).toEqual({
      results: [],
      versions: [],
      outputs: { main: { results: [], versions: [] } },
      late: [],
      repeated: [],
      deadLetters: [],
      filtered: 1,
      watermark: new Date(-3),
      open: [
        { key: 'a', ...windowOf(0) },
        { key: 'b', ...windowOf(0) },
      ],
      state: [stateRow(0, 1, 'a'), stateRow(0, 1, 'b')],
    });
    const version = { window: [0, 10], row: 0, revision: 0, timing: 'on-time', final: true, retracted: false };
    expect(second).toMatchObject({
      results: [row(0, 1, 'a'), row(0, 1, 'b')],
      versions: [
        { ...version, key: '["a"]' },
        { ...version, key: '["b"]' },
      ],
      watermark: new Date(12),
      open: [{ key: 'a' }, { key: 'b' }],
    });
    expect(second!.outputs.main).toEqual({ results: second!.results, versions: second!.versions });
    expect(third).toMatchObject({
      results: [],
      late: [at(4)],
      deadLetters: [{ event: broken, reason: 'schema-mismatch' }],
      filtered: 0,
    });
  });

  it('that only moves the watermark closes what ends by then, and nothing else', () => {
    const [, before, after] = run([[at(1), at(12)], { watermark: 9 }, { watermark: new Date(10) }]);
    expect(before).toMatchObject({ results: [], watermark: new Date(9) });
    expect(after).toMatchObject({ results: [row(0, 1)], watermark: new Date(10), open: [windowOf(10)] });
  });

  it('moves the watermark of all shards', () => {
    const batches = [{ shards: { a: [at(1)], b: [] } }, { watermark: 10 }];
    expect(run(batches).map(({ watermark }) => watermark)).toEqual([null, new Date(10)]);
  });

  it('of several shards: the watermark is the least of theirs', () => {
    const [first, second] = run([{ shards: { a: [at(100)], b: [at(1)] } }, { shards: { b: [at(15), at(2)] } }]);
    expect(first!.watermark).toEqual(new Date(-4));
    expect(second).toMatchObject({ watermark: new Date(10), results: [row(0, 2)], late: [] });
  });

  it('of a shard that the batches name later holds the watermark from the beginning', () => {
    const [first] = run([[at(100)], { shards: { a: [at(1)], b: [at(2)] } }]);
    expect(first!.watermark).toBeNull();
  });

  it('that moves the clock lets an idle shard go past, once it was quiet for so long', () => {
    const idle = timed({ idleTimeout: '1 minute' }).aggregate({ events: count() }).writeStream(sink);
    const noon = Date.UTC(2026, 0, 1, 12);
    const batches: TestBatch<Event>[] = [
      { clock: noon },
      { shards: { a: [at(noon - 100)], b: [] } },
      { clock: noon + 59_999 },
      { clock: noon + 60_000 },
      { clock: noon + 60_000 },
    ];
    const watermarks = runPipeline(idle, { batches }).map(({ watermark }) => watermark?.getTime());
    const none = [undefined, undefined, undefined];
    // First the shard that had none: the one that says when a window closes is asked for by what was sealed before.
    expect(watermarks).toEqual([...none, noon - 105, noon + 59_995]);
  });

  it('knows the future once the clock was set', () => {
    const future = [at(Date.UTC(2100, 0))];
    const [first, , third] = run([future, { clock: 0 }, future]);
    expect(first!.deadLetters).toEqual([]);
    expect(third!.deadLetters).toMatchObject([{ reason: 'event-time-in-future', event: future[0] }]);
    expect(run([future], { clock: '1970-01-01T00:00:00Z' })[0]!.deadLetters).toHaveLength(1);
  });

  it('behind the others closes the windows if that is asked for', () => {
    expect(run([[at(1)]])).toHaveLength(1);
    const [, closing] = run([[at(1)]], { closeWindows: true });
    expect(closing).toMatchObject({ results: [row(0, 1)], open: [], watermark: new Date(8_640_000_000_000_000) });
  });

  it('in which nothing moves is none: it has no number', () => {
    const perBatch = pipeline('per-batch')
      .readStream(source)
      .decode(json(event))
      .groupBy({})
      .window(perMicroBatch())
      .aggregate({ events: count() })
      .writeStream(sink);
    const results = runPipeline(perBatch, { batches: [[at(1)], [], 'cut', [], [at(2), at(3)]] });
    expect(results.map((batch) => batch.results)).toEqual([
      [{ batchId: 0, events: 1 }],
      [],
      [],
      [],
      [{ batchId: 1, events: 2 }],
    ]);
  });

  it('of a pipeline without groupBy gives the events as they left it, without versions', () => {
    const doubled = pipeline('doubled')
      .readStream(source)
      .decode(json(z.number()))
      .map((value) => value * 2)
      .writeStream(sink);
    const [first, second] = runPipeline(doubled, { batches: [[1, 2], { shards: { a: [3], b: [4] } }] });
    expect(first).toMatchObject({ results: [2, 4], versions: [], watermark: null, open: [] });
    expect(second!.results).toEqual([6, 8]);
  });

  it('hands events to callbacks with their shard, their time and their place', () => {
    const seen: unknown[] = [];
    const looking = pipeline('looking')
      .readStream(source)
      .decode(json(z.string()))
      .map((_, { shardId, arrivalTime, partitionKey, sequenceNumber }) => {
        seen.push([shardId, arrivalTime.getTime(), partitionKey, sequenceNumber]);
        return {};
      })
      .writeStream(sink);
    const batches: TestBatch<string>[] = [
      { shards: { left: ['x'], right: ['y'] } },
      { clock: 7_000 },
      { shards: { left: ['z'] } },
    ];
    runPipeline(looking, { batches, clock: 5_000, partitionKey: 'p' });
    expect(seen).toEqual([
      ['left', 5_000, 'p', '0'],
      ['right', 5_000, 'p', '1'],
      ['left', 7_000, 'p', '2'],
    ]);
  });
});

describe('a cut', () => {
  const batches: TestBatch<Event>[] = [
    [at(1), at(12)],
    [at(3), at(15)],
    [at(2), at(31)],
  ];
  const withCuts = batches.flatMap((batch): TestBatch<Event>[] => [batch, { cut: true }]);

  it('changes nothing (TESTING-1)', () => {
    const whole = run(batches, { closeWindows: true });
    const cut = run(withCuts, { closeWindows: true });
    expect(cut.filter((_, place) => place % 2 === 0)).toEqual(whole);
    expect(whole.map(({ results }) => results)).toEqual([[], [row(0, 2)], [row(10, 2)], [row(30, 1)]]);
    expect(cut[1]).toMatchObject({ results: [], watermark: new Date(7), open: [windowOf(0), windowOf(10)] });
  });

  it('leaves of an aggregate of the user what it saves', () => {
    const kept = (save: (times: ReadonlySet<number>) => number[]) => {
      const distinct = aggregate({
        name: 'distinct',
        version: 1,
        empty: () => new Set<number>(),
        add: (times, each: Event) => times.add(each.at),
        merge: (one, other) => new Set([...one, ...other]),
        save,
        restore: (saved: number[]) => new Set(saved),
        result: (times) => times.size,
      });
      const definition = timed().aggregate({ distinct }).writeStream(sink);
      return runPipeline(definition, { batches: [[at(4), at(4)], 'cut', [at(3)], 'cut', [at(20)]] }).at(-1)!.results;
    };
    expect(kept((times) => [...times])).toMatchObject([{ distinct: 2 }]);
    expect(kept((times) => [...times].slice(1))).toMatchObject([{ distinct: 0 }]);
  });
});

describe('a crash', () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  /** With how often the callbacks were called. */
  const counted = (batches: readonly TestBatch<Event>[]) => {
    const calls = { events: 0, rows: 0 };
    const definition = timed()
      .aggregate({
        events: sum(() => {
          calls.events += 1;
          return 1;
        }),
      })
      .map((each) => {
        calls.rows += 1;
        return each;
      })
      .writeStream(sink);
    const all = runPipeline(definition, { batches, parallelism: 5 });
    return { calls, all, told: all.map(({ results, late, watermark, open }) => ({ results, late, watermark, open })) };
  };
  const first = keys.map((key) => at(1, key));
  const second = keys.map((key) => at(20, key));
  const whole = counted([first, second, [at(3)]]);

  it.each(['reading', 'reducing'] as const)('while %s gives nothing out, and changes nothing (TESTING-2)', (crash) => {
    const { told } = counted([first, { crash }, second, { crash }, [at(3)]]);
    expect(told.filter((_, place) => place !== 1 && place !== 3)).toEqual(whole.told);
    expect(told[1]).toEqual({ results: [], late: [], watermark: whole.told[0]!.watermark, open: whole.told[0]!.open });
  });

  it('while reading reads all again, and reduces once', () => {
    const { calls } = counted([first, { crash: 'reading' }, second]);
    expect(calls).toEqual({ events: 8 + 2 * 8, rows: 8 });
    expect(counted([first, second]).calls).toEqual({ events: 16, rows: 8 });
  });

  it('while reducing reads once, and asks again of the group in hand', () => {
    const { calls } = counted([first, { crash: 'reducing' }, second]);
    expect(calls.events).toBe(16);
    expect(calls.rows).toBeGreaterThan(8);
    expect(calls.rows).toBeLessThan(16);
  });

  it('holds over a cut, and in the batch that closes all windows', () => {
    const closed = runPipeline(counts, { batches: [first, { crash: 'reducing' }, 'cut'], closeWindows: true });
    expect(closed.map(({ results }) => results.length)).toEqual([0, 0, 0, 8]);
  });
});

describe('how a run is set up', () => {
  const events = Array.from({ length: 60 }, (_, place) => at(place, 'abc'[place % 3]));
  const inOrder = (rows: readonly object[]) => rows.map((each) => JSON.stringify(each)).toSorted();
  const whole = inOrder(run([events], { closeWindows: true }).flatMap(({ results }) => results));

  it.each<Partial<BatchOptions<Event>>>([
    { shards: 4 },
    { shards: 45 },
    { shards: ['x', 'y'], mergeOrder: 'reversed' },
    { parallelism: 7 },
    { parallelism: 40, shards: 3, mergeOrder: 'reversed' },
  ])('%j: the rows are the same', (options) => {
    const results = run([events.slice(0, 30), 'cut', events.slice(30)], { ...options, closeWindows: true });
    expect(inOrder(results.flatMap((batch) => batch.results))).toEqual(whole);
    expect(whole).toHaveLength(18);
  });

  it('of more shards than a batch has tasks all are read', () => {
    expect(run([events], { shards: 60, closeWindows: true })[0]!.open).toHaveLength(18);
  });

  it('the order in which blocks are merged can be turned round', () => {
    const texts = aggregate({
      name: 'texts',
      version: 1,
      empty: () => '',
      add: (text, each: Event) => text + each.key,
      merge: (one, other) => one + other,
      result: (text) => text,
    });
    const joined = pipeline('joined')
      .readStream(source)
      .decode(json(event))
      .withWatermark((each) => each.at, { delay: '0 seconds' })
      .groupBy({})
      .window(tumbling('10 milliseconds'))
      .aggregate({ keys: texts })
      .writeStream(sink);
    const keysOf = (mergeOrder: 'by-task' | 'reversed') =>
      runPipeline(joined, {
        batches: [{ shards: { a: [at(1, 'x')], b: [at(2, 'y')] } }],
        mergeOrder,
        closeWindows: true,
      })
        .flatMap(({ results }) => results)
        .map(({ keys }) => keys);
    expect([keysOf('by-task'), keysOf('reversed')]).toEqual([['xy'], ['yx']]);
  });

  it('adds up what shards and batches have of one window', () => {
    const totals = timed()
      .aggregate({ total: sum((each) => each.at) })
      .writeStream(sink);
    const batches: TestBatch<Event>[] = [{ shards: { a: [at(1)], b: [at(2)] } }, { shards: { b: [at(4)] } }];
    expect(runPipeline(totals, { batches, closeWindows: true }).at(-1)!.results).toMatchObject([{ total: 7 }]);
  });
});

describe('is refused', () => {
  const refused = (batches: readonly unknown[], options: object = {}) => expect(() => run(batches as never, options));
  const saying = (message: string | RegExp) =>
    expect.objectContaining({ name: 'InvalidInput', message: expect.stringMatching(message) });

  it.each([
    [{ watermark: 'yesterday' }, "batches[1].watermark: 'yesterday' is no moment"],
    [{ clock: Number.NaN }, 'batches[1].clock: NaN is no moment'],
    [{ cut: false }, 'batches[1]: it is not allowed'],
    [{ crash: 'sealing' }, "batches[1].crash: sealing is not allowed; use 'reading' or 'reducing'"],
    [{ water: 1 }, 'batches[1]: it is not allowed'],
    [{ watermark: 1, clock: 2 }, 'batches[1]: it is not allowed'],
    ['stop', 'batches[1]: it is not allowed'],
    [null, 'batches[1]: it is not allowed'],
    [{ shards: { a: at(1) } }, 'batches[1].shards.a: it is not allowed'],
  ])('%j', (batch, message) => {
    refused([[], batch]).toThrow(message);
  });

  it('a watermark or a clock that goes back, and what went before has no say in it', () => {
    refused([[at(20)], { watermark: 14 }]).toThrow('1970-01-01T00:00:00.014Z is before 1970-01-01T00:00:00.015Z');
    refused([[at(20)], { watermark: 15 }]).not.toThrow();
    refused([{ clock: 5 }, { clock: 4 }]).toThrow('clock: 1970-01-01T00:00:00.004Z is before');
  });

  it('a watermark of a pipeline that has none', () => {
    const copy = pipeline('copy').readStream(source).decode(json(event)).writeStream(sink);
    expect(() => runPipeline(copy, { batches: [{ watermark: 1 }] })).toThrow('the pipeline has no withWatermark');
  });

  it.each([
    [{ parallelism: 0 }, 'parallelism: 0'],
    [{ parallelism: 401 }, 'parallelism: 401'],
    [{ shards: 0 }, 'shards: 0'],
    [{ shards: [] }, 'shards: []'],
    [{ mergeOrder: 'any' }, 'mergeOrder: any'],
    [{ clock: 'noon' }, "clock: 'noon' is no moment"],
  ])('%j', (options, message) => {
    refused([], options).toThrow(saying(`^${message.replaceAll(/[[\]]/g, String.raw`\$&`)}`));
  });

  it('a shard that is none of those named', () => {
    refused([{ shards: { c: [] } }], { shards: ['a', 'b'] }).toThrow('use shards that there are: a, b');
  });
});

describe('the state after a batch', () => {
  const batches: TestBatch<Event>[] = [[at(1), at(2, 'b')], 'cut', [at(3), at(12, 'c')], [at(17), at(13, 'c')]];

  it('has each window of a key, with what its aggregates would give now', () => {
    expect(run(batches).map(({ state }) => state)).toEqual([
      [stateRow(0, 1, 'a'), stateRow(0, 1, 'b')],
      [stateRow(0, 1, 'a'), stateRow(0, 1, 'b')],
      [stateRow(0, 2, 'a'), stateRow(0, 1, 'b'), stateRow(10, 1, 'c')],
      [stateRow(10, 1, 'a'), stateRow(10, 2, 'c')],
    ]);
  });

  it('is what it was after that batch, whenever it is looked at, and told by key group', () => {
    const [first, ...later] = run(batches, { parallelism: 8 });
    const groups = new Set(later.flatMap(({ state }) => state.map(({ group }) => group)));
    expect(groups.size).toBeGreaterThan(1);
    expect(first!.state.map(({ key, values }) => [key.key, values]).sort()).toEqual([
      ['a', { events: 1 }],
      ['b', { events: 1 }],
    ]);
  });

  it('changes from one to any other: what was added, changed and removed', () => {
    const [first, , third, fourth] = run(batches).map(({ state }) => state);
    const changed = (row: ReturnType<typeof stateRow>, change: object) => {
      const { values: _, ...place } = row;
      return { ...place, ...change };
    };
    const [was, is] = [
      (events: number) => ({ before: { values: { events } } }),
      (events: number) => ({ after: { values: { events } } }),
    ];
    expect(stateChanges(first!, third!)).toEqual([
      changed(stateRow(0, 2), { change: 'changed', ...was(1), ...is(2) }),
      changed(stateRow(10, 1, 'c'), { change: 'added', ...is(1) }),
    ]);
    expect(stateChanges(third!, fourth!)).toEqual([
      changed(stateRow(10, 1), { change: 'added', ...is(1) }),
      changed(stateRow(10, 2, 'c'), { change: 'changed', ...was(1), ...is(2) }),
      changed(stateRow(0, 2), { change: 'removed', ...was(2) }),
      changed(stateRow(0, 1, 'b'), { change: 'removed', ...was(1) }),
    ]);
    expect(stateChanges(third!, third!)).toEqual([]);
  });

  it('shows an aggregate of the user as it is saved, and runs none of its code', () => {
    let asked = 0;
    const longest = aggregate<Event, number, number>({
      ...{ name: 'longest', version: 1, empty: () => 0, merge: (one, other) => Math.max(one, other) },
      add: (most, each) => Math.max(most, each.at),
      result: (most) => {
        asked += 1;
        return most;
      },
    });
    const own = timed().aggregate({ events: count(), longest: longest }).writeStream(sink);
    const [only] = runPipeline(own, { batches: [[at(3), at(7)]] });
    const askedBefore = asked;
    expect(only!.state).toEqual([{ ...stateRow(0, 2), values: { events: 2, longest: null }, saved: { longest: [7] } }]);
    expect(asked).toBe(askedBefore);
  });

  it('of a pipeline that keeps nothing is empty', () => {
    const copied = pipeline('copy').readStream(source).decode(json(event)).writeStream(sink);
    expect(runPipeline(copied, { batches: [[at(1)]] })[0]!.state).toEqual([]);
  });
});
