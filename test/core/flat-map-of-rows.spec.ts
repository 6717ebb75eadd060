/** `flatMap` of rows, in the pipeline and for one output: what goes out, what is taken back, and how it is counted. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { givenOf, rowsGivenTo } from '../../functions/core/given-rows.ts';
import { emittedRows, outputCountsOf } from '../../functions/core/outbox.ts';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { RecordsOfOutput } from '../../functions/core/reduction.ts';
import {
  checkPipeline,
  collect,
  count,
  json,
  kinesis,
  perMicroBatch,
  pipeline,
  runPipeline,
  session,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { ResultIdentity, ResultVersion } from '../../functions/sinks/identity.ts';
import { batchBody } from '../support/builders.ts';

type Reading = { readonly at: number; readonly key: string; readonly value: number };
const readings = pipeline('readings')
  .readStream(kinesis({ streamName: 'readings' }))
  .decode(json(z.object({ at: z.number(), key: z.string(), value: z.number() })));
const sink = kinesis({ streamName: 'out' });
const late = readings
  .withWatermark(({ at }) => at, { delay: '0 seconds' })
  .groupBy({ key: ({ key }) => key })
  .window(tumbling('10 milliseconds'))
  .allowedLateness('100 milliseconds')
  .aggregate({ values: collect(({ value }) => value) });
/** As many rows as there are different values. */
const different = late.flatMap(({ key, values }) => [...new Set(values.values)].map((value) => ({ key, value })));

const reading = (at: number, value: number, key = 'a'): Reading => ({ at, key, value });
type Version = Pick<ResultVersion, 'row' | 'revision' | 'retracted'>;
const run = (definition: unknown, ...batches: readonly (readonly Reading[])[]) =>
  runPipeline(definition as never, { batches: batches as never }) as readonly {
    readonly results: readonly object[];
    readonly versions: readonly Version[];
    readonly outputs: Readonly<
      Record<string, { readonly results: readonly object[]; readonly versions: readonly Version[] }>
    >;
    readonly deadLetters: readonly object[];
  }[];
const told = ({ versions }: { readonly versions: readonly Version[] }) =>
  versions.map(({ row, revision, retracted }) => `${row}.${revision}${retracted ? ' back' : ''}`);

describe('rows of one result', () => {
  it('come in the order given, told apart by `row` of their identity', () => {
    const [batch] = run(different.writeStream(sink), [reading(1, 7), reading(2, 8), reading(3, 7), reading(20, 0)]);
    expect(batch!.results).toEqual([
      { key: 'a', value: 7 },
      { key: 'a', value: 8 },
    ]);
    expect(told(batch!)).toEqual(['0.0', '1.0']);
  });

  it('go through the steps behind, each on its own', () => {
    const definition = different
      .filter(({ value }) => value !== 8)
      .map(({ value }) => ({ tenfold: value * 10 }))
      .writeStream(sink);
    const [batch] = run(definition, [reading(1, 7), reading(2, 8), reading(3, 9), reading(20, 0)]);
    expect(batch!.results).toEqual([{ tenfold: 70 }, { tenfold: 90 }]);
    expect(told(batch!)).toEqual(['0.0', '1.0']);
  });

  it('are all given out again in a correction', () => {
    const [, batch] = run(different.writeStream(sink), [reading(1, 7), reading(20, 0)], [reading(2, 8)]);
    expect(batch!.results).toEqual([
      { key: 'a', value: 7 },
      { key: 'a', value: 8 },
    ]);
    expect(told(batch!)).toEqual(['0.1', '1.1']);
  });
});

