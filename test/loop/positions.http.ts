/** A bounded replay, a run of what is available now, and a Spark job taken over: the whole loop over HTTP. */
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { aggregate } from '../../functions/core/pack-events.ts';
import { count, json, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { TriggerOptions } from '../../functions/pipeline/stages.ts';
import { md5 } from '../support/builders.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { kinesisOf, makeStreams, readSink, runToEnd, runtimeOf, uniqueName } from '../support/world.ts';

const world = useWorld();
const hour = 3_600_000;

type Streams = Awaited<ReturnType<typeof makeStreams>>;
const event = (id: number) => new TextEncoder().encode(JSON.stringify({ id, at: id * hour }));

/** One record for each list: of one event as it is, of more as an aggregated record. */
async function put(streams: Streams, records: readonly (readonly number[])[]): Promise<string[]> {
  const numbers: string[] = [];
  for (const ids of records) {
    const packed = ids.map((id) => ({ partitionKey: 'k', explicitHashKey: undefined, data: event(id) }));
    const Data = packed.length === 1 ? packed[0]!.data : aggregate(packed, md5);
    const answer = await kinesisOf(world).send(
      new PutRecordCommand({ StreamName: streams.source, PartitionKey: 'k', Data }),
    );
    numbers.push(answer.SequenceNumber!);
  }
  return numbers;
}

function windowed(streams: Streams, source: object, trigger: TriggerOptions = {}) {
  const definition = pipeline(uniqueName('positions'))
    .readStream(kinesis({ streamName: streams.source, startingPosition: 'TRIM_HORIZON', ...source }))
    .decode(json(z.object({ id: z.number(), at: z.number() })))
    .withWatermark((event) => event.at, { delay: '0 seconds' })
    .groupBy({ any: () => 'all' })
    .window(tumbling('1 hour'))
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: streams.sink }))
    .trigger(trigger);
  return runtimeOf(world, requirePipeline(definition));
}

const hoursIn = async (streams: Streams) =>
  (await readSink(world, streams.sink)).map(({ windowStart }) => Date.parse(String(windowStart)) / hour);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const shard = 'shardId-000000000000';

test('a replay up to an event inside an aggregated record closes its windows and ends; the rest is another replay', async () => {
  const streams = await makeStreams(world, 1);
  const [, second] = await put(streams, [[0], [1, 2, 3, 4], [5]]);
  const place = { [shard]: `AFTER_SEQUENCE_NUMBER ${second}.1` };
  const first = windowed(streams, { endingPosition: place });
  const end = await runToEnd(first, { closeWindows: true });
  expect(end).toMatchObject({ kind: 'succeeded', output: { turn: { batch: { reason: 'ended' } } } });
  expect(await hoursIn(streams)).toEqual([0, 1, 2]);
  const { chain } = await checkInvariants(world, first, streams.sink);
  expect(chain.at(-1)).toMatchObject({ kind: 'close-windows' });
  expect(chain.at(-1)!.shards[0]).toMatchObject({
    position: { kind: 'after-sequence-number', sequenceNumber: second, subSequenceNumber: 1 },
  });

  // Later executions end at once, and write nothing.
  expect(await runToEnd(first, { closeWindows: true })).toMatchObject({
    output: { turn: { batch: { reason: 'ended' } } },
  });
  const saved = {
    metadata: { streamName: streams.source, batchId: '3' },
    [shard]: {
      iteratorType: 'AFTER_SEQUENCE_NUMBER',
      iteratorPosition: second,
      subSequenceNumber: '1',
      isLast: 'false',
    },
  };
  const rest = windowed(streams, { startingPosition: JSON.stringify(saved) });
  await runToEnd(rest, { untilCaughtUp: true, closeWindows: true });
  expect(await hoursIn(streams)).toEqual(numbers(0, 6));
});

test('runs of what is available now read everything once, and leave windows open for each other', async () => {
  const streams = await makeStreams(world, 2);
  const runtime = windowed(streams, {}, { availableNow: true });
  await put(streams, [[0], [1, 2]]);
  expect(await runToEnd(runtime, {})).toMatchObject({
    kind: 'succeeded',
    output: { turn: { batch: { reason: 'ended' } } },
  });
  await put(streams, [[3], [4]]);
  expect(await runToEnd(runtime, { closeWindows: true })).toMatchObject({
    output: { turn: { batch: { reason: 'ended' } } },
  });
  expect(await hoursIn(streams)).toEqual(numbers(0, 5));
  const { chain } = await checkInvariants(world, runtime, streams.sink);
  expect(chain.reduce((sum, body) => sum + body.counters.read, 0)).toBe(5);
});
