/** Plan, seal, reduce and commit when their answers are lost, their tries overlap, or the sink is slow. */

import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import { isHeld } from '../../functions/core/head.ts';
import { planLeadMs } from '../../functions/core/read-pace.ts';
import { newTrial } from '../../functions/core/row-trial.ts';
import { bytes, kinesis, pipeline } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import type { Ports } from '../../functions/ports/ports.ts';
import type { Source } from '../../functions/ports/source.ts';
import { commitBatch } from '../../functions/steps/commit-batch/commit-batch.ts';
import type { CommitBatchInput, PlanBatchInput } from '../../functions/steps/messages.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import {
  batchBody,
  block,
  checkpoint,
  decompress,
  headOf,
  heldUntil,
  holderOf,
  hours,
  listed,
  md5,
  noon,
  openUntil,
  record,
  released,
  shardResult,
  sourceOf,
  sourcesOf,
  timing,
} from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { mapped, windowed } from '../support/pipelines.ts';
import { pipelineOfSealed, sealed } from '../support/sealed-streams.ts';

const log = { info: () => {}, warn: () => {} };
const runtimeOf = (memory: Memory, pipeline: Pipeline, given: Partial<Ports> = {}) => ({
  pipeline,
  ports: { ...memory.ports, ...given },
  md5,
  decompress,
  log,
});

function world(given: Partial<Ports> = {}): Memory {
  const memory: Memory = memoryPorts(
    scriptedSource(() => memory, { a: [record(1, { id: 1 })] }),
    given,
  );
  return memory;
}

const notReduced = { reduced: { emitted: 0, stuckSince: 0 }, groups: [] };

const planInput = (given: Partial<PlanBatchInput> = {}): PlanBatchInput => ({
  request: {},
  run: 'run-1',
  executionId: 'execution',
  startedAt: new Date(noon).toISOString(),
  timing,
  batch: { next: 'plan', turn: 0 },
  outcomes: [],
  ...given,
});

describe('two tries of one plan', () => {
  it('never share an epoch, and the later answer holds the newest one (S1)', async () => {
    const memory = world();
    const pipeline = mapped();
    let arrived = 0;
    let release = () => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Both have loaded the same head before either claims.
    const describeStream = async () => {
      const described = await memory.ports.source.describe();
      if (++arrived === 2) release();
      await both;
      return described;
    };
    await planBatch(planInput({ run: 'earlier' }), runtimeOf(memory, pipeline));
    memory.head = released(memory.head!);
    const source = { ...memory.ports.source, describe: describeStream };
    const tries = await Promise.all([1, 2].map(() => planBatch(planInput(), runtimeOf(memory, pipeline, { source }))));
    const epochs = tries.map((answer) => (answer.next === 'process' ? answer.epoch : undefined));
    expect(new Set(epochs).size).toBe(2);
    expect(Math.max(...epochs.map(Number))).toBe(memory.head!.epoch);
  });
});

it('two tries of the first plan of a run give it one end (ENDING-1)', async () => {
  const memory = world();
  const written = mapped();
  const pipeline = { ...written, trigger: { ...written.trigger, availableNow: true } };
  await planBatch(planInput({ run: 'earlier' }), runtimeOf(memory, written));
  const seen = released(memory.head!);
  memory.head = seen;
  const first = await planBatch(planInput(), runtimeOf(memory, pipeline));
  const { runBound } = sourceOf(memory.head);
  // The other try had read the head before, and asks Kinesis for its time a minute later.
  memory.now += 60_000;
  let loads = 0;
  const head = { ...memory.ports.head, load: async () => (loads++ === 0 ? seen : memory.head) };
  const second = await planBatch(planInput(), runtimeOf(memory, pipeline, { head }));
  expect([first.next, second.next]).toEqual(['process', 'process']);
  expect(runBound).toEqual({ timestamp: noon + 122_000, provesEndFrom: noon });
  expect(sourceOf(memory.head).runBound).toEqual(runBound);
});