describe('fewer rows than before', () => {
  const upTo = late
    .flatMap(({ values }) => Array.from({ length: Math.max(...values.values) % 10 }, (_, at) => at))
    .writeStream(sink);

  it('take back those that are no more, with the version of the others', () => {
    const [, batch] = run(upTo, [reading(1, 3), reading(20, 0)], [reading(2, 11)]);
    expect(told(batch!)).toEqual(['0.1', '1.1 back', '2.1 back']);
  });

  it('of none at all take back each', () => {
    const [, batch, again] = run(upTo, [reading(1, 3), reading(20, 0)], [reading(2, 10)], [reading(3, 12)]);
    expect(told(batch!)).toEqual(['0.1 back', '1.1 back', '2.1 back']);
    expect(told(again!)).toEqual(['0.2', '1.2']);
  });

  it('of a session that has become part of another are taken back', () => {
    const sessions = readings
      .withWatermark(({ at }) => at, { delay: '0 seconds' })
      .groupBy({})
      .window(session('5 milliseconds'))
      .allowedLateness('100 milliseconds')
      .aggregate({ events: count() })
      .flatMap(({ events }) => Array.from({ length: events + 1 }, (_, at) => at))
      .writeStream(sink);
    const [, batch] = run(sessions, [reading(1, 0), reading(8, 0), reading(40, 0)], [reading(4, 0)]);
    expect(told(batch!)).toEqual(['0.0', '1.0', '2.0', '3.0', '0.1 back', '1.1 back', '0.1 back', '1.1 back']);
  });

  it.each([
    [{ a: 2, b: 2 }, [3, 2]],
    [{ a: 2, b: 0 }, [3, 2, ['a']]],
    [{ a: 2, b: 1 }, [3, 2, { a: 2, b: 1 }]],
    [{ a: 0, b: 0 }, [3, 0]],
  ])('are known from what is saved of each output: %j is %j', (rows, saved) => {
    const given = givenOf(3, new Map(Object.entries(rows)));
    expect(given).toEqual(saved);
    for (const [output, count] of Object.entries(rows)) expect(rowsGivenTo(output, given)).toBe(count);
  });
});

describe('flatMap of one output', () => {
  const both = late
    .map(({ key, values }) => ({ key, values: values.values }))
    .writeStream(sink)
    .writeStream(kinesis({ streamName: 'each' }), {
      name: 'each',
      filter: ({ values }) => values.length < 4,
      flatMap: ({ key, values }) => [...new Set(values)].map((value) => ({ key, value })),
    });

  it('makes several for it, and the others have the row', () => {
    const [batch] = run(both, [reading(1, 7), reading(2, 8), reading(20, 0)]);
    expect(batch!.outputs).toMatchObject({
      main: { results: [{ key: 'a', values: [7, 8] }] },
      each: {
        results: [
          { key: 'a', value: 7 },
          { key: 'a', value: 8 },
        ],
      },
    });
  });

  it('takes back what it has no more of, and of the others nothing', () => {
    const [, batch] = run(both, [reading(1, 7), reading(2, 8), reading(20, 0)], [reading(3, 7), reading(4, 7)]);
    const { main, each } = batch!.outputs;
    expect([told(main!), told(each!)]).toEqual([['0.1'], ['0.1 back', '1.1 back']]);
  });

  it('is of events as well', () => {
    const events = readings
      .writeStream(sink)
      .writeStream(kinesis({ streamName: 'each' }), { name: 'each', flatMap: ({ value }) => [value, value + 1] });
    const [batch] = run(events, [reading(1, 7), reading(2, 8)]);
    expect(batch!.outputs).toMatchObject({ main: { results: [{}, {}] }, each: { results: [7, 8, 8, 9] } });
  });

  it.each([
    [
      { map: (row: unknown) => row, flatMap: () => [] },
      'outputs.b.flatMap: a function is not allowed; use either map or flatMap: what the one makes the other can make',
    ],
    [{ flatMap: 3 }, 'outputs.b.flatMap: 3 is not allowed; use a function that returns its result at once (not async)'],
    [
      { flatMap: () => [], maxElements: 0 },
      'outputs.b.maxElements: 0 is not allowed; use a whole number from 1 to 100000',
    ],
    [{ maxElements: 7 }, 'outputs.b.maxElements: 7 is not allowed; use it beside flatMap, whose limit it is'],
  ])('%o is refused', (options, message) => {
    const definition = late
      .writeStream(sink)
      .writeStream(kinesis({ streamName: 'b' }), { name: 'b', ...options } as never);
    expect(checkPipeline(definition)).toMatchObject({ kind: 'invalid', problems: [{ message }] });
  });
});

