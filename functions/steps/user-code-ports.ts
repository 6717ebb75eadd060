/** What steps that run user code are made of, beside stores: where they read, where they send, and where it runs apart. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { decompress } from '../adapters/decompress.ts';
import {
  createIsolationInPlace,
  createThreadIsolation,
  type ThreadSettings,
} from '../adapters/isolation/thread-isolation.ts';
import { createKinesisClient, createSubscriptionClient } from '../adapters/kinesis/client.ts';
import { type ConsumerMemory, createStreamConsumer } from '../adapters/kinesis/consumer.ts';
import { createFanOutSource } from '../adapters/kinesis/fan-out-source.ts';
import { createKinesisSink } from '../adapters/kinesis/kinesis-sink.ts';
import { createPollingSource, type PollingSource } from '../adapters/kinesis/polling-source.ts';
import { SluiceError } from '../core/errors.ts';
import { RequestShare } from '../core/request-share.ts';
import type { Pipeline, Sink } from '../pipeline/pipeline.ts';
import type { Clock } from '../ports/clock.ts';
import type { Isolation } from '../ports/isolation.ts';
import type { OutputSink } from '../ports/output-sink.ts';
import type { Source } from '../ports/source.ts';
import { type Connection, type ConnectionSettings, kinesisOf, type Life } from './connection.ts';

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
  /** Where console and file sinks write; a deployed function has no such sink. */
  readonly localSink?: (sink: Extract<Sink, { kind: 'console' | 'file' }>) => OutputSink;
};

type For<Port> = (clock: Clock, life: Life) => Port;

/** A page takes several times its size while it is parsed, decoded and sent on; windows need room as well. */
const memoryPerPageByte = 16;
const readBudgetOf = (memoryMb: number): number => Math.floor((memoryMb * 1_048_576) / memoryPerPageByte);
const defaultMemoryMb = 1_769;
export const defaultReadBudgetBytes = readBudgetOf(defaultMemoryMb);

export const readBudgetIn = ({ memoryMb }: ExecutorSettings): { readonly readBudgetBytes?: number } =>
  memoryMb === undefined ? {} : { readBudgetBytes: readBudgetOf(memoryMb) };

export function createIsolation(
  pipeline: Pipeline,
  { isolate, memoryMb = defaultMemoryMb }: ExecutorSettings,
): Isolation {
  return isolate === undefined
    ? createIsolationInPlace(pipeline, decompress)
    : createThreadIsolation({ ...isolate, memoryMb });
}

/** Clients, and what is known of the consumer, are one for all steps. */
export function createSources(
  pipeline: Pipeline,
  connection: Connection,
  { completeSubscriptions, consumerArn, observe }: ExecutorSettings,
): For<Source> {
  const { source } = pipeline;
  const location = connection.kinesisAt(source);
  const client = createKinesisClient(location);
  observe?.(client, 'Kinesis');
  const pollingOf: For<PollingSource> = (clock, life) => createPollingSource(kinesisOf(client, life), source, clock);
  if (source.consumerType === 'GetRecords') return pollingOf;
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

export function createSinks(pipeline: Pipeline, connection: Connection, settings: ExecutorSettings): For<OutputSink> {
  const { sink } = pipeline.outputs[0]!;
  if (sink.kind === 'kinesis') {
    const client = createKinesisClient(connection.kinesisAt(sink));
    settings.observe?.(client, 'Kinesis');
    const share = new RequestShare();
    return (clock, life) => createKinesisSink(kinesisOf(client, life), sink.stream, clock, Math.random, share);
  }
  if (settings.localSink === undefined)
    throw new SluiceError('InvalidPipeline', `the ${sink.kind} sink is for development only; write to kinesis(…) here`);
  const local = settings.localSink(sink);
  return (_, life) => life?.sinkOf(local) ?? local;
}
