/** REPARTITION-1 where the definition is not the one that the last batch was saved under. */
import { expect, it } from 'vitest';
import * as z from 'zod';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import { count, json, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import type { OperatedPipeline } from '../../functions/operations/operated-pipeline.ts';
import { repartition } from '../../functions/operations/repartition.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { batchBody, checkpoint, headOf } from '../support/builders.ts';
import { memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { manifestWith, windowsIn } from '../support/stored-windows.ts';

const counting = (aggregates: Record<string, ReturnType<typeof count>>) =>
  requirePipeline(
    pipeline('test')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(z.object({ at: z.number(), key: z.string() })))
      .withWatermark((event) => event.at, { delay: '10 seconds' })
      .groupBy({ key: (event) => event.key })
      .window(tumbling('10 milliseconds'))
      .aggregate(aggregates)
      .writeStream(kinesis({ streamName: 'out' })),
  );

it('says of states that they are of the definition that has divided them, if the last batch was of another', async () => {
  const [before, now] = [counting({ n: count() }), counting({ more: count(), n: count() })];
  const memory = memoryPorts(scriptedSource(() => memory, {}));
  const of: OperatedPipeline = { ...memory.ports, name: 'test' };
  const committed = { batchId: 0, ref: 6 };
  const saved: SavedWindows = [[['a'], [[0, 10, [3]]]]];
  await memory.ports.states.putState(
    {
      ...{
        ...committed,
        generation: 1,
        keyGroup: 0,
        fates: { results: 0, filtered: 0, refused: [] },
        outputs: {},
        steps: [],
      },
      manifest: manifestWith(saved, before.aggregation!),
    },
    { replaces: undefined, put: [], dropped: [] },
  );
  const body = batchBody({
    ...{ ...committed, fingerprint: before.fingerprint, parallelism: 1, shards: [checkpoint('a')] },
    states: [{ ...committed, ends: [10] }],
  });
  await memory.ports.seals.putBody(body);
  // A plan of the new definition has claimed the pipeline, and found nothing.
  const head = headOf({ committed, sealed: committed, fingerprint: now.fingerprint, parallelism: 1, epoch: 7 });
  memory.head = head;
  const restored = await repartition(of, now, { ...head, committed }, 2);
  const [at] = restored.body.states.flatMap((state, keyGroup) => (state?.ends.length ? [{ ...state, keyGroup }] : []));
  expect(restored.body.fingerprint).toBe(before.fingerprint);
  expect(at).toMatchObject({ ends: [10], fingerprint: now.fingerprint });
  const state = await memory.ports.states.loadState(at!.keyGroup, at!.batchId, at!.ref);
  expect(state.fingerprint).toBe(now.fingerprint);
  expect(await windowsIn(memory.ports, now.aggregation!, state)).toEqual([[['a'], [[0, 10, [0, 3]]]]]);
});
