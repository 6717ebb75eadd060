/** What `sluice doctor --restore` looks at of batches that rows are kept of, for a detached output (DOCTOR-1). */
import { describe, expect, it } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import type { Head } from '../../functions/core/model.ts';
import { type CheckedPipeline, checkObjects } from '../../functions/operations/check-objects.ts';
import { batchBody, headOf } from '../support/builders.ts';
import { memoryPorts, scriptedSource } from '../support/memory-ports.ts';

const detachedSince = (next: number): Pick<Head, 'detached'> => ({
  detached: { audit: { at: 0, since: next, next, kept: 9 } },
});

/** Batches 1 and 2 are committed, and have reduced key group 0, whose rows lie in a step; those of batch 1 are gone from the bucket. */
async function world(given: Partial<Head>) {
  const { ports } = memoryPorts(scriptedSource(() => undefined as never, {}));
  for (const batchId of [1, 2]) {
    const states = [{ batchId, ref: batchId, ends: [] }];
    const previous = { batchId: batchId - 1, ref: batchId - 1 };
    await ports.seals.putBody(batchBody({ batchId, ref: batchId, states, previous }));
    await ports.states.putState({ batchId, ref: batchId, keyGroup: 0, manifest: { runs: [] } } as never, 0 as never);
  }
  const steps: string[] = [];
  const of = {
    ...ports,
    name: 'test',
    table: {
      async *query(folder: string) {
        const batchId = Number(/blocks\/(\d+)\/0+$/.exec(folder)?.[1] ?? Number.NaN);
        if (!Number.isNaN(batchId)) yield { sk: { S: `rows#${String(batchId).padStart(16, '0')}#0` } };
      },
    },
    rows: {
      ...ports.rows,
      findStep: async ({ batchId }: { readonly batchId: number }) => {
        steps.push(`rows of batch ${batchId}`);
        if (batchId === 1) throw new SluiceError('MissingItem', 'rows of batch 1 are not there');
        return { rows: [], refused: [] };
      },
    },
  } as unknown as CheckedPipeline;
  const head = headOf({
    committed: { batchId: 2, ref: 2 },
    sealed: { batchId: 2, ref: 2 },
    oldestRetainedBatch: 1,
    ...given,
  });
  const { missing } = await checkObjects(of, head);
  return { steps, missing };
}

describe('rows that are kept for a detached output', () => {
  it('are looked at, from the first batch on that they are kept of, and told where they are missing', async () => {
    expect(await world(detachedSince(1))).toEqual({
      steps: ['rows of batch 2', 'rows of batch 1'],
      missing: ['rows of batch 1 are not there'],
    });
    expect(await world(detachedSince(2))).toEqual({ steps: ['rows of batch 2'], missing: [] });
  });

  it('are not asked for of other batches: nobody sends them again', async () => {
    expect(await world({})).toEqual({ steps: [], missing: [] });
  });
});