describe('the first plan', () => {
  const latest = requirePipeline(
    pipeline('latest')
      .readStream(kinesis({ streamName: 'source', startingPosition: 'LATEST' }))
      .decode(bytes())
      .writeStream(kinesis({ streamName: 'sink' })),
  );

  async function firstPlan(source: (real: Source) => Partial<Source>) {
    const memory = world();
    const ports = { source: { ...memory.ports.source, ...source(memory.ports.source) } };
    const state = await planBatch(planInput(), runtimeOf(memory, latest, ports));
    return { start: sourceOf(memory.head!).start, next: state.next };
  }

  it('starts at the time of the answer with LATEST, as long as the stream is older', async () => {
    expect((await firstPlan(() => ({}))).start).toEqual({ kind: 'at-timestamp', timestamp: noon });
  });

  it('starts a stream that was made just now from its beginning: at that time it had no shard to list', async () => {
    const made = {
      describe: async () => ({ stream: { ...sourceOf(headOf()).stream, createdAt: noon + 400 }, serverTime: noon }),
    };
    expect((await firstPlan(() => made)).start).toEqual({ kind: 'trim-horizon' });
  });

  it('lists all shards if none is as old as the start', async () => {
    const young = (real: Source): Partial<Source> => ({
      listShards: async (filter, stream) => (filter.kind === 'all' ? real.listShards(filter, stream) : []),
    });
    expect((await firstPlan(young)).next).toBe('process');
  });
});

describe('a plan that resumes a sealed batch', () => {
  it('lists nothing, and does not say that it did: the plan after it lists', async () => {
    const memory = world();
    await planBatch(planInput(), runtimeOf(memory, mapped()));
    const claimed = memory.head!;
    await memory.ports.seals.putBody(batchBody({ batchId: 0, ref: claimed.epoch, fingerprint: claimed.fingerprint }));
    memory.head = { ...released(claimed), sealed: { batchId: 0, ref: claimed.epoch } };
    memory.now = noon + 60_000;
    expect(await planBatch(planInput({ run: 'later' }), runtimeOf(memory, mapped()))).toMatchObject({ next: 'commit' });
    expect(sourceOf(memory.head).listedAt).toBe(sourceOf(claimed).listedAt);
  });
});

describe('a plan after a turn that moved nothing', () => {
  async function planned(given: Partial<PlanBatchInput>) {
    const memory = world();
    await planBatch(planInput(), runtimeOf(memory, mapped()));
    memory.now = noon + 60_000;
    const batch = { next: 'process', turn: 1, failingSince: noon + 30_000, ...given.batch };
    return planBatch(planInput({ ...given, batch }), runtimeOf(memory, mapped()));
  }

  it('pauses for two seconds if something failed or was left, and remembers since when', async () => {
    const waitUntil = new Date(noon + 62_000).toISOString();
    expect(await planned({ outcomes: ['failed'] })).toEqual({
      next: 'wait',
      turn: 2,
      caughtUp: false,
      failingSince: noon + 30_000,
      waitUntil,
    });
    expect(await planned({ outcomes: ['behind', 'failed'] })).toMatchObject({
      next: 'wait',
      waitUntil,
      failingSince: undefined,
    });
  });

  it('keeps the time through the pause itself', async () => {
    expect(await planned({ batch: { next: 'wait', turn: 1 } })).toMatchObject({
      next: 'process',
      failingSince: noon + 30_000,
    });
  });

  it('refuses after 45 seconds in which every task failed; one failing task among others does not', async () => {
    const batch = { next: 'process', turn: 1, failingSince: noon + 15_000 };
    await expect(planned({ outcomes: ['failed'], batch })).rejects.toMatchObject({ name: 'AllTasksFailed' });
    expect(await planned({ outcomes: ['failed', 'caught-up'], batch })).toMatchObject({ next: 'wait' });
    const request = { untilCaughtUp: true };
    await expect(planned({ request, outcomes: ['failed', 'caught-up'], batch })).rejects.toMatchObject({
      name: 'AllTasksFailed',
    });
  });

  it('says where to look: of waves that could not be started no function has a log', async () => {
    const failed = { outcomes: ['failed' as const], batch: { next: 'process', turn: 1, failingSince: noon + 15_000 } };
    await expect(planned(failed)).rejects.toThrow(/; the logs of process-shards say why$/);
    const inWaves = { ...failed, timing: { ...timing, tasksInWave: 40 } };
    await expect(planned(inWaves)).rejects.toThrow(/; the logs of process-shards, or of the state machine, say why$/);
  });

  it('reads on at once if everything was caught up', async () => {
    expect(await planned({ outcomes: ['caught-up'] })).toMatchObject({ next: 'process', failingSince: undefined });
  });

  it('reads on at its trigger, and no later, if a task only stands before a deadly event', async () => {
    expect(await planned({ outcomes: ['held', 'caught-up'] })).toMatchObject({ next: 'process' });
  });
});

