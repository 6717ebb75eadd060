/**
 * Pipelines on embedded services in which one thing is wrong, two batches long: what the command line and the page have to name. Each leaves its
 * trouble in the table, as it would be seen while it lasts.
 */
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import * as z from 'zod';
import { SluiceError } from '../../functions/core/errors.ts';
import { count, json, kinesis, perMicroBatch, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { mainSource } from '../../functions/pipeline/sources.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import { kinesisOf, makeStreams, runToEnd, runtimeOf, type StepName, uniqueName, type World } from './world.ts';

/** What has to be named. */
export type PlantedTrouble = {
  readonly pipeline: string;
  /** Of the finding. */
  readonly kind: string;
  /** The shard, or the output. */
  readonly subject: string;
  /** Words that its cause and its mend have. */
  readonly cause: RegExp;
  readonly mend: RegExp;
  readonly runtime: Runtime;
};

type Planting = { readonly runtime: Runtime; readonly name: string; readonly source: string };
type PortsFor = (step: StepName, ports: Ports) => Ports;

const shards = 4;
const shardName = (at: number): string => `shardId-${String(at).padStart(12, '0')}`;
/** Its position in the stream is any but the first: nothing depends on an order of shards. */
const at = 2;

async function open(world: World, what: string): Promise<Planting> {
  const { source, sink } = await makeStreams(world, shards);
  const name = uniqueName(what);
  const definition = pipeline(name, { parallelism: 2 })
    .readStream(kinesis({ streamName: source, startingPosition: 'TRIM_HORIZON', maxFetchRecordsPerShard: 40 }))
    .decode(json(z.object({ n: z.number() })))
    .groupBy({ n: ({ n }) => n % 10 })
    .window(perMicroBatch())
    .aggregate({ events: count() })
    .writeStream(kinesis({ streamName: sink }))
    .writeStream(kinesis({ streamName: sink }), { name: 'alerts', map: ({ n }) => ({ alert: n }) });
  return { runtime: runtimeOf(world, requirePipeline(definition)), name, source };
}

/** So many events for each shard. Returns their sequence numbers, shard by shard. */
async function put(world: World, stream: string, counts: readonly number[]): Promise<readonly (readonly string[])[]> {
  const range = 2n ** 128n / BigInt(shards);
  const numbers: string[][] = counts.map(() => []);
  const records = counts.flatMap((events, shard) =>
    Array.from({ length: events }, (_, n) => ({
      ...{ shard, Data: Buffer.from(JSON.stringify({ n })), PartitionKey: 'any' },
      ExplicitHashKey: String(range * BigInt(shard) + 1n),
    })),
  );
  for (let from = 0; from < records.length; from += 500) {
    const some = records.slice(from, from + 500);
    const answer = await kinesisOf(world).send(
      new PutRecordsCommand({ StreamName: stream, Records: some.map(({ shard: _, ...record }) => record) }),
    );
    for (const [index, { SequenceNumber }] of (answer.Records ?? []).entries())
      numbers[some[index]!.shard]!.push(SequenceNumber!);
  }
  return numbers;
}

const some = [3, 3, 3, 3];

async function runBatch(runtime: Runtime, portsFor: PortsFor = (_, ports) => ports, signal?: AbortSignal) {
  const head = await runtime.ports.head.load();
  const untilBatch = (head?.committed?.batchId ?? -1) + 1;
  return runToEnd(runtime, { untilBatch }, { portsFor, ...(signal === undefined ? {} : { signal }) });
}

/** Kinesis gives nothing of one shard, in two batches. */
export async function plantStuckShard(world: World): Promise<PlantedTrouble> {
  const { runtime, name, source } = await open(world, 'stuck');
  const portsFor: PortsFor = (_, ports) => ({
    ...ports,
    source: {
      ...ports.source,
      open: async (shardId, position, options) => {
        if (shardId === shardName(at)) throw new SluiceError('TemporaryFailure', 'Kinesis: internal failure');
        return ports.source.open(shardId, position, options);
      },
    },
  });
  for (let batch = 0; batch < 2; batch++) {
    await put(world, source, some);
    await runBatch(runtime, portsFor);
  }
  const [cause, mend] = [/have failed/, /log of ProcessShards/];
  return { pipeline: name, kind: 'stuck-shard', subject: shardName(at), cause, mend, runtime };
}

/** An event of one shard ends the function that is given it; the other shards go on. */
export async function plantPoisonRecord(world: World): Promise<PlantedTrouble> {
  const { runtime, name, source } = await open(world, 'poison');
  await put(world, source, some);
  await runBatch(runtime);
  const numbers = await put(world, source, some);
  const place = { sequenceNumber: numbers[at]![0]!, sub: 0 };
  const shard = { source: mainSource, shardId: shardName(at) };
  const portsFor: PortsFor = (step, ports) => ({
    ...ports,
    plans: {
      ...ports.plans,
      loadTask: async (ref, task, passed) => {
        const planned = await ports.plans.loadTask(ref, task, passed);
        if (step !== 'processShards' || !planned.shards.some(({ shardId }) => shardId === shard.shardId))
          return planned;
        if (planned.isolation !== undefined)
          await ports.deathNotes.putNote(ref, task, { ...shard, place, isEvent: true, died: 'it ran without end' });
        throw Object.assign(new Error('the sandbox died'), { name: 'Lambda.Unknown' });
      },
    },
  });
  const isSuspected = async (): Promise<boolean> =>
    (await runtime.ports.head.load())?.suspicions?.shards.some(({ suspect }) => suspect !== undefined) ?? false;
  for (let batch = 0; batch < 6 && !(await isSuspected()); batch++) {
    await runBatch(runtime, portsFor);
    await put(world, source, [1, 1, 0, 1]);
  }
  return {
    ...{ pipeline: name, kind: 'poison-record', subject: shardName(at), runtime },
    ...{ cause: new RegExp(`${place.sequenceNumber}/0 has ended its executor`), mend: /dead-letters list/ },
  };
}

/** One shard brings most of the records, more than a batch reads of it. */
export async function plantSkewedShard(world: World): Promise<PlantedTrouble> {
  const { runtime, name, source } = await open(world, 'skewed');
  await put(world, source, [2, 2, 300, 2]);
  for (let batch = 0; batch < 2; batch++) await runBatch(runtime);
  const [cause, mend] = [/% of the records .* partition keys/, /split-shard/];
  return { pipeline: name, kind: 'skewed-shard', subject: shardName(at), cause, mend, runtime };
}

/** One of two outputs refuses everything: a batch is sealed, and goes back to its reducers. */
export async function plantSlowSink(world: World): Promise<PlantedTrouble> {
  const { runtime, name, source } = await open(world, 'slow');
  await put(world, source, some);
  await runBatch(runtime);
  await put(world, source, some);
  const stop = new AbortController();
  let rounds = 0;
  const refuses = { send: async () => Promise.reject(new SluiceError('TemporaryFailure', 'the stream is throttled')) };
  const portsFor: PortsFor = (_, ports) => ({
    ...ports,
    clock: { ...ports.clock, sleep: async () => {} },
    sink: (output) => (output === 'alerts' ? refuses : ports.sink(output)),
    head: {
      ...ports.head,
      renew: async (...given) => {
        const renewed = await ports.head.renew(...given);
        if (++rounds === 2) stop.abort();
        return renewed;
      },
    },
  });
  await runBatch(runtime, portsFor, stop.signal).catch(() => {});
  const [cause, mend] = [/are left for this output: .*throttled/, /capacity/];
  return { pipeline: name, kind: 'slow-sink', subject: 'alerts', cause, mend, runtime };
}

/** Nothing is wrong. */
export async function plantNothing(
  world: World,
): Promise<{ readonly pipeline: string; readonly nextBatch: () => Promise<void> }> {
  const { runtime, name, source } = await open(world, 'healthy');
  const nextBatch = async (): Promise<void> => {
    await put(world, source, some);
    await runBatch(runtime);
  };
  for (let batch = 0; batch < 3; batch++) await nextBatch();
  return { pipeline: name, nextBatch };
}
