/** Filter and republish: bytes untouched, partition key kept; mapped events carry the identity of their source. */
import { expect, test } from 'vitest';
import * as z from 'zod';
import { json, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import { readStream } from '../../local/services/stream-reader.ts';
import { createStream } from '../../local/services/streams.ts';
import { Crash, withFault } from '../support/faults.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import {
  kinesisOf,
  letLeaseRunOut,
  makeStreams,
  publishEvents,
  readSink,
  runToEnd,
  runtimeOf,
  type StepName,
  type TestEvent,
  uniqueName,
} from '../support/world.ts';

const world = useWorld();

const Log = z.object({ level: z.string(), text: z.string() });
const text = (value: string) => new TextEncoder().encode(value);
/** Spaces and key order that no serializer would make. */
const bytesOf = (level: string, at: number) => text(`{ "text":"line ${at}",  "level" : "${level}" , "more":[1, 2] }`);
const events: readonly TestEvent[] = Array.from({ length: 40 }, (_, at) => ({
  key: `host-${at % 5}`,
  data: bytesOf(at % 4 === 0 ? 'error' : 'info', at),
}));

test('what passes the filter arrives with its bytes and its key, in order per key', async () => {
  const streams = await makeStreams(world, 2);
  await publishEvents(world, streams.source, events, 7);
  const definition = pipeline(uniqueName('republish'))
    .readStream(kinesis({ streamName: streams.source, startingPosition: 'TRIM_HORIZON' }))
    .decode(json(Log))
    .filter((event) => event.level === 'error')
    .writeStream(kinesis({ streamName: streams.sink }));
  const runtime = runtimeOf(world, requirePipeline(definition));
  expect(await runToEnd(runtime, { untilCaughtUp: true })).toMatchObject({ kind: 'succeeded' });

  const { chain } = await checkInvariants(world, runtime, streams.sink);
  expect(chain[0]!.counters).toEqual({ read: 40, counted: 10, filtered: 30, late: 0, deadLettered: 0, emitted: 10 });
  const byKey = new Map<string, string[]>();
  for await (const records of readStream(kinesisOf(world), { StreamName: streams.sink })) {
    for (const { partitionKey, data } of records) {
      byKey.set(partitionKey, [...(byKey.get(partitionKey) ?? []), Buffer.from(data).toString('utf8')]);
    }
  }
  const expected = new Map<string, string[]>();
  for (const { key, data } of events) {
    const bytes = Buffer.from(data as Uint8Array).toString('utf8');
    if (bytes.includes('error')) expected.set(key, [...(expected.get(key) ?? []), bytes]);
  }
  expect(byKey).toEqual(expected);
});

test('what one executor reads from one shard reaches every shard of the sink', async () => {
  const streams = { source: uniqueName('source'), sink: uniqueName('sink') };
  await createStream(kinesisOf(world), streams.source, 1);
  await createStream(kinesisOf(world), streams.sink, 4);
  await publishEvents(
    world,
    streams.source,
    Array.from({ length: 64 }, (_, at) => ({ key: `host-${at}`, data: bytesOf('error', at) })),
  );
  const definition = pipeline(uniqueName('fan'))
    .readStream(kinesis({ streamName: streams.source, startingPosition: 'TRIM_HORIZON' }))
    .decode(json(Log))
    .writeStream(kinesis({ streamName: streams.sink }));
  const runtime = runtimeOf(world, requirePipeline(definition));
  let executors = 0;
  const portsFor = (step: StepName, ports: Ports) => {
    if (step === 'processShards') executors += 1;
    return ports;
  };
  expect(await runToEnd(runtime, { untilCaughtUp: true }, { portsFor })).toMatchObject({ kind: 'succeeded' });
  expect(executors).toBe(1);
  const counts = new Map<string, number>();
  for await (const records of readStream(kinesisOf(world), { StreamName: streams.sink })) {
    for (const { shardId } of records) counts.set(shardId, (counts.get(shardId) ?? 0) + 1);
  }
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(64);
  expect(counts.size).toBe(4);
});

test('a mapped event is one output per source event, also when an executor died after sending', async () => {
  const streams = await makeStreams(world, 2);
  await publishEvents(world, streams.source, events, 1);
  const definition = pipeline(uniqueName('mapped'))
    .readStream(kinesis({ streamName: streams.source, startingPosition: 'TRIM_HORIZON', maxFetchRecordsPerShard: 8 }))
    .decode(json(Log))
    .map((event, meta) => ({ text: event.text, from: meta.partitionKey }))
    .writeStream(kinesis({ streamName: streams.sink, partitionKey: (row) => row.from }));
  const runtime = runtimeOf(world, requirePipeline(definition));
  let invocation = 0;
  await runToEnd(
    runtime,
    { untilCaughtUp: true },
    {
      portsFor: (step, ports) => {
        if (step !== 'processShards' || ++invocation !== 2) return ports;
        return withFault(ports, { when: 'after', write: 1 }, () => {
          throw new Crash('sent, and gone before its block');
        });
      },
    },
  );
  await letLeaseRunOut(runtime);
  await runToEnd(runtime, { untilCaughtUp: true });
  const { outputs, repeats } = await checkInvariants(world, runtime, streams.sink);
  expect(repeats).toBeGreaterThan(0);
  expect(outputs.map((output) => JSON.parse(output).text).toSorted()).toEqual(
    events.map((_, at) => `line ${at}`).toSorted(),
  );
  const first = (await readSink(world, streams.sink))[0]!;
  expect(Object.keys(first)).toEqual(['text', 'from', '_sluice']);
  expect(first._sluice).toMatchObject({
    v: 1,
    pipeline: runtime.pipeline.name,
    output: 'main',
    sub: 0,
    index: 0,
    base: 'TRIM_HORIZON',
  });
});
