/** Plan, executor and commit with enhanced fan-out. */
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { BatchBody } from '../../functions/core/model.ts';
import type { Page } from '../../functions/core/record.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { ConsumerState, CursorStop, ReadOptions, Source } from '../../functions/ports/source.ts';
import { commitBatch } from '../../functions/steps/commit-batch/commit-batch.ts';
import type { CommitBatchInput, PlanBatchInput } from '../../functions/steps/messages.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import {
  batchBody,
  checkpoint,
  decompress,
  headOf,
  heldUntil,
  md5,
  noon,
  page,
  planned,
  plannedTask,
  planRecord,
  record,
  sourcesOf,
  timing,
} from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { mapped } from '../support/pipelines.ts';

const consumerArn = 'arn:aws:kinesis:us-east-1:123456789012:stream/source/consumer/sluice-mapped:1';
const active: ConsumerState = { kind: 'active', arn: consumerArn };
const log = { info: () => {}, warn: () => {} };
const isoOf = (time: number) => new Date(time).toISOString();

const pipeline: Pipeline = { ...mapped(), source: { ...mapped().source, consumerType: 'SubscribeToShard' } };
const everySecond: Pipeline = { ...pipeline, trigger: { ...pipeline.trigger, everyMs: 1_000 } };

function world(states: readonly (ConsumerState | Error)[], source: Partial<Source> = {}) {
  const asked: boolean[] = [];
  const memory: Memory = memoryPorts({
    ...scriptedSource(() => memory, { a: [record(1, { id: 1 })] }),
    consumer: {
      async ensure(_, isDoubted) {
        const state = states[asked.push(isDoubted) - 1] ?? states.at(-1)!;
        if (state instanceof Error) throw state;
        return state;
      },
      deregisterOwn: async () => {},
    },
    ...source,
  });
  return { memory, asked, runtime: (of = pipeline) => ({ pipeline: of, ports: memory.ports, md5, decompress, log }) };
}

const planInput = (given: Partial<PlanBatchInput> = {}): PlanBatchInput => ({
  request: {},
  run: 'run-1',
  executionId: 'execution',
  startedAt: isoOf(noon),
  timing,
  batch: { next: 'plan', turn: 0 },
  outcomes: [],
  ...given,
});

/** A head whose batch 0 is committed, and its body. */
async function committed(memory: Memory, given: Partial<BatchBody> = {}, of = pipeline) {
  const { fingerprint } = of;
  memory.head = headOf({
    fingerprint,
    sources: sourcesOf({ stream: (await memory.ports.source.describe()).stream }),
  });
  await memory.ports.seals.putBody(
    batchBody({ fingerprint, consumerType: 'SubscribeToShard', caughtUp: true, shards: [checkpoint('a')], ...given }),
  );
}

const afterIdleTurn = (given: Partial<PlanBatchInput> = {}) =>
  planInput({ batch: { next: 'process', turn: 3 }, outcomes: ['caught-up'], ...given });

