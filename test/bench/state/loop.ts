/**
 * One batch after the other, as the driver makes them: plan, blocks, seal, reduce of each key group, commit with its purge. The plan is
 * written and not decided on, and events are not decoded: blocks are made from what executors have when they have read all.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openStorage } from '../../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../../functions/adapters/dynamodb/table.ts';
import { noCounts } from '../../../functions/core/counters.ts';
import { type BatchState, nothingReduced } from '../../../functions/core/driver.ts';
import type { BatchName, GroupStates, Head, PlannedShard } from '../../../functions/core/model.ts';
import { afterSequenceNumber, trimHorizon } from '../../../functions/core/position.ts';
import { isOpen, newCheckpoint } from '../../../functions/core/shard-checkpoint.ts';
import { ofMainSource } from '../../../functions/core/shard-name.ts';
import type { ShardResult } from '../../../functions/core/shard-result.ts';
import { numbersIn } from '../../../functions/core/waves.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import { mainSource } from '../../../functions/pipeline/sources.ts';
import type { PassedPlan } from '../../../functions/ports/plan-store.ts';
import type { Stores } from '../../../functions/ports/ports.ts';
import { commitBatch } from '../../../functions/steps/commit-batch/commit-batch.ts';
import type { ReduceKeyGroupOutput } from '../../../functions/steps/messages.ts';
import { sealBatch } from '../../../functions/steps/seal-batch/seal-batch.ts';
import { serviceClient } from '../../simulation/services/service-client.ts';
import { timing } from '../../support/builders.ts';
import type { Reduced } from './calls.ts';
import { bucketBy } from './memory-bucket.ts';
import { type Services, type StoreSettings, tableName } from './services.ts';
import type { Batch, Workload } from './workload.ts';

const triggerMs = 10_000;
const stream = {
  arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/in',
  name: 'in',
  createdAt: 1,
  retentionMs: 86_400_000,
};
const run = 'bench';
const recordsOfShard = 10_000;
const noLog = { info: () => {}, warn: () => {} };

export type Reduce = (group: BatchName & { readonly keyGroup: number; readonly now: number }) => Promise<Reduced>;

export type BatchCost = {
  /** Of all executors. */
  readonly executorCpuMs: number;
  readonly reduced: readonly Reduced[];
  readonly states: GroupStates;
};

type TaskAsked = { readonly task: number; readonly passed: PassedPlan };
type Planned = { readonly name: BatchName; readonly taskCount: number; readonly passed: PassedPlan };

export class Loop {
  readonly #workload: Workload;
  readonly #services: Services;
  readonly #stores: Stores;
  #now = Date.UTC(2026, 0, 1);

