/** STANDS-1: what a reducer sends that has slept, or comes late. */
import { describe, expect, it } from 'vitest';
import type { Head } from '../../functions/core/model.ts';
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody, headOf } from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { windowed } from '../support/pipelines.ts';

const batch = { batchId: 0, ref: 7 };
const sealed = headOf({ epoch: 7, committed: undefined, sealed: batch });
const nothingToDo = { keyGroup: 0, emitted: 0, done: true, progressed: true };

type Setup = {
  /** What the head has become when the state is put. */
  readonly becomes?: Head | undefined;
  readonly refuses?: boolean;
  readonly watermarkOut?: number;
};

/** A batch of which a watermark of a second closes one window, with two rows. */
async function worldOf({ becomes, refuses = false, watermarkOut = 1_000 }: Setup) {
  const given = windowed();
  const mapper = (row: object) => {
    if (refuses) throw new Error('no such row');
    return row;
  };
  const aggregation = { ...given.aggregation, rowOperations: [{ kind: 'map' as const, mapper: mapper as never }] };
  const pipeline: Pipeline = { ...given, aggregation };
  const memory: Memory = memoryPorts(scriptedSource(() => memory, {}));
  const { states, head } = memory.ports;
  const body = batchBody({ ...batch, watermarkOut, fingerprint: pipeline.fingerprint });
  const partials = ['a', 'b'].map((key) => [[key], [[0, 10, [1, [1, 1], 1, 1, [1, 1]]]]] as const);
  await putSealed(memory, body, 0, [partials]);
  memory.head = sealed;
  let reads = 0;
  const load = async () => {
    reads++;
    return memory.head;
  };
  const putState: typeof states.putState = async (...state) => {
    memory.head = becomes;
    return states.putState(...state);
  };
  const ports = { ...memory.ports, head: { ...head, load }, states: { ...states, putState } };
  const log = { info: () => {}, warn: () => {} };
  const reduce = (again = false) =>
    reduceKeyGroup({ epoch: 7, ...batch, keyGroup: 0, again }, { pipeline, ports, log });
  return { memory, reduce, reads: () => reads };
}

describe('a reducer that has put a state', () => {
  it.each([
    ['was committed meanwhile', headOf({ epoch: 7, committed: batch, sealed: batch })],
    [
      'lies many batches back',
      headOf({ epoch: 30, committed: { batchId: 9, ref: 28 }, sealed: { batchId: 9, ref: 28 } }),
    ],
    [
      'was sealed by another plan in the end',
      headOf({ epoch: 9, committed: undefined, sealed: { batchId: 0, ref: 9 } }),
    ],
    ['is one of a pipeline that was deleted', undefined],
  ])('sends nothing of a batch that %s', async (_, becomes) => {
    const { memory, reduce } = await worldOf({ becomes });
    expect(await reduce()).toEqual(nothingToDo);
    expect(memory.sent).toEqual([]);
    // What another reducer that slept has put is there by then, and stands for nothing either.
    expect(await reduce(true)).toEqual(nothingToDo);
    expect(memory.sent).toEqual([]);
  });

  it('stores no dead letters of such a batch', async () => {
    const { memory, reduce } = await worldOf({ becomes: headOf({ committed: batch, sealed: batch }), refuses: true });
    expect(await reduce()).toEqual(nothingToDo);
    expect(memory.deadLetters).toEqual([]);
  });

  it('sends of a batch that is to be finished, whoever is to finish it', async () => {
    for (const epoch of [7, 30]) {
      const { memory, reduce } = await worldOf({ becomes: { ...sealed, epoch } });
      expect(await reduce()).toMatchObject({ emitted: 2, done: true });
      expect(memory.sent).toHaveLength(2);
    }
  });

  it('reads the head once, and not at all where there is nothing to send', async () => {
    const { reduce, reads } = await worldOf({ becomes: sealed });
    await reduce();
    expect(reads()).toBe(1);
    const open = await worldOf({ becomes: undefined, watermarkOut: 5 });
    expect(await open.reduce()).toMatchObject({ emitted: 0, done: true, rows: { results: 0 } });
    expect(open.reads()).toBe(0);
  });
});