it('before the first commit every plan lists the shards, whatever the interval', async () => {
  const memory = world();
  const pipeline = mapped();
  const rarely = { ...pipeline, source: { ...pipeline.source, describeShardIntervalMs: 3_600_000 } };
  const putPlan = async () => {
    throw new SluiceError('TemporaryFailure', 'crashed');
  };
  const broken = runtimeOf(memory, rarely, { plans: { ...memory.ports.plans, putPlan } });
  await expect(planBatch(planInput(), broken)).rejects.toThrow('crashed');
  memory.now += 1_000;
  expect(await planBatch(planInput(), runtimeOf(memory, rarely))).toMatchObject({ next: 'process', tasks: [0] });
});

it.each([
  ['the creation of the stream', noon - 2e9, 'trim-horizon'],
  ['what retention left', noon - 90_000_000, 'trim-horizon'],
  ['now', noon - 1_000, 'at-timestamp'],
])('a start at a time before %s', async (_, timestamp, kind) => {
  const memory = world();
  const pipeline = mapped();
  const source = { ...pipeline.source, startingPosition: { kind: 'at-timestamp', timestamp } as const };
  await planBatch(planInput(), runtimeOf(memory, { ...pipeline, source }));
  expect(sourceOf(memory.head!).start.kind).toBe(kind);
});

it('another parallelism than that of the saved state is refused before anything is claimed', async () => {
  const memory = world();
  await planBatch(planInput(), runtimeOf(memory, windowed({ parallelism: 2 })));
  const { epoch } = memory.head!;
  await expect(planBatch(planInput(), runtimeOf(memory, windowed({ parallelism: 3 })))).rejects.toMatchObject({
    name: 'FingerprintChanged',
    message: expect.stringContaining('Use 2'),
  });
  expect(memory.head?.epoch).toBe(epoch);
});

it('another parallelism is refused of what is sent after the seal as well, and means nothing where all is sent while reading', async () => {
  const copied = (sink: ReturnType<typeof sealed>, parallelism: number) =>
    requirePipeline(
      pipelineOfSealed('copied', { parallelism })
        .readStream(kinesis({ streamName: 'source' }))
        .decode(bytes())
        .writeStream(sink),
    );
  const sealing = world();
  await planBatch(planInput(), runtimeOf(sealing, copied(sealed({ streamName: 'out' }), 2)));
  await expect(
    planBatch(planInput(), runtimeOf(sealing, copied(sealed({ streamName: 'out' }), 3))),
  ).rejects.toMatchObject({ name: 'FingerprintChanged', message: expect.stringContaining('Use 2') });
  const sending = world();
  for (const parallelism of [2, 3])
    await planBatch(planInput(), runtimeOf(sending, copied(kinesis({ streamName: 'out' }), parallelism)));
  expect(sending.head?.parallelism).toBe(2);
});

