/** A function of the user's own, through the whole loop on embedded services: it fails and forgets its answers, and each row is there once. */
import { expect, test } from 'vitest';
import * as z from 'zod';
import {
  type BatchCall,
  type BatchRow,
  count,
  forEachBatch,
  json,
  kinesis,
  pipeline,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, runToEnd, runtimeOf } from '../support/world.ts';

const world = useWorld();
const from = Date.UTC(2026, 0, 1);
const Visit = z.object({ at: z.number(), user: z.string() });
type Row = { readonly user: string; readonly windowStart: string; readonly visits: number };

test('rows that come again come in the same calls; who remembers those has each row once', async () => {
  const streams = await makeStreams(world, 2);
  const calls: { readonly id: string; readonly rows: string }[] = [];
  const saved = new Map<string, readonly BatchRow<Row>[]>();
  const save = async (rows: readonly BatchRow<Row>[], { id }: Pick<BatchCall, 'id'>) => {
    calls.push({ id, rows: JSON.stringify(rows) });
    const times = calls.filter((call) => call.id === id).length;
    if (times === 1 && calls.length % 2 === 0) throw new Error('not now');
    if (!saved.has(id)) saved.set(id, rows);
    // It is done, and nobody hears of it.
    if (times === 1) throw new Error('connection reset');
  };
  const visits = Array.from({ length: 90 }, (_, at) => ({ at: from + at, user: `user-${at % 9}` }));
  const definition = pipeline('saved', { parallelism: 2 })
    .readStream(kinesis({ streamName: streams.source, startingPosition: 'TRIM_HORIZON' }))
    .decode(json(Visit))
    .withWatermark((visit) => visit.at, { delay: '5 milliseconds', maxFutureTime: '10000 days' })
    .groupBy({ user: (visit) => visit.user })
    .window(tumbling('30 milliseconds'))
    .aggregate({ visits: count() })
    .writeStream(forEachBatch(save, { maxRows: 4 }));
  await publishEvents(
    world,
    streams.source,
    visits.map((data, index) => ({ key: `key-${index}`, data })),
  );
  await runToEnd(runtimeOf(world, requirePipeline(definition)), { untilCaughtUp: true, closeWindows: true });

  const rowsById = new Map<string, string>();
  for (const { id, rows } of calls) expect(rows).toBe(rowsById.get(id) ?? rowsById.set(id, rows).get(id));
  expect(calls.length).toBe(2 * rowsById.size);
  expect(Math.max(...[...saved.values()].map(({ length }) => length))).toBe(4);
  const held = [...saved.values()].flat().map(({ value }) => value as Row);
  const expected = Array.from({ length: 9 }, (_, user) => `user-${user}`).flatMap((user) =>
    [0, 30, 60].map((start) => `${user} ${new Date(from + start).toISOString()}`),
  );
  expect(held).toHaveLength(expected.length);
  expect(new Set(held.map(({ user, windowStart }) => `${user} ${windowStart}`))).toEqual(new Set(expected));
  expect(held.reduce((sum, row) => sum + row.visits, 0)).toBe(visits.length);
});
