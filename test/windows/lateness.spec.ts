/** Allowed lateness, corrections, retractions and modes, by hand. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { prepareReduce, reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import {
  aggregate,
  checkPipeline,
  console as consoleSink,
  count,
  file,
  json,
  kinesis,
  perMicroBatch,
  pipeline,
  runPipeline,
  session,
  sliding,
  sum,
  type TestBatch,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { fingerprintMessage } from '../../functions/pipeline/fingerprint-change.ts';
import { batchBody } from '../support/builders.ts';

type Sale = { readonly at: number; readonly value: number };
const sales = pipeline('sales')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ at: z.number(), value: z.number() })))
  .withWatermark((sale) => sale.at, { delay: '10000 days' })
  .groupBy({});
const sink = kinesis({ streamName: 'out' });
const aggregates = { n: count(), total: sum((sale: Sale) => sale.value) };
const tens = sales.window(tumbling('10 milliseconds'));
const slides = sales.window(sliding('20 milliseconds', '10 milliseconds'));
const at = (time: number, value = 1): Sale => ({ at: time, value });

/** Of each batch: window, revision, timing, final or not, and the row or that it is taken back. */
function told(
  definition: Parameters<typeof runPipeline<Sale, { total: number | null }>>[0],
  batches: readonly TestBatch<Sale>[],
) {
  return runPipeline(definition, { batches }).map(({ results, versions }) =>
    versions.map(({ window, revision, timing, final, retracted }, index) =>
      [
        `[${window}]`,
        revision,
        timing,
        ...(final ? ['final'] : []),
        retracted ? 'taken back' : results[index]!.total,
      ].join(' '),
    ),
  );
}

describe('allowed lateness', () => {
  const late = tens.allowedLateness('20 milliseconds').aggregate(aggregates);

  it('gives a result on time, and again in each batch that changes it, until it is over', () => {
    expect(
      told(late.writeStream(sink), [
        [at(1)],
        { watermark: 10 },
        [at(2), at(3)],
        { watermark: 29 },
        [at(4)],
        { watermark: 30 },
        [at(5)],
      ]),
    ).toEqual([[], ['[0,10] 0 on-time 1'], ['[0,10] 1 late 3'], [], ['[0,10] 2 late 4'], [], []]);
  });

  it('gives a result of which the first event comes after the close as a first and late one', () => {
    expect(told(late.writeStream(sink), [{ watermark: 15 }, [at(1)]])).toEqual([[], ['[0,10] 0 late 1']]);
  });

  it('says final where the batch takes the watermark past it all', () => {
    expect(told(late.writeStream(sink), [[at(1)], { watermark: 30 }])).toEqual([[], ['[0,10] 0 on-time final 1']]);
  });

  it('takes a row back that a filter leaves out now, and gives it again', () => {
    const positive = late.filter((row) => (row.total ?? 0) > 0).writeStream(sink);
    expect(told(positive, [[at(1, 5)], { watermark: 10 }, [at(2, -9)], [at(3, -1)], [at(4, 20)]])).toEqual([
      [],
      ['[0,10] 0 on-time 5'],
      ['[0,10] 1 late taken back'],
      [],
      ['[0,10] 2 late 15'],
    ]);
  });

  it('takes sessions back that a late event joins', () => {
    const sessions = sales.window(session('10 milliseconds')).allowedLateness('50 milliseconds').aggregate(aggregates);
    expect(told(sessions.writeStream(sink), [[at(0), at(15)], { watermark: 25 }, [at(8)]])).toEqual([
      [],
      ['[0,10] 0 on-time 1', '[15,25] 0 on-time 1'],
      ['[0,25] 0 late 3', '[0,10] 1 late final taken back', '[15,25] 1 late final taken back'],
    ]);
  });

  it('knows nothing of a session that is over, also where nothing came when it was', () => {
    const sessions = sales.window(session('10 milliseconds')).allowedLateness('15 milliseconds').aggregate(aggregates);
    const batches = [[at(0)], { watermark: 10 }, { watermark: 30 }, [at(8)]];
    expect(told(sessions.writeStream(sink), batches).at(-1)).toEqual(['[8,18] 0 late 1']);
  });

  it('takes nothing back where nobody is to be told', () => {
    const sessions = sales
      .window(session('10 milliseconds'))
      .allowedLateness('50 milliseconds', { retractions: 'ignore' })
      .aggregate(aggregates);
    expect(told(sessions.writeStream(sink), [[at(0), at(15)], { watermark: 25 }, [at(8)]]).at(-1)).toEqual([
      '[0,25] 0 late 3',
    ]);
  });

  it('of none is as if it had not been said', () => {
    const none = checkPipeline(tens.allowedLateness('0 seconds').aggregate(aggregates).writeStream(sink));
    const plain = checkPipeline(tens.aggregate(aggregates).writeStream(sink));
    expect(JSON.stringify(none)).toBe(JSON.stringify(plain));
  });
});

