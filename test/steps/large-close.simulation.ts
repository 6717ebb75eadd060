/**
 * 30,000 rows that close at once, for three outputs, of which one refuses records at random and one takes nothing for 20 seconds: on the
 * simulated DynamoDB, by the sink of the product, in virtual time.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { beforeAll, expect, it } from 'vitest';
import { createOutboxNoteStore } from '../../functions/adapters/dynamodb/outbox-note-store.ts';
import { createRowStore } from '../../functions/adapters/dynamodb/row-store.ts';
import { createStateStore } from '../../functions/adapters/dynamodb/state-store.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { createKinesisSink, laneOfKey } from '../../functions/adapters/kinesis/kinesis-sink.ts';
import type { OutboxStep } from '../../functions/core/outbox.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { RowStore } from '../../functions/ports/row-store.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { Random } from '../simulation/random.ts';
import { Scheduler } from '../simulation/scheduler.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { batchBody, noon } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { kinesisOutput } from '../support/outputs.ts';
import { windowed } from '../support/pipelines.ts';

const keys = 10_000;
const windows = 3;
const rows = keys * windows;
const state = { batchId: 0, ref: 7, keyGroup: 0 };
const requestMs = 40;
const tableMs = 5;
const throttledMs = 20_000;
const mostRounds = 60;
const samplesEvery = 20;

type Taken = { readonly key: string; readonly window: number; readonly index: number };
type Entries = { readonly Records: readonly { readonly PartitionKey: string; readonly Data: Uint8Array }[] };
type Refuses = (at: number) => boolean;

/** A stream that takes what it does not refuse, and what it has taken, when, in how many requests. */
class Stream {
  readonly taken: Taken[] = [];
  readonly client: KinesisClient;
  requests = 0;
  mostOfKey = 0;
  lastAt = 0;

  constructor(scheduler: Scheduler, refuses: Refuses) {
    const send = async ({ input }: { readonly input: Entries }) => {
      await scheduler.sleep(requestMs);
      this.requests += 1;
      const ofKey = new Map<string, number>();
      const Records = input.Records.map(({ PartitionKey, Data }) => {
        ofKey.set(PartitionKey, (ofKey.get(PartitionKey) ?? 0) + 1);
        if (refuses(scheduler.now)) return { ErrorCode: 'ProvisionedThroughputExceededException' };
        const { _sluice } = JSON.parse(Buffer.from(Data).toString()) as {
          _sluice: { index: number; window: number[] };
        };
        this.taken.push({ key: PartitionKey, window: _sluice.window[0]!, index: _sluice.index });
        this.lastAt = scheduler.now;
        return { SequenceNumber: '1' };
      });
      this.mostOfKey = Math.max(this.mostOfKey, ...ofKey.values());
      return { Records };
    };
    this.client = { send } as unknown as KinesisClient;
  }

  /** Of each key every record comes behind those that were made before it. */
  get isInOrder(): boolean {
    const last = new Map<string, number>();
    return this.taken.every(({ key, index }) => {
      const isNext = index > (last.get(key) ?? -1);
      last.set(key, index);
      return isNext;
    });
  }
}

/** Rows of steps that were made or loaded, and that somebody still holds. */
class HeldRows {
  readonly #steps: { readonly step: WeakRef<readonly unknown[]>; readonly rows: number }[] = [];
  #asked = 0;
  most = 0;

  of(store: RowStore): RowStore {
    const watched = (step: OutboxStep): OutboxStep => {
      this.#steps.push({ step: new WeakRef(step.rows), rows: step.rows.length });
      this.sample();
      return step;
    };
    return {
      ...store,
      putStep: async (name, from, step) => watched(await store.putStep(name, from, watched(step))),
      loadStep: async (name, from) => watched(await store.loadStep(name, from)),
    };
  }

  sample(): void {
    this.#asked += 1;
    if (this.#asked % samplesEvery !== 0) return;
    collectGarbage();
    const held = new Map<readonly unknown[], number>();
    for (const { step, rows: count } of this.#steps) {
      const found = step.deref();
      if (found !== undefined) held.set(found, count);
    }
    this.most = Math.max(
      this.most,
      [...held.values()].reduce((sum, count) => sum + count, 0),
    );
  }
}

let collectGarbage: () => void;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collectGarbage = runInNewContext('gc') as () => void;
});

const idOf = (at: number): string => `k${String(at).padStart(5, '0')}`;
const partials = Array.from({ length: keys }, (_, at) => {
  const of = (start: number) => [start, start + 10, [1, [1, at], at, at, [1, at]]] as const;
  return [[idOf(at)], Array.from({ length: windows }, (__, window) => of(window * 10))] as const;
});

