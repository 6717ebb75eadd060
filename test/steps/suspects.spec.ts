/** PlanBatch after a turn whose executors died. */
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { PlanBatchInput } from '../../functions/steps/messages.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import { decompress, md5, noon, record, timing } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { mapped } from '../support/pipelines.ts';

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
        startedAt: new Date(noon).toISOString(),
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
    const later = { ...runtime, ports: { ...memory.ports, batches: { ...memory.ports.batches, loadTask } } };
    await expect(plan(first as PlanBatchInput['batch'], ['crashed'], later)).resolves.toMatchObject({ next: 'wait' });
    expect((await memory.ports.head.load())?.suspicions?.shards ?? []).toEqual([]);
  });
});