describe('update mode', () => {
  const updates = tens.aggregate(aggregates).writeStream(sink).outputMode('update');

  it('gives what each batch changes, and nothing at the close', () => {
    expect(told(updates, [[at(1)], [at(2), at(11)], { watermark: 5 }, { watermark: 10 }, [at(12)]])).toEqual([
      ['[0,10] 0 early 1'],
      ['[0,10] 1 early 2', '[10,20] 0 early 1'],
      [],
      [],
      ['[10,20] 1 early 2'],
    ]);
  });

  it('takes a session back that has grown, since it is another window', () => {
    const sessions = sales
      .window(session('10 milliseconds'))
      .aggregate(aggregates)
      .writeStream(sink)
      .outputMode('update');
    expect(told(sessions, [[at(0)], [at(5)]])).toEqual([
      ['[0,10] 0 early 1'],
      ['[0,15] 0 early 2', '[0,10] 1 early final taken back'],
    ]);
  });

  it('of micro-batches is append mode', () => {
    const perBatch = sales.window(perMicroBatch()).aggregate(aggregates).writeStream(sink).outputMode('update');
    expect(told(perBatch, [[at(0)], [at(5)]])).toEqual([['[0,1] 0 on-time final 1'], ['[1,2] 0 on-time final 1']]);
  });
});