it('a commit whose answer was lost, tried again with another decision, leaves no lease behind', async () => {
  const memory = world();
  memory.head = headOf({ sealed: { batchId: 1, ref: 7 }, holder: holderOf({ lease: heldUntil(noon + 50_000) }) });
  await memory.ports.seals.putBody(batchBody({ batchId: 1, ref: 7, caughtUp: true }));
  const input: CommitBatchInput = {
    request: {},
    run: 'run-1',
    startedAt: new Date(noon).toISOString(),
    timing,
    epoch: 7,
    batchId: 1,
    ref: 7,
    turn: 1,
    waitUntil: new Date(noon + 10_000).toISOString(),
    ...notReduced,
  };
  expect(await commitBatch(input, runtimeOf(memory, mapped()))).toMatchObject({ next: 'wait' });
  expect(isHeld(memory.head, noon)).toBe(true);
  memory.now = noon + timing.rotateAfterSeconds * 1000;
  expect(await commitBatch(input, runtimeOf(memory, mapped()))).toMatchObject({ next: 'continue-as-new' });
  expect(memory.head).toMatchObject({ committed: { batchId: 1, ref: 7 }, holder: { lease: { kind: 'released' } } });
});

it('a pipeline that retains more batches than before does not tell of purged ones as retained', async () => {
  const memory = world();
  const sealed = { batchId: 50, ref: 7 };
  memory.head = headOf({ ...{ committed: { batchId: 49, ref: 7 }, sealed }, oldestRetainedBatch: 48, purgedBelow: 48 });
  await memory.ports.seals.putBody(batchBody(sealed));
  const time = new Date(noon).toISOString();
  const input = { request: {}, run: 'run-1', startedAt: time, timing, ...notReduced, turn: 1, waitUntil: time };
  await commitBatch({ ...input, epoch: 7, ...sealed }, runtimeOf(memory, { ...mapped(), minBatchesToRetain: 10 }));
  expect(memory.head).toMatchObject({ committed: sealed, oldestRetainedBatch: 48 });
});

it('a batch that an earlier driver read ends no run until caught up: the stream has gone on since', async () => {
  const commitAs = async (epoch: number, kind: 'read' | 'close-windows') => {
    const memory = world();
    memory.head = headOf({ epoch, sealed: { batchId: 1, ref: 7 } });
    await memory.ports.seals.putBody(batchBody({ batchId: 1, ref: 7, kind, caughtUp: true }));
    const waitUntil = new Date(noon).toISOString();
    const request = { untilCaughtUp: true, closeWindows: true };
    const input = { request, run: 'run-1', startedAt: waitUntil, timing, ...notReduced, turn: 1, waitUntil };
    return commitBatch({ ...input, epoch, batchId: 1, ref: 7 }, runtimeOf(memory, mapped()));
  };
  for (const kind of ['read', 'close-windows'] as const) {
    expect(await commitAs(7, kind)).toEqual({ next: 'done', turn: 1, reason: 'caught-up' });
    expect(await commitAs(8, kind)).toEqual({ next: 'plan', turn: 1, caughtUp: false });
  }
});

