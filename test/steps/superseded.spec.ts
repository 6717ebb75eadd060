/** A step that wakes up after others have gone on and purged: what it misses is no loss, and the head says so. */
import { describe, expect, it } from 'vitest';
import type { Head } from '../../functions/core/model.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { commitBatch } from '../../functions/steps/commit-batch/commit-batch.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import { processShards } from '../../functions/steps/process-shards/process-shards.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import type { Runtime } from '../../functions/steps/runtime.ts';
import { sealBatch } from '../../functions/steps/seal-batch/seal-batch.ts';
import { decompress, headOf, heldUntil, holderOf, hours, md5, noon, sourcesOf, timing } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { windowed } from '../support/pipelines.ts';

const pipeline: Pipeline = windowed();
const lease = heldUntil(noon + 60_000);
const mine = { epoch: 7, holder: holderOf({ lease }), fingerprint: pipeline.fingerprint };
/** Batch 1 of this driver is the next; batch 0, which it reads, and everything of its own is gone. */
const atWork = headOf(mine);
const sealed = headOf({ ...mine, sealed: { batchId: 1, ref: 7 } });
const theirs = { batchId: 9, ref: 28 };
const goneOn = headOf({
  ...{ ...mine, epoch: 30, committed: theirs, sealed: theirs },
  holder: holderOf({ owner: 'run-2', lease }),
});

const common = { run: 'run-1', epoch: 7, batchId: 1, turn: 3, timing, waitUntil: new Date(noon).toISOString() };
const startedAt = new Date(noon).toISOString();
const reduced = { reduced: { emitted: 0, stuckSince: 0 }, groups: [] };
const steps: readonly (readonly [
  name: string,
  head: Head,
  run: (runtime: Runtime) => Promise<unknown>,
  answer: object,
])[] = [
  [
    'process-shards',
    atWork,
    (runtime) => processShards({ ...common, task: 0, readSeconds: 10 }, runtime),
    { outcome: 'behind' },
  ],
  [
    'seal-batch',
    atWork,
    (runtime) => sealBatch({ ...common, outcomes: [] }, runtime),
    { next: 'done', reason: 'superseded' },
  ],
  [
    'reduce-key-group',
    sealed,
    (runtime) => reduceKeyGroup({ epoch: 7, batchId: 1, ref: 7, keyGroup: 2, again: false }, runtime),
    { keyGroup: 2, emitted: 0, done: true },
  ],
  [
    'commit-batch',
    sealed,
    (runtime) => commitBatch({ ...common, ...reduced, request: {}, startedAt, ref: 7 }, runtime),
    { next: 'done', reason: 'superseded' },
  ],
];

function worldWith(head: Head): { readonly memory: Memory; readonly runtime: Runtime } {
  const memory: Memory = memoryPorts(scriptedSource(() => memory, { a: [] }));
  memory.head = head;
  const log = { info: () => {}, warn: () => {} };
  return { memory, runtime: { pipeline, ports: memory.ports, md5, decompress, log } };
}

/** The head is what it was when the step began, and what it has become when the step misses something. */
function wakingUpTo(runtime: Runtime, memory: Memory, then: Head | undefined): Runtime {
  const { seals, plans } = runtime.ports;
  const sleepBefore =
    <Args extends unknown[], Value>(load: (...args: Args) => Promise<Value>) =>
    (...args: Args): Promise<Value> => {
      memory.head = then;
      return load(...args);
    };
  const late = {
    seals: { ...seals, loadBody: sleepBefore(seals.loadBody), loadSealed: sleepBefore(seals.loadSealed) },
    plans: { ...plans, loadPlan: sleepBefore(plans.loadPlan), loadTask: sleepBefore(plans.loadTask) },
  };
  return { ...runtime, ports: { ...runtime.ports, ...late } };
}

describe.each(steps)('%s', (_, head, run, answer) => {
  it('ends as superseded if others have gone on meanwhile, or the pipeline was deleted', async () => {
    for (const then of [goneOn, undefined]) {
      const { memory, runtime } = worldWith(head);
      await expect(run(wakingUpTo(runtime, memory, then))).resolves.toMatchObject(answer);
    }
  });

  it('misses something while its work is still to be done: that is an error', async () => {
    const { runtime } = worldWith(head);
    await expect(run(runtime)).rejects.toMatchObject({ name: 'MissingItem' });
  });
});

it('plan-batch ends as superseded if others have gone on since its claim', async () => {
  const { memory, runtime } = worldWith(headOf({ ...mine, sources: sourcesOf({ listedAt: noon }) }));
  const input = { request: {}, run: 'run-1', executionId: 'e', startedAt, timing, outcomes: [] };
  const batch = { next: 'plan', turn: 2 } as const;
  const late = wakingUpTo(runtime, memory, goneOn);
  await expect(planBatch({ ...input, batch }, late)).resolves.toEqual({ next: 'done', turn: 2, reason: 'superseded' });
  memory.head = headOf({ ...mine, sources: sourcesOf({ listedAt: noon }) });
  await expect(planBatch({ ...input, batch }, runtime)).rejects.toMatchObject({ name: 'MissingItem' });
});

it('a plan that has expired belongs to nobody: whoever waited for it had a lease', async () => {
  const { memory, runtime } = worldWith(atWork);
  memory.now = noon + hours(30);
  const input = { ...common, task: 0, readSeconds: 10 };
  await expect(processShards(input, runtime)).resolves.toEqual({ outcome: 'behind' });
});
