/** What every step works with: the pipeline and the outside, put together once per function start. */
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { createRoleKeeper, withSessionName } from '../adapters/credentials/assumed-role.ts';
import { decompress } from '../adapters/decompress.ts';
import { openStorage } from '../adapters/dynamodb/storage.ts';
import { createStores } from '../adapters/dynamodb/stores.ts';
import { Table } from '../adapters/dynamodb/table.ts';
import {
  createIsolationInPlace,
  createThreadIsolation,
  type ThreadSettings,
} from '../adapters/isolation/thread-isolation.ts';
import {
  type ClientSettings,
  clientConfig,
  createKinesisClient,
  createRequestHandler,
  createSubscriptionClient,
  type KinesisClientSettings,
} from '../adapters/kinesis/client.ts';
import { type ConsumerMemory, createStreamConsumer } from '../adapters/kinesis/consumer.ts';
import { createFanOutSource } from '../adapters/kinesis/fan-out-source.ts';
import { createKinesisSink } from '../adapters/kinesis/kinesis-sink.ts';
import { createPollingSource, type PollingSource } from '../adapters/kinesis/polling-source.ts';
import { md5 } from '../adapters/md5-lanes.ts';
import { endingWithSteps, type StepLife } from '../adapters/step-life.ts';
import { SluiceError } from '../core/errors.ts';
import type { Decompress } from '../core/expand-payload.ts';
import type { Md5 } from '../core/hash-key.ts';
import { RequestShare } from '../core/request-share.ts';
import { requirePipeline } from '../pipeline/check-pipeline.ts';
import type { PipelineDefinition } from '../pipeline/definition.ts';
import type { KinesisSource, Pipeline, Sink } from '../pipeline/pipeline.ts';
import type { Clock } from '../ports/clock.ts';
import type { Isolation } from '../ports/isolation.ts';
import type { OutputSink } from '../ports/output-sink.ts';
import type { Ports } from '../ports/ports.ts';
import type { Source } from '../ports/source.ts';

export type Log = {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
};

export type Runtime = {
  readonly pipeline: Pipeline;
  readonly ports: Ports;
  readonly md5: Md5;
  readonly decompress: Decompress;
  readonly log: Log;
  /** What an executor may hold of pages at once. Undefined: what fits into the memory that a function has by default. */
  readonly readBudgetBytes?: number;
};

export type RuntimeSettings = {
  readonly table: string;
  readonly region?: string | undefined;
  readonly kinesisEndpoint?: string | undefined;
  readonly dynamodbEndpoint?: string | undefined;
  readonly credentials?: ClientSettings['credentials'];
  /** For servers slower than AWS. Undefined: what fits into the functions' timeouts. */
  readonly requestTimeoutMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
  /** The function's memory. */
  readonly memoryMb?: number | undefined;
  /** The enhanced fan-out consumer that was made for the pipeline. */
  readonly consumerArn?: string | undefined;
  /** The module of threads in which user code runs apart. Undefined: it runs in place, and harms whom it harms. */
  readonly isolate?: Pick<ThreadSettings, 'entry' | 'data' | 'timeLimitMs'> | undefined;
  /** Is given each client once, before its first request. */
  readonly observe?: ((client: KinesisClient | DynamoDBClient, service: 'Kinesis' | 'DynamoDB') => void) | undefined;
  /** For servers that lack something: completes the client of subscriptions. */
  readonly completeSubscriptions?: ((subscriptions: KinesisClient, lister: KinesisClient) => void) | undefined;
  /** Where console and file sinks write; a deployed function has no such sink. */
  readonly localSink?: (sink: Extract<Sink, { kind: 'console' | 'file' }>) => OutputSink;
};

type KinesisPlace = Pick<KinesisSource, 'region' | 'endpointUrl' | 'role'>;

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, cut) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        cut?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      cut?.addEventListener('abort', end);
      if (cut?.aborted) end();
    }),
};

const dynamodbTimeoutMs = 1_500;

/** A page takes several times its size while it is parsed, decoded and sent on; windows need room as well. */
const memoryPerPageByte = 16;
const readBudgetOf = (memoryMb: number): number => Math.floor((memoryMb * 1_048_576) / memoryPerPageByte);
const defaultMemoryMb = 1_769;
export const defaultReadBudgetBytes = readBudgetOf(defaultMemoryMb);

const noLog: Log = { info: () => {}, warn: () => {} };