describe('complete mode', () => {
  const all = tens.aggregate(aggregates).writeStream(sink).outputMode('complete');

  it('gives in each batch all that is open, and what the batch closes', () => {
    expect(told(all, [[at(1)], [at(11)], { watermark: 10 }, [at(12)]])).toEqual([
      ['[0,10] 0 early 1'],
      ['[0,10] 1 early 1', '[10,20] 0 early 1'],
      ['[0,10] 2 on-time final 1', '[10,20] 1 early 1'],
      ['[10,20] 2 early 2'],
    ]);
  });

  it('gives it of key groups, too, that the batch has nothing for', () => {
    const byValue = pipeline('sales')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(z.object({ at: z.number(), value: z.number() })))
      .withWatermark((sale) => sale.at, { delay: '10000 days' })
      .groupBy({ value: (sale) => sale.value })
      .window(tumbling('10 milliseconds'))
      .aggregate({ n: count() })
      .writeStream(sink)
      .outputMode('complete');
    const batches = [[1, 2, 3, 4, 5, 6].map((value) => at(1, value)), [at(2, 1)]];
    const results = runPipeline(byValue, { batches, parallelism: 3 });
    expect(results.map((batch) => batch.results.length)).toEqual([6, 6]);
  });

  it('keeps what has closed until it is over, and no longer', () => {
    const late = tens.allowedLateness('10 milliseconds').aggregate(aggregates).writeStream(sink);
    expect(
      told(late.outputMode('complete'), [[at(1)], { watermark: 10 }, { watermark: 19 }, { watermark: 20 }, [at(35)]]),
    ).toEqual([
      ['[0,10] 0 early 1'],
      ['[0,10] 1 on-time 1'],
      ['[0,10] 2 late 1'],
      ['[0,10] 3 late final 1'],
      ['[30,40] 0 early 1'],
    ]);
  });

  it('takes back what a filter leaves out now', () => {
    const high = tens
      .aggregate(aggregates)
      .filter((row) => row.total! > 5)
      .writeStream(sink)
      .outputMode('complete');
    expect(told(high, [[at(1, 9)], [at(2, -9)], [at(13, 9)]])).toEqual([
      ['[0,10] 0 early 9'],
      ['[0,10] 1 early taken back'],
      ['[10,20] 0 early 9'],
    ]);
  });

  describe('above maxRows', () => {
    const modes = (mode: 'complete' | 'update', maxRows?: number) => {
      const written = tens.aggregate(aggregates).writeStream(sink);
      const checked = requirePipeline(
        mode === 'update' ? written.outputMode(mode) : written.outputMode(mode, { maxRows }),
      );
      return { ...checked, aggregation: checked.aggregation! };
    };
    const body = batchBody({ watermarkIn: 5, watermarkOut: 5 });
    const group = {
      keyGroup: 2,
      before: [
        [
          [],
          [
            [0, 10, [1, [1, 1]]],
            [10, 20, [1, [1, 1]]],
          ],
        ],
      ] as SavedWindows,
      blocks: [[[[], [[20, 30, [1, [1, 1]]]]]]] as const,
    };

    it('stops by name, and says what goes on', () => {
      expect(() => reduceKeyGroup(modes('complete', 2), body, group)).toThrow(
        expect.objectContaining({
          name: 'TooManyRows',
          message:
            "key group 2 has more than the 2 results that outputMode('complete', { maxRows: 2 }) allows in a batch; deploy with a " +
            "higher maxRows, or with outputMode('update'): either goes on with this very batch",
        }),
      );
    });

    it.each([
      ['a higher limit', modes('complete', 3), 3],
      ['update mode', modes('update'), 1],
    ])('goes on with the same sealed batch by %s', (_, pipeline, rows) => {
      expect(pipeline.fingerprint).toBe(modes('complete', 2).fingerprint);
      expect(reduceKeyGroup(pipeline, body, group).outbox[0]!.records).toHaveLength(rows);
    });
  });
});

