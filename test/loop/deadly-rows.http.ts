/**
 * A row whose callback never ends, takes all memory, or ends its process, in the last batch of a run: the reducer runs in a
 * process of its own with a function's limits, everything else as in any run.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { deadLetterPartitions } from '../../functions/adapters/dynamodb/keys.ts';
import { type Item, Table } from '../../functions/adapters/dynamodb/table.ts';
import { numbersIn } from '../../functions/core/waves.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { createHandlers } from '../../functions/steps/handlers.ts';
import type { BatchState, ReducedGroup, ReduceKeyGroupInput } from '../../functions/steps/messages.ts';
import { createRuntime, type Runtime, systemClock } from '../../functions/steps/runtime.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { functionTimeoutSeconds, microBatch } from '../../state-machine/micro-batch.ts';
import harmfulRows from '../adapters/pipelines/harmful-rows.ts';
import { useWorld } from '../support/use-world.ts';
import { dynamodbOf, makeStreams, publishEvents, readSink, region } from '../support/world.ts';
import type { ReduceOrder } from './reduce-child.ts';

const world = useWorld();
const memoryMb = 256;
const functions = { planBatch: '-', processShards: '-', sealBatch: '-', reduceKeyGroup: '-', commitBatch: '-' };
const { timing } = microBatch({ functions, type: 'EXPRESS' });
const keys = ['a', 'b', 'c', 'd'];

/** Lambda, as far as it ends a process: by its time and by its memory. */
async function reduceInChild(order: ReduceOrder, keyGroup: number): Promise<ReducedGroup> {
  const failed = { keyGroup, emitted: 0, done: false, progressed: false };
  const child: ChildProcess = spawn(
    process.execPath,
    [`--max-old-space-size=${memoryMb}`, new URL('reduce-child.ts', import.meta.url).pathname],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  child.stdin!.end(JSON.stringify(order));
  const timer = setTimeout(() => child.kill('SIGKILL'), functionTimeoutSeconds.reduceKeyGroup * 1000);
  const answer = await text(child.stdout!);
  clearTimeout(timer);
  return answer === '' ? { ...failed, why: 'Runtime.ExitError', died: true } : JSON.parse(answer);
}

/** The machine's way through one batch, with reducers in children and a clock that waits move on. */
class Batch {
  readonly #order: Omit<ReduceOrder, 'clockAheadMs' | 'input'>;
  readonly #run: string;
  readonly runtime: Runtime;
  readonly waits: number[] = [];
  reductions = 0;
  #clockAheadMs = 0;

  constructor(run: string, order: Omit<ReduceOrder, 'clockAheadMs' | 'input'>) {
    this.#run = run;
    this.#order = order;
    const clock = { ...systemClock, now: () => Date.now() + this.#clockAheadMs };
    const pipeline = requirePipeline(harmfulRows, order.overrides);
    this.runtime = createRuntime(pipeline, { ...order.settings, credentials: localCredentials, clock });
  }

  async run(): Promise<void> {
    let state = await this.#read();
    while (state.next === 'reduce') {
      const { epoch, batchId, ref, again, keyGroups } = state;
      this.reductions += 1;
      const groups = await Promise.all(
        numbersIn(keyGroups).map((keyGroup) => this.#reduce({ epoch, batchId, ref, again, keyGroup })),
      );
      state = await this.#call('commitBatch', { ...state, groups });
      const isCommitted = (await this.runtime.ports.head.load())?.committed?.batchId === batchId;
      if (state.next !== 'wait' || isCommitted) continue;
      this.waits.push(Date.parse(state.waitUntil) - this.runtime.ports.clock.now());
      this.#clockAheadMs += this.waits.at(-1)!;
      state = await this.#call('planBatch', { batch: state, outcomes: [] });
    }
  }

  /** Up to the seal. */
  async #read(): Promise<BatchState> {
    const planned = await this.#call('planBatch', { batch: { next: 'plan', turn: 0 }, outcomes: [] });
    if (planned.next !== 'process') throw new Error(JSON.stringify(planned));
    const { epoch, batchId, plan } = planned;
    const input = { run: this.#run, epoch, batchId, task: 0, readSeconds: timing.readSeconds, plan };
    await createHandlers(this.runtime).processShards(input, {});
    return this.#call('sealBatch', { ...planned, outcomes: ['moved'] });
  }

  async #call(step: 'planBatch' | 'sealBatch' | 'commitBatch', payload: object): Promise<BatchState> {
    const common = { request: {}, run: this.#run, executionId: this.#run, startedAt: new Date().toISOString(), timing };
    return (await createHandlers(this.runtime)[step]({ ...common, ...payload }, {})) as BatchState;
  }

  #reduce(input: ReduceKeyGroupInput): Promise<ReducedGroup> {
    return reduceInChild({ ...this.#order, clockAheadMs: this.#clockAheadMs, input }, input.keyGroup);
  }
}

async function runWith(harm: string) {
  const streams = await makeStreams(world, 1);
  const at = Date.UTC(2026, 0, 1);
  const event = (key: string, value: number, after = 0) => ({ key, data: { at: at + after, key, value } });
  const events = [...keys, harm].flatMap((key) => [event(key, 1), event(key, 2)]);
  // The last one closes the window of the others.
  await publishEvents(world, streams.source, [...events, event('later', 1, 600_000)]);
  const settings = {
    ...{ table: `deadly-rows-${harm}`, region, memoryMb },
    kinesisEndpoint: world.kinesis.endpoint,
    dynamodbEndpoint: world.dynamodb.endpoint,
  };
  await ensureTable(dynamodbOf(world), settings.table);
  const pipelineFile = new URL('../adapters/pipelines/harmful-rows.ts', import.meta.url).href;
  const batch = new Batch(harm, { pipelineFile, overrides: streams, settings });
  await batch.run();
  const { ports, pipeline } = batch.runtime;
  const store = new Table(dynamodbOf(world), settings.table, ports.clock);
  const letters: Item[] = [];
  const ofResults = { condition: 'begins_with(sk, :from)', values: { ':from': 'results' } };
  for (const pk of deadLetterPartitions(pipeline.name))
    for await (const item of store.query(pk, ofResults)) letters.push(item);
  const progress = await ports.reports.loadProgress(0, (await ports.head.load())!.committed!.ref);
  return { batch, letters, progress, sent: await readSink(world, streams.sink) };
}

describe.concurrent.each(['loop', 'memory', 'exit'])('a row whose callback does this to its reducer: %s', (harm) => {
  test('is a dead letter after three deaths, a minute apart; all other rows are sent once', async () => {
    const { batch, letters, progress, sent } = await runWith(harm);
    expect(sent.map(({ key, total }) => [key, total]).sort()).toEqual(keys.map((key) => [key, 3]));
    expect(batch.waits).toHaveLength(2);
    for (const ms of batch.waits) expect(ms).toBeGreaterThan(50_000);
    // Once in place, three times apart.
    expect(batch.reductions).toBe(4);
    expect(letters.map(({ reason }) => reason?.S)).toEqual(['crashed-reducer']);
    expect(JSON.parse(Buffer.from(letters[0]!.payload!.B!).toString())).toMatchObject({
      row: { key: harm, events: 2, total: 3, windowStart: '2026-01-01T00:00:00.000Z' },
      accumulators: { events: 2 },
    });
    expect(progress?.counters.emitted).toBe(keys.length);
  }, 120_000);
});
