/**
 * The real loop on embedded services: real handlers, the real state machine, real HTTP. One pair of servers serves many
 * cases; each case has streams, a table item space and a clock of its own.
 */
import { randomUUID } from 'node:crypto';
import type { Request } from '../../functions/core/driver.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import { createHandlers, type Handlers } from '../../functions/steps/handlers.ts';
import { createRuntime, type Runtime } from '../../functions/steps/runtime.ts';
import { type ExecutionOptions, type ExecutionResult, runExecution } from '../../local/driver/state-machine-runner.ts';
import { publish } from '../../local/publish/publisher.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { dynamodbClient, kinesisClient, localCredentials } from '../../local/services/clients.ts';
import { endClosedShards } from '../../local/services/closed-shards.ts';
import { type EmbeddedDynamodb, startEmbeddedDynamodb } from '../../local/services/embedded-dynamodb.ts';
import { type EmbeddedKinesis, startEmbeddedKinesis } from '../../local/services/embedded-kinesis.ts';
import { readStream } from '../../local/services/stream-reader.ts';
import { createStream } from '../../local/services/streams.ts';
import { microBatch } from '../../state-machine/micro-batch.ts';

export const table = 'sluice-test';
export const region = 'us-east-1';

export type World = {
  readonly kinesis: EmbeddedKinesis;
  readonly dynamodb: EmbeddedDynamodb;
  stop(): Promise<void>;
};

export async function startWorld(): Promise<World> {
  const [kinesis, dynamodb] = await Promise.all([startEmbeddedKinesis({ shardLimit: 2000 }), startEmbeddedDynamodb()]);
  await ensureTable(dynamodbOf({ dynamodb }), table);
  return {
    kinesis,
    dynamodb,
    async stop() {
      await Promise.all([kinesis.stop(), dynamodb.stop()]);
    },
  };
}

export const kinesisOf = (world: Pick<World, 'kinesis'>) =>
  kinesisClient({ endpoint: world.kinesis.endpoint, region, credentials: localCredentials });
export const dynamodbOf = (world: Pick<World, 'dynamodb'>) =>
  dynamodbClient({ endpoint: world.dynamodb.endpoint, region, credentials: localCredentials });

/** What time does to the lease of a driver that died, without waiting for it. */
export async function letLeaseRunOut(runtime: Runtime): Promise<void> {
  const head = await runtime.ports.head.load();
  if (head?.holder !== undefined) await runtime.ports.head.release(head.epoch, head.holder.owner);
}

export const uniqueName = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

export async function makeStreams(world: World, shards: number): Promise<{ source: string; sink: string }> {
  const names = { source: uniqueName('source'), sink: uniqueName('sink') };
  const client = kinesisOf(world);
  await Promise.all([createStream(client, names.source, shards), createStream(client, names.sink, 2)]);
  return names;
}

export type TestEvent = { readonly key: string; readonly data: unknown };

export async function publishEvents(
  world: World,
  stream: string,
  events: readonly TestEvent[],
  maxEventsPerRecord = 20,
): Promise<void> {
  const encoder = new TextEncoder();
  const chunk = events.map(({ key, data }) => ({
    partitionKey: key,
    data: data instanceof Uint8Array ? data : encoder.encode(JSON.stringify(data)),
  }));
  await publish({
    client: kinesisOf(world),
    stream: { StreamName: stream },
    events: (async function* () {
      yield chunk;
    })(),
    maxEventsPerRecord,
  });
}

export async function readSink(world: World, stream: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const records of readStream(kinesisOf(world), { StreamName: stream })) {
    for (const record of records) rows.push(JSON.parse(Buffer.from(record.data).toString('utf8')));
  }
  return rows;
}

export function runtimeOf(world: World, pipeline: Pipeline): Runtime {
  return createRuntime(pipeline, {
    table,
    region,
    credentials: localCredentials,
    requestTimeoutMs: 60_000,
    completeSubscriptions: endClosedShards,
    kinesisEndpoint: world.kinesis.endpoint,
    dynamodbEndpoint: world.dynamodb.endpoint,
  });
}

const machine = microBatch({
  functions: {
    planBatch: 'plan-batch',
    processShards: 'process-shards',
    sealBatch: 'seal-batch',
    reduceKeyGroup: 'reduce-key-group',
    commitBatch: 'commit-batch',
  },
  type: 'EXPRESS',
});

export type StepName = keyof Handlers;

/** One execution and, when it hands over, its successors. `portsFor` may put faults between a step and its ports. */
export async function runToEnd(
  runtime: Runtime,
  request: Request,
  options: {
    readonly portsFor?: (step: StepName, ports: Ports) => Ports;
    readonly signal?: AbortSignal;
    readonly onEvent?: ExecutionOptions['onEvent'];
  } = {},
): Promise<ExecutionResult> {
  const { portsFor } = options;
  const call = (step: StepName) => (payload: unknown) => {
    const ports = portsFor === undefined ? runtime.ports : portsFor(step, runtime.ports);
    return createHandlers({ ...runtime, ports })[step](payload, {});
  };
  let next: unknown;
  let result: ExecutionResult;
  let input: unknown = request;
  do {
    next = undefined;
    result = await runExecution({
      definition: machine.definition,
      input,
      handlers: {
        PlanBatch: call('planBatch'),
        ReadTask: call('processShards'),
        SealBatch: call('sealBatch'),
        ReduceKeyGroup: call('reduceKeyGroup'),
        CommitBatch: call('commitBatch'),
      },
      startExecution: (successor) => {
        next = successor;
        return { executionArn: 'local', startDate: 0 };
      },
      retryIntervalMs: 1,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    });
    input = next;
  } while (next !== undefined);
  return result;
}