describe('accumulation: discarding', () => {
  const parts = { accumulation: 'discarding' } as const;

  it('gives in update mode what has come since', () => {
    const updates = tens.aggregate(aggregates).writeStream(sink).outputMode('update', parts);
    expect(told(updates, [[at(1, 5)], [at(2, 7)], { watermark: 10 }])).toEqual([
      ['[0,10] 0 early 5'],
      ['[0,10] 1 early 7'],
      [],
    ]);
  });

  it('gives in append mode all at the close, and late parts of windows that overlap each', () => {
    const late = slides.allowedLateness('20 milliseconds', parts).aggregate(aggregates).writeStream(sink);
    expect(told(late, [[at(11, 5)], { watermark: 20 }, [at(12, 7)], { watermark: 30 }, [at(13, 9)]])).toEqual([
      [],
      ['[0,20] 0 on-time 5'],
      ['[0,20] 1 late 7'],
      ['[10,30] 0 on-time 12'],
      ['[0,20] 2 late 9', '[10,30] 1 late 9'],
    ]);
  });

  it('takes nothing back: neither of sessions that have become one, nor what a filter leaves out', () => {
    const sessions = sales
      .window(session('10 milliseconds'))
      .allowedLateness('50 milliseconds', parts)
      .aggregate(aggregates)
      .filter((row) => row.total! > 0)
      .writeStream(consoleSink());
    const results = runPipeline(sessions, {
      batches: [[at(0, 5), at(15, 6)], { watermark: 25 }, [at(8, 7)], [at(9, -1)]],
    });
    expect(results.map((batch) => batch.results.map(({ total }) => total))).toEqual([[], [5, 6], [7], []]);
  });

  it('gives late parts alone, also of a window whose first row a filter left out', () => {
    const late = (window: typeof tens) =>
      window
        .allowedLateness('20 milliseconds', parts)
        .aggregate(aggregates)
        .filter((row) => row.total! > 5)
        .writeStream(sink);
    const batches = [[at(11, 5)], { watermark: 20 }, [at(12, 7)]];
    expect(told(late(sales.window(tumbling('20 milliseconds'))), batches)[2]).toEqual(['[0,20] 0 late 7']);
    expect(told(late(slides as unknown as typeof tens), batches)[2]).toEqual(['[0,20] 0 late 7']);
  });

  it('gives nothing of a window of which all was given out, whatever the mode is now', () => {
    const checked = requirePipeline(tens.aggregate(aggregates).writeStream(sink).outputMode('append', parts));
    const state = reduceKeyGroup(
      { ...checked, aggregation: checked.aggregation! },
      batchBody({ watermarkIn: 5, watermarkOut: 10 }),
      { keyGroup: 0, before: [[[], [[0, 10, [], [1, 1]]]]], blocks: [] },
    );
    expect(state).toMatchObject({ fates: { results: 0 }, windows: [] });
  });

  it('leaves nothing in the state of what was given out, user code or not', () => {
    const longest = aggregate({
      ...{ name: 'longest', version: 1, empty: () => 0, result: (most: number) => most },
      add: (most: number, { value }: Sale) => Math.max(most, value),
      merge: (one: number, other: number) => Math.max(one, other),
    });
    const written = tens
      .aggregate({ ...aggregates, longest })
      .writeStream(sink)
      .outputMode('update', parts);
    const checked = requirePipeline(written);
    const pipelineOf = { ...checked, aggregation: checked.aggregation! };
    const group = {
      ...{ keyGroup: 0, before: [] },
      blocks: [[[[], [[0, 10, [1, [1, 4], [4]]]]]], [[[], [[0, 10, [1, [1, 6], [6]]]]]]],
    } as const;
    const body = batchBody({ watermarkIn: 5, watermarkOut: 5 });
    // User code merges for the row, and not once more for a state that has nothing of it.
    expect(prepareReduce(pipelineOf, body, group).rows).toHaveLength(1);
    const first = reduceKeyGroup(pipelineOf, body, group);
    expect(first.windows).toEqual([[[], [[0, 10, [], [1, 1]]]]]);
    const second = reduceKeyGroup(pipelineOf, batchBody({ watermarkIn: 5, watermarkOut: 10 }), {
      ...{ keyGroup: 0, before: first.windows },
      blocks: [[[[], [[0, 10, [1, [1, 3], [3]]]]]]],
    });
    const totals = [first, second].map(({ outbox }) => JSON.parse(outbox[0]!.records[0]!.data as string));
    expect(totals).toMatchObject([
      { n: 2, total: 10, longest: 6 },
      { n: 1, total: 3, longest: 3 },
    ]);
  });

  it('goes on with a session of which all was given out, user code or not', () => {
    const longest = aggregate({
      ...{ name: 'longest', version: 1, empty: () => 0, result: (most: number) => most },
      add: (most: number, { value }: Sale) => Math.max(most, value),
      merge: (one: number, other: number) => Math.max(one, other),
    });
    const sessions = sales
      .window(session('10 milliseconds'))
      .aggregate({ n: count(), longest })
      .writeStream(sink)
      .outputMode('update', parts);
    const results = runPipeline(sessions, { batches: [[at(0, 5)], [at(5, 3)], [at(8, 4)]] });
    expect(results.flatMap((batch) => batch.results)).toMatchObject([
      { n: 1, longest: 5 },
      { n: 1, longest: 3 },
      { n: 1, longest: 4 },
    ]);
  });

  it('is part of what the saved state is: accumulated and discarded windows are not one', () => {
    const results = tens.aggregate(aggregates).writeStream(sink);
    const of = (definition: unknown) => requirePipeline(definition).fingerprint;
    expect(fingerprintMessage(of(results.outputMode('update')), of(results.outputMode('update', parts)))).toContain(
      'accumulation: "accumulating" is now "discarding"',
    );
  });
});

