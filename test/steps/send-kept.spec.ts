/** What was kept for an output goes out of the states of its batches, all of which have to be there. */
import { describe, expect, it } from 'vitest';
import type { Attaching } from '../../functions/core/detached.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import { batchBody, decompress, headOf, md5, noon, timing } from '../support/builders.ts';
import { memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { windowed } from '../support/pipelines.ts';

/** Of batch 1, with two key groups: nothing of it is there. */
async function send(keyGroup: number) {
  const { ports } = memoryPorts(scriptedSource(() => undefined as never, {}));
  const batches = [{ batchId: 1, ref: 7, parallelism: 2, keyGroups: [0, 1, 2] }];
  const attach: Attaching = { output: 'main', id: 'first', from: 1, upTo: 1, batches };
  const batch = { batchId: 2, ref: 8 };
  await ports.seals.putBody(batchBody({ ...batch, kind: 'attach', attach, parallelism: 2 }));
  const detached = { main: { at: noon, since: 1, next: 1, kept: 3, attach: 'first' } };
  const head = headOf({ epoch: 8, committed: { batchId: 1, ref: 7 }, sealed: batch, detached });
  const runtime = { pipeline: windowed({ parallelism: 2 }), md5, decompress, log: { info: () => {}, warn: () => {} } };
  return reduceKeyGroup({ ...batch, epoch: 8, keyGroup, again: false, run: 'run-1', timing } as never, {
    ...runtime,
    ports: { ...ports, head: { ...ports.head, load: async () => head } },
  });
}

describe('a key group that something is kept of', () => {
  it('whose state is not there is refused by name: what is absent is never taken for empty (S11)', async () => {
    await expect(send(1)).rejects.toMatchObject({ name: 'MissingItem', message: 'state/1/1/7' });
  });

  it('is passed over where it is the gathering step, to which nothing may have been handed on', async () => {
    expect(await send(2)).toMatchObject({ done: true, resent: { main: 0 } });
  });
});
