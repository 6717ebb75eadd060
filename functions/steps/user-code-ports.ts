/** What steps that run user code are made of, beside stores: where they read, where they send, and where it runs apart. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { decompress } from '../adapters/decompress.ts';
import {
  createIsolationInPlace,
  createThreadIsolation,
  type ThreadSettings,
} from '../adapters/isolation/thread-isolation.ts';
import { type ConsumerMemory, createStreamConsumer } from '../adapters/kinesis/consumer.ts';
import { createFanOutSource } from '../adapters/kinesis/fan-out-source.ts';
import { createPollingSource, type PollingSource } from '../adapters/kinesis/polling-source.ts';
import { createReadingClient, createSubscriptionClient } from '../adapters/kinesis/reading-client.ts';
import { createWritingClient } from '../adapters/kinesis/writing-client.ts';
import { openSinks, type SinkOpeners } from '../adapters/open-sinks.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Clock } from '../ports/clock.ts';
import type { Isolation } from '../ports/isolation.ts';
import type { Ports } from '../ports/ports.ts';
import type { Source } from '../ports/source.ts';
import { type Connection, type ConnectionSettings, type KinesisPlace, kinesisOf, type Life } from './connection.ts';

export type ExecutorSettings = {
  readonly observe?: ConnectionSettings['observe'];
  /** The function's memory. */
  readonly memoryMb?: number | undefined;
  /** The enhanced fan-out consumer that was made for the pipeline. */
  readonly consumerArn?: string | undefined;
  /** The module of threads in which user code runs apart. Undefined: it runs in place, and harms whom it harms. */
  readonly isolate?: Pick<ThreadSettings, 'entry' | 'data' | 'timeLimitMs'> | undefined;
  /** For servers that lack something: completes the client of subscriptions. */
  readonly completeSubscriptions?: ((subscriptions: KinesisClient, lister: KinesisClient) => void) | undefined;
  /** What opens sinks that only this program has. */
  readonly sinks?: SinkOpeners;
};

type For<Port> = (clock: Clock, life: Life) => Port;

/** A page takes several times its size while its events are decoded and sent on; windows need room as well. */
const memoryPerPageByte = 10;
const readBudgetOf = (memoryMb: number): number => Math.floor((memoryMb * 1_048_576) / memoryPerPageByte);
const defaultMemoryMb = 1_769;
export const defaultReadBudgetBytes = readBudgetOf(defaultMemoryMb);

/** What was counted is sorted, written as text and compressed when it is stored: roughly so much at once beside itself. */
const memoryPerTableByte = 32;
const tableBudgetOf = (memoryMb: number): number => Math.floor((memoryMb * 1_048_576) / memoryPerTableByte);
export const defaultTableBudgetBytes = tableBudgetOf(defaultMemoryMb);

type Budgets = { readonly readBudgetBytes: number; readonly tableBudgetBytes: number };

export const budgetsIn = ({ memoryMb }: ExecutorSettings): Partial<Budgets> =>
  memoryMb === undefined ? {} : { readBudgetBytes: readBudgetOf(memoryMb), tableBudgetBytes: tableBudgetOf(memoryMb) };

export function createIsolation(
  pipeline: Pipeline,
  { isolate, memoryMb = defaultMemoryMb }: ExecutorSettings,
): Isolation {
  return isolate === undefined
    ? createIsolationInPlace(pipeline, decompress)
    : createThreadIsolation({ ...isolate, memoryMb });
}

/** Clients, and what is known of the consumer, are one for all steps. */
export function createSources(pipeline: Pipeline, connection: Connection, settings: ExecutorSettings): For<Source> {
  const { source } = pipeline;
  const location = connection.kinesisAt(source);
  const client = createReadingClient(location);
  settings.observe?.(client, 'Kinesis');
  const pollingOf: For<PollingSource> = (clock, life) => createPollingSource(kinesisOf(client, life), source, clock);
  return globalThis.SLUICE_FAN_OUT !== false && source.consumerType === 'SubscribeToShard'
    ? fanOut(pipeline, connection, settings, { client, pollingOf })
    : pollingOf;
}

function fanOut(
  pipeline: Pipeline,
  connection: Connection,
  { completeSubscriptions, consumerArn, observe }: ExecutorSettings,
  { client, pollingOf }: { readonly client: KinesisClient; readonly pollingOf: For<PollingSource> },
): For<Source> {
  const { source } = pipeline;
  const location = connection.kinesisAt(source);
  const subscriptions = createSubscriptionClient(location, source.subscribeToShard.httpVersion);
  observe?.(subscriptions, 'Kinesis');
  completeSubscriptions?.(subscriptions, client);
  const memory: ConsumerMemory = { ofStack: consumerArn };
  return (clock, life) =>
    createFanOutSource({
      polling: pollingOf(clock, life),
      client: kinesisOf(subscriptions, life),
      consumer: createStreamConsumer(kinesisOf(client, life), pipeline, clock, memory),
      clock,
    });
}

export function createSinks(
  pipeline: Pipeline,
  connection: Connection,
  { observe, sinks }: ExecutorSettings,
): For<Ports['sink']> {
  const kinesisClientAt = (place: KinesisPlace): KinesisClient => {
    const client = createWritingClient(connection.kinesisAt(place));
    observe?.(client, 'Kinesis');
    return client;
  };
  const { region, dynamodbClientAt, settingsAt } = connection;
  const clock = connection.clockOf(undefined);
  const environment = { region, clock, kinesisClientAt, dynamodbClientAt, settingsAt };
  return openSinks(pipeline.outputs, environment, sinks);
}
