/** Running totals, by hand. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import {
  checkPipeline,
  console as consoleSink,
  count,
  globalWindow,
  json,
  kinesis,
  pipeline,
  runPipeline,
  sum,
  type TestBatch,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { batchBody } from '../support/builders.ts';

type Sale = { readonly at: number; readonly shop: string; readonly value: number };
const sales = pipeline('sales')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ at: z.number(), shop: z.string(), value: z.number() })))
  .withWatermark((sale) => sale.at, { delay: '10000 days' })
  .groupBy({ shop: (sale) => sale.shop });
const sink = kinesis({ streamName: 'out' });
const aggregates = { n: count(), total: sum((sale: Sale) => sale.value) };
const totals = sales.window(globalWindow({ ttl: '100 milliseconds' })).aggregate(aggregates);
const at = (time: number, value = 1, shop = 'a'): Sale => ({ at: time, shop, value });

/** Of each batch: key, revision, timing, and the total or that it is taken back. */
function told(
  definition: Parameters<typeof runPipeline<Sale, { shop: string; total: number | null }>>[0],
  batches: readonly TestBatch<Sale>[],
  more: { readonly closeWindows?: boolean } = {},
) {
  return runPipeline(definition, { batches, ...more }).map(({ results, versions }) =>
    versions.map(({ revision, timing, final, retracted }, index) =>
      [
        results[index]!.shop,
        revision,
        timing,
        ...(final ? ['final'] : []),
        retracted ? 'taken back' : results[index]!.total,
      ].join(' '),
    ),
  );
}

describe('a running total', () => {
  const updates = totals.writeStream(sink).outputMode('update');

  it('is of all events of its key, and given out in each batch that changes it', () => {
    expect(told(updates, [[at(1, 5)], [at(50, 6), at(2, 7, 'b')], { watermark: 90 }, [at(95, 1)]])).toEqual([
      ['a 0 early 5'],
      ['a 1 early 11', 'b 0 early 7'],
      [],
      ['a 2 early 12'],
    ]);
  });

  it('is taken back when nothing has come for as long as ttl, and begins anew when it comes again', () => {
    expect(told(updates, [[at(1, 5)], [at(50, 6)], { watermark: 149 }, { watermark: 150 }, [at(151, 9)]])).toEqual([
      ['a 0 early 5'],
      ['a 1 early 11'],
      [],
      ['a 2 on-time taken back'],
      ['a 0 early 9'],
    ]);
  });

  it('counts what is older than ttl as long as its key is known; else that is late', () => {
    const results = runPipeline(updates, {
      batches: [[at(500, 5)], { watermark: 490 }, [at(10, 6)], [at(20, 7, 'b')], { watermark: 600 }, [at(30, 8)]],
    });
    expect(results.map((batch) => batch.results.map((row) => row.total))).toEqual([[5], [], [11], [], [undefined], []]);
    expect(results.map((batch) => batch.late.length)).toEqual([0, 0, 0, 1, 0, 1]);
  });

  it('is given out, and taken back, in a batch that goes past it at once', () => {
    const quick = pipeline('sales')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(z.object({ at: z.number(), shop: z.string(), value: z.number() })))
      .withWatermark((sale) => sale.at, { delay: '0 seconds' })
      .groupBy({ shop: (sale) => sale.shop })
      .window(globalWindow({ ttl: '100 milliseconds' }))
      .aggregate(aggregates)
      .writeStream(sink)
      .outputMode('update');
    expect(told(quick, [[at(1, 5)], [at(50, 6), at(900, 7, 'b')]])).toEqual([
      ['a 0 early 5'],
      ['a 1 on-time 11', 'b 0 early 7', 'a 2 on-time taken back'],
    ]);
  });

  it('stays what it was when the input has ended', () => {
    expect(told(updates, [[at(1, 5)]], { closeWindows: true })).toEqual([['a 0 early 5'], []]);
  });

  it('is given out in each batch in complete mode, until its key is forgotten', () => {
    const complete = totals.writeStream(sink).outputMode('complete');
    expect(told(complete, [[at(1, 5)], [at(200, 7, 'b')], { watermark: 101 }, [at(201, 8, 'b')]])).toEqual([
      ['a 0 early 5'],
      ['a 1 early 5', 'b 0 early 7'],
      ['b 1 early 7', 'a 2 on-time taken back'],
      ['b 2 early 15'],
    ]);
  });

  it('gives parts that are added up, and takes none back', () => {
    const parts = totals.writeStream(consoleSink()).outputMode('update', { accumulation: 'discarding' });
    const results = runPipeline(parts, { batches: [[at(1, 5)], [at(50, 6)], { watermark: 150 }] });
    expect(results.map((batch) => batch.results.map((row) => row.total))).toEqual([[5], [6], []]);
  });

  it('is saved with the time until which its key is known, under a name that never changes', () => {
    const checked = requirePipeline(updates);
    const state = reduceKeyGroup(
      { ...checked, aggregation: checked.aggregation! },
      batchBody({ watermarkIn: 5, watermarkOut: 5 }),
      {
        keyGroup: 0,
        before: [[['a'], [[10, 160, [2, [2, 9]], [3, 1]]]]],
        blocks: [[[['a'], [[4, 104, [1, [1, 1]], 1]]]], [[['a'], [[90, 190, [1, [1, 2]], 1]]]]],
      },
    );
    expect(state.windows).toEqual([[['a'], [[4, 190, [4, [4, 12]], [4, 1]]]]]);
    const row = JSON.parse(state.outbox[0]!.records[0]!.data as string);
    expect(Object.keys(row)).toEqual(['shop', 'n', 'total', '_sluice']);
    expect(row._sluice).toMatchObject({
      ...{ window: [-8_640_000_000_000_000, 8_640_000_000_000_000], revision: 3, final: false },
    });
  });

  it('has no window in the list of what is open', () => {
    expect(runPipeline(updates, { batches: [[at(1)]] })[0]!.open).toEqual([{ shop: 'a' }]);
  });
});