describe('a row that fails', () => {
  it('makes a letter of the whole result, and the other results go out', () => {
    const definition = different
      .map(({ key, value }) => {
        if (value === 9) throw new Error('nine');
        return { key, value };
      })
      .writeStream(sink);
    const [batch] = run(definition, [reading(1, 7), reading(2, 9), reading(3, 5, 'b'), reading(20, 0)]);
    expect(batch!.results).toEqual([{ key: 'b', value: 5 }]);
    expect(batch!.deadLetters).toMatchObject([{ event: { key: 'a' }, reason: 'callback-failed', message: 'nine' }]);
  });

  it.each([
    [
      'rows without end',
      function* () {
        for (;;) yield 1;
      },
      'too-many-elements',
      'flatMap of rows made more than 10 elements, its maxElements',
    ],
    [
      'a generator that throws midway',
      function* () {
        yield 1;
        throw new Error('midway');
      },
      'callback-failed',
      'midway',
    ],
    ['a text', () => 'abc', 'invalid-result', 'flatMap of rows returned a text; return a list of texts: [text]'],
  ])('as %s does is a letter', (_, mapper, reason, message) => {
    const definition = late.flatMap(mapper as never, { maxElements: 10 }).writeStream(sink);
    const [batch] = run(definition, [reading(1, 7), reading(20, 0)]);
    expect(batch).toMatchObject({ results: [], deadLetters: [{ reason, message }] });
  });

  it('because of a promise is a wrong pipeline', () => {
    const definition = late.flatMap((() => [Promise.resolve(1)]) as never).writeStream(sink);
    expect(() => run(definition, [reading(1, 7), reading(20, 0)])).toThrow(
      'an element of flatMap of rows returned a promise',
    );
  });
});

describe('how rows are counted', () => {
  const grouped = readings
    .groupBy({ key: ({ key }) => key })
    .window(perMicroBatch())
    .aggregate({ events: count() });
  const reduce = (definition: unknown, events: Readonly<Record<string, number>>) => {
    const checked = requirePipeline(definition) as Pipeline & { readonly aggregation: Aggregation };
    const windows = Object.entries(events).map(([key, number]) => [[key], [[1, 2, [number]]]] as const);
    return reduceKeyGroup(checked, batchBody({ batchId: 1, watermarkIn: null, watermarkOut: 2 }), {
      ...{ keyGroup: 0, before: [], blocks: [windows] },
    });
  };
  const identities = ({ records }: RecordsOfOutput): readonly ResultIdentity[] =>
    records.map(({ data }) => (JSON.parse(data as string) as { _sluice: ResultIdentity })._sluice);
  const rows = (n: number) => Array.from({ length: n }, (_, at) => ({ at }));

  it('results and what flatMap has made are what went out, was filtered and was refused (ROWS-2)', () => {
    const definition = grouped
      .flatMap(({ events }) => {
        if (events === 9) throw new Error('nine');
        return rows(events);
      })
      .filter(({ at }) => at !== 1)
      .writeStream(sink);
    // 0: filtered. 1: one row. 3: two made, one of the three filtered. 9: refused.
    const state = reduce(definition, { a: 0, b: 1, c: 3, d: 9 });
    expect(state).toMatchObject({ fates: { results: 4, made: 2, filtered: 2 }, refused: [{ index: 3 }] });
    expect(emittedRows(state)).toBe(3);
    expect(state.outbox[0]!.records).toHaveLength(3);
  });

  it('have the place of their result, and a number in it: no two have the same', () => {
    const state = reduce(grouped.flatMap(({ events }) => rows(events)).writeStream(sink), { a: 2, b: 0, c: 2 });
    expect(identities(state.outbox[0]!).map(({ index, row }) => [index, row])).toEqual([
      [0, 0],
      [0, 1],
      [2, 0],
      [2, 1],
    ]);
  });

  it('and by output (COUNT-1)', () => {
    const definition = grouped
      .flatMap(({ events }) => rows(events))
      .writeStream(sink)
      .writeStream(kinesis({ streamName: 'few' }), {
        name: 'few',
        filter: ({ at }) => at > 0,
        flatMap: ({ at }) => {
          if (at === 4) throw new Error('five');
          return [at, at];
        },
      });
    const counts = outputCountsOf(reduce(definition, { a: 0, b: 1, c: 3, d: 5 }));
    // main: 1 + 3 + 5 rows of 4 results, of which one came to nothing. few: of b nothing, of c four, of d a letter.
    expect(counts).toEqual({
      main: { emitted: 9, filtered: 1, refused: 0, made: 6 },
      few: { emitted: 4, filtered: 3, refused: 1, made: 4 },
    });
    for (const { emitted, filtered, refused, made = 0 } of Object.values(counts))
      expect(emitted + filtered + refused - made).toBe(4);
  });
});
