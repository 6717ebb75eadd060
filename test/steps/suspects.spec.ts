/** PlanBatch after a turn whose executors died. */
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { PlanBatchInput } from '../../functions/steps/messages.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import {
  batchBody,
  checkpoint,
  decompress,
  headOf,
  heldUntil,
  holderOf,
  md5,
  named,
  noon,
  openUntil,
  record,
  sourcesOf,
  timing,
} from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { mapped, windowed } from '../support/pipelines.ts';

const log = { info: () => {}, warn: () => {} };

function world() {
  const memory: Memory = memoryPorts(scriptedSource(() => memory, { a: [record(1, { id: 1 })] }));
  const runtime: Runtime = { pipeline: mapped(), ports: memory.ports, md5, decompress, log };
  const plan = (batch: PlanBatchInput['batch'], outcomes: PlanBatchInput['outcomes'], given = runtime) =>
    planBatch(
      {
        request: {},
        run: 'run-1',
        executionId: 'execution',
        startedAt: new Date(memory.now).toISOString(),
        timing,
        batch,
        outcomes,
      },
      given,
    );
  return { memory, runtime, plan };
}

describe('a task whose executor died', () => {
  it('has its shards suspected', async () => {
    const { memory, plan } = world();
    const first = await plan({ next: 'plan', turn: 0 }, []);
    await plan(first as PlanBatchInput['batch'], ['crashed']);
    expect((await memory.ports.head.load())?.suspicions?.shards).toMatchObject([{ shardId: 'a', stage: 'isolated' }]);
  });

  it('and whose plan has expired since says nothing, and stops nothing', async () => {
    const { memory, runtime, plan } = world();
    const first = await plan({ next: 'plan', turn: 0 }, []);
    const loadTask = async () => {
      throw new SluiceError('MissingItem', 'it has expired');
    };
    const later = { ...runtime, ports: { ...memory.ports, plans: { ...memory.ports.plans, loadTask } } };
    await expect(plan(first as PlanBatchInput['batch'], ['crashed'], later)).resolves.toMatchObject({ next: 'wait' });
    expect((await memory.ports.head.load())?.suspicions?.shards ?? []).toEqual([]);
  });
});