describe('a plan', () => {
  it('gives each task the consumer, and says how the batch is read', async () => {
    const { memory, runtime } = world([active]);
    const state = await planBatch(planInput(), runtime());
    const { epoch } = state as Extract<typeof state, { next: 'process' }>;
    expect(await memory.ports.plans.loadTask(epoch, 0)).toMatchObject({ consumerArn, nextTurnAt: noon + 10_000 });
    expect(await memory.ports.plans.loadPlan(epoch)).toMatchObject({ consumerType: 'SubscribeToShard' });
  });

  it('of a run that ends when it has caught up has no next turn to keep clear of', async () => {
    const { memory, runtime } = world([active]);
    const state = await planBatch(planInput({ request: { untilCaughtUp: true } }), runtime());
    const { epoch } = state as Extract<typeof state, { next: 'process' }>;
    expect(await memory.ports.plans.loadTask(epoch, 0)).toMatchObject({ nextTurnAt: null });
  });

  it.each(['CREATING', 'DELETING'])('waits in the state machine while the consumer is %s', async (status) => {
    const { memory, runtime } = world([{ kind: 'not-ready', status }, active]);
    const waiting = await planBatch(planInput(), runtime());
    expect(waiting).toMatchObject({ next: 'wait', turn: 1, waitUntil: isoOf(noon + 2_000) });
    memory.now = noon + 2_000;
    const next = await planBatch(planInput({ batch: waiting }), runtime());
    expect(next).toMatchObject({ next: 'process', turn: 2 });
  });

  it('polls where there can be no consumer and the pipeline says so', async () => {
    const { memory, runtime } = world([{ kind: 'fall-back', reason: 'quota' }]);
    const state = await planBatch(planInput(), runtime());
    const { epoch } = state as Extract<typeof state, { next: 'process' }>;
    expect(await memory.ports.plans.loadTask(epoch, 0)).toMatchObject({ consumerArn: null });
    expect(await memory.ports.plans.loadPlan(epoch)).toMatchObject({ consumerType: 'GetRecords' });
  });

  it('ends with the error of a consumer that is another’s', async () => {
    const { runtime } = world([new SluiceError('ConsumerNotOwned', 'not yours')]);
    await expect(planBatch(planInput(), runtime())).rejects.toMatchObject({ name: 'ConsumerNotOwned' });
  });

  it('has doubts about the consumer at the start of a run and after a failure, not in between', async () => {
    const { memory, asked, runtime } = world([active]);
    await committed(memory);
    await planBatch(planInput(), runtime());
    await planBatch(afterIdleTurn(), runtime());
    expect(asked).toEqual([true, false]);
    const failed = world([active]);
    await committed(failed.memory, { failedShards: [{ source: 'main', shardId: 'a', error: 'StreamNotFound' }] });
    await planBatch(afterIdleTurn(), failed.runtime());
    expect(failed.asked).toEqual([true]);
    const failing = world([active]);
    await committed(failing.memory);
    await planBatch(planInput({ batch: { next: 'wait', turn: 3, failingSince: noon - 5_000 } }), failing.runtime());
    expect(failing.asked).toEqual([true]);
  });

  it('reads by polling without asking for a consumer where the pipeline polls', async () => {
    const { asked, runtime } = world([active]);
    expect(await planBatch(planInput(), runtime(mapped()))).toMatchObject({ next: 'process' });
    expect(asked).toEqual([]);
  });
});

