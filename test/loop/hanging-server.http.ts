/** A server that answers nothing for some seconds: steps run out of time, and the driver goes on when it is back. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { createRuntime } from '../../functions/steps/runtime.ts';
import { createDriver } from '../../local/driver/driver.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { departures, departuresPipeline, expectedDepartures, resultsOf } from '../support/departures-case.ts';
import { forward } from '../support/forward.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, region, table, uniqueName } from '../support/world.ts';

const world = useWorld();
/** Longer than a driver's step has, and shorter than its tries take. */
const hangMs = 8_000;
let hangsUntil = 0;

const door = createServer(async (request, response) => {
  const body = await buffer(request);
  await sleep(Math.max(0, hangsUntil - Date.now()));
  if (!response.destroyed) await forward(request, body, { endpoint: world.dynamodb.endpoint, response });
});
afterAll(() => void door.close());

test('a driver does not supersede itself while DynamoDB hangs, and nothing is lost or wrong', async () => {
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const events = departures(120);
  const streams = await makeStreams(world, 2);
  await publishEvents(world, streams.source, events, 1);
  const pipeline = departuresPipeline(uniqueName('hanging'), streams, { maxFetchRecordsPerShard: 10 });
  const runtime = createRuntime(pipeline, {
    ...{ table, region, credentials: localCredentials, requestTimeoutMs: 60_000 },
    kinesisEndpoint: world.kinesis.endpoint,
    dynamodbEndpoint: `http://127.0.0.1:${(door.address() as AddressInfo).port}`,
  });
  let batches = 0;
  const driver = createDriver(runtime, () => {
    batches += 1;
    if (batches === 2) hangsUntil = Date.now() + hangMs;
  });
  expect(await driver.run({ untilCaughtUp: true, closeWindows: true })).toEqual({ kind: 'ended', reason: 'caught-up' });
  expect(batches).toBeGreaterThan(2);
  const { outputs } = await checkInvariants(world, runtime, streams.sink);
  expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
});
