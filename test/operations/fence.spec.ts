import { describe, expect, it } from 'vitest';
import { fence } from '../../functions/operations/fence.ts';
import { headOf, heldUntil, holderOf, noon } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';

function world(given: Parameters<typeof headOf>[0] = {}): Memory {
  const memory: Memory = memoryPorts(scriptedSource(() => memory, {}));
  memory.head = headOf({ holder: holderOf({ lease: heldUntil(noon + 60_000) }), ...given });
  return memory;
}
const fenced = (memory: Memory) => fence({ name: 'test', ...memory.ports });

describe('a driver that is fenced', () => {
  it('moves the head no more, and whoever comes next begins at once (FENCE-1)', async () => {
    const open = { batchId: 1, ref: 7 };
    const memory = world({ sealed: open });
    expect(await fenced(memory)).toMatchObject({ driver: { owner: 'run-1' }, open });
    expect(memory.head).toMatchObject({ control: 'stop', epoch: 8, holder: { lease: { kind: 'released' } } });
    const commit = { ...open, epoch: 7, owner: 'run-1', lease: heldUntil(noon + 1), oldestRetainedBatch: 0 };
    expect(await memory.ports.head.commit(commit)).toMatchObject({ kind: 'lost' });
    expect(await memory.ports.head.renew(open, { epoch: 7, owner: 'run-1' }, noon + 99_000)).toMatchObject({
      kind: 'lost',
    });
    expect(memory.head).toMatchObject({ committed: { batchId: 0 }, sealed: open });
  });

  it('may claim in between: then it is tried again', async () => {
    const memory = world();
    const { claim } = memory.ports.head;
    let tries = 0;
    const head = {
      ...memory.ports.head,
      claim: async (...given: Parameters<typeof claim>) => {
        if (tries++ === 0) memory.head = { ...memory.head!, epoch: memory.head!.epoch + 1 };
        return claim(...given);
      },
    };
    await fence({ name: 'test', ...memory.ports, head });
    expect(tries).toBe(2);
    expect(memory.head).toMatchObject({ epoch: 9, control: 'stop' });
  });

  it('is told as nobody where nobody drives', async () => {
    const memory = world({ holder: holderOf() });
    expect(await fenced(memory)).toEqual({ driver: undefined, open: undefined });
  });
});
