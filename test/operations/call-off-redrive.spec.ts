/** `sluice dead-letters redrive --cancel`, against a batch that is at work, and one that waits to be committed. */
import { describe, expect, it } from 'vitest';
import type { RedriveRequest } from '../../functions/core/redrive.ts';
import { callOffRedrive, chooseLetters, requestRedrive } from '../../functions/operations/redrive.ts';
import { sealBatch } from '../../functions/steps/seal-batch/seal-batch.ts';
import {
  batchBody,
  block,
  checkpoint,
  headOf,
  heldUntil,
  holderOf,
  noon,
  planRecord,
  shardResult,
  timing,
} from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { mapped } from '../support/pipelines.ts';

const request: RedriveRequest = { request: 'r', generation: 1, count: 3_000, late: 'count', madeAt: noon };
const soFar = { letters: 1_000, dead: 0, missing: 0, unreadable: 0, deadly: [] };
const taken = (next: number) => ({ redrive: { request: 'r', next, soFar: { ...soFar, letters: next } } });

/** Batch 1 is committed, and had taken the first thousand letters. */
async function world(given: Parameters<typeof headOf>[0] = {}) {
  const memory: Memory = memoryPorts(scriptedSource(() => memory, {}));
  const committed = { batchId: 1, ref: 6 };
  const holder = holderOf({ lease: heldUntil(noon + 60_000) });
  memory.head = headOf({
    ...{ epoch: 7, generation: 1, committed, sealed: committed, holder, redrive: request },
    ...given,
  });
  await memory.ports.seals.putBody(batchBody({ ...committed, shards: [checkpoint('a')], ...taken(1_000) }));
  const pipeline = { ...memory.ports, name: 'test' };
  /** Of batch 2, whose plan had letters from there on. */
  const seal = async (blocks: Parameters<typeof memory.ports.blocks.putBlock>[0][]) => {
    const plan = planRecord({
      batchId: 2,
      ref: 7,
      previous: committed,
      taskCount: 2,
      redrive: { ...request, from: 1_000 },
    });
    await memory.ports.plans.putPlan(plan, []);
    for (const one of blocks) await memory.ports.blocks.putBlock({ ...one, batchId: 2, ref: 7 }, new Map(), []);
    return sealBatch(
      {
        ...{ run: 'run-1', epoch: 7, batchId: 2, turn: 1, timing, outcomes: blocks.map(() => 'moved' as const) },
        waitUntil: new Date(noon + 9_000).toISOString(),
      },
      { pipeline: mapped(), ports: memory.ports, log: { info: () => {}, warn: () => {} } },
    );
  };
  return { memory, pipeline, seal };
}

const ofShards = block(0, [shardResult('a', { records: 0 })]);
const ofLetters = block(1, [], { redrive: { request: 'r', from: 1_000, to: 2_000, missing: 0 } });

describe('a redrive that is called off', () => {
  it('ends behind what is committed; the rest is not taken any more', async () => {
    const { memory, pipeline } = await world();
    expect(await callOffRedrive(pipeline)).toEqual({ request: 'r', taken: 1_000, count: 3_000 });
    expect(memory.head!.redrive).toEqual({ ...request, count: 1_000, calledOff: { at: noon, count: 3_000 } });
    await expect(callOffRedrive(pipeline)).rejects.toThrow(
      'no redrive of test is under way: the last one, r, is called-off, with 1000 of 3000 letters taken',
    );
  });

  it('counts what a batch has taken that is sealed and waits (OPEN-3); no other redrive begins before that is committed (OPEN-2)', async () => {
    const { memory, pipeline } = await world({ sealed: { batchId: 2, ref: 7 } });
    await memory.ports.seals.putBody(
      batchBody({ batchId: 2, ref: 7, ...taken(2_000), redriven: { letters: 1_000, missing: 0 } }),
    );
    expect(await callOffRedrive(pipeline)).toMatchObject({ taken: 2_000 });
    await expect(chooseLetters(pipeline, (async function* () {})())).rejects.toThrow('1000 of 2000 letters are taken');
    memory.head = { ...memory.head!, committed: { batchId: 2, ref: 7 } };
    expect((await chooseLetters(pipeline, (async function* () {})())).letters).toEqual([]);
  });

  it('is not taken for called off where a batch was sealed meanwhile: then it is looked at again', async () => {
    const { memory, pipeline } = await world();
    await memory.ports.seals.putBody(
      batchBody({ batchId: 2, ref: 7, ...taken(2_000), redriven: { letters: 1_000, missing: 0 } }),
    );
    const { load } = memory.ports.head;
    let looks = 0;
    const late = async () => {
      const seen = await load();
      if (looks++ === 0) memory.head = { ...memory.head!, sealed: { batchId: 2, ref: 7 } };
      return seen;
    };
    expect(await callOffRedrive({ ...pipeline, head: { ...memory.ports.head, load: late } })).toMatchObject({
      taken: 2_000,
    });
    expect(looks).toBe(2);
  });

  it('leaves a batch that is at work its shards, and nothing of letters (REDRIVE-4)', async () => {
    const { memory, pipeline, seal } = await world();
    await callOffRedrive(pipeline);
    expect(await seal([ofShards, ofLetters])).toMatchObject({ next: 'commit', batchId: 2 });
    const body = await memory.ports.seals.loadSealed(2, 7);
    expect(body.redrive).toEqual(taken(1_000).redrive);
    expect(body.blocks.map(({ task }) => task)).toEqual([0]);
  });

  it('in the middle of a seal: that is refused, and the batch is made again at once', async () => {
    const { memory, pipeline, seal } = await world();
    const { putBody } = memory.ports.seals;
    memory.ports.seals.putBody = async (...given: Parameters<typeof putBody>) => {
      const put = await putBody(...given);
      await callOffRedrive(pipeline);
      return put;
    };
    expect(await seal([ofShards, ofLetters])).toEqual({
      ...{ next: 'wait', turn: 1, caughtUp: false, waitUntil: new Date(noon).toISOString() },
    });
    expect(memory.head!.sealed).toEqual({ batchId: 1, ref: 6 });
    // The function is invoked again: the body is there, and has letters in it.
    memory.ports.seals.putBody = putBody;
    expect(await seal([])).toMatchObject({ next: 'wait' });
    expect(memory.head!.sealed).toEqual({ batchId: 1, ref: 6 });
  });

  it('is sealed as ever while nobody calls it off', async () => {
    const { memory, seal } = await world();
    expect(await seal([ofShards, ofLetters])).toMatchObject({ next: 'commit' });
    expect(memory.head!.sealed).toEqual({ batchId: 2, ref: 7 });
    expect((await memory.ports.seals.loadSealed(2, 7)).redrive).toEqual(taken(2_000).redrive);
  });

  it.each([
    [{ redrive: undefined }, 'none was ever made'],
    [{ redrive: { ...request, count: 1_000 } }, 'is done, with 1000 of 1000 letters taken'],
  ])('has to be under way: %#', async (given, message) => {
    const { memory, pipeline } = await world();
    memory.head = headOf({ ...memory.head, ...(given as object) });
    await expect(callOffRedrive(pipeline)).rejects.toThrow(message);
  });

  it('may be followed by another', async () => {
    const { memory, pipeline } = await world();
    await callOffRedrive(pipeline);
    const chosen = await chooseLetters(pipeline, (async function* () {})());
    await requestRedrive(pipeline, { ...chosen, letters: [] }, 'output');
    expect(memory.head!.redrive).toMatchObject({ late: 'output', count: 0 });
  });
});