  constructor(
    workload: Workload,
    services: (now: () => number) => Services,
    { tableOnly, stateLimits, leastObjectBytes }: StoreSettings,
  ) {
    this.#workload = workload;
    this.#services = services(() => this.#now);
    const client = serviceClient<DynamoDBClient>(
      (operation, input) => this.#services.execute('dynamodb', operation, input),
      { date: () => this.#now },
    );
    const table = new Table(client, tableName, this.#clock);
    const { name } = workload.pipeline;
    const bucket = tableOnly
      ? undefined
      : bucketBy(async (operation, input) => this.#services.execute('s3', operation, input));
    this.#stores = createStores(
      openStorage({
        table,
        bucket,
        pipeline: name,
        clock: this.#clock,
        newId: () => crypto.randomUUID(),
        stateLimits,
        leastObjectBytes,
      }),
    );
  }

  get services(): Services {
    return this.#services;
  }

  get states() {
    return { pipeline: this.#workload.pipeline.name, store: this.#stores.states };
  }

  /** Once, before the first batch. */
  async begin(): Promise<void> {
    const { name, fingerprint, parallelism } = this.#workload.pipeline;
    await this.#stores.head.create({
      ...{
        pipeline: name,
        createdAt: 1,
        generation: 1,
        epoch: 1,
        holder: undefined,
        committed: undefined,
        sealed: undefined,
      },
      ...{ oldestRetainedBatch: 0, purgedBelow: 0, control: 'run', fingerprint, parallelism },
      sources: { [mainSource]: { stream, start: trimHorizon, listedAt: undefined } },
    });
  }

  async batch(batch: Batch, reduce: Reduce): Promise<BatchCost> {
    this.#now += triggerMs;
    const { name, taskCount, passed } = await this.#plan(batch);
    const begun = process.cpuUsage();
    for (let task = 0; task < taskCount; task++) await this.#putBlock(batch, name, { task, passed });
    const { user, system } = process.cpuUsage(begun);
    const { seals } = this.#stores;
    const sealed = await sealBatch(
      { ...this.#asked(name), plan: passed, outcomes: Array.from({ length: taskCount }, () => 'moved' as const) },
      {
        pipeline: this.#workload.pipeline,
        ports: { ...this.#ports, source: { describe: async () => ({ stream, serverTime: this.#now }) } },
        log: noLog,
      },
    );
    const reduced: Reduced[] = [];
    for (const keyGroup of groupsIn(sealed)) reduced.push(await reduce({ ...name, keyGroup, now: this.#now }));
    await this.#commit(
      name,
      reduced.map(({ answer }) => answer),
    );
    const { states } = await seals.loadSealed(name.batchId, name.ref);
    return { executorCpuMs: (user + system) / 1_000, reduced, states };
  }

  get #clock() {
    return { now: () => this.#now, sleep: async () => {} };
  }

  get #ports() {
    return { ...this.#stores, clock: this.#clock, objectsAt: () => ({ putIfAbsent: async () => {} }) };
  }

  #asked({ batchId, ref }: BatchName) {
    const waitUntil = new Date(this.#now + triggerMs).toISOString();
    return { run, epoch: ref, batchId, turn: 1, waitUntil, timing };
  }

  async #plan({ touched }: Batch): Promise<Planned> {
    const { head, seals, plans } = this.#stores;
    const { fingerprint, parallelism } = this.#workload.pipeline;
    const seen = (await head.load())!;
    const previous = seen.committed ?? null;
    const body = previous === null ? undefined : await seals.loadBody(previous.batchId, previous.ref);
    const ref = (await this.#claim(seen)).epoch;
    const name = { batchId: (previous?.batchId ?? -1) + 1, ref };
    const ofPlan = { ...name, generation: 1, parallelism, fingerprint };
    const newShards = body === undefined ? touched.map((_, task) => newCheckpoint(listed(task), trimHorizon)) : [];
    const shards = body?.shards ?? newShards;
    const watermark = body?.watermarkOut ?? null;
    const tasks = touched.map((_, task) => ({
      ...{
        ...ofPlan,
        task,
        watermark,
        nextWindowClose: null,
        refreshAfterMs: 600_000,
        consumerArn: null,
        nextTurnAt: null,
      },
      shards: shards.flatMap((shard): PlannedShard | readonly [] =>
        shard.shardId === shardOf(task) && isOpen(shard)
          ? { ...shard, isNew: body === undefined, start: 'continue' }
          : [],
      ),
    }));
    const none = { expiredShards: [], unknownParents: [], expiredUnread: [] };
    const plan = {
      ...ofPlan,
      ...none,
      kind: 'read',
      consumerType: 'GetRecords',
      previous,
      taskCount: tasks.length,
      newShards,
    } as const;
    return { name, taskCount: tasks.length, passed: await plans.putPlan(plan, tasks) };
  }

  async #claim(seen: Head): Promise<Head> {
    const source = { retentionMs: stream.retentionMs, listedAt: this.#now, runBound: undefined };
    const holder = { owner: run, claim: crypto.randomUUID(), execution: run };
    const claimed = await this.#stores.head.claim(seen, { ...holder, source, leaseUntil: this.#now + 10 * triggerMs });
    if (claimed.kind === 'lost') throw new Error('the head of the benchmark is lost');
    return claimed.head;
  }

  async #putBlock(batch: Batch, { batchId, ref }: BatchName, { task, passed }: TaskAsked): Promise<void> {
    const { plans, blocks } = this.#stores;
    await plans.loadTask(ref, task, passed);
    const byGroup = this.#workload.table(batch, task).saveByKeyGroup(this.#workload.pipeline.parallelism);
    const read = (batch.touched[task]?.length ?? 0) * batch.events;
    const shards = [shardResult(task, { batchId, read, maxEventTime: batch.maxEventTime, now: this.#now })];
    const counters = { ...noCounts, read, counted: read };
    const summary = { ref, batchId, task, nonce: crypto.randomUUID(), shards, failedShards: [], groups: [], counters };
    await blocks.putBlock(summary, byGroup);
  }

  async #commit(name: BatchName, groups: readonly ReduceKeyGroupOutput[]): Promise<void> {
    const pipeline: Pipeline = this.#workload.pipeline;
    const state = await commitBatch(
      {
        ...this.#asked(name),
        ref: name.ref,
        request: {},
        startedAt: new Date(this.#now).toISOString(),
        reduced: nothingReduced,
        groups,
      },
      { pipeline, ports: this.#ports, log: noLog },
    );
    if (state.next === 'reduce' || state.next === 'done')
      throw new Error(`the commit answers ${JSON.stringify(state)}`);
  }
}

const groupsIn = (sealed: BatchState): readonly number[] => {
  if (sealed.next === 'reduce') return numbersIn(sealed.keyGroups);
  if (sealed.next === 'commit') return [];
  throw new Error(`the seal answers ${JSON.stringify(sealed)}`);
};

const shardOf = (task: number): string => `shardId-${String(task).padStart(12, '0')}`;
const hashRange = { start: '0', end: '340282366920938463463374607431768211455' };
const listed = (task: number) => ({ shardId: shardOf(task), parents: [], hashRange });

function shardResult(
  task: number,
  {
    batchId,
    read,
    maxEventTime,
    now,
  }: { readonly batchId: number; readonly read: number; readonly maxEventTime: number; readonly now: number },
): ShardResult {
  const sequence = 10n ** 55n + BigInt(batchId + 1) * BigInt(recordsOfShard);
  return {
    ...ofMainSource(shardOf(task)),
    from: trimHorizon,
    outcome: { kind: 'caught-up', to: afterSequenceNumber(String(sequence)) },
    ...{
      records: read,
      events: read,
      resentElsewhere: 0,
      bytes: read * 100,
      readThrough: now,
      lastArrival: now,
      maxEventTime,
    },
    ...{ tipTime: now, millisBehindLatest: 0, openAt: now, answeredAt: now, dataLoss: null, subscribedAt: null },
  };
}