describe('five seconds between two subscriptions', () => {
  it('are waited for by a plan that comes too early, such as one of another run', async () => {
    const { memory, asked, runtime } = world([active]);
    await committed(memory, { shards: [checkpoint('a', { lastSubscribedAt: noon - 1_500 })] });
    expect(await planBatch(planInput(), runtime())).toMatchObject({ next: 'wait', waitUntil: isoOf(noon + 3_750) });
    expect(asked).toEqual([]);
    memory.now = noon + 3_750;
    expect(await planBatch(planInput({ batch: { next: 'wait', turn: 1 } }), runtime())).toMatchObject({
      next: 'process',
    });
  });

  it('pass after a turn that left something unread: nobody knows what it subscribed to', async () => {
    const { memory, runtime } = world([active]);
    await committed(memory);
    expect(await planBatch(afterIdleTurn({ outcomes: ['behind'] }), runtime())).toMatchObject({
      next: 'wait',
      waitUntil: isoOf(noon + 5_250),
    });
    expect(await planBatch(afterIdleTurn({ outcomes: ['behind'] }), runtime(mapped()))).toMatchObject({
      waitUntil: isoOf(noon + 2_000),
    });
  });

  it('pass after a turn that left shards without a task unread, although it found nothing', async () => {
    const { memory, runtime } = world([active]);
    await committed(memory);
    const unread = afterIdleTurn({ batch: { next: 'process', turn: 3, leavesUnread: true } });
    expect(await planBatch(unread, runtime())).toMatchObject({ next: 'wait', waitUntil: isoOf(noon + 5_250) });
    expect(await planBatch(unread, runtime(mapped()))).toMatchObject({ next: 'process' });
  });

  it('fit between idle turns, whatever the trigger', async () => {
    const { memory, runtime } = world([active]);
    await committed(memory);
    const state = await planBatch(afterIdleTurn(), runtime(everySecond));
    expect(state).toMatchObject({ next: 'process', waitUntil: isoOf(noon + 6_000) });
  });

  const commit = async (
    batch: Partial<BatchBody>,
    { of = pipeline, ...given }: Partial<CommitBatchInput> & { readonly of?: Pipeline } = {},
  ) => {
    const { memory, runtime } = world([active]);
    await memory.ports.seals.putBody(batchBody({ fingerprint: of.fingerprint, batchId: 0, ref: 6, ...batch }));
    const { stream } = await memory.ports.source.describe();
    const isSealed = { committed: undefined, sealed: { batchId: 0, ref: 6 } };
    memory.head = headOf({ fingerprint: of.fingerprint, epoch: 7, ...isSealed, sources: sourcesOf({ stream }) });
    const input = {
      request: {},
      run: 'run-1',
      startedAt: isoOf(noon),
      timing,
      epoch: 7,
      batchId: 0,
      ref: 6,
      turn: 1,
      waitUntil: isoOf(noon),
      reduced: { emitted: 0, stuckSince: 0 },
      groups: [],
      ...given,
    };
    const state = await commitBatch(input, runtime(of));
    return { memory, runtime, state, report: await memory.ports.reports.loadProgress(0, 6) };
  };

  it('are kept after a batch with a backlog', async () => {
    const shards = [checkpoint('a', { lastSubscribedAt: noon - 2_000 })];
    const subscribing = await commit({ backlog: true, consumerType: 'SubscribeToShard', shards });
    expect(subscribing.state).toMatchObject({ next: 'wait', waitUntil: isoOf(noon + 3_250) });
    expect(subscribing.report).toMatchObject({ consumerType: 'SubscribeToShard' });
    const polling = await commit({ backlog: true, consumerType: 'GetRecords', shards });
    expect(polling.state).toMatchObject({ next: 'plan' });
    expect(polling.report).toMatchObject({ consumerType: 'GetRecords' });
  });

  const someIdle = { consumerType: 'SubscribeToShard', caughtUp: true, tasksWithoutBlock: 1 } as const;
  const lastTurn = { turn: timing.maxTurns, waitUntil: isoOf(noon + 10_000) };

  it('are over before an execution hands over, whose successor knows nothing of idle tasks', async () => {
    const { state, memory, runtime } = await commit(someIdle, lastTurn);
    expect(state).toMatchObject({ next: 'wait', waitUntil: isoOf(noon + 5_250) });
    expect(memory.head).toMatchObject({
      committed: { batchId: 0 },
      holder: { lease: heldUntil(noon + 5_250 + timing.commitToPlanSeconds * 1_000) },
    });
    memory.now = noon + 5_250;
    expect(await planBatch(planInput({ batch: state }), runtime())).toMatchObject({ next: 'continue-as-new' });
    expect(memory.head?.holder?.lease).toEqual({ kind: 'released' });
  });

  it('hold no hand-over back where all is told, by polling, or where the execution would be cut', async () => {
    const told = await commit({ ...someIdle, tasksWithoutBlock: 0 }, lastTurn);
    const polling = await commit({ ...someIdle, consumerType: 'GetRecords' }, lastTurn);
    const startedAt = isoOf(noon - (timing.reduceUntilSeconds + timing.sealToCommitSeconds) * 1_000);
    const late = await commit(someIdle, { ...lastTurn, startedAt });
    for (const { state, memory } of [told, polling, late]) {
      expect(state).toMatchObject({ next: 'continue-as-new' });
      expect(memory.head?.holder?.lease).toEqual({ kind: 'released' });
    }
  });

  it('are over before a plan hands over after a turn that left something unread', async () => {
    const { memory, runtime } = world([active]);
    await committed(memory);
    const behind = planInput({ batch: { next: 'process', turn: timing.maxTurns }, outcomes: ['behind'] });
    const state = await planBatch(behind, runtime());
    expect(state).toMatchObject({ next: 'wait', waitUntil: isoOf(noon + 5_250) });
    memory.now = noon + 5_250;
    expect(await planBatch(planInput({ batch: state }), runtime())).toMatchObject({ next: 'continue-as-new' });
    const polling = world([active]);
    await committed(polling.memory);
    const byPolling = await planBatch(behind, polling.runtime(mapped()));
    expect(byPolling).toMatchObject({ next: 'continue-as-new' });
  });
});