describe('a failing shard', () => {
  it('does not switch the trigger off; a backlog does, and a throttled one after a pause', async () => {
    const nextOf = async (body: Parameters<typeof batchBody>[0]) => {
      const memory = world();
      memory.head = headOf({ sealed: { batchId: 1, ref: 7 } });
      await memory.ports.seals.putBody(batchBody({ batchId: 1, ref: 7, ...body }));
      const waitUntil = new Date(noon + 10_000).toISOString();
      const common = { request: {}, run: 'run-1', startedAt: new Date(noon).toISOString(), timing, ...notReduced };
      return commitBatch({ ...common, epoch: 7, batchId: 1, ref: 7, turn: 1, waitUntil }, runtimeOf(memory, mapped()));
    };
    const atTrigger = { next: 'wait', waitUntil: new Date(noon + 10_000).toISOString() };
    expect(await nextOf({ caughtUp: true })).toMatchObject(atTrigger);
    expect(await nextOf({ caughtUp: false, backlog: false, failedTasks: 1 })).toMatchObject(atTrigger);
    expect(await nextOf({ caughtUp: false, backlog: true })).toMatchObject({ next: 'plan', caughtUp: false });
    expect(await nextOf({ caughtUp: false, backlog: false, throttled: 1 })).toMatchObject({
      next: 'wait',
      caughtUp: false,
      waitUntil: new Date(noon + 2_000).toISOString(),
    });
    // What is left may be read in 4.6 s; the plan comes as much earlier as it takes.
    const readableFrom = noon + 4_600;
    const before = new Date(readableFrom - planLeadMs).toISOString();
    for (const left of [{ backlog: true }, { backlog: false, throttled: 1 }])
      expect(await nextOf({ caughtUp: false, ...left, readableFrom })).toMatchObject({
        next: 'wait',
        waitUntil: before,
      });
    expect(await nextOf({ caughtUp: false, backlog: true, readableFrom: noon + 300 })).toMatchObject({ next: 'plan' });
  });
});

describe('an outbox larger than what the sink takes in one try', () => {
  it('goes on where it stopped; nothing is left out', async () => {
    const rows = 1_800;
    const pipeline = windowed();
    let room = 1_200;
    const memory: Memory = world({
      sink: () => ({
        send: async (records) => {
          if (room < records.length) throw new SluiceError('TemporaryFailure', 'throttled');
          room -= records.length;
          memory.sent.push(...records);
          return undefined;
        },
      }),
    });
    const body = batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint: pipeline.fingerprint });
    const keys = Array.from({ length: rows }, (_, at) => `k${at}`)
      .sort()
      .map((key) => [[key], [[0, 10, [1, [1, 1], 1, 1, [1, 1]]]]] as const);
    await putSealed(memory, body, 0, [keys]);
    const input = { epoch: 7, batchId: 0, ref: 7, keyGroup: 0, again: true };
    expect(await reduceKeyGroup(input, runtimeOf(memory, pipeline))).toEqual({
      keyGroup: 0,
      emitted: rows,
      done: false,
      progressed: true,
      rows: { results: rows, filtered: 0, refused: [] },
      why: 'throttled',
      slow: { main: { ms: 0, left: 800, error: 'TemporaryFailure' } },
    });
    expect(memory.sent).toHaveLength(1_000);
    expect([...memory.sentOutboxes.values()]).toEqual([{ main: { count: 1_000, ahead: [] } }]);
    room = 10_000;
    expect(await reduceKeyGroup(input, runtimeOf(memory, pipeline))).toEqual({
      keyGroup: 0,
      emitted: rows,
      done: true,
      progressed: true,
      rows: { results: rows, filtered: 0, refused: [] },
      size: { entries: 0, bytes: 0, segments: 0, runs: 0, inlineChars: 0, manifestChars: 27, steps: 2 },
    });
    expect(new Set(memory.sent.map(({ data }) => String(data))).size).toBe(rows);
    expect(memory.sent).toHaveLength(rows);
    // Once more, as a resume does: all is noted, so nothing is sent again.
    expect(await reduceKeyGroup(input, runtimeOf(memory, pipeline))).toMatchObject({ emitted: rows, done: true });
    expect(memory.sent).toHaveLength(rows);
  });
});