describe('windows that overlap', () => {
  const late = slides.allowedLateness('20 milliseconds').aggregate(aggregates);

  it('are corrected each, as long as they are not over: an event may be in time for some', () => {
    expect(
      told(late.writeStream(sink), [
        [at(11)],
        { watermark: 30 },
        [at(12), at(2)],
        { watermark: 40 },
        [at(13)],
        { watermark: 50 },
        [at(14)],
      ]),
    ).toEqual([
      [],
      ['[0,20] 0 on-time 1', '[10,30] 0 on-time 1'],
      ['[0,20] 1 late 3', '[10,30] 1 late 2'],
      [],
      ['[10,30] 2 late 3'],
      [],
      [],
    ]);
  });

  it('are taken back each where a filter leaves them out now', () => {
    const high = late.filter((row) => (row.total ?? 0) > 8).writeStream(sink);
    expect(told(high, [[at(11, 5), at(5, 5), at(25, 5)], { watermark: 30 }, [at(12, -9)], [at(13, 30)]])).toEqual([
      [],
      ['[0,20] 0 on-time 10', '[10,30] 0 on-time 10'],
      ['[0,20] 1 late taken back', '[10,30] 1 late taken back'],
      ['[0,20] 2 late 31', '[10,30] 2 late 31'],
    ]);
  });

  it('give in update mode all that hold what has come, and nothing when they close', () => {
    const updates = slides.aggregate(aggregates).writeStream(sink).outputMode('update');
    expect(told(updates, [[at(11)], { watermark: 20 }, [at(5)], [at(12)], { watermark: 30 }])).toEqual([
      ['[0,20] 0 early 1', '[10,30] 0 early 1'],
      [],
      [],
      ['[10,30] 1 early 2'],
      [],
    ]);
  });

  /** Two panes of ten, which are in windows that end at 20, 30 and 40. */
  const panes = [
    [10, 20, [1, [1, 1]]],
    [20, 30, [1, [1, 2]]],
  ] as const;
  const reduced = (
    definition: unknown,
    marks: { readonly watermarkIn: number; readonly watermarkOut: number },
    before: SavedWindows,
  ) => {
    const checked = requirePipeline(definition);
    const blocks = [[[[], [[10, 20, [1, [1, 6]]]]]]] as const;
    const group = { keyGroup: 0, before, blocks: marks.watermarkIn === marks.watermarkOut ? blocks : [] };
    return reduceKeyGroup(
      { ...checked, aggregation: checked.aggregation! },
      batchBody({ batchId: 4, ...marks }),
      group,
    );
  };

  it('leave in the state, behind the panes, what was given out of them until they are over', () => {
    const definition = slides.allowedLateness('10 milliseconds').aggregate(aggregates).writeStream(sink);
    const closing = reduced(definition, { watermarkIn: 10, watermarkOut: 35 }, [[[], panes]]);
    expect(closing.windows).toEqual([[[], panes, [[30, 30, [1, 1]]]]]);
    const correcting = reduced(definition, { watermarkIn: 35, watermarkOut: 35 }, closing.windows);
    expect(correcting.windows).toEqual([[[], [[10, 20, [2, [2, 7]]], panes[1]], [[30, 30, [2, 1]]]]]);
    const over = reduced(definition, { watermarkIn: 35, watermarkOut: 41 }, correcting.windows);
    expect(over.windows).toEqual([[[], [panes[1]], [[40, 40, [1, 1]]]]]);
    expect(reduced(definition, { watermarkIn: 41, watermarkOut: 50 }, over.windows).windows).toEqual([]);
  });

  it('say once of a row that a filter left out that it was', () => {
    const none = slides
      .aggregate(aggregates)
      .filter(() => false)
      .writeStream(sink)
      .outputMode('update');
    const early = reduced(none, { watermarkIn: 10, watermarkOut: 10 }, []);
    expect(early).toMatchObject({
      fates: { results: 2, filtered: 2 },
      windows: [[[], [[10, 20, [1, [1, 6]]]], [[20, 30, [0, 0]]]]],
    });
    expect(reduced(none, { watermarkIn: 10, watermarkOut: 20 }, early.windows)).toMatchObject({
      fates: { results: 0, filtered: 0 },
    });
  });

  it('close in update mode with what append mode has counted', () => {
    const updates = slides.aggregate(aggregates).writeStream(sink).outputMode('update');
    const state = reduced(updates, { watermarkIn: 10, watermarkOut: 30 }, [[[], panes, [[20, 20, [1, 1]]]]]);
    expect(state.outbox[0]!.records.map(({ data }) => JSON.parse(data as string).total)).toEqual([3]);
  });
});

