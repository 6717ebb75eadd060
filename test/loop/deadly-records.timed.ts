/**
 * Records that kill their executor, for real: executors are processes with a function's limits, whichever way they end. Time
 * between two deaths of an event passes quickly; nothing else is made up.
 */
import { fileURLToPath } from 'node:url';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadLetterPartitions } from '../../functions/adapters/dynamodb/keys.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { HeadStore } from '../../functions/ports/head-store.ts';
import { createHandlers } from '../../functions/steps/handlers.ts';
import { runExecution } from '../../local/driver/state-machine-runner.ts';
import { microBatch } from '../../state-machine/micro-batch.ts';
import { inProcesses } from '../support/step-process.ts';
import {
  dynamodbOf,
  kinesisOf,
  makeStreams,
  readSink,
  region,
  runtimeOf,
  startWorld,
  table,
  type World,
} from '../support/world.ts';
import definition from './pipelines/deadly.ts';

const shards = 12;
/** An executor reads for five seconds of these. */
const processSeconds = 15;
/** So long for a test: a function that runs without end is cut sooner. */
const cutSeconds = 8;
const memoryMb = 160;
const minuteMs = 61_000;

const kinds = ['exit', 'loop', 'memory'];
const perShard = 5;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** Deaths are a minute older than they are. */
function hurried(head: HeadStore): HeadStore {
  return {
    ...head,
    suspect: (epoch, owner, { shards: suspected, ...rest }) =>
      head.suspect(epoch, owner, {
        ...rest,
        shards: suspected.map((one) =>
          one.suspect === undefined
            ? one
            : { ...one, suspect: { ...one.suspect, diedAt: one.suspect.diedAt - minuteMs } },
        ),
      }),
  };
}

test('a loop, memory without end and an exit are one dead letter each; every other event is counted once', async () => {
  const streams = await makeStreams(world, shards);
  await put(streams.source);
  const pipeline = requirePipeline(definition, streams);
  const runtime = runtimeOf(world, pipeline);
  const handlers = createHandlers({ ...runtime, ports: { ...runtime.ports, head: hurried(runtime.ports.head) } });
  const machine = microBatch({
    functions: { planBatch: '', processShards: '', sealBatch: '', reduceKeyGroup: '', commitBatch: '' },
    type: 'EXPRESS',
    functionTimeoutSeconds: { processShards: processSeconds },
  });
  const executors = inProcesses(
    {
      step: 'processShards',
      pipelineFile: fileURLToPath(new URL('pipelines/deadly.ts', import.meta.url)),
      overrides: streams,
      services: { kinesis: world.kinesis.endpoint, dynamodb: world.dynamodb.endpoint },
      ...{ table, region, memoryMb },
    },
    cutSeconds,
  );
  let next: unknown = { untilCaughtUp: true };
  for (let executions = 0; next !== undefined && executions < 5; executions++) {
    const input = next;
    next = undefined;
    const result = await runExecution({
      definition: machine.definition,
      input,
      handlers: {
        PlanBatch: (payload) => handlers.planBatch(payload, {}),
        ReadTask: executors.handler,
        SealBatch: (payload) => handlers.sealBatch(payload, {}),
        ReduceKeyGroup: (payload) => handlers.reduceKeyGroup(payload, {}),
        CommitBatch: (payload) => handlers.commitBatch(payload, {}),
      },
      startExecution: (successor) => {
        next = successor;
        return { executionArn: 'local', startDate: 0 };
      },
      retryIntervalMs: 1,
    });
    expect(result).toMatchObject({ kind: 'succeeded' });
  }
  executors.stop();
  const rows = (await readSink(world, streams.sink)) as { readonly kind: string; readonly events: number }[];
  const counted = rows.reduce((sum, { events }) => sum + events, 0);
  expect(rows.every(({ kind }) => kind === 'fine')).toBe(true);
  expect(counted).toBe(shards * perShard - kinds.length);
  expect(await letters(pipeline.name)).toEqual(kinds.map((kind) => ['crashed-executor', JSON.stringify({ kind })]));
}, 300_000);

/** In the first shards one event each that is not fine, in front of others that are. */
async function put(stream: string): Promise<void> {
  const range = 2n ** 128n / BigInt(shards);
  const records = Array.from({ length: shards * perShard }, (_, at) => {
    const kind = (at < shards ? kinds[at] : undefined) ?? 'fine';
    const ExplicitHashKey = String(range * BigInt(at % shards) + 1n);
    return { Data: Buffer.from(JSON.stringify({ kind })), PartitionKey: 'any', ExplicitHashKey };
  });
  const { FailedRecordCount } = await kinesisOf(world).send(
    new PutRecordsCommand({ StreamName: stream, Records: records }),
  );
  expect(FailedRecordCount).toBe(0);
}

async function letters(pipeline: string): Promise<string[][]> {
  const pages = deadLetterPartitions(pipeline).map((pk) =>
    dynamodbOf(world).send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
      }),
    ),
  );
  const items = (await Promise.all(pages)).flatMap(({ Items = [] }) => Items);
  return items
    .map(({ reason, payload }) => [reason?.S ?? '', Buffer.from(payload?.B ?? []).toString('utf8')])
    .toSorted((one, other) => (one[1]! < other[1]! ? -1 : 1));
}
