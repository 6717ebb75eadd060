/**
 * The process of a reducer: the step as it is deployed, on stores as they are deployed, whose requests go to the process that began it. So
 * what it has in memory is its own, and not the tables'.
 *
 * Each call has stores of its own, as after a cold start. Its clock goes on by the processor time that it uses, as on a processor that is
 * its alone, so what is begun before the step's deadlines does not hang on what else the machine does.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openStorage } from '../../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../../functions/adapters/dynamodb/table.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { reduceKeyGroup } from '../../../functions/steps/reduce-key-group/reduce-key-group.ts';
import type { ReduceRuntime } from '../../../functions/steps/reduce-key-group/reduce-runtime.ts';
import { serviceClient } from '../../simulation/services/service-client.ts';
import { ServiceError } from '../../simulation/services/service-error.ts';
import type { FromReducer, Reduced, ToReducer } from './calls.ts';
import { bucketBy } from './memory-bucket.ts';
import { type ServiceName, tableName } from './services.ts';
import type { Settings } from './settings.ts';
import { pipelineOf } from './workload.ts';

const mostCalls = 1_000;

type Pending = { readonly resolve: (answer: object) => void; readonly reject: (error: Error) => void };

const pending = new Map<number, Pending>();
let lastId = 0;
let pipeline: Pipeline | undefined;
let settings: Settings | undefined;

const tell = (message: FromReducer): void => void process.send!(message);

function ask(service: ServiceName, operation: string, input: unknown): Promise<object> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    pending.set(id, { resolve, reject });
    tell({ kind: 'request', id, service, operation, input });
  });
}

const usedMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1_024);

type Given = Extract<ToReducer, { kind: 'reduce' }>;

async function reduceAll(of: Pipeline, given: Given): Promise<Reduced> {
  const cpuMs: number[] = [];
  let sent = 0;
  for (let call = 0; call < mostCalls; call++) {
    const begun = usedMs();
    const runtime = runtimeOf(
      of,
      () => given.now + (usedMs() - begun),
      (records) => {
        sent += records;
      },
    );
    const { batchId, ref, keyGroup } = given;
    const answer = await reduceKeyGroup({ epoch: ref, batchId, ref, keyGroup, again: call > 0 }, runtime);
    cpuMs.push(usedMs() - begun);
    if (answer.done) return { answer, cpuMs, sent, peakMb: peakMb() };
  }
  throw new Error(`key group ${given.keyGroup} of batch ${given.batchId} is not done after ${mostCalls} calls`);
}

function runtimeOf(of: Pipeline, now: () => number, onSent: (records: number) => void): ReduceRuntime {
  const clock = { now: () => Math.floor(now()), sleep: async () => {} };
  const clientOf = <Client>(service: ServiceName): Client =>
    serviceClient<Client>((operation, input) => ask(service, operation, input), { date: clock.now });
  const table = new Table(clientOf<DynamoDBClient>('dynamodb'), tableName, clock);
  const bucket = settings?.tableOnly === true ? undefined : bucketBy((operation, input) => ask('s3', operation, input));
  const storage = openStorage({ table, bucket, pipeline: of.name, clock, newId: () => crypto.randomUUID() });
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
  return { pipeline: of, ports, log: { info: () => {}, warn: () => {} } };
}

function take(message: ToReducer): void {
  if (message.kind === 'begin') {
    settings = message.settings;
    pipeline = pipelineOf(settings);
    tell({ kind: 'ready', residentMb: peakMb() });
  } else if (message.kind === 'reduce') {
    reduceAll(pipeline!, message).then(
      (reduced) => tell({ kind: 'reduced', ...reduced }),
      (error: Error) => tell({ kind: 'failed', error: error.stack ?? error.message }),
    );
  } else {
    const asked = pending.get(message.id)!;
    pending.delete(message.id);
    if (message.kind === 'answer') asked.resolve(message.answer);
    else asked.reject(new ServiceError(message.refusal.name, message.refusal.message, message.refusal.status));
  }
}

process.on('message', take);