describe('shards that had no task in a turn', () => {
  /** One task at most: `b` and `c` are suspected, and `a` has its turn first. */
  async function turnOfOthers(closeWindows: boolean) {
    const { memory, runtime } = world();
    const pipeline = { ...windowed(), maxTasks: 1 };
    const { fingerprint, parallelism } = pipeline;
    const shards = ['a', 'b', 'c'].map((shardId) => checkpoint(shardId));
    const open = { states: openUntil(noon), watermarkOut: noon - 600_000 };
    await memory.ports.seals.putBody(batchBody({ ref: 7, shards, fingerprint, ...open }));
    const batch = { batchId: 0, ref: 7 };
    const apart = (shardId: string) => ({
      ...named(shardId),
      stage: 'apart' as const,
      among: 2,
      ref: 7,
      task: 0,
      quiet: 0,
    });
    memory.head = headOf({
      ...{ committed: batch, sealed: batch, fingerprint, parallelism, generation: noon - 1000 },
      ...{ holder: holderOf({ lease: heldUntil(noon + 60_000) }), sources: sourcesOf({ listedAt: noon }) },
      suspicions: { shards: [apart('b'), apart('c')], letters: [], through: 7 },
    });
    const plan = (batch: PlanBatchInput['batch'], outcomes: PlanBatchInput['outcomes']) =>
      planBatch(
        {
          request: { untilCaughtUp: true, closeWindows },
          ...{ run: 'run-1', executionId: 'execution', startedAt: new Date(noon).toISOString(), timing },
          ...{ batch, outcomes },
        },
        { ...runtime, pipeline },
      );
    const readIn = async ({ epoch }: { readonly epoch?: number }) =>
      (await memory.ports.plans.loadTask(epoch!, 0)).shards.map(({ shardId }) => shardId);
    return { memory, plan, readIn };
  }

  it.each([false, true])(
    'are read next: a run until caught up does not end before (closeWindows: %s)',
    async (closes) => {
      const { memory, plan, readIn } = await turnOfOthers(closes);
      const first = await plan({ next: 'plan', turn: 1 }, []);
      expect(first).toMatchObject({ next: 'process', tasks: [0], postponed: true });
      expect(await readIn(first as PlanBatchInput['batch'])).toEqual(['a']);

      const second = (await plan(first as PlanBatchInput['batch'], ['caught-up'])) as PlanBatchInput['batch'];
      expect(second).toMatchObject({ next: 'process', postponed: true });
      expect(await readIn(second)).not.toContain('a');
      expect((await memory.ports.plans.loadPlan(second.epoch!)).kind).toBe('read');
    },
  );

  it.each(['caught-up', 'held'] as const)(
    'are read at once after a turn that was %s; once each had its turn the next is at the trigger',
    async (outcome) => {
      const { plan } = await turnOfOthers(false);
      const first = (await plan({ next: 'plan', turn: 1 }, [])) as PlanBatchInput['batch'];
      expect(first).toMatchObject({ next: 'process', leavesUnread: true });
      // b and c, each in a task of its own if they are read apart.
      const second = (await plan(first, [outcome])) as PlanBatchInput['batch'];
      expect(second).toMatchObject({ next: 'process', postponed: true, leavesUnread: true });
      const third = (await plan(second, ['held'])) as PlanBatchInput['batch'];
      expect(third).toMatchObject({ next: 'process', postponed: true, leavesUnread: false });
    },
  );

  it('wait for a pause where the turn before failed or was throttled', async () => {
    const { plan } = await turnOfOthers(false);
    const first = (await plan({ next: 'plan', turn: 1 }, [])) as PlanBatchInput['batch'];
    expect(await plan(first, ['behind'])).toMatchObject({
      next: 'wait',
      waitUntil: new Date(noon + 2_000).toISOString(),
    });
  });

  it.each([1, 2, 3])('are read next after %i plans that only pause, too', async (pauses) => {
    const { plan, readIn } = await turnOfOthers(false);
    let batch = (await plan({ next: 'plan', turn: 1 }, [])) as PlanBatchInput['batch'];
    expect(await readIn(batch)).toEqual(['a']);
    for (let pause = 0; pause < pauses; pause++) {
      await plan({ ...batch, turn: batch.turn + pause }, ['behind']);
    }
    batch = (await plan({ next: 'wait', turn: batch.turn + pauses }, [])) as PlanBatchInput['batch'];
    expect(await readIn(batch)).not.toContain('a');
  });
});

it.each([1, 8, 90, 200, 1000])(
  'a pipeline of %i shards whose every executor dies is reported within minutes',
  async (count) => {
    const { memory, runtime, plan } = world();
    const { fingerprint } = runtime.pipeline;
    const shards = Array.from({ length: count }, (_, at) => checkpoint(`shard-${String(at).padStart(4, '0')}`));
    await memory.ports.seals.putBody(batchBody({ ref: 7, shards, fingerprint }));
    const zero = { batchId: 0, ref: 7 };
    const hour = noon + 3_600_000;
    memory.head = headOf({
      ...{ committed: zero, sealed: zero, fingerprint, generation: noon - 1000 },
      ...{ holder: holderOf({ lease: heldUntil(hour) }), sources: sourcesOf({ listedAt: hour }) },
    });
    type Batch = PlanBatchInput['batch'] & { readonly tasks?: readonly number[]; readonly waitUntil?: string };
    let batch: Batch = { next: 'plan', turn: 1 };
    const turns = async () => {
      while (memory.now < noon + 5 * 60_000) {
        const isRead = batch.next === 'process';
        const outcomes = isRead ? batch.tasks!.map(() => 'crashed' as const) : [];
        memory.now = isRead ? memory.now + 2_000 : Math.max(memory.now, Date.parse(String(batch.waitUntil ?? 0)) || 0);
        // Each turn of the machine counts for itself: none hands over.
        batch = (await plan({ ...batch, turn: 1 }, outcomes)) as Batch;
      }
    };
    await expect(turns()).rejects.toMatchObject({ name: 'AllTasksFailed' });
  },
);
