/**
 * A stream that is full before the pipeline starts, and nothing that goes wrong: how fast it is read, in virtual time. The
 * product, its state machine and the services are those of all runs; what is left out is what checks each event.
 */

import { aggregate } from '../../../functions/core/pack-events.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { functionTimeoutSeconds, microBatch } from '../../../state-machine/micro-batch.ts';
import { tableName } from '../checks/stored.ts';
import { Injector } from '../faults/injector.ts';
import { Random } from '../random.ts';
import { drawRun } from '../run-seed.ts';
import { Scheduler } from '../scheduler.ts';
import { SimulatedDynamodb } from '../services/dynamodb/simulated-dynamodb.ts';
import { SimulatedKinesis } from '../services/kinesis/simulated-kinesis.ts';
import { SimulatedLambda } from '../services/lambda.ts';
import { SimulatedStepFunctions, type TaskCall } from '../services/step-functions/simulated-step-functions.ts';
import { md5 } from './digest.ts';
import { Dimensions } from './dimensions.ts';
import { Functions, stepNames } from './functions.ts';
import type { Invocation } from './invocation.ts';
import { Network } from './network.ts';
import { sinkName, sourceName } from './scenario.ts';

const startTime = Date.UTC(2026, 0, 1);

export type Backlog = {
  readonly shards: number;
  readonly eventsPerShard: number;
  readonly eventsPerRecord: number;
  readonly eventBytes: number;
};

/** One answer of GetRecords to one shard. */
export type PageRead = { readonly shardId: string; readonly at: number; readonly bytes: number };
export type CatchUp = {
  readonly end: string;
  readonly batches: number;
  readonly pages: readonly PageRead[];
  /** Of calls for records. */
  readonly refused: number;
  readonly executors: number;
  readonly warnings: readonly string[];
};

export async function catchUp(seed: number, pipeline: Pipeline, backlog: Backlog): Promise<CatchUp> {
  const scheduler = new Scheduler(startTime);
  const random = new Random(seed);
  const now = (): number => Math.floor(scheduler.now);
  const kinesis = new SimulatedKinesis({ now, random: random.fork('kinesis') });
  const dynamodb = new SimulatedDynamodb({ now, random: random.fork('dynamodb') });
  kinesis.createStream(sourceName, { shards: backlog.shards });
  kinesis.createStream(sinkName, { shards: 1 });
  dynamodb.createTable(tableName);
  await fill(kinesis, scheduler, backlog);
  // Its pipeline is another one, and nothing in it is deadly or of odd sizes.
  const { deadly: _, chunkBytes: __, ...drawn } = drawRun(seed).scenario;
  // Executors are known by the tasks that they load.
  const scenario = { ...drawn, passesPlans: false } as const;
  const seen = { pages: [] as PageRead[], refused: 0, executors: 0, batches: 0, warnings: [] as string[] };
  const shardOf = new Map<string, string>();
  const network = new Network({
    scheduler,
    random: random.fork('network'),
    injector: new Injector([], { start: startTime, endsAt: startTime }),
    apply: ({ service, operation, input }) => (service === 'kinesis' ? kinesis : dynamodb).execute(operation, input),
    push: () => undefined,
    dimensions: { count: () => {} },
    observe: (_, call, { input }, outcome) => {
      const given = input as { readonly ShardIterator?: string; readonly ShardId?: string };
      if (call === 'load-task') seen.executors += 1;
      if (call === 'commit' && outcome.kind === 'done') seen.batches += 1;
      if (call === 'read' && outcome.kind === 'refused') seen.refused += 1;
      if (outcome.kind === 'refused') return;
      const { ShardIterator, NextShardIterator, Records } = outcome.output as Answer;
      if (call === 'open') shardOf.set(ShardIterator!, given.ShardId!);
      if (call !== 'read') return;
      const shardId = shardOf.get(given.ShardIterator!)!;
      if (NextShardIterator !== undefined) shardOf.set(NextShardIterator, shardId);
      const bytes = Records!.reduce((sum, { Data, PartitionKey }) => sum + Data.length + PartitionKey.length, 0);
      if (bytes > 0) seen.pages.push({ shardId, at: scheduler.now, bytes });
    },
    strike: () => {},
    tooLate: ({ id }, call) => seen.warnings.push(`${id}: ${call} after its answer`),
    broken: (error) => {
      throw error;
    },
  });
  const log = {
    info: () => {},
    warn: (message: string, fields?: object) => void seen.warnings.push(`${message} ${JSON.stringify(fields)}`),
  };
  const functions = new Functions({
    world: {
      ...{
        scheduler,
        random,
        network,
        sdk: undefined,
        memoryRaisedSince: Number.POSITIVE_INFINITY,
        lossAcceptedSince: 1,
        mendedSince: 0,
        dimensions: new Dimensions(scenario, []),
      },
      options: { seed, scenario, faults: [] },
      checks: { report: (invariant, detail) => void seen.warnings.push(`${invariant}: ${detail}`) },
    },
    startTime,
    pipeline,
    log,
  });
  const lambda = new SimulatedLambda({
    scheduler,
    random: random.fork('lambda'),
    injector: new Injector([], { start: startTime, endsAt: startTime }),
    timeoutSeconds: Object.fromEntries(stepNames.map(({ name, step }) => [step, functionTimeoutSeconds[name]])),
    run: (invocation: Invocation) => functions.run(invocation),
    strike: () => {},
    maxClockSkewMs: 0,
    coldShare: 0,
  });
  const stepFunctions = new SimulatedStepFunctions({
    scheduler,
    random: random.fork('step-functions'),
    type: 'STANDARD',
    task: async ({ resource, parameters, execution: caller }: TaskCall) => {
      if (resource.endsWith('states:startExecution')) {
        execution = start();
        return { ExecutionArn: 'successor' };
      }
      const { FunctionName, Payload } = parameters as { readonly FunctionName: string; readonly Payload: unknown };
      return { StatusCode: 200, Payload: await lambda.invoke(FunctionName, Payload, 0, caller) };
    },
  });
  const start = () => stepFunctions.start(definition, { untilCaughtUp: true }, {});
  let execution = start();
  await scheduler.run(scheduler.now + hourMs, () => execution.status !== 'RUNNING');
  return { ...seen, end: `${execution.status} ${execution.error ?? ''}`.trim() };
}

