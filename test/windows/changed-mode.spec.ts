/** A pipeline that goes on in another mode with the windows that are open, and what it gave out of them before. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { ReducedKeyGroup } from '../../functions/core/reduction.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import {
  console as consoleSink,
  count,
  json,
  kinesis,
  pipeline,
  session,
  sliding,
  sum,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { batchBody } from '../support/builders.ts';

const sales = pipeline('sales')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ at: z.number(), value: z.number() })))
  .withWatermark((sale) => sale.at, { delay: '0 seconds' })
  .groupBy({});
const aggregates = { n: count(), total: sum((sale: { readonly value: number }) => sale.value) };
const high = (row: { readonly total: number | null }) => (row.total ?? 0) > 2;
const sink = kinesis({ streamName: 'out' });
const tens = sales.window(tumbling('10 milliseconds')).aggregate(aggregates).filter(high);
const visits = sales.window(session('10 milliseconds')).aggregate(aggregates);

/** Of one sale of 9, and the row of it that update mode has given out. */
const given: SavedWindows = [[[], [[0, 10, [1, [1, 9]], [1, 1]]]]];
const cameOff: SavedWindows = [[[], [[0, 10, [1, [1, -8]]]]]];

function reduced(
  definition: Parameters<typeof requirePipeline>[0],
  {
    before = given,
    blocks = [],
    watermarkOut = 10,
  }: { before?: SavedWindows; blocks?: SavedWindows[]; watermarkOut?: number },
) {
  const checked = requirePipeline(definition);
  const body = batchBody({ watermarkIn: 5, watermarkOut });
  return reduceKeyGroup({ ...checked, aggregation: checked.aggregation! }, body, { keyGroup: 0, before, blocks });
}

const sent = ({ outbox }: Pick<ReducedKeyGroup, 'outbox'>) =>
  outbox.flatMap(({ records }) => records.map(({ data }) => JSON.parse(data as string) as object));

describe('append mode after update mode', () => {
  it('takes a row back that the window has no more when it closes', () => {
    const state = reduced(tens.writeStream(sink), { blocks: [cameOff] });
    expect(sent(state)).toMatchObject([
      { _sluice: { window: [0, 10], revision: 1, timing: 'on-time', final: true, retracted: true } },
    ]);
    expect(state).toMatchObject({ windows: [], fates: { results: 1, filtered: 1, retracted: 1 } });
  });

  it('gives the row that it has as the next version', () => {
    expect(sent(reduced(tens.writeStream(sink), {}))).toMatchObject([
      { total: 9, _sluice: { revision: 1, retracted: false } },
    ]);
  });

  it('writes nothing in the place of a row that a sink without identities would take back', () => {
    const joins: SavedWindows = [[[], [[5, 15, [1, [1, 9]], 1]]]];
    expect(sent(reduced(visits.writeStream(sink), { blocks: [joins] }))).toMatchObject([
      { _sluice: { retracted: true } },
    ]);
    expect(sent(reduced(visits.writeStream(consoleSink()), { blocks: [joins] }))).toEqual([]);
  });
});

describe('parts, when update mode becomes append mode', () => {
  const parts = { accumulation: 'discarding' } as const;
  const sale = (start: number, value: number): SavedWindows => [[[], [[start, start + 10, [1, [1, value]]]]]];
  /** A batch each, of which the first is of update mode: totals with their windows and revisions. */
  const totalsOf = (grouped: typeof tens | typeof slides) => {
    const written = grouped.writeStream(sink);
    const batches = [
      { value: 5, mode: 'update', watermarks: [0, 1] },
      { value: 7, mode: 'append', watermarks: [1, 2] },
      { value: 8, mode: 'append', watermarks: [2, 3] },
      { value: 9, mode: 'append', watermarks: [3, 20] },
    ] as const;
    let before: SavedWindows = [];
    return batches.map(({ value, mode, watermarks: [watermarkIn, watermarkOut] }, batchId) => {
      const checked = requirePipeline(written.outputMode(mode, parts));
      const body = batchBody({ batchId, watermarkIn, watermarkOut });
      const group = { keyGroup: 0, before, blocks: [sale(0, value)] };
      const state = reduceKeyGroup({ ...checked, aggregation: checked.aggregation! }, body, group);
      before = state.windows;
      return sent(state).map((row) => {
        const { total, _sluice } = row as { total: number; _sluice: { window: number[]; revision: number } };
        return [`[${_sluice.window}]`, _sluice.revision, total].join(' ');
      });
    });
  };
  const slides = sales.window(sliding('20 milliseconds', '10 milliseconds')).aggregate(aggregates);

  it('of windows that do not overlap come at the close, all of them', () => {
    expect(totalsOf(tens)).toEqual([['[0,10] 0 5'], [], [], ['[0,10] 1 24']]);
  });

  it('of windows that overlap go on as they come, since a pane does not say what of it was in one', () => {
    expect(totalsOf(slides)).toEqual([
      ['[-10,10] 0 5', '[0,20] 0 5'],
      ['[-10,10] 1 7', '[0,20] 1 7'],
      ['[-10,10] 2 8', '[0,20] 2 8'],
      ['[-10,10] 3 9', '[0,20] 3 9'],
    ]);
  });
});