describe('a commit whose reduce is not done', () => {
  const left = { keyGroup: 1, emitted: 900, done: false, progressed: true };
  const through = { keyGroup: 0, emitted: 5, done: true, progressed: true };
  const inputAt = (given: Partial<CommitBatchInput>): CommitBatchInput => ({
    request: {},
    run: 'run-1',
    startedAt: new Date(noon).toISOString(),
    timing,
    epoch: 8,
    batchId: 1,
    ref: 7,
    turn: 3,
    waitUntil: new Date(noon).toISOString(),
    reduced: { emitted: 20, stuckSince: 0 },
    groups: [through, left],
    ...given,
  });
  async function sealed(given: Parameters<typeof headOf>[0] = {}) {
    const memory = world();
    const holder = holderOf({ lease: heldUntil(noon + 1_000) });
    memory.head = headOf({ epoch: 8, sealed: { batchId: 1, ref: 7 }, holder, ...given });
    await memory.ports.seals.putBody(batchBody({ batchId: 1, ref: 7, parallelism: 2 }));
    return {
      memory,
      commit: (input: Partial<CommitBatchInput>) =>
        commitBatch(inputAt(input), runtimeOf(memory, windowed({ parallelism: 2 }))),
    };
  }

  it('renews the lease through another reduce and commit (L3), and says which groups are left', async () => {
    const { memory, commit } = await sealed();
    const steps = [
      { step: 'plan', at: noon - 900 },
      { step: 'reduce', at: noon - 500 },
    ] as const;
    expect(await commit({ steps })).toEqual({
      next: 'reduce',
      turn: 4,
      epoch: 8,
      batchId: 1,
      ref: 7,
      keyGroups: [1],
      reduced: { emitted: 25, stuckSince: 0 },
      again: true,
      steps: [steps[0], { ...steps[1], tries: 2 }],
      waitUntil: new Date(noon).toISOString(),
    });
    expect(memory.head).toMatchObject({
      committed: { batchId: 0 },
      holder: { lease: heldUntil(noon + timing.sealToCommitSeconds * 1000) },
    });
  });

  it('notes what the groups that are done have sent, for whoever resumes', async () => {
    const { memory, commit } = await sealed();
    await commit({});
    expect(await memory.ports.outboxNotes.loadSent({ keyGroup: 0, batchId: 1, ref: 7 })).toEqual({
      main: { count: 5, ahead: [] },
    });
    expect(await memory.ports.outboxNotes.loadSent({ keyGroup: 1, batchId: 1, ref: 7 })).toEqual({});
  });

  it('leaves what is noted of other outputs, as of one that was detached in between', async () => {
    const { memory, commit } = await sealed();
    const state = { keyGroup: 0, batchId: 1, ref: 7 };
    await memory.ports.outboxNotes.putSent(state, { audit: { count: 3, ahead: [5] }, main: { count: 1, ahead: [] } });
    await commit({});
    expect(await memory.ports.outboxNotes.loadSent(state)).toEqual({
      audit: { count: 3, ahead: [5] },
      main: { count: 5, ahead: [] },
    });
  });

  it('notes what keeps it up, and since when, for whoever looks at the table meanwhile', async () => {
    const { memory, commit } = await sealed();
    const slow = { alerts: { ms: 15_000, left: 70, error: 'TemporaryFailure' } };
    const stuck = { ...left, progressed: false, why: 'output alerts: throttled', slow };
    expect(await commit({ groups: [through, stuck] })).toMatchObject({
      reduced: { slow: { alerts: { ms: 15_000, rounds: 1, error: 'TemporaryFailure' } } },
    });
    memory.now = noon + 20_000;
    await commit({ groups: [stuck] });
    expect(await memory.ports.troubles.loadTroubles()).toEqual([
      {
        ...{ kind: 'reduce', batchId: 1, ref: 7, since: noon, at: noon + 20_000, left: 1 },
        groups: [{ keyGroup: 1, why: 'output alerts: throttled', outputs: slow }],
      },
    ]);
  });

  it('goes on where its note is not taken', async () => {
    const { memory, commit } = await sealed();
    memory.ports.troubles.putTrouble = async () => {
      throw new SluiceError('TemporaryFailure', 'table');
    };
    expect(await commit({})).toMatchObject({ next: 'reduce' });
  });

  it('hands over, with a lease that is free, when another round does not fit', async () => {
    const { memory, commit } = await sealed();
    memory.now = noon + timing.reduceUntilSeconds * 1000;
    expect(await commit({})).toEqual({ next: 'continue-as-new', turn: 3 });
    expect(memory.head).toMatchObject({ committed: { batchId: 0 }, holder: { lease: { kind: 'released' } } });
    // Its answer was lost, and the clock of the one that tries again is behind.
    memory.now = noon;
    expect(await commit({})).toEqual({ next: 'continue-as-new', turn: 3 });
  });

  it('fails by name, after a note, when no group has got on for 45 seconds', async () => {
    const { memory, commit } = await sealed();
    const stuck = { ...left, progressed: false, why: 'stream sink: throttled' };
    const again = await commit({ groups: [stuck] });
    expect(again).toMatchObject({ next: 'reduce', reduced: { emitted: 20, stuckSince: noon } });
    memory.now = noon + 45_000;
    await expect(commit({ groups: [stuck], reduced: { emitted: 20, stuckSince: noon } })).rejects.toMatchObject({
      name: 'TemporaryFailure',
      message: 'batch 1 gets no further: key group 1: stream sink: throttled',
    });
    expect(memory.head?.committed?.batchId).toBe(0);
  });

  it('waits, with the lease, for rows whose reducers died; the plan after it resumes the batch', async () => {
    const { memory, commit } = await sealed();
    const until = noon + 60_000;
    const waiting = { ...left, progressed: false, waitUntil: until };
    expect(await commit({ groups: [waiting] })).toEqual({
      next: 'wait',
      turn: 4,
      caughtUp: false,
      waitUntil: new Date(until).toISOString(),
    });
    expect(memory.head?.holder?.lease).toEqual(heldUntil(until + timing.commitToPlanSeconds * 1000));
  });

  it('notes a death beside the state of its group, and keeps what was noted before', async () => {
    const { memory, commit } = await sealed();
    const died = { ...left, progressed: false, died: true, why: 'Sandbox.Timedout' };
    await commit({ groups: [died] });
    const state = { keyGroup: 1, batchId: 1, ref: 7 };
    expect(await memory.ports.rows.loadTrial(state)).toEqual({ ...newTrial, hasDied: true });
    const inHand = { from: 3, upTo: 4 };
    await memory.ports.rows.putTrial(state, { ...newTrial, inHand });
    await commit({ groups: [died] });
    expect(await memory.ports.rows.loadTrial(state)).toEqual({ ...newTrial, inHand, hasDied: true });
  });

  it('is superseded by whoever claimed meanwhile', async () => {
    const { commit } = await sealed({ epoch: 9, holder: holderOf({ owner: 'run-2' }) });
    expect(await commit({})).toMatchObject({ next: 'done', reason: 'superseded' });
  });

  it('reports the records of all rounds once it is', async () => {
    const { memory, commit } = await sealed();
    expect(await commit({ groups: [{ ...left, done: true }] })).toMatchObject({ next: 'wait' });
    expect((await memory.ports.reports.loadProgress(1, 7))?.counters.emitted).toBe(920);
  });
});

