/**
 * Plan, seal and commit of a stream of many shards, on the stores and steps that are deployed, with units as AWS bills them. Blocks are put as
 * executors that found something in so many of their shards put them; events are not read.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openStorage, type StorageParts } from '../../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../../functions/adapters/dynamodb/table.ts';
import { noCounts } from '../../../functions/core/counters.ts';
import { nothingReduced } from '../../../functions/core/driver.ts';
import { trimHorizon } from '../../../functions/core/position.ts';
import { numbersIn } from '../../../functions/core/waves.ts';
import { bytes, kinesis, pipeline } from '../../../functions/index.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import { mainSource } from '../../../functions/pipeline/sources.ts';
import { commitBatch } from '../../../functions/steps/commit-batch/commit-batch.ts';
import { planBatch } from '../../../functions/steps/plan-batch/plan-batch.ts';
import { sealBatch } from '../../../functions/steps/seal-batch/seal-batch.ts';
import { Random } from '../../simulation/random.ts';
import { serviceClient } from '../../simulation/services/service-client.ts';
import { batchBody, headOf, timing } from '../../support/builders.ts';
import { Services, tableName } from '../state/services.ts';
import { type Counts, knownShards, listedShards, readOf } from './stream.ts';

const checked = requirePipeline(
  pipeline('bench')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .writeStream(kinesis({ streamName: 'out' })),
);
/** So that what is purged is counted, too. */
const measured = { ...checked, minBatchesToRetain: 3 };
const triggerMs = 10_000;
const stream = { arn: 'arn:in', name: 'in', createdAt: 1, retentionMs: 86_400_000 };
const run = 'bench';
const noLog = { info: () => {}, warn: () => {} };

type Step = 'plan' | 'executors' | 'seal' | 'reducer' | 'commit';
export type Cost = { readonly readUnits: number; readonly writeUnits: number; readonly cpuMs: number };
export type Costs = Readonly<Record<Step, Cost>>;

export type Settings = Counts & {
  /** Of the open ones, in each batch, others each time. */
  readonly movedPart: number;
  readonly batches: number;
  readonly shardParts?: StorageParts['shardParts'];
};

/** One for each batch. */
export async function measureShards({
  movedPart,
  batches,
  shardParts,
  ...counts
}: Settings): Promise<readonly Costs[]> {
  let now = Date.UTC(2026, 0, 1);
  const random = new Random(7);
  const services = new Services(() => now);
  const client = serviceClient<DynamoDBClient>((operation, input) => services.execute('dynamodb', operation, input), {
    date: () => now,
  });
  const clock = { now: () => now, sleep: async () => {} };
  const table = new Table(client, tableName, clock);
  const newId = () => crypto.randomUUID();
  const stores = createStores(openStorage({ table, pipeline: measured.name, clock, newId, shardParts }));
  const listed = listedShards(counts);
  const source = { describe: async () => ({ stream, serverTime: now }), listShards: async () => listed };
  const ports = { ...stores, clock, newId, source, objectsAt: () => ({ putIfAbsent: async () => {} }) };
  const runtime = { pipeline: measured, ports, log: noLog };
  const committed = { batchId: 0, ref: 6 };
  await stores.seals.putBody(
    batchBody({ ...committed, fingerprint: measured.fingerprint, shards: knownShards(counts, now) }),
  );
  await stores.head.create(
    headOf({
      ...{ pipeline: measured.name, epoch: 6, holder: undefined, committed, sealed: committed },
      ...{ fingerprint: measured.fingerprint, parallelism: measured.parallelism },
      sources: { [mainSource]: { stream, start: trimHorizon, listedAt: now } },
    }),
  );

  const costOf = async <Value>(work: () => Promise<Value>): Promise<[Value, Cost]> => {
    const before = services.usage;
    const begun = process.cpuUsage();
    const value = await work();
    const { user, system } = process.cpuUsage(begun);
    const { readUnits, writeUnits } = services.usage;
    const cpuMs = Math.round((user + system) / 1_000);
    return [value, { readUnits: readUnits - before.readUnits, writeUnits: writeUnits - before.writeUnits, cpuMs }];
  };

  const read = async (ref: number, batchId: number, task: number): Promise<void> => {
    const { shards } = await stores.plans.loadTask(ref, task);
    const results = shards.filter(() => random.chance(movedPart)).map((shard) => readOf(shard, now, random));
    if (results.length === 0) return;
    const events = results.reduce((sum, result) => sum + result.events, 0);
    const counters = { ...noCounts, read: events, counted: events, emitted: events };
    const summary = { ref, batchId, task, nonce: newId(), shards: results, failedShards: [], groups: [], counters };
    await stores.blocks.putBlock(summary, new Map());
  };

  const all: Costs[] = [];
  for (let turn = 1; turn <= batches; turn++) {
    now += triggerMs;
    const startedAt = new Date(now).toISOString();
    const asked = { run, timing, request: {}, startedAt, executionId: run };
    const [planned, plan] = await costOf(() =>
      planBatch({ ...asked, batch: { next: 'plan', turn: turn - 1 } } as never, runtime),
    );
    if (planned.next !== 'process') throw new Error(`the plan answers ${JSON.stringify(planned)}`);
    const { epoch, batchId, waitUntil } = planned;
    const tasks = numbersIn(planned.tasks);
    const [, executors] = await costOf(async () => {
      for (const task of tasks) await read(epoch, batchId, task);
    });
    const ofBatch = { run, timing, epoch, batchId, turn, waitUntil };
    const outcomes = tasks.map(() => 'moved' as const);
    const [sealed, seal] = await costOf(() => sealBatch({ ...ofBatch, outcomes }, runtime));
    if (sealed.next !== 'commit') throw new Error(`the seal answers ${JSON.stringify(sealed)}`);
    const [, reducer] = await costOf(() => stores.seals.loadSealed(batchId, epoch));
    const [, commit] = await costOf(() =>
      commitBatch({ ...asked, ...ofBatch, ref: epoch, reduced: nothingReduced, groups: [] }, runtime),
    );
    all.push({ plan, executors, seal, reducer, commit });
  }
  return all;
}

/** Of plan, seal and commit together. */
export const unitsOf = ({ plan, seal, commit }: Costs, of: 'readUnits' | 'writeUnits'): number =>
  plan[of] + seal[of] + commit[of];