/** All rounds of the close. `refusing`, `throttling`: what the second and the third stream do. */
async function closeOf({ refusing, throttling }: { readonly refusing: Refuses; readonly throttling: Refuses }) {
  const scheduler = new Scheduler(noon, 'event loop');
  const clock = { now: () => scheduler.now, sleep: (ms: number) => scheduler.sleep(ms) };
  const streams: Record<string, Stream> = {
    main: new Stream(scheduler, () => false),
    refusing: new Stream(scheduler, refusing),
    throttling: new Stream(scheduler, throttling),
  };
  const dynamodb = new SimulatedDynamodb({ now: clock.now, random: new Random(1) });
  const client = serviceClient<DynamoDBClient>(
    async (operation, input) => {
      await scheduler.sleep(tableMs);
      return dynamodb.execute(operation, input);
    },
    { date: clock.now },
  );
  const table = new Table(client, 'sluice', clock);
  dynamodb.createTable('sluice');
  let ids = 0;
  const storage = openStorage({ table, pipeline: 'p', clock, newId: () => `id-${++ids}` });
  const held = new HeldRows();
  const random = new Random(7);
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, {}),
    {
      clock,
      rows: held.of(createRowStore(storage)),
      states: createStateStore(storage),
      outboxNotes: createOutboxNoteStore(storage),
      sink: (output) => {
        const pause = () => random.next();
        return createKinesisSink(streams[output]!.client, { kind: 'name', streamName: output }, clock, pause, {
          laneOf: laneOfKey,
        });
      },
    },
  );
  const given = windowed();
  // A hundred rows of each request share a key with another.
  const partitionKey = (row: { readonly key: string }) => `p${row.key.slice(-2)}`;
  const outputs = Object.keys(streams).map((id) => kinesisOutput({ partitionKey, ordered: true }, { id }));
  const pipeline: Pipeline = { ...given, outputs };
  const body = batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint: pipeline.fingerprint });
  await putSealed(memory, body, 0, [partials]);
  const log = { info: () => {}, warn: () => {} };
  const doneIn: Record<string, number> = {};
  let done = false;
  let round = 0;
  const drive = async (): Promise<void> => {
    for (; !done && round < mostRounds; ) {
      round += 1;
      const answer = await reduceKeyGroup(
        { epoch: 7, ...state, again: round > 1 },
        { pipeline, ports: memory.ports, log },
      );
      done = answer.done;
      for (const [id, { taken }] of Object.entries(streams)) if (taken.length >= rows) doneIn[id] ??= round;
    }
  };
  let steps = -1;
  const driven = drive().then(async () => {
    steps = (await memory.ports.states.loadState(0, 0, 7)).steps.length;
  });
  await scheduler.run(noon + 3_600_000, () => steps >= 0);
  await driven;
  return { streams, held, doneIn, round, steps, seconds: (scheduler.now - noon) / 1_000 };
}

it('arrives at all three; the healthy ones wait for nobody, each key in its order, and what is held is bounded', async () => {
  const random = new Random(3);
  const began = process.cpuUsage();
  const { streams, held, doneIn, round, steps, seconds } = await closeOf({
    refusing: () => random.chance(0.3),
    throttling: (at) => at < noon + throttledMs,
  });
  const { user, system } = process.cpuUsage(began);
  const told = Object.entries(streams).map(
    ([id, { requests, lastAt }]) =>
      `${id} in round ${doneIn[id]} after ${((lastAt - noon) / 1_000).toFixed(1)} s and ${requests} requests`,
  );
  process.stdout.write(
    `${rows} rows in ${steps} steps, ${round} rounds, ${seconds.toFixed(0)} s: ${told.join(', ')}; ` +
      `most rows held ${held.most}; ${((user + system) / 1e6).toFixed(1)} s of CPU\n`,
  );
  for (const { taken, isInOrder, mostOfKey } of Object.values(streams)) {
    expect(taken).toHaveLength(rows);
    expect(new Set(taken.map(({ index }) => index)).size).toBe(rows);
    expect(isInOrder).toBe(true);
    expect(mostOfKey).toBe(1);
  }
  // Those that take what they are given are done while the others go on.
  expect(doneIn.main).toBe(1);
  expect(doneIn.throttling).toBeLessThan(doneIn.refusing!);
  expect(steps).toBe(rows / 1_000);
  expect(held.most).toBeGreaterThanOrEqual(1_000);
  expect(held.most).toBeLessThanOrEqual(4_000);
});
