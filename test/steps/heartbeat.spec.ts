/** A pipeline that is idle commits seldom: its plans say that it is alive. */
import { describe, expect, it } from 'vitest';
import type { PlanBatchInput } from '../../functions/steps/messages.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import { noon, timing } from '../support/builders.ts';
import { memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { mapped } from '../support/pipelines.ts';

const silent = { info: () => {}, warn: () => {} };
const input = (given: Partial<PlanBatchInput> = {}): PlanBatchInput => ({
  ...{ request: {}, run: 'run-1', executionId: 'e', startedAt: new Date(noon).toISOString(), timing },
  ...{ batch: { next: 'plan', turn: 0 }, outcomes: [] },
  ...given,
});

/** Heartbeats of the last of the plans. */
async function heartbeatsOf(...plans: readonly Partial<PlanBatchInput>[]) {
  const memory = memoryPorts(scriptedSource(() => memory, {}));
  const told: unknown[] = [];
  const heartbeat = (pipeline: string, at: number) => void told.push([pipeline, at]);
  const runtime = { pipeline: mapped(), ports: memory.ports, log: silent, heartbeat };
  for (const given of plans) {
    told.length = 0;
    await planBatch(input(given), runtime);
  }
  return told;
}

const process = { next: 'process', turn: 1 };

describe('a plan gives a heartbeat', () => {
  it('if the turn before left nothing to read', async () => {
    expect(await heartbeatsOf({}, { batch: process, outcomes: ['caught-up'] })).toEqual([['mapped', noon]]);
  });

  it.each([['the first one of a run', {}, {}] as const])('not as %s', async (_, ...plans) => {
    expect(await heartbeatsOf(...plans)).toEqual([]);
  });

  it.each<[string, Partial<PlanBatchInput>]>([
    ['left something', { batch: process, outcomes: ['caught-up', 'behind'] }],
    ['failed', { batch: process, outcomes: ['failed', 'caught-up'] }],
    ['stands before a deadly event', { batch: process, outcomes: ['held'] }],
    ['had shards without a task', { batch: { ...process, postponed: true }, outcomes: ['caught-up'] }],
  ])('not if the turn before %s', async (_, given) => {
    expect(await heartbeatsOf({}, given)).toEqual([]);
  });

  it('not where another driver runs: one that hangs would seem alive', async () => {
    expect(await heartbeatsOf({}, { run: 'run-2' })).toEqual([]);
  });
});
