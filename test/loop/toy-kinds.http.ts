/** Kinds that Sluice does not have, and an aggregate of the user's own, through the whole loop. */
import { expect, test } from 'vitest';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, readSink, runToEnd, runtimeOf } from '../support/world.ts';
import { toyPipeline } from '../toys/toy-pipeline.ts';

const world = useWorld();
const from = Date.UTC(2026, 0, 1);

test('each event counts in each of its windows, whatever block and batch it came in', async () => {
  const streams = await makeStreams(world, 2);
  const runtime = runtimeOf(world, requirePipeline(toyPipeline(streams)));
  const visits = Array.from({ length: 60 }, (_, at) => ({
    at: from + at,
    user: `user-${at % 3}`,
    page: at % 2 === 0 ? '/' : `/page-${at % 5}`,
  }));
  const publish = (given: typeof visits) =>
    publishEvents(
      world,
      streams.source,
      given.map((data, index) => ({ key: `key-${index}`, data })),
    );
  await publish(visits.slice(0, 30));
  await runToEnd(runtime, { untilCaughtUp: true });
  await publish(visits.slice(30));
  await runToEnd(runtime, { untilCaughtUp: true, closeWindows: true });
  await checkInvariants(world, runtime, streams.sink);

  const expected = ['user-0', 'user-1', 'user-2'].flatMap((user) =>
    [-10, 0, 10, 20, 30, 40, 50].map((start) => {
      const inside = visits.filter(
        (visit) => visit.user === user && visit.at >= from + start && visit.at < from + start + 20,
      );
      const pages = [...new Set(inside.map(({ page }) => page))].sort();
      return {
        user,
        windowStart: new Date(from + start).toISOString(),
        windowEnd: new Date(from + start + 20).toISOString(),
        visits: inside.length,
        longest: pages.toSorted((one, other) => other.length - one.length || (one < other ? -1 : 1))[0],
        pages,
      };
    }),
  );
  const rows = (await readSink(world, streams.sink)).map(({ _sluice, ...row }) => row);
  const inOrder = (given: readonly Record<string, unknown>[]) =>
    given.toSorted((one, other) => (`${one.user} ${one.windowStart}` < `${other.user} ${other.windowStart}` ? -1 : 1));
  expect(inOrder(rows)).toEqual(inOrder(expected));
});