describe('an executor', () => {
  async function read(
    pages: readonly (Page | CursorStop | Error)[],
    given: { readonly nextTurnAt?: number } = {},
    of = pipeline,
  ) {
    const closed: string[] = [];
    const opened: ReadOptions[] = [];
    let at = 0;
    const { memory, runtime } = world([active], {
      async open(shardId, _, reading) {
        opened.push(reading!);
        return {
          subscribedAt: noon + 200,
          async next() {
            const next = pages[at++] ?? (at === 1 ? 'throttled' : 'deadline');
            if (next instanceof Error) throw next;
            return next;
          },
          close: () => void closed.push(shardId),
        };
      },
    });
    const task = plannedTask([planned('a', { readThrough: noon - 1_000 })], {
      fingerprint: pipeline.fingerprint,
      consumerArn,
      ...given,
    });
    await memory.ports.plans.putPlan(planRecord(), [task]);
    const { outcome } = await processShards(
      { run: 'run', epoch: 7, batchId: 1, task: 0, readSeconds: 12 },
      runtime(of),
    );
    return { outcome, closed, opened, result: memory.blocks.get('1/7/0')?.summary.shards[0] };
  }

  const event = (ids: readonly number[], behind = 0): Page => ({
    ...page(ids.map((id) => record(id, { id }))),
    millisBehindLatest: behind,
    isEvent: true,
  });

  it('reads by the consumer of its task, until the deadline', async () => {
    const { opened } = await read([event([1])]);
    expect(opened).toMatchObject([{ until: noon + 12_000, deadline: noon + 12_000, consumerArn }]);
  });

  it('gives its events room in the memory that pages have, and no more', async () => {
    const { opened } = await read([event([1])]);
    const takeRoom = opened[0]!.takeRoom!;
    const all = await takeRoom(1_000_000_000);
    let isGranted = false;
    const next = takeRoom(1).then((room) => {
      isGranted = true;
      room.release();
    });
    await Promise.resolve();
    expect(isGranted).toBe(false);
    all.release();
    await next;
  });

  it('leaves a shard whose event found no room to the next batch, which begins with it', async () => {
    const { outcome, result } = await read([event([1], 9), 'deadline']);
    expect({ outcome, stop: result?.outcome.kind, records: result?.records }).toEqual({
      outcome: 'moved',
      stop: 'deadline',
      records: 1,
    });
    expect((await read(['deadline'])).outcome).toBe('behind');
  });

  it('ends at the event that is at the tip, and says when it subscribed', async () => {
    const { outcome, result, closed } = await read([event([1, 2], 9), event([3]), event([4])]);
    expect(outcome).toBe('moved');
    expect(result).toMatchObject({ records: 3, outcome: { kind: 'caught-up' }, subscribedAt: noon + 200 });
    expect(closed).toEqual(['a']);
  });

  it('takes an event whole, and ends after the one that reaches the budget', async () => {
    const small = { ...pipeline, source: { ...pipeline.source, maxFetchRecordsPerShard: 2 } };
    const { result, closed } = await read([event([1, 2, 3], 9), event([4], 9)], {}, small);
    expect(result).toMatchObject({ records: 3, outcome: { kind: 'budget-spent' } });
    expect(closed).toEqual(['a']);
  });

  it('keeps what came before a failure, and lets go of the connection', async () => {
    const { outcome, result, closed } = await read([event([1], 9), new SluiceError('TemporaryFailure', 'cut off')]);
    expect({ outcome, closed }).toEqual({ outcome: 'moved', closed: ['a'] });
    expect(result).toMatchObject({ records: 1, outcome: { kind: 'failed' }, subscribedAt: noon + 200 });
  });

  it('stores an idle shard that was subscribed to less than five seconds before the next turn', async () => {
    expect((await read([event([])], { nextTurnAt: noon + 5_450 })).outcome).toBe('caught-up');
    const late = await read([event([])], { nextTurnAt: noon + 5_449 });
    expect(late.outcome).toBe('moved');
    expect(late.result).toMatchObject({ records: 0, subscribedAt: noon + 200 });
  });
});