describe('of several outputs', () => {
  const rowsOf = (ignored: readonly TestBatch<Sale>[]) => {
    const definition = tens
      .allowedLateness('50 milliseconds')
      .aggregate(aggregates)
      .writeStream(sink)
      .writeStream(kinesis({ streamName: 'high' }), {
        name: 'high',
        filter: (row) => row.total! > 5,
        map: (row) => ({ high: row.total! }),
      });
    return runPipeline(definition, { batches: ignored }).map(({ outputs }) =>
      outputs.high!.versions.map(({ revision, retracted }, index) => [
        revision,
        retracted,
        outputs.high!.results[index],
      ]),
    );
  };

  it('a row is taken back where it was, and where it no longer is', () => {
    expect(rowsOf([[at(1, 9)], { watermark: 10 }, [at(2, -9)], [at(3, -1)], [at(4, 8)]]).slice(1)).toEqual([
      [[0, false, { high: 9 }]],
      [[1, true, expect.objectContaining({ windowStart: new Date(0).toISOString() })]],
      [],
      [[3, false, { high: 7 }]],
    ]);
  });
});

describe('a record that takes a row back', () => {
  const definition = sales
    .window(session('10 milliseconds'))
    .allowedLateness('1 minute')
    .aggregate(aggregates)
    .map((row) => ({ sum: row.total! }))
    .writeStream(
      kinesis({
        streamName: 'out',
        partitionKey: (row: { sum: number }) => {
          if (typeof row.sum !== 'number') throw new Error('it is shown to no user code');
          return `of ${row.sum}`;
        },
      }),
    );
  const checked = requirePipeline(definition);
  const state = reduceKeyGroup(
    { ...checked, aggregation: checked.aggregation! },
    batchBody({ batchId: 4, watermarkIn: 25, watermarkOut: 26 }),
    { keyGroup: 0, before: [[[], [[0, 10, [1, [1, 1]], [1, 1]]]]], blocks: [[[[], [[5, 15, [1, [1, 7]], 1]]]]] },
  );

  it('has keys, window and identity, and the partition key of its group', () => {
    const [row, back] = state.outbox[0]!.records;
    expect(JSON.parse(row!.data as string)).toMatchObject({
      sum: 8,
      _sluice: { window: [0, 15], revision: 0, index: 0 },
    });
    expect(row!.partitionKey).toBe('of 8');
    const time = (ms: number) => new Date(ms).toISOString();
    expect(JSON.parse(back!.data as string)).toEqual({
      windowStart: time(0),
      windowEnd: time(10),
      _sluice: {
        ...{ v: 1, pipeline: 'sales', output: 'main', generation: 1, batch: 4, ref: 6, group: 0, index: 1 },
        ...{ window: [0, 10], key: '[]', row: 0, revision: 1, timing: 'late', final: true, retracted: true },
      },
    });
    expect(back!.partitionKey).toBe('[]');
  });

  it('is counted: results and retractions are what was emitted, filtered and refused', () => {
    expect(state).toMatchObject({ fates: { results: 1, retracted: 1, filtered: 0, refused: [] }, refused: [] });
    expect(state.outbox[0]!.records).toHaveLength(2);
  });

  it('leaves the state with what was given out of the session that is there now', () => {
    expect(state.windows).toEqual([[[], [[0, 15, [2, [2, 8]], [1, 1]]]]]);
  });
});

it('a state without lateness says nothing of what was given out', () => {
  const checked = requirePipeline(tens.aggregate(aggregates).writeStream(sink));
  const blocks = [
    [
      [
        [],
        [
          [0, 10, [1, [1, 1]]],
          [10, 20, [1, [1, 1]]],
        ],
      ],
    ],
  ] as const;
  const given = { keyGroup: 0, before: [], blocks };
  const state = reduceKeyGroup(
    { ...checked, aggregation: checked.aggregation! },
    batchBody({ watermarkOut: 10 }),
    given,
  );
  expect(state.windows).toEqual([[[], [[10, 20, [1, [1, 1]]]]]]);
  expect('retracted' in state.fates).toBe(false);
});

