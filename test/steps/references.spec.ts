/** REFERENCE-1, REFERENCE-3: executors and reducers with reference data, and without what they need. */
import { describe, expect, it } from 'vitest';
import { createIsolationInPlace } from '../../functions/adapters/isolation/thread-isolation.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import { addUses, type TakenReferences } from '../../functions/core/references.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { reduceAgain } from '../../functions/steps/commit-batch/reduce-again.ts';
import type { PlanBatchInput } from '../../functions/steps/messages.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import {
  batchBody,
  decompress,
  headOf,
  md5,
  planned,
  plannedTask,
  planRecord,
  record,
  timing,
} from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { mapped, windowed } from '../support/pipelines.ts';

const log = { info: () => {}, warn: () => {} };
const taken = (version: string): TakenReferences => ({
  values: { table: version },
  uses: { table: { versions: [version], loadedAt: 0 } },
});
const unavailable = new SluiceError('ReferenceUnavailable', 'withReference table: load failed: no route');

type Meta = { readonly references: { readonly table: string } };

describe('an executor', () => {
  function world(take: () => Promise<TakenReferences | undefined>, isolation = {}) {
    const { operations } = mapped();
    const mapper = (_: unknown, meta: Meta) => ({ table: meta.references.table });
    const pipeline: Pipeline = { ...mapped(), operations: [...operations, { kind: 'map', mapper: mapper as never }] };
    const memory: Memory = memoryPorts(
      scriptedSource(() => memory, { a: [1, 2].map((id) => record(id, { id })) }),
      { references: { take }, isolation: createIsolationInPlace(pipeline, decompress) },
    );
    const task = plannedTask([planned('a')], { fingerprint: pipeline.fingerprint, ...isolation });
    const read = async () => {
      await memory.ports.plans.putPlan(planRecord(), [task]);
      const input = { run: 'r', epoch: task.ref, batchId: 0, task: 0, readSeconds: 12 };
      return processShards(input, { pipeline, ports: memory.ports, md5, decompress, log });
    };
    return { memory, read };
  }
  const tablesIn = (memory: Memory) => memory.sent.map(({ data }) => JSON.parse(String(data)).table);
  const blockOf = async (memory: Memory) => (await memory.ports.blocks.loadBlocks(1, 7, 1))[0];

  it.each([{}, { isolation: {} }])(
    'takes it once, for all events of its task, and says so in its block (%o)',
    async (how) => {
      let asked = 0;
      const { memory, read } = world(async () => taken(`v${++asked}`), how);
      expect(await read()).toEqual({ outcome: 'moved' });
      expect(tablesIn(memory)).toEqual(['v1', 'v1']);
      expect((await blockOf(memory))?.references).toEqual({ table: { versions: ['v1'], loadedAt: 0 } });
    },
  );

  it('without it reads nothing, and loses nothing', async () => {
    const { memory, read } = world(() => Promise.reject(unavailable));
    expect(await read()).toEqual({ outcome: 'no-reference' });
    expect(memory.sent).toEqual([]);
    expect(await blockOf(memory)).toBeUndefined();
  });
});

describe('a batch that can read nothing for want of it', () => {
  it('fails by name after 45 seconds', async () => {
    const memory: Memory = memoryPorts(scriptedSource(() => memory, { a: [record(1, { id: 1 })] }));
    const runtime = { pipeline: mapped(), ports: memory.ports, md5, decompress, log };
    const plan = (batch: PlanBatchInput['batch'], outcomes: PlanBatchInput['outcomes']) =>
      planBatch(
        {
          ...{ request: {}, run: 'run-1', executionId: 'e', startedAt: new Date(memory.now).toISOString() },
          ...{ timing, batch, outcomes },
        },
        runtime,
      );
    const next = async (before: unknown) => plan(before as PlanBatchInput['batch'], ['no-reference']);
    const first = await plan({ next: 'plan', turn: 0 }, []);
    const second = await next(first);
    expect(second).toMatchObject({ failingSince: memory.now });
    memory.now += 45_000;
    await expect(next({ ...second, epoch: (first as { epoch: number }).epoch })).rejects.toMatchObject({
      name: 'ReferenceUnavailable',
      canRetry: true,
    });
  });
});

