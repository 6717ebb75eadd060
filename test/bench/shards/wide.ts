/**
 * One batch of a stream of many shards, with so many shards a task: planned, run through the state machine with its waves, sealed and committed by the steps
 * and stores that are deployed. Executors put blocks as those that found something in each of their shards put them; events are not read, and reducers
 * read what they would reduce.
 */
import * as z from 'zod';
import { noCounts } from '../../../functions/core/counters.ts';
import { decidePlan } from '../../../functions/core/decide-plan.ts';
import { noListingChange } from '../../../functions/core/shard-lineage.ts';
import { WindowTable } from '../../../functions/core/window-table.ts';
import { bytes, count, json, kinesis, pipeline, tumbling } from '../../../functions/index.ts';
import type { EventMeta } from '../../../functions/pipeline/callback.ts';
import { requirePipeline } from '../../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../../functions/pipeline/pipeline.ts';
import {
  commitBatchHandler,
  planBatchHandler,
  reduceKeyGroupHandler,
  sealBatchHandler,
} from '../../../functions/steps/handlers.ts';
import { type ExecutionEvent, historyOf, jsonBytes } from '../../../local/driver/execution-limits.ts';
import { localMachine, widthOf } from '../../../local/driver/loop-definition.ts';
import { type Handler, runExecution } from '../../../local/driver/state-machine-runner.ts';
import { Random } from '../../simulation/random.ts';
import { asking, committedPipeline } from './committed-pipeline.ts';
import { readOf } from './stream.ts';

export type WideSettings = {
  readonly shards: number;
  readonly perTask: number;
  /** 0: without aggregation. */
  readonly keyGroups: number;
};

type StepCost = {
  calls: number;
  requests: number;
  readUnits: number;
  writeUnits: number;
  /** Of all calls, the tables in memory included. */
  cpuMs: number;
};
type StepName = 'plan' | 'executors' | 'seal' | 'reducers' | 'sums' | 'commit';

export type WideFigures = {
  readonly shards: number;
  readonly executors: number;
  readonly waves: number;
  readonly keyGroups: number;
  /** CPU of the decision alone: the least of several, since others may share the cores. */
  readonly decisionCpuMs: number;
  readonly steps: Readonly<Record<StepName, StepCost>>;
  /** The largest input or output of a state, by its name. */
  readonly payloads: Readonly<Record<string, number>>;
  /** Of one turn, if the machine were a Standard one. */
  readonly historyEvents: number;
  readonly bodyBytes: number;
};

const noMeta = {} as EventMeta;
const keysOfTask = 100;
const decisions = 40;
const passed = { verdict: 'passed', reason: 'invalid-event-time', message: '', expandedBytes: 0 } as const;

const event = z.object({ user: z.string(), at: z.number() });

function pipelineFor({ shards, perTask, keyGroups }: WideSettings): Pipeline {
  const maxTasks = Math.ceil(shards / perTask);
  const options = { maxTasks, shardsPerTask: perTask, minBatchesToRetain: 3 };
  const source = kinesis({ streamName: 'in' });
  const sink = kinesis({ streamName: 'out' });
  if (keyGroups === 0)
    return requirePipeline(pipeline('wide', options).readStream(source).decode(bytes()).writeStream(sink));
  return requirePipeline(
    pipeline('wide', { ...options, parallelism: keyGroups })
      .readStream(source)
      .decode(json(event))
      .withWatermark(({ at }) => at, { delay: '1 hour' })
      .groupBy({ user: ({ user }) => user })
      .window(tumbling('1 hour'))
      .aggregate({ events: count() })
      .writeStream(sink),
  );
}

