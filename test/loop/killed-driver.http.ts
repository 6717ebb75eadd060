/** The driving process is killed with SIGKILL at three points; a restart loses and repeats nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { departures, departuresPipeline, expectedDepartures, resultsOf } from '../support/departures-case.ts';
import { checkInvariants, type Memory } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { letLeaseRunOut, makeStreams, publishEvents, runToEnd, runtimeOf, uniqueName } from '../support/world.ts';

const world = useWorld();

const events = departures(60);
const script = fileURLToPath(new URL('../support/killed-driver.ts', import.meta.url));

// Side by side: each has a process, streams and a table item space of its own.
test.concurrent.each([
  { point: 'a block is stored and nothing sealed', method: 'blocks.putBlock', call: 2 },
  { point: 'a batch is sealed and not reduced', method: 'head.seal', call: 2 },
  { point: 'results are sent and not committed', method: 'sink.send', call: 1 },
])('killed when $point', async ({ method, call }) => {
  const streams = await makeStreams(world, 2);
  await publishEvents(world, streams.source, events, 1);
  const name = uniqueName('sigkill');
  const runtime = runtimeOf(world, departuresPipeline(name, streams, { maxFetchRecordsPerShard: 10 }));
  const settings = { kinesis: world.kinesis.endpoint, dynamodb: world.dynamodb.endpoint, name, streams, method, call };
  const child = spawn(process.execPath, ['--conditions=sluice-source', script, JSON.stringify(settings)], {
    stdio: 'inherit',
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');

  const memory: Memory = new Map();
  const interrupted = await checkInvariants(world, runtime, streams.sink, memory);
  expect(interrupted.chain.length).toBeGreaterThanOrEqual(1);
  expect(resultsOf(interrupted.outputs)).not.toEqual(expectedDepartures(events));

  await letLeaseRunOut(runtime);
  expect(await runToEnd(runtime, { untilCaughtUp: true, closeWindows: true })).toMatchObject({ kind: 'succeeded' });
  const { outputs, repeats } = await checkInvariants(world, runtime, streams.sink, memory);
  expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
  expect(repeats > 0).toBe(method === 'sink.send');
});