describe('what was used', () => {
  it.each(['table', 'constructor', 'toString'])('is told under any name: %s', (name) => {
    const use = (version: string) => ({ [name]: { versions: [version], loadedAt: 0 } });
    expect(addUses(addUses({}, use('v1')), use('v2'))).toEqual({ [name]: { versions: ['v1', 'v2'], loadedAt: 0 } });
  });
});

describe('a reducer', () => {
  async function world(take: () => Promise<TakenReferences | undefined>) {
    const asked: string[] = [];
    const given = windowed();
    const mapper = (row: object, meta: Meta) => {
      asked.push(meta.references.table);
      return { ...row, table: meta.references.table };
    };
    const rowOperations = [{ kind: 'map' as const, mapper: mapper as never }];
    const pipeline = { ...given, aggregation: { ...given.aggregation, rowOperations } };
    const memory: Memory = memoryPorts(
      scriptedSource(() => memory, {}),
      { references: { take } },
    );
    const body = batchBody({ batchId: 0, ref: 7, watermarkOut: 1_000, fingerprint: pipeline.fingerprint });
    const partials = ['a', 'b'].map((key) => [[key], [[0, 10, [1, [1, 1], 1, 1, [1, 1]]]]] as const);
    await putSealed(memory, body, 0, [partials]);
    const input = { epoch: 7, batchId: 0, ref: 7, keyGroup: 0 };
    const reduce = (again = false) => reduceKeyGroup({ ...input, again }, { pipeline, ports: memory.ports, log });
    return { memory, reduce, asked };
  }

  it('takes it once for all its rows, and says so with its answer', async () => {
    let times = 0;
    const { reduce, asked } = await world(async () => taken(`v${++times}`));
    expect(await reduce()).toMatchObject({ done: true, references: { table: { versions: ['v1'], loadedAt: 0 } } });
    expect(asked).toEqual(['v1', 'v1']);
    // Of what is stored nothing is made again.
    expect(await reduce(true)).toMatchObject({ done: true, references: { table: { versions: ['v1'] } } });
    expect(asked).toEqual(['v1', 'v1']);
  });

  it('names the versions of all its steps, whoever made them', async () => {
    let times = 0;
    const { memory, reduce } = await world(async () => taken(`v${++times}`));
    memory.mostInStep = 1;
    const { putStep } = memory.ports.rows;
    let isOver = true;
    Object.assign(memory.ports.rows, {
      putStep: async (...step: Parameters<typeof putStep>) => {
        if (isOver) memory.now += 60_000;
        isOver = false;
        return putStep(...step);
      },
    });
    expect(await reduce()).toMatchObject({ done: false, progressed: true });
    expect(await reduce(true)).toMatchObject({ done: true, references: { table: { versions: ['v1', 'v2'] } } });
  });

  it('without it makes no row and is not done, and the batch fails with its words', async () => {
    const { memory, reduce, asked } = await world(() => Promise.reject(unavailable));
    const answer = await reduce();
    expect(answer).toMatchObject({
      ...{ done: false, progressed: false },
      why: 'ReferenceUnavailable: withReference table: load failed: no route',
    });
    expect([memory.sent, asked]).toEqual([[], []]);
    memory.head = headOf({ sealed: { batchId: 0, ref: 7 } });
    const input = { batchId: 0, ref: 7, epoch: 7, turn: 1, run: 'r', groups: [answer] };
    const runtime = { pipeline: windowed(), ports: memory.ports, log } as never;
    const commit = reduceAgain(input as never, runtime, { kind: 'stuck', why: answer.why! }, {});
    await expect(commit).rejects.toMatchObject({ name: 'ReferenceUnavailable' });
  });
});