/** A batch is measured once two have gone before it. */
export async function measureWide(settings: WideSettings): Promise<WideFigures> {
  const random = new Random(7);
  const checked = pipelineFor(settings);
  const given = await committedPipeline(checked, { open: settings.shards, ended: 0 });
  const { time, services, stores, newId } = given;
  const runtime = given.runtime as never;

  const steps = {} as Record<StepName, StepCost>;
  const counted =
    (name: StepName, work: (payload: never) => Promise<unknown>): Handler =>
    async (payload) => {
      const [answer, asked] = await asking(services, () => work(payload as never));
      const cost = steps[name] ?? { calls: 0, requests: 0, readUnits: 0, writeUnits: 0, cpuMs: 0 };
      steps[name] = cost;
      cost.calls += 1;
      for (const of of ['requests', 'readUnits', 'writeUnits', 'cpuMs'] as const) cost[of] += asked[of];
      return answer;
    };

  const read = async ({
    epoch: ref,
    batchId,
    task,
    plan,
  }: {
    epoch: number;
    batchId: number;
    task: number;
    plan: string;
  }) => {
    const { shards } = await stores.plans.loadTask(ref, task, plan);
    const results = shards.map((shard) => readOf(shard, time.now, random));
    const events = results.reduce((sum, result) => sum + result.events, 0);
    const counters = { ...noCounts, read: events, counted: events };
    const summary = { ref, batchId, task, nonce: newId(), shards: results, failedShards: [], groups: [], counters };
    await stores.blocks.putBlock(summary, partialsOf(checked, time.now, task));
    return { outcome: 'moved' };
  };
  const reduce = async ({ batchId, ref, keyGroup }: { batchId: number; ref: number; keyGroup: number }) => {
    const body = await stores.seals.loadSealed(batchId, ref);
    await stores.blocks.loadPartials(body, keyGroup);
    return { keyGroup, emitted: 1, done: true, progressed: true, size: sizeOfState };
  };
  const context = {};
  const handlers: Record<string, Handler> = {
    PlanBatch: counted('plan', (payload) => planBatchHandler(runtime)(payload, context)),
    // One after the other, so that what each has asked for is known.
    ReadTask: inTurn(counted('executors', read)),
    SealBatch: counted('seal', (payload) => sealBatchHandler(runtime)(payload, context)),
    ReduceKeyGroup: inTurn(counted('reducers', reduce)),
    SumUpWave: counted('sums', (payload) => reduceKeyGroupHandler(runtime)(payload, context)),
    CommitBatch: counted('commit', (payload) => commitBatchHandler(runtime)(payload, context)),
  };

  const machine = localMachine('STANDARD', widthOf(checked));
  const eventsIn = historyOf(machine.definition);
  const payloads: Record<string, number> = {};
  let historyEvents = 0;
  const onEvent = (event: ExecutionEvent): void => {
    historyEvents += eventsIn(event);
    if (!('state' in event)) return;
    const { name, input, output } = event.state as { name: string; input?: unknown; output?: unknown };
    payloads[name] = Math.max(payloads[name] ?? 0, jsonBytes(input), jsonBytes(output));
  };
  for (const untilBatch of [1, 2, 3]) {
    time.now += 10_000;
    for (const name of Object.keys(steps)) delete steps[name as StepName];
    historyEvents = 0;
    const end = await runExecution({ ...machine, input: { untilBatch }, handlers, startExecution: () => {}, onEvent });
    if (end.kind !== 'succeeded') throw new Error(`the execution has ${JSON.stringify(end)}`);
  }
  const head = (await stores.head.load())!;
  const body = await stores.seals.loadBody(head.committed!.batchId, head.committed!.ref);
  const decide = () =>
    decidePlan(checked, head, body, {
      listing: noListingChange,
      kind: 'read',
      now: time.now,
      maxTasks: checked.maxTasks,
    });
  const executors = decide().tasks.length;
  const { shards: _, parts: __, replacedParts: ___, ...root } = body;
  return {
    ...{ shards: settings.shards, executors, waves: Math.ceil(executors / 40), keyGroups: settings.keyGroups },
    ...{ decisionCpuMs: cpuOf(decide), steps, payloads, historyEvents, bodyBytes: jsonBytes(root) },
  };
}

const sizeOfState = {
  entries: 9_999,
  bytes: 99_999,
  segments: 99,
  runs: 9,
  inlineChars: 9_999,
  manifestChars: 9_999,
  steps: 9,
};

/** Each call after the one before has ended. */
function inTurn(handler: Handler): Handler {
  let last: Promise<unknown> = Promise.resolve();
  return (payload) => {
    last = last.then(() => handler(payload));
    return last;
  };
}

/** What an executor has counted of a hundred keys. */
function partialsOf(checked: Pipeline, now: number, task: number) {
  if (checked.aggregation === undefined) return new Map();
  const counted = new WindowTable(checked.aggregation);
  for (let key = 0; key < keysOfTask; key++) {
    const user = `user-${task}-${key}`;
    counted.add({ ...passed, value: { user, at: now }, eventTime: now }, noMeta, { batchId: 0, watermark: 0 });
  }
  return counted.saveByKeyGroup(checked.parallelism);
}

function cpuOf(work: () => unknown): number {
  const times = Array.from({ length: decisions }, () => {
    const begun = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}
