/**
 * All calls of one reduce: the step as it is deployed, on stores as they are deployed. Each call has stores of its own, as after a cold
 * start.
 *
 * Its clock goes on by the processor time that it uses, as on a processor that is its alone, so what is begun before the step's deadlines
 * does not hang on what else the machine does.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openStorage } from '../../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../../functions/adapters/dynamodb/table.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { reduceKeyGroup } from '../../../functions/steps/reduce-key-group/reduce-key-group.ts';
import type { ReduceRuntime } from '../../../functions/steps/reduce-key-group/reduce-runtime.ts';
import { serviceClient } from '../../simulation/services/service-client.ts';
import type { Reduced, ToReducer } from './calls.ts';
import { bucketBy } from './memory-bucket.ts';
import { type ServiceName, type StoreSettings, tableName } from './services.ts';

const mostCalls = 1_000;

export type Reducing = {
  readonly pipeline: Pipeline;
  readonly stores: StoreSettings;
  readonly ask: (service: ServiceName, operation: string, input: unknown) => Promise<object>;
};

type Given = Omit<Extract<ToReducer, { kind: 'reduce' }>, 'kind'>;

export async function reduceAll(reducing: Reducing, given: Given): Promise<Omit<Reduced, 'peakMb'>> {
  const cpuMs: number[] = [];
  let sent = 0;
  for (let call = 0; call < mostCalls; call++) {
    const begun = usedMs();
    const onSent = (records: number) => {
      sent += records;
    };
    const runtime = runtimeOf(reducing, () => given.now + (usedMs() - begun), onSent);
    const { batchId, ref, keyGroup } = given;
    const answer = await reduceKeyGroup({ epoch: ref, batchId, ref, keyGroup, again: call > 0 }, runtime);
    cpuMs.push(usedMs() - begun);
    if (answer.done) return { answer, cpuMs, sent };
  }
  throw new Error(`key group ${given.keyGroup} of batch ${given.batchId} is not done after ${mostCalls} calls`);
}

const usedMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

function runtimeOf(
  { pipeline, stores, ask }: Reducing,
  now: () => number,
  onSent: (records: number) => void,
): ReduceRuntime {
  const clock = { now: () => Math.floor(now()), sleep: async () => {} };
  const execute = (operation: string, input: unknown) => ask('dynamodb', operation, input);
  const client = serviceClient<DynamoDBClient>(execute, { date: clock.now });
  const table = new Table(client, tableName, clock);
  const { tableOnly, ...limits } = stores;
  const bucket = tableOnly ? undefined : bucketBy((operation, input) => ask('s3', operation, input));
  const newId = () => crypto.randomUUID();
  const storage = openStorage({ table, bucket, pipeline: pipeline.name, clock, newId, ...limits });
  const sink = {
    send: async (records: readonly unknown[]) => {
      onSent(records.length);
      return undefined;
    },
  };
  const isolation = {
    open: () => {
      throw new Error('no user code of the benchmark runs apart');
    },
  };
  const references = { take: async () => undefined };
  const objectsAt = () => ({ putIfAbsent: async () => {} });
  const ports = { ...createStores(storage), clock, isolation, references, objectsAt, sink: () => sink };
  return { pipeline, ports, log: { info: () => {}, warn: () => {} } };
}