describe('the report of a commit', () => {
  const commitWith = async (given: Partial<Ports['blocks']>) => {
    const memory = world();
    memory.head = headOf({ sealed: { batchId: 1, ref: 7 } });
    const blocks = [{ task: 0, nonce: 'nonce-0', groups: [] }];
    await memory.ports.seals.putBody(batchBody({ batchId: 1, ref: 7, shards: [checkpoint('a')], blocks }));
    const { groups: _, ...summary } = block(0, [shardResult('a', { records: 5, calls: 2, throttles: 1 })], {
      workMs: 40,
    });
    await memory.ports.blocks.putBlock(summary, new Map());
    const waitUntil = new Date(noon + 10_000).toISOString();
    const common = { request: {}, run: 'run-1', startedAt: new Date(noon).toISOString(), timing, ...notReduced };
    const runtime = runtimeOf(memory, mapped(), { blocks: { ...memory.ports.blocks, ...given } });
    const state = await commitBatch({ ...common, epoch: 7, batchId: 1, ref: 7, turn: 1, waitUntil }, runtime);
    return { state, report: await memory.ports.reports.loadProgress(1, 7), head: memory.head };
  };

  it('says how each shard and each executor went', async () => {
    const { report } = await commitWith({});
    expect(report?.perShard).toMatchObject([{ shardId: 'a', state: 'caught-up', records: 5, calls: 2, throttles: 1 }]);
    expect(report?.perTask).toMatchObject([{ task: 0, shards: 1, records: 5, workMs: 40 }]);
  });

  it('is written without them if the blocks can not be read: no commit fails for its report', async () => {
    const loadBlocks = () => Promise.reject(new SluiceError('TemporaryFailure', 'no'));
    const { report, head, state } = await commitWith({ loadBlocks });
    expect(report).toMatchObject({ batchId: 1, perShard: [{ shardId: 'a', state: 'unchanged' }], perTask: [] });
    expect([head?.committed?.batchId, state.next]).toEqual([1, 'wait']);
  });
});

