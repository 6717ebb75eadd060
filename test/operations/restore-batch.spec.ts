/** RESTORE-1 to RESTORE-3: what a rewind leaves of a pipeline, done, in the middle, and when somebody else was quicker. */
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { SavedPoint } from '../../functions/adapters/dynamodb/savepoint-index.ts';
import type { BatchBody, Head } from '../../functions/core/model.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import { count, json, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import { type ListedSavepoint, makeListed } from '../../functions/operations/listed-savepoints.ts';
import type { OperatedPipeline } from '../../functions/operations/operated-pipeline.ts';
import { rewind } from '../../functions/operations/savepoint.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { batchBody, checkpoint, headOf, heldUntil, holderOf, noon } from '../support/builders.ts';
import { type Memory, memoryPorts, scriptedSource } from '../support/memory-ports.ts';
import { manifestWith, windowsIn } from '../support/stored-windows.ts';

const { aggregation } = requirePipeline(
  pipeline('test')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.number() })))
    .withWatermark((event) => event.at, { delay: '10 seconds' })
    .groupBy({})
    .window(tumbling('10 milliseconds'))
    .aggregate({ n: count() })
    .writeStream(kinesis({ streamName: 'out' })),
);
const counted = (n: number): SavedWindows => [[[], [[0, 10, [n]]]]];
const windowEnds = { ends: [10] };

let memory: Memory;
const operated = (): OperatedPipeline => ({ ...memory.ports, name: 'test' });
const first = { batchId: 0, ref: 6 };
const second = { batchId: 1, ref: 7 };

/** Of two committed batches, which stand at other places and have counted one event and three. */
beforeEach(async () => {
  memory = memoryPorts(scriptedSource(() => memory, {}));
  const put = async (body: Partial<BatchBody> & { readonly batchId: number; readonly ref: number }, n: number) => {
    const { batchId, ref } = body;
    const nothing = { fates: { results: 0, filtered: 0, refused: [] }, outputs: {}, steps: [] };
    await memory.ports.states.putState(
      { batchId, ref, generation: 1, keyGroup: 0, ...nothing, manifest: manifestWith(counted(n), aggregation!) },
      { replaces: undefined, put: [], dropped: [] },
    );
    await memory.ports.seals.putBody(batchBody({ ...body, states: [{ batchId, ref, ...windowEnds }] }));
  };
  await put({ ...first, fingerprint: 'of then', watermarkOut: 5, shards: [checkpoint('a')] }, 1);
  await put(
    { ...second, previous: first, fingerprint: 'of now', watermarkOut: 8, shards: [checkpoint('a'), checkpoint('b')] },
    3,
  );
  memory.head = headOf({ committed: second, sealed: second, fingerprint: 'of now', epoch: 7, createdAt: 1 });
});

const without = ({ epoch: _, holder: __, givenUp: ___, ...head }: Head) => head;

