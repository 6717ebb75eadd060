/** 1,000 shards and names of 128 characters through the real machine: every state payload stays under 256 KiB. */
import { expect, test } from 'vitest';
import type { ListedShard } from '../../functions/core/shard-checkpoint.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import type { Source } from '../../functions/ports/source.ts';
import { jsonBytes, maxPayloadBytes } from '../../local/driver/execution-limits.ts';
import { departuresPipeline } from '../support/departures-case.ts';
import { useWorld } from '../support/use-world.ts';
import { runToEnd, runtimeOf } from '../support/world.ts';

const world = useWorld();

const shardCount = 1_000;
const longId = (at: number) => `shardId-${String(at).padStart(120, '0')}`;
const sequence = (at: number) => `4968047${String(at).padStart(49, '0')}`;
const now = Date.UTC(2026, 0, 1);

/** Every shard has one event and then its tip. */
function simulatedSource(streamName: string): Source {
  const shards: ListedShard[] = Array.from({ length: shardCount }, (_, at) => ({
    shardId: longId(at),
    parents: [],
    hashRange: { start: String(at), end: String(at) },
  }));
  const stream = {
    arn: `arn:aws:kinesis:us-east-1:000000000000:stream/${streamName}`,
    name: streamName,
    createdAt: 1,
    retentionMs: 86_400_000,
  };
  return {
    describe: async () => ({ stream, serverTime: now }),
    listShards: async () => shards,
    open: async (shardId, position) => ({
      next: async () => ({
        records:
          position.kind === 'trim-horizon'
            ? [
                {
                  sequenceNumber: sequence(Number(shardId.slice(8))),
                  partitionKey: 'k',
                  arrivalMs: now,
                  data: eventOf(shardId),
                },
              ]
            : [],
        millisBehindLatest: 0,
        serverTime: now,
        end: undefined,
      }),
    }),
  };
}

const eventOf = (shardId: string) =>
  new TextEncoder().encode(
    JSON.stringify({ at: '2001-01-01T00:10:00Z', origin: `o${Number(shardId.slice(8)) % 100}`, delay: 1 }),
  );

test('plan, process, seal, reduce and commit', async () => {
  const name = 'p'.repeat(128);
  const streamName = 's'.repeat(128);
  const runtime = runtimeOf(world, departuresPipeline(name, { source: streamName, sink: 'x'.repeat(128) }));
  const source = simulatedSource(streamName);
  const sent: string[] = [];
  const ports: Ports = {
    ...runtime.ports,
    source,
    sink: () => ({ send: async (records) => void sent.push(...records.map(({ data }) => String(data))) }),
  };
  let largest = 0;
  const end = await runToEnd(
    { ...runtime, ports },
    { untilCaughtUp: true, closeWindows: true },
    {
      onEvent: (event) => {
        largest = Math.max(largest, jsonBytes('state' in event ? event.state : event));
      },
    },
  );
  expect(end).toMatchObject({ kind: 'succeeded' });
  expect(largest).toBeLessThan(maxPayloadBytes);
  const committed = (await runtime.ports.head.load())!.committed!;
  const body = await runtime.ports.seals.loadBody(committed.batchId, committed.ref);
  expect(body.shards).toHaveLength(shardCount);
  const first = await runtime.ports.seals.loadBody(0, body.previous!.ref);
  expect(first.counters.read).toBe(shardCount);
  expect(first.blocks).toHaveLength(40);
  expect(sent.map((row) => JSON.parse(row).departures)).toEqual(Array(100).fill(10));
});