describe('is refused', () => {
  const anything = sales.window(globalWindow({ ttl: '1 hour' }));
  it.each([
    [
      'append mode, said or not',
      anything.aggregate(aggregates).writeStream(sink),
      "outputMode: 'append' is not allowed; use 'update' or 'complete' with globalWindow({ ttl: '30 days' }), which never closes",
    ],
    [
      'lateness',
      anything.allowedLateness('1 hour').aggregate(aggregates).writeStream(sink).outputMode('update'),
      "allowedLateness: '1 hour' is not allowed; use a longer ttl of globalWindow({ ttl: '30 days' }): events count as long as their key is known",
    ],
    [
      'one without ttl',
      sales
        .window(globalWindow({} as never))
        .aggregate(aggregates)
        .writeStream(sink)
        .outputMode('update'),
      /^window.ttl: nothing is given; use a duration/,
    ],
    [
      'a ttl of nothing',
      sales
        .window(globalWindow({ ttl: '0 seconds' as never }))
        .aggregate(aggregates)
        .writeStream(sink)
        .outputMode('update'),
      /^window.ttl: '0 seconds' is not allowed; use a duration/,
    ],
    [
      'another option',
      sales
        .window(globalWindow({ ttl: '1 hour', tttl: 1 } as never))
        .aggregate(aggregates)
        .writeStream(sink)
        .outputMode('update'),
      'window.tttl: there is no such option; did you mean ttl?',
    ],
    [
      'a sink that can carry no retraction',
      anything.aggregate(aggregates).writeStream(consoleSink()).outputMode('update'),
      /^sink: 'console' is not allowed; use a sink that can carry retractions/,
    ],
  ])('%s', (_, definition, message) => {
    const checked = checkPipeline(definition);
    const problems = checked.kind === 'valid' ? [] : checked.problems.map((problem) => problem.message);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });
});