describe('a rewind', () => {
  it('seals a batch behind the last one that stands where the earlier one stood', async () => {
    const { body, gaveUp } = await rewind(operated(), { of: operated(), ...first });
    expect(gaveUp).toBeUndefined();
    expect(body).toMatchObject({
      ...{ batchId: 2, ref: 8, previous: second, kind: 'restored', fingerprint: 'of then' },
      ...{ watermarkIn: 5, watermarkOut: 5, blocks: [], shards: [{ shardId: 'a' }] },
      origin: { why: 'rewind', pipeline: 'test', ...first, after: 0 },
      states: [{ batchId: 2, ref: 8, ...windowEnds }],
    });
    const state = await memory.ports.states.loadState(0, 2, 8);
    expect(await windowsIn(memory.ports, aggregation!, state)).toEqual(counted(1));
  });

  it('leaves the commit to the next start, and gives what is sent again another generation', async () => {
    await rewind(operated(), { of: operated(), ...first });
    expect(memory.head).toMatchObject({
      ...{ epoch: 8, generation: 8, createdAt: 1, fingerprint: 'of then', control: 'run' },
      ...{ committed: second, sealed: { batchId: 2, ref: 8 }, holder: { lease: { kind: 'released' } } },
    });
  });

  it('gives up a batch that is sealed and not committed', async () => {
    memory.head = { ...memory.head!, sealed: { batchId: 2, ref: 7 } };
    const { body, gaveUp } = await rewind(operated(), { of: operated(), ...first });
    expect(gaveUp).toEqual({ batchId: 2, ref: 7 });
    expect(body).toMatchObject({ batchId: 2, ref: 8 });
    expect(memory.head).toMatchObject({ sealed: { batchId: 2, ref: 8 }, givenUp: [{ batchId: 2, ref: 7 }] });
  });

  it('is refused while a driver has the lease, and says until when', async () => {
    const before: Head = { ...memory.head!, holder: holderOf({ lease: heldUntil(noon + 60_000) }) };
    memory.head = before;
    await expect(rewind(operated(), { of: operated(), ...first })).rejects.toMatchObject({
      name: 'NotAllowed',
      message: expect.stringContaining(new Date(noon + 60_000).toISOString()),
    });
    expect(memory.head).toEqual(before);
  });

  it('that fails before its seal has changed nothing but the epoch, and frees the lease and says what is left of it', async () => {
    const before = memory.head!;
    const failing = { ...operated(), seals: { ...memory.ports.seals, putBody: () => Promise.reject(new Error('no')) } };
    await expect(rewind(failing, { of: operated(), ...first })).rejects.toThrow('no');
    expect(without(memory.head!)).toEqual(without(before));
    expect(memory.head).toMatchObject({ epoch: 8, holder: { lease: { kind: 'released' } } });
    // What it has put stays for the purge.
    expect(memory.head?.givenUp).toEqual([{ batchId: 2, ref: 8 }]);
    await rewind(operated(), { of: operated(), ...first });
    expect(memory.head).toMatchObject({ sealed: { batchId: 2, ref: 9 }, givenUp: [{ batchId: 2, ref: 8 }] });
  });

  it('leaves a pipeline stopped that is stopped meanwhile', async () => {
    const stopping: OperatedPipeline = {
      ...operated(),
      seals: {
        ...memory.ports.seals,
        putBody: async (body) => {
          await memory.ports.head.setControl('stop');
          return memory.ports.seals.putBody(body);
        },
      },
    };
    await rewind(stopping, { of: operated(), ...first });
    expect(memory.head).toMatchObject({ control: 'stop', sealed: { batchId: 2, ref: 8 } });
  });

  it('that somebody else overtakes changes nothing', async () => {
    const overtaken: OperatedPipeline = {
      ...operated(),
      seals: {
        ...memory.ports.seals,
        putBody: async (body) => {
          memory.head = { ...memory.head!, epoch: 9, holder: holderOf({ owner: 'another' }) };
          return memory.ports.seals.putBody(body);
        },
      },
    };
    await expect(rewind(overtaken, { of: operated(), ...first })).rejects.toMatchObject({ name: 'NotAllowed' });
    expect(memory.head).toMatchObject({ epoch: 9, sealed: second, generation: 1, fingerprint: 'of now' });
  });
});

describe('a savepoint', () => {
  it('whose command died behind its seal is had by the next one', async () => {
    const kept = memoryPorts(scriptedSource(() => kept, {}));
    const savepoint: OperatedPipeline = { ...kept.ports, name: 'test@kept' };
    const points = new Map<string, SavedPoint>();
    const listed: ListedSavepoint = {
      ...{ name: 'kept', pipeline: operated(), savepoint, bucket: null },
      index: {
        put: async (point) => void points.set(point.name, point),
        load: async (name) => points.get(name),
        list: async () => [...points.values()],
        remove: async (name) => void points.delete(name),
      },
      removeAll: async () => {
        kept.head = undefined;
        kept.now += 1_000;
        return { items: 1, objects: 0 };
      },
    };
    const dying = { ...savepoint, head: { ...kept.ports.head, commit: () => Promise.reject(new Error('died')) } };
    await expect(makeListed({ ...listed, savepoint: dying }, first.batchId)).rejects.toThrow('died');
    expect(kept.head).toMatchObject({ committed: undefined, sealed: { batchId: 0 } });
    expect(points.size).toBe(0);
    expect(await makeListed(listed, undefined)).toMatchObject({ name: 'kept', ...second });
    const { committed, control } = kept.head!;
    expect([committed, control]).toEqual([{ batchId: 0, ref: expect.any(Number) }, 'stop']);
    const { origin } = await savepoint.seals.loadBody(0, committed!.ref);
    expect(origin).toEqual({ why: 'savepoint', pipeline: 'test', ...second });
    expect(points.get('kept')).toMatchObject(second);
    await expect(makeListed(listed, undefined)).rejects.toThrow('is there already');
  });
});
