/** A pipeline that goes on in another mode with the windows that are open, and what it gave out of them before. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ReducedKeyGroup, reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import {
  console as consoleSink,
  count,
  json,
  kinesis,
  pipeline,
  session,
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