describe('a plan in the middle of an execution that lists the shards', () => {
  const later = { batch: { next: 'plan', turn: 5 } } as const;
  const described = (
    memory: Memory,
    given: { readonly createdAt?: number; readonly retentionMs?: number },
  ): Source => ({
    ...memory.ports.source,
    describe: async () => {
      const { stream, serverTime } = await memory.ports.source.describe();
      return { stream: { ...stream, ...given }, serverTime };
    },
  });
  const begun = async (): Promise<Memory> => {
    const memory = world();
    await planBatch(planInput(), runtimeOf(memory, mapped()));
    memory.now += 60_000;
    return memory;
  };

  it('ends the execution if the stream was made anew since it began', async () => {
    const memory = await begun();
    const source = described(memory, { createdAt: noon + 30_000 });
    const late = planBatch(planInput(later), runtimeOf(memory, mapped(), { source }));
    await expect(late).rejects.toMatchObject({ name: 'StreamRecreated' });
  });

  it('sees that records are kept for longer, and since when', async () => {
    const memory = await begun();
    const source = described(memory, { retentionMs: hours(168) });
    await planBatch(planInput(later), runtimeOf(memory, mapped(), { source }));
    expect(sourceOf(memory.head!).stream).toMatchObject({
      retentionMs: hours(168),
      retentionStart: memory.now - hours(24),
    });
  });
});

it('windows are not closed over the children of a shard whose end has not come, which a listing shows', async () => {
  const memory = world();
  const pipeline = windowed();
  const shards = [checkpoint('a', { readThrough: noon, watermark: 0 })];
  memory.head = headOf({ fingerprint: pipeline.fingerprint, sources: sourcesOf({ listedAt: memory.now }) });
  await memory.ports.seals.putBody(batchBody({ shards, states: openUntil(noon), watermarkOut: 0 }));
  const input = planInput({
    request: { untilCaughtUp: true, closeWindows: true },
    batch: { next: 'plan', turn: 5, caughtUp: true },
  });
  const kindOf = async (...children: ReturnType<typeof listed>[]) => {
    const source = { ...memory.ports.source, listShards: async () => [listed('a'), ...children] };
    await planBatch(input, runtimeOf(memory, pipeline, { source }));
    return (await memory.ports.plans.loadPlan(memory.head!.epoch)).kind;
  };
  expect(await kindOf(listed('b', 'a'))).toBe('read');
  expect(await kindOf()).toBe('close-windows');
});