const hourMs = 3_600_000;

type Answer = {
  readonly ShardIterator?: string;
  readonly NextShardIterator?: string;
  readonly Records?: readonly { readonly Data: Uint8Array; readonly PartitionKey: string }[];
};

const functionNames = Object.fromEntries(stepNames.map(({ name, step }) => [name, step]));
const { definition } = microBatch({ functions: functionNames as never, type: 'STANDARD' });

/** As fast as shards take it. The records of a shard share their bytes. */
async function fill(kinesis: SimulatedKinesis, scheduler: Scheduler, backlog: Backlog): Promise<void> {
  const { eventsPerShard, eventsPerRecord, eventBytes } = backlog;
  const { shards } = kinesis.truth(sourceName);
  const records = shards.map(({ hashRange }) => {
    const partitionKey = 'key';
    const explicitHashKey = String(hashRange.start);
    const event = JSON.stringify({ at: new Date(startTime).toISOString(), pad: '' });
    const data = new TextEncoder().encode(event.replace('""}', `"${'x'.repeat(eventBytes - event.length)}"}`));
    const events = Array.from({ length: eventsPerRecord }, () => ({ partitionKey, explicitHashKey, data }));
    return { PartitionKey: partitionKey, ExplicitHashKey: explicitHashKey, Data: aggregate(events, md5) };
  });
  for (let left = Math.ceil(eventsPerShard / eventsPerRecord); left > 0; ) {
    const once = Math.min(left, Math.floor(1_048_576 / (records[0]!.Data.length + 3)), 500);
    for (const record of records)
      kinesis.execute('PutRecords', { StreamName: sourceName, Records: Array(once).fill(record) });
    left -= once;
    const next = scheduler.now + 1_000;
    scheduler.at(next, () => {});
    await scheduler.run(next);
  }
}

const bytesASecond = 2_097_152;

/** Of what Kinesis gives out in the time from a shard's first answer to its last, how much was read: the least of all shards. */
export function quotaUsed(pages: readonly PageRead[]): number {
  const byShard = Map.groupBy(pages, ({ shardId }) => shardId);
  return Math.min(
    ...[...byShard.values()].map((read) => {
      const seconds = (read.at(-1)!.at - read[0]!.at) / 1_000;
      // The last answer has all the time after it.
      const bytes = read.slice(0, -1).reduce((sum, page) => sum + page.bytes, 0);
      return bytes / (seconds * bytesASecond);
    }),
  );
}