describe('is refused', () => {
  const problemsOf = (definition: unknown) => {
    const checked = checkPipeline(definition);
    return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
  };
  const retracting =
    "a sink that can carry retractions, such as kinesis({ … }) with its identity, or the option retractions: 'ignore' of";

  it.each([
    [
      'a sink that can carry no retraction',
      tens.allowedLateness('1 hour').aggregate(aggregates).writeStream(consoleSink()),
      `sink: 'console' is not allowed; use ${retracting} allowedLateness(…)`,
    ],
    [
      'one without identities, in update mode',
      tens
        .aggregate(aggregates)
        .writeStream(kinesis({ streamName: 'out', identity: 'none' }))
        .outputMode('update'),
      `sink: 'kinesis' is not allowed; use ${retracting} outputMode(…)`,
    ],
    [
      'another mode',
      tens
        .aggregate(aggregates)
        .writeStream(sink)
        .outputMode('replace' as never),
      "outputMode: 'replace' is not allowed; use 'append' or 'update' or 'complete'",
    ],
    [
      'a limit of rows in another mode',
      tens
        .aggregate(aggregates)
        .writeStream(sink)
        .outputMode('update', { maxRows: 5 } as never),
      "outputMode.maxRows: 5 is not allowed; use it with 'complete': other modes have no limit",
    ],
    [
      'a limit that is no number of rows',
      tens.aggregate(aggregates).writeStream(sink).outputMode('complete', { maxRows: 0 }),
      'outputMode.maxRows: 0 is not allowed; use a whole number from 1 to 1000000',
    ],
    [
      'parts of all that is open',
      tens
        .allowedLateness('1 hour', { accumulation: 'discarding' })
        .aggregate(aggregates)
        .writeStream(sink)
        .outputMode('complete'),
      "accumulation: 'discarding' is not allowed; use 'accumulating' with outputMode('complete')",
    ],
    [
      'complete mode where retractions can not be carried',
      tens.aggregate(aggregates).writeStream(consoleSink()).outputMode('complete'),
      `sink: 'console' is not allowed; use ${retracting} outputMode(…)`,
    ],
    [
      'update mode without groupBy',
      pipeline('p')
        .readStream(kinesis({ streamName: 'in' }))
        .decode(json(z.any()))
        .writeStream(sink)
        .outputMode('update'),
      "outputMode: 'update' is not allowed; use 'append', or groupBy(…): an event that is written never changes",
    ],
    [
      'lateness of what is no duration',
      tens
        .allowedLateness('soon' as never)
        .aggregate(aggregates)
        .writeStream(sink),
      /^allowedLateness: 'soon' is not allowed; use a duration/,
    ],
    [
      'lateness of micro-batches',
      (sales.window(perMicroBatch()) as unknown as typeof tens)
        .allowedLateness('1 hour')
        .aggregate(aggregates)
        .writeStream(sink),
      "allowedLateness: '1 hour' is not allowed; use it after windows of event time: no event is late in these",
    ],
    [
      'an option that there is not',
      tens
        .allowedLateness('1 hour', { retraction: 'ignore' } as never)
        .aggregate(aggregates)
        .writeStream(sink),
      'allowedLateness.retraction: there is no such option; did you mean retractions?',
    ],
  ])('%s', (_, definition, message) => {
    const problems = problemsOf(definition);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it('and is not, where retractions are ignored', () => {
    const rows = tens.allowedLateness('1 hour', { retractions: 'ignore' }).aggregate(aggregates);
    expect(problemsOf(rows.writeStream(file('out.json')))).toEqual([]);
    expect(
      problemsOf(tens.aggregate(aggregates).writeStream(consoleSink()).outputMode('update', { retractions: 'ignore' })),
    ).toEqual([]);
  });
});
