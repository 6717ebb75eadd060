/** Two drivers on one pipeline at the same moment: one does the work, the other ends. */
import { expect, test } from 'vitest';
import { departures, departuresPipeline, expectedDepartures, resultsOf } from '../support/departures-case.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, runToEnd, runtimeOf, uniqueName } from '../support/world.ts';

const world = useWorld();

test('one commits every batch, the other ends with success, and the results are as from one', async () => {
  const streams = await makeStreams(world, 2);
  const events = departures(60);
  await publishEvents(world, streams.source, events, 1);
  const pipeline = departuresPipeline(uniqueName('twice'), streams, { maxFetchRecordsPerShard: 10 });
  const drivers = [runtimeOf(world, pipeline), runtimeOf(world, pipeline)];
  const commits = [0, 0];
  const ends = await Promise.all(
    drivers.map((runtime, driver) =>
      runToEnd(
        runtime,
        { untilCaughtUp: true, closeWindows: true },
        {
          portsFor: (_, ports) => ({
            ...ports,
            head: {
              ...ports.head,
              commit: async (commit) => {
                const result = await ports.head.commit(commit);
                if (result.kind === 'updated') commits[driver]! += 1;
                return result;
              },
            },
          }),
        },
      ),
    ),
  );
  expect(ends.map((end) => end.kind)).toEqual(['succeeded', 'succeeded']);
  const reasons = ends.map(
    (end) => (end as { output: { turn: { batch: { reason: string } } } }).output.turn.batch.reason,
  );
  expect(reasons.toSorted()).toEqual(['another-driver', 'caught-up']);

  const { chain, outputs, repeats } = await checkInvariants(world, drivers[0]!, streams.sink);
  expect(commits.toSorted((one, other) => one - other)).toEqual([0, chain.length]);
  expect(repeats).toBe(0);
  expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
});
