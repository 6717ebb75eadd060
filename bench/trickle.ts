/**
 * One event each two seconds through the real loop, on the embedded services, in real time: how long after its arrival
 * each event is in a committed batch, and how long executors worked.
 *
 *   npm run bench:trickle -- [seconds]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import * as z from 'zod';
import { isAfter } from '../functions/core/position.ts';
import { isOpen } from '../functions/core/shard-checkpoint.ts';
import { count, json, kinesis, pipeline, tumbling } from '../functions/index.ts';
import { requirePipeline } from '../functions/pipeline/check-pipeline.ts';
import { createRuntime } from '../functions/steps/runtime.ts';
import { type CommittedBatch, createDriver } from '../local/driver/driver.ts';
import { ensureTable } from '../local/services/checkpoint-table.ts';
import { dynamodbClient, kinesisClient, localCredentials } from '../local/services/clients.ts';
import { startEmbeddedDynamodb } from '../local/services/embedded-dynamodb.ts';
import { startEmbeddedKinesis } from '../local/services/embedded-kinesis.ts';
import { createStream } from '../local/services/streams.ts';

const seconds = Number(process.argv[2] ?? 60);
const everyMs = 2_000;
const triggerMs = 5_000;
const shards = 4;
const table = 'sluice';

const [kinesisServer, dynamodbServer] = await Promise.all([startEmbeddedKinesis(), startEmbeddedDynamodb()]);
const settings = { region: 'us-east-1', credentials: localCredentials };
const client = kinesisClient({ ...settings, endpoint: kinesisServer.endpoint });
const dynamodb = dynamodbClient({ ...settings, endpoint: dynamodbServer.endpoint });
await ensureTable(dynamodb, table);
await createStream(client, 'trickle', shards);
await createStream(client, 'counts', 1);

const runtime = createRuntime(
  requirePipeline(
    pipeline('trickle')
      .readStream(kinesis({ streamName: 'trickle', startingPosition: 'TRIM_HORIZON' }))
      .decode(json(z.object({ at: z.number() })))
      .withWatermark((event) => event.at, { delay: '2 seconds' })
      .groupBy({ all: () => 'all' })
      .window(tumbling('10 seconds'))
      .aggregate({ events: count() })
      .writeStream(kinesis({ streamName: 'counts' }))
      .trigger({ every: '5 seconds' }),
  ),
  {
    table,
    ...settings,
    kinesisEndpoint: kinesisServer.endpoint,
    dynamodbEndpoint: dynamodbServer.endpoint,
    requestTimeoutMs: 60_000,
  },
);

const waiting = new Map<string, { readonly shardId: string; readonly putAt: number }>();
const delays: number[] = [];
const workMs: number[] = [];
const noting: Promise<void>[] = [];

async function noteCommit({ batchId, ref }: CommittedBatch, now: number): Promise<void> {
  const { seals, reports } = runtime.ports;
  const [body, progress] = await Promise.all([seals.loadBody(batchId, ref), reports.loadProgress(batchId, ref)]);
  workMs.push(...(progress?.perTask ?? []).map((task) => task.workMs));
  const positions = new Map(body.shards.filter(isOpen).map(({ shardId, position }) => [shardId, position]));
  for (const [sequenceNumber, { shardId, putAt }] of waiting) {
    const position = positions.get(shardId);
    if (position?.kind !== 'after-sequence-number' || isAfter(sequenceNumber, position.sequenceNumber)) continue;
    delays.push(now - putAt);
    waiting.delete(sequenceNumber);
  }
}

const driver = createDriver(runtime, (batch) => noting.push(noteCommit(batch, Date.now())));
const running = driver.run({});
for (let at = 0; at * everyMs < seconds * 1_000; at++) {
  const putAt = Date.now();
  const put = new PutRecordCommand({
    StreamName: 'trickle',
    PartitionKey: `key-${at % 16}`,
    Data: new TextEncoder().encode(JSON.stringify({ at: putAt })),
  });
  const answer = await client.send(put);
  waiting.set(answer.SequenceNumber!, { shardId: answer.ShardId!, putAt });
  await sleep(everyMs - (Date.now() - putAt));
}
await sleep(triggerMs + 1_000);
await driver.stop();
await running;
await Promise.all(noting);

const most = (values: readonly number[]): string => (Math.max(...values) / 1_000).toFixed(2);
const mean = (values: readonly number[]): string =>
  (values.reduce((sum, value) => sum + value, 0) / values.length / 1_000).toFixed(2);
process.stdout.write(
  `one event each ${everyMs / 1_000} s over ${shards} shards, trigger ${triggerMs / 1_000} s: ` +
    `${delays.length} events committed, ${waiting.size} not\n` +
    `from put to commit: mean ${mean(delays)} s, most ${most(delays)} s\n` +
    `executors: ${workMs.length}, mean ${mean(workMs)} s, most ${most(workMs)} s\n`,
);
client.destroy();
dynamodb.destroy();
await Promise.all([kinesisServer.stop(), dynamodbServer.stop()]);