export function createRuntime(pipeline: Pipeline, settings: RuntimeSettings): Runtime {
  const clock = settings.clock ?? systemClock;
  const { region, credentials } = settings;
  const dynamodb = new DynamoDBClient({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? dynamodbTimeoutMs),
    maxAttempts: 3,
    ...clientConfig({ region, endpointUrl: settings.dynamodbEndpoint, credentials }),
  });
  settings.observe?.(dynamodb, 'DynamoDB');
  const { name, source } = pipeline;
  const { requestTimeoutMs } = settings;
  const roleOf = createRoleKeeper({ ownCredentials: credentials, clock, requestTimeoutMs });
  const at = (options: KinesisPlace): KinesisClientSettings => {
    const streamRegion = options.region ?? region;
    return {
      region: streamRegion,
      endpointUrl: options.endpointUrl ?? settings.kinesisEndpoint,
      credentials,
      requestTimeoutMs,
      role: options.role && roleOf(withSessionName(options.role, name), streamRegion),
    };
  };
  const sourceOf = createSources(pipeline, settings, at(source));
  const sinkOf = createSinks(pipeline.outputs[0]!.sink, settings, at);
  const isolation = createIsolation(pipeline, settings);
  const portsOf = (life: StepLife | undefined): Ports => {
    const ownClock = life?.clockOf(clock) ?? clock;
    const table = new Table(life?.clientOf(dynamodb, 'DynamoDB') ?? dynamodb, settings.table, ownClock);
    return {
      clock: ownClock,
      newId: randomUUID,
      source: sourceOf(ownClock, life),
      sink: sinkOf(ownClock, life),
      isolation,
      ...createStores(openStorage({ table, pipeline: name, clock: ownClock, newId: randomUUID })),
    };
  };
  const { log = noLog, memoryMb } = settings;
  const common = { pipeline, ports: endingWithSteps(portsOf), md5, decompress, log };
  return { ...common, ...(memoryMb === undefined ? {} : { readBudgetBytes: readBudgetOf(memoryMb) }) };
}

function createIsolation(pipeline: Pipeline, { isolate, memoryMb = defaultMemoryMb }: RuntimeSettings): Isolation {
  return isolate === undefined
    ? createIsolationInPlace(pipeline, decompress)
    : createThreadIsolation({ ...isolate, memoryMb });
}

type For<Port> = (clock: Clock, life: StepLife | undefined) => Port;

/** Clients, and what is known of the consumer, are one for all steps. */
function createSources(
  pipeline: Pipeline,
  { completeSubscriptions, consumerArn, observe }: RuntimeSettings,
  location: KinesisClientSettings,
): For<Source> {
  const { source } = pipeline;
  const client = createKinesisClient(location);
  observe?.(client, 'Kinesis');
  const own = (life: StepLife | undefined, given: KinesisClient) => life?.clientOf(given, 'Kinesis') ?? given;
  const pollingOf: For<PollingSource> = (clock, life) => createPollingSource(own(life, client), source, clock);
  if (source.consumerType === 'GetRecords') return pollingOf;
  const subscriptions = createSubscriptionClient(location, source.subscribeToShard.httpVersion);
  observe?.(subscriptions, 'Kinesis');
  completeSubscriptions?.(subscriptions, client);
  const memory: ConsumerMemory = { ofStack: consumerArn };
  return (clock, life) =>
    createFanOutSource({
      polling: pollingOf(clock, life),
      client: own(life, subscriptions),
      consumer: createStreamConsumer(own(life, client), pipeline, clock, memory),
      clock,
    });
}

function createSinks(
  sink: Sink,
  settings: RuntimeSettings,
  at: (options: Extract<Sink, { kind: 'kinesis' }>) => KinesisClientSettings,
): For<OutputSink> {
  if (sink.kind === 'kinesis') {
    const client = createKinesisClient(at(sink));
    settings.observe?.(client, 'Kinesis');
    const share = new RequestShare();
    return (clock, life) =>
      createKinesisSink(life?.clientOf(client, 'Kinesis') ?? client, sink.stream, clock, Math.random, share);
  }
  if (settings.localSink === undefined)
    throw new SluiceError('InvalidPipeline', `the ${sink.kind} sink is for development only; write to kinesis(…) here`);
  const local = settings.localSink(sink);
  return (_, life) => life?.sinkOf(local) ?? local;
}

/** The runtime of a deployed function: everything that differs between deployments comes from its environment. */
export function runtimeFromEnvironment(
  definition: PipelineDefinition,
  environment: Readonly<Record<string, string | undefined>>,
  log: Log,
  /** The bundle itself, where it can be started as a thread (`serveIsolate`). */
  bundle?: URL,
): Runtime {
  const table = optional(environment.SLUICE_TABLE);
  if (table === undefined) {
    throw new SluiceError('InvalidInput', 'SLUICE_TABLE is not set; it names the DynamoDB table of checkpoints');
  }
  const pipeline = requirePipeline(definition, {
    source: optional(environment.SLUICE_SOURCE),
    sink: optional(environment.SLUICE_SINK),
    sourceRole: optional(environment.SLUICE_SOURCE_ROLE),
    sinkRole: optional(environment.SLUICE_SINK_ROLE),
    endpointUrl: optional(environment.SLUICE_KINESIS_ENDPOINT),
  });
  return createRuntime(pipeline, {
    table,
    dynamodbEndpoint: optional(environment.SLUICE_DYNAMODB_ENDPOINT),
    log,
    consumerArn: optional(environment.SLUICE_CONSUMER),
    memoryMb: wholeNumberIn(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
    isolate: bundle && { entry: bundle },
  });
}

const wholeNumberIn = (value: string | undefined): number | undefined =>
  /^[1-9]\d*$/.test(value ?? '') ? Number(value) : undefined;

/** A variable that the template declares empty is one that is not set. */
const optional = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
