/** A sink that Sluice does not have, through the whole loop; and a pipeline that has a stream as well. */
import { expect, test } from 'vitest';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { withOutput } from '../support/outputs.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, readSink, runToEnd, runtimeOf } from '../support/world.ts';
import { onShelf } from '../toys/shelf.ts';
import { shelfPipeline } from '../toys/shelf-pipeline.ts';
import { emittedBy, sumUp } from '../toys/totals.ts';

const world = useWorld();
const from = Date.UTC(2026, 0, 1);

test('each row comes to each output, under the identity of that output', async () => {
  const streams = await makeStreams(world, 2);
  const pipeline = requirePipeline(shelfPipeline(streams.source, 'loop'));
  const stream = { kind: 'name', streamName: streams.sink } as const;
  const runtime = { ...runtimeOf(world, withOutput(pipeline, 'copy', { stream })), reporters: [sumUp] };
  const visits = Array.from({ length: 60 }, (_, at) => ({ at: from + at, user: `user-${at % 3}` }));
  await publishEvents(
    world,
    streams.source,
    visits.map((data, index) => ({ key: `key-${index}`, data })),
  );
  await runToEnd(runtime, { untilCaughtUp: true, closeWindows: true });

  const shelved = onShelf('loop').map((text) => JSON.parse(text));
  const copied = await readSink(world, streams.sink);
  const inOrder = (rows: readonly Record<string, unknown>[]) =>
    rows.map(({ id: _, _sluice: __, ...row }) => JSON.stringify(row)).sort();
  const expected = ['user-0', 'user-1', 'user-2'].flatMap((user) =>
    [0, 20, 40].map((start) => ({
      user,
      windowStart: new Date(from + start).toISOString(),
      windowEnd: new Date(from + start + 20).toISOString(),
      visits: visits.filter((visit) => visit.user === user && Math.floor((visit.at - from) / 20) * 20 === start).length,
    })),
  );
  expect(inOrder(shelved)).toEqual(inOrder(expected));
  expect(inOrder(copied)).toEqual(inOrder(expected));
  // The reporter was told of each batch.
  expect(emittedBy('shelved')).toBe(expected.length);
  const identities = [shelved.map(({ id }) => id), copied.map(({ _sluice }) => _sluice as { output: string })];
  expect(identities.map((all) => new Set(all.map(({ output }) => output)))).toEqual([
    new Set(['main']),
    new Set(['copy']),
  ]);
});
