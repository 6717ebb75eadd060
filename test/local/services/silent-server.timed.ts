/** A server that is closed, or takes connections and never answers: before a run and within one, Kinesis or DynamoDB. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { parseEventTemplate } from '../../../local/publish/event-template.ts';
import type { BatchReport } from '../../../local/report/progress-text.ts';
import { openServices } from '../../../local/services/services.ts';
import { runSession } from '../../../local/session/dev-session.ts';
import { departuresPipeline } from '../../support/departures-case.ts';
import { useWorld } from '../../support/use-world.ts';
import { makeStreams, table, uniqueName } from '../../support/world.ts';

const world = useWorld();
const patienceMs = 4_000;
const services = ['Kinesis', 'DynamoDB'] as const;
const ways = ['closed', 'mute'] as const;
type Service = (typeof services)[number];
type Way = 'open' | (typeof ways)[number];
type Door = { readonly endpoint: string; set(way: Way): Promise<void>; close(): void };

const doors: Door[] = [];
afterAll(() => {
  for (const door of doors.splice(0)) door.close();
});

/** In front of a server. */
async function openDoor(target: string): Promise<Door> {
  const sockets = new Set<Socket>();
  let way: Way = 'open';
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    if (way === 'mute') return void socket.resume();
    const behind = connect(Number(new URL(target).port), '127.0.0.1');
    sockets.add(behind.on('error', () => {}));
    socket.pipe(behind).pipe(socket);
  });
  const listen = async (port = 0): Promise<void> => void (await once(server.listen(port, '127.0.0.1'), 'listening'));
  await listen();
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const door: Door = {
    endpoint: `http://127.0.0.1:${port}`,
    async set(next) {
      if (way === 'closed') await listen(port);
      way = next;
      if (way === 'closed') server.close();
      cut();
    },
    close() {
      server.close();
      cut();
    },
  };
  doors.push(door);
  return door;
}

async function openRun() {
  const behind = { Kinesis: await openDoor(world.kinesis.endpoint), DynamoDB: await openDoor(world.dynamodb.endpoint) };
  const streams = await makeStreams(world, 1);
  const pipeline = departuresPipeline(uniqueName('silent'), streams);
  const said: string[] = [];
  const run = async (onBatch: (report: BatchReport) => void, stop = new AbortController()) => {
    const opened = await openServices(
      { AWS_ENDPOINT_URL_KINESIS: behind.Kinesis.endpoint, AWS_ENDPOINT_URL_DYNAMODB: behind.DynamoDB.endpoint },
      undefined,
      { patienceMs, say: (text) => said.push(text) },
    );
    try {
      return await runSession({
        pipeline: { ...pipeline, trigger: { ...pipeline.trigger, everyMs: 200 } },
        services: opened,
        table,
        shards: 1,
        events: {
          kind: 'template',
          template: parseEventTemplate('{"at":"{{date.now("YYYY-MM-DDTHH:mm:ss")}}Z","delay":1,"origin":"ORD"}'),
          eventsPerSecond: 50,
          count: undefined,
          isFinite: false,
        },
        stop: stop.signal,
        abort: new AbortController().signal,
        wantsRows: true,
        onBatch,
      });
    } finally {
      await opened.close();
    }
  };
  return { behind, run, said };
}

const endOf = (service: Service, endpoint: string) =>
  expect.objectContaining({
    name: 'LocalProblem',
    kind: 'unreachable',
    message: expect.stringMatching(`^${service} at ${endpoint} has not answered for ${patienceMs / 1000} s`),
  });

const cases = services.flatMap((service) => ways.map((way) => [service, way] as const));

describe('a run has the same patience with every server, and then names the one that', () => {
  test.concurrent.each(cases)('does not answer from the beginning: %s, %s', async (service, way) => {
    const { behind, run, said } = await openRun();
    await behind[service].set(way);
    const startedAt = performance.now();
    await expect(run(() => {})).rejects.toEqual(endOf(service, behind[service].endpoint));
    expect(performance.now() - startedAt).toBeGreaterThan(patienceMs - 1_000);
    expect(said).toEqual([expect.stringMatching(`^${service} at .* does not answer`)]);
  });

  test.concurrent.each(cases)('answers no longer: %s, %s', async (service, way) => {
    const { behind, run } = await openRun();
    let silentSince = 0;
    const running = run(({ progress }) => {
      if (progress.batchId !== 1) return;
      silentSince = performance.now();
      void behind[service].set(way);
    });
    await expect(running).rejects.toEqual(endOf(service, behind[service].endpoint));
    expect(performance.now() - silentSince).toBeGreaterThan(patienceMs - 1_000);
  });
});

test.concurrent.each(cases)(
  'a run goes on where it was when the server answers again: %s, %s',
  async (service, way) => {
    const { behind, run, said } = await openRun();
    const stop = new AbortController();
    let isSilent = false;
    const seen: number[] = [];
    const summary = await run(({ progress }) => {
      seen.push(progress.batchId);
      if (progress.batchId >= 1 && !isSilent) {
        isSilent = true;
        void behind[service].set(way).then(() => setTimeout(() => void behind[service].set('open'), patienceMs - 800));
      }
      if (said.length > 0 && progress.batchId >= 5) stop.abort();
    }, stop);
    expect(summary).toMatchObject({ end: 'stopped' });
    expect(seen).toEqual(seen.map((_, at) => at));
  },
);
