/** FITTED-1, GROUP-3: a definition that has changed goes on with what the former one has saved, where that is right. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decidePlan } from '../../functions/core/decide-plan.ts';
import { decideSeal } from '../../functions/core/decide-seal.ts';
import { statesAfter } from '../../functions/core/group-states.ts';
import { createJudge } from '../../functions/core/judge-event.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import { defaultStateLimits } from '../../functions/core/state/manifest.ts';
import { StateOfBatch } from '../../functions/core/state/state-of-batch.ts';
import { aggregate, avg, count, json, kinesis, max, pipeline, session, sum, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { FunctionMemory } from '../../functions/steps/function-memory.ts';
import { planBatch } from '../../functions/steps/plan-batch/plan-batch.ts';
import { reduceKeyGroup } from '../../functions/steps/reduce-key-group/reduce-key-group.ts';
import {
  batchBody,
  checkpoint,
  decompress,
  headOf,
  md5,
  noon,
  released,
  sourcesOf,
  timing,
  utf8,
} from '../support/builders.ts';
import { type Memory, memoryPorts, putSealed, scriptedSource } from '../support/memory-ports.ts';
import { manifestWith, memorySegments, windowsIn } from '../support/stored-windows.ts';

type Sale = { readonly at: number; readonly value: number };
const value = (sale: Sale) => sale.value;
const sales = (options: object = {}) =>
  pipeline('test', options)
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.number(), value: z.number() })))
    .withWatermark((sale) => sale.at, { delay: '10 seconds' })
    .groupBy({})
    .window(tumbling('10 milliseconds'));
const sink = kinesis({ streamName: 'out' });
const former = requirePipeline(
  sales()
    .allowedLateness('20 milliseconds')
    .aggregate({ n: count(), most: max(value), total: sum(value) })
    .writeStream(sink),
);
/** One is new, one is gone, and the others stand elsewhere; corrections come for less long. */
const changed = (newAggregates: 'refuse' | 'start-empty' = 'start-empty') =>
  requirePipeline(
    sales({ newAggregates })
      .allowedLateness('5 milliseconds')
      .aggregate({ total: sum(value), mean: avg(value), n: count() })
      .writeStream(sink),
  );

const sealRules = ({ aggregation }: typeof former) => ({ watermarks: undefined, window: aggregation?.window });
const metaOf = () => ({
  ...{ streamName: 'in', shardId: 'a', partitionKey: 'k', explicitHashKey: undefined, sequenceNumber: '1' },
  ...{ subSequenceNumber: 0, arrivalTime: new Date(noon) },
});
const log = { info: () => {}, warn: () => {} };
const world = (): Memory => {
  const memory: Memory = memoryPorts(scriptedSource(() => memory, {}));
  return memory;
};
/** As the former definition has saved it: two events of 3 and 4. */
const saved: SavedWindows = [[[], [[0, 10, [2, 4, [2, 7]]]]]];
const ofFormer = { batchId: 0, ref: 7 };

async function putBefore(
  memory: Memory,
  more: { readonly fingerprint?: string; readonly windows?: SavedWindows } = {},
): Promise<void> {
  const nothing = { fates: { results: 0, filtered: 0, refused: [] }, outputs: {}, steps: [] };
  const { windows = saved, ...rest } = more;
  const manifest = manifestWith(windows, former.aggregation!);
  const state = { ...ofFormer, generation: 1, keyGroup: 0, ...nothing, manifest, ...rest };
  await memory.ports.states.putState(state, { replaces: undefined, put: [], dropped: [] });
}

const rowsIn = (memory: Memory) => memory.sent.map(({ data }) => JSON.parse(String(data)) as Record<string, unknown>);
const reduceOf = (memory: Memory, given: ReturnType<typeof changed>, ofFunction?: FunctionMemory) =>
  reduceKeyGroup(
    { epoch: 8, batchId: 1, ref: 8, keyGroup: 0, again: false },
    { pipeline: given, ports: memory.ports, log, memory: ofFunction },
  );

describe('a reduce', () => {
  const body = { batchId: 1, ref: 8, watermarkIn: 0, watermarkOut: 10 };

  it('goes on with windows of the former definition: by name, and what is new has counted nothing', async () => {
    const memory = world();
    await putBefore(memory);
    const { fingerprint } = changed();
    const named = { ...ofFormer, fingerprint: former.fingerprint };
    await putSealed(memory, batchBody({ ...body, fingerprint }), 0, [[[[], [[0, 10, [[1, 5], [1, 5], 1]]]]]], named);
    await reduceOf(memory, changed());
    expect(rowsIn(memory)).toMatchObject([{ total: 12, mean: 5, n: 3 }]);
    const state = await memory.ports.states.loadState(0, 1, 8);
    expect(await windowsIn(memory.ports, changed().aggregation!, state)).toEqual([
      [[], [[0, 10, [[3, 12], [1, 5], 3], [1, 1]]]],
    ]);
    expect('fingerprint' in state).toBe(false);
  });

  it('goes on with a batch that the former definition has sealed, and says so in the state', async () => {
    const memory = world();
    await putBefore(memory);
    const blocks: SavedWindows[] = [[[[], [[0, 10, [1, 5, [1, 5]]]]]]];
    await putSealed(memory, batchBody({ ...body, fingerprint: former.fingerprint }), 0, blocks, ofFormer);
    await reduceOf(memory, changed());
    expect(rowsIn(memory)).toMatchObject([{ total: 12, mean: null, n: 3 }]);
    const state = await memory.ports.states.loadState(0, 1, 8);
    expect(state.fingerprint).toBe(changed().fingerprint);
    expect(await windowsIn(memory.ports, changed().aggregation!, state)).toEqual([
      [[], [[0, 10, [[3, 12], [0], 3], [1, 1]]]],
    ]);
  });

  it('refuses a state that can not be written anew as one, before anything is written (FITS-1)', async () => {
    const memory = world();
    const segments = memorySegments({ ...defaultStateLimits, mostInlineChars: 0 });
    Object.assign(memory.ports, { segments });
    const before = new StateOfBatch(
      { fingerprint: former.fingerprint, aggregation: former.aggregation! },
      { batchId: 0, keyGroup: 0, watermarkIn: 0, watermarkOut: 0 },
      { before: undefined, brought: [], storing: segments },
    ).after(
      Array.from({ length: 100 }, (_, at) => ({
        ...{
          canonical: `["k${at + 100}"]`,
          keyValues: [`k${at + 100}`],
          upserts: [[0, 10, [2, 4, [2, 7]]]],
          removals: [],
        },
      })) as never,
    );
    const put = await Promise.all(
      before.segments.map((each) => segments.putSegment({ ...ofFormer, keyGroup: 0 }, each)),
    );
    const nothing = { fates: { results: 0, filtered: 0, refused: [] }, outputs: {}, steps: [] };
    const state = { ...ofFormer, generation: 1, keyGroup: 0, ...nothing, manifest: before.manifest(put) };
    await memory.ports.states.putState(state, { replaces: undefined, put, dropped: [] });
    const { fingerprint } = changed();
    const named = { ...ofFormer, fingerprint: former.fingerprint };
    await putSealed(memory, batchBody({ ...body, fingerprint }), 0, [[[[], [[0, 10, [[1, 5], [1, 5], 1]]]]]], named);
    const tried = (limitBytes: number) => reduceOf(memory, changed(), { limitBytes, peakBytes: () => 0 });
    await expect(tried(90_000)).rejects.toMatchObject({
      name: 'StateTooLarge',
      message: expect.stringMatching(
        /^the state of key group 0 does not fit .* anew as a whole, which with 100 entries takes/,
      ),
    });
    expect(memory.sent).toEqual([]);
    expect(await memory.ports.states.findState(0, 1, 8)).toBeUndefined();
    // With more memory the batch goes on.
    expect(await tried(100_000)).toMatchObject({ done: true });
    expect(memory.sent).toHaveLength(101);
  });

  it('says what its function has taken of memory, where there is one of its own', async () => {
    const memory = world();
    await putBefore(memory);
    const named = { ...ofFormer, fingerprint: former.fingerprint };
    const { fingerprint } = changed();
    await putSealed(memory, batchBody({ ...body, fingerprint }), 0, [[[[], [[0, 10, [[1, 5], [1, 5], 1]]]]]], named);
    const taken = { limitBytes: 1_000, peakBytes: () => 700 };
    expect(await reduceOf(memory, changed(), taken)).toMatchObject({ memory: { limitBytes: 1_000, peakBytes: 700 } });
    expect(await reduceOf(memory, changed())).not.toHaveProperty('memory');
  });

  it('finds in such a state what it is of, whatever the seal of the next batch says', async () => {
    const memory = world();
    await putBefore(memory, { fingerprint: changed().fingerprint, windows: [[[], [[0, 10, [[3, 12], [1, 5], 3]]]]] });
    const named = { ...ofFormer, fingerprint: former.fingerprint };
    await putSealed(memory, batchBody({ ...body, fingerprint: changed().fingerprint }), 0, [], named);
    await reduceOf(memory, changed());
    expect(rowsIn(memory)).toMatchObject([{ total: 12, mean: 5, n: 3 }]);
  });

  it('keeps to the lateness that the batch was sealed under', async () => {
    const memory = world();
    await putBefore(memory, { windows: [[[], [[0, 10, [2, 4, [2, 7]], [1, 1]]]]] });
    const late = { watermarkIn: 25, watermarkOut: 25, fingerprint: former.fingerprint };
    const blocks: SavedWindows[] = [[[[], [[0, 10, [1, 5, [1, 5]]]]]]];
    await putSealed(memory, batchBody({ ...body, ...late }), 0, blocks, ofFormer);
    await reduceOf(memory, changed());
    expect(rowsIn(memory)).toMatchObject([{ total: 12, _sluice: { revision: 1, timing: 'late', final: false } }]);
  });

  it('finds late what was over under a shorter lateness, and not what was not', async () => {
    const visits = pipeline('test')
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(z.object({ at: z.number(), value: z.number() })))
      .withWatermark((sale) => sale.at, { delay: '10 seconds' })
      .groupBy({})
      .window(session('10 milliseconds'))
      .allowedLateness('1 hour');
    const longer = requirePipeline(visits.aggregate({ n: count() }).writeStream(sink));
    const memory = world();
    const late = { watermarkIn: 35, watermarkOut: 35, overUpTo: 15, fingerprint: longer.fingerprint };
    const blocks: SavedWindows[] = [
      [
        [
          [],
          [
            [0, 10, [1], 1],
            [12, 22, [1], 1],
          ],
        ],
      ],
    ];
    await putBefore(memory, { windows: [] });
    await putSealed(memory, batchBody({ ...body, ...late }), 0, blocks, ofFormer);
    const answer = await reduceOf(memory, longer);
    expect(rowsIn(memory)).toMatchObject([{ n: 1, _sluice: { window: [12, 22], timing: 'late', final: false } }]);
    expect(answer.rows?.late).toBe(1);
  });

  /** What is counted before lies in a segment, which is read by who needs it. */
  const bySealedMode = async (sealed: 'append' | 'update' | 'complete', by: 'append' | 'update') => {
    const counting = (mode: 'append' | 'update') =>
      requirePipeline(
        sales()
          .aggregate({ n: count(), total: sum(value) })
          .writeStream(sink)
          .outputMode(mode),
      );
    const given = counting(by);
    const memory = world();
    const segments = memorySegments({ ...defaultStateLimits, mostInlineChars: 0 });
    Object.assign(memory.ports, { segments });
    const { states } = memory.ports;
    const before = new StateOfBatch(
      { fingerprint: given.fingerprint, aggregation: given.aggregation! },
      { batchId: 0, keyGroup: 0, watermarkIn: 0, watermarkOut: 0 },
      { before: undefined, brought: [], storing: segments },
    ).after([{ canonical: '[]', keyValues: [], upserts: [[0, 10, [2, [2, 7]]]], removals: [] }]);
    const put = await Promise.all(
      before.segments.map((each) => segments.putSegment({ ...ofFormer, keyGroup: 0 }, each)),
    );
    const nothing = { fates: { results: 0, filtered: 0, refused: [] }, outputs: {}, steps: [] };
    const state = { ...ofFormer, generation: 1, keyGroup: 0, ...nothing, manifest: before.manifest(put) };
    await states.putState(state, { replaces: undefined, put, dropped: [] });
    const gives = sealed === 'append' ? {} : { mode: sealed };
    const open = { ...body, watermarkOut: 5, fingerprint: given.fingerprint, gives };
    await putSealed(memory, batchBody(open), 0, [[[[], [[0, 10, [1, [1, 5]]]]]]], ofFormer);
    await reduceOf(memory, given);
    const after = await states.loadState(0, 1, 8);
    return { rows: rowsIn(memory), windows: await windowsIn(memory.ports, given.aggregation!, after) };
  };

  it.each(['update', 'complete'] as const)(
    'reads what a batch that was sealed in %s mode gives out, whatever mode the code is in',
    async (sealed) => {
      const { rows, windows } = await bySealedMode(sealed, 'append');
      expect(rows).toMatchObject([{ n: 3, total: 12, _sluice: { timing: 'early' } }]);
      expect(windows).toMatchObject([[[], [[0, 10, [3, [3, 12]], [1, 1]]]]]);
    },
  );

  it('gives out nothing of an open window in a batch that was sealed in append mode', async () => {
    const { rows, windows } = await bySealedMode('append', 'update');
    expect(rows).toEqual([]);
    expect(windows).toMatchObject([[[], [[0, 10, [3, [3, 12]]]]]]);
  });

  it('refuses what is another pipeline', async () => {
    const memory = world();
    await putSealed(memory, batchBody({ ...body, fingerprint: former.fingerprint }), 0, [], ofFormer);
    await expect(reduceOf(memory, changed('refuse'))).rejects.toMatchObject({ name: 'FingerprintChanged' });
  });
});

describe('a plan', () => {
  const planOf = (memory: Memory, given: ReturnType<typeof changed>) =>
    planBatch(
      {
        ...{
          request: {},
          run: 'run-1',
          executionId: 'execution',
          startedAt: new Date(noon).toISOString(),
          timing,
          utf8,
        },
        ...{ batch: { next: 'plan', turn: 0 }, outcomes: [] },
      },
      { pipeline: given, ports: memory.ports, md5, decompress, log } as never,
    );

  it('claims the pipeline for the definition that goes on', async () => {
    const memory = world();
    await planOf(memory, former);
    expect(memory.head?.fingerprint).toBe(former.fingerprint);
    memory.head = released(memory.head!);
    await planOf(memory, changed());
    expect(memory.head?.fingerprint).toBe(changed().fingerprint);
  });

  it('tells executors, and the seal, what was over before the lateness became longer', () => {
    const longer = requirePipeline(sales().allowedLateness('1 hour').aggregate({ n: count() }).writeStream(sink));
    const short = requirePipeline(
      sales().allowedLateness('20 milliseconds').aggregate({ n: count() }).writeStream(sink),
    );
    const head = headOf({ fingerprint: longer.fingerprint, committed: { batchId: 0, ref: 6 } });
    const committed = batchBody({ fingerprint: short.fingerprint, watermarkOut: 100, shards: [checkpoint('a')] });
    const listing = { newShards: [], expiredShards: [], unknownParents: [], expiredUnread: [] };
    const planned = decidePlan(longer, head, committed, { listing, kind: 'read', now: noon, maxTasks: 1 });
    expect(planned.plan.overUpTo).toBe(80);
    expect(planned.tasks.map(({ overUpTo }) => overUpTo)).toEqual([80]);
    const closing = decidePlan(longer, head, committed, { listing, kind: 'close-windows', now: noon, maxTasks: 1 });
    const sealed = decideSeal(closing.plan, committed, { blocks: [], outcomes: [] }, sealRules(longer));
    expect(sealed).toMatchObject({ kind: 'sealed', body: { overUpTo: 80 } });
    const judge = createJudge(longer, { ...planned.tasks[0]!, watermark: 100 }, decompress);
    const verdictAt = (at: number) => judge(utf8(JSON.stringify({ at, value: 1 })), metaOf(), '1').verdict;
    expect([69, 79, 80, 99].map(verdictAt)).toEqual(['late', 'late', 'counted', 'counted']);
  });

  it('refuses an aggregate that is new, and says how it could go on', async () => {
    const memory = world();
    memory.head = headOf({ fingerprint: former.fingerprint, sources: sourcesOf({ listedAt: memory.now }) });
    const { epoch } = memory.head;
    await expect(planOf(memory, changed('refuse'))).rejects.toMatchObject({
      name: 'FingerprintChanged',
      message: expect.stringContaining(
        "aggregate 'mean' is new, and can start empty with the pipeline's option newAggregates: 'start-empty'. Deploy",
      ),
    });
    expect(memory.head).toMatchObject({ epoch, fingerprint: former.fingerprint });
  });

  it('refuses one of your own even so: its code may not run where it would have to start', async () => {
    const memory = world();
    memory.head = headOf({ fingerprint: former.fingerprint });
    const longest = aggregate({
      name: 'longest',
      version: 1,
      empty: () => 0,
      add: (n: number) => n,
      merge: Math.max,
      result: (n) => n,
    });
    const given = requirePipeline(
      sales({ newAggregates: 'start-empty' }).aggregate({ n: count(), longest }).writeStream(sink),
    );
    await expect(planOf(memory, given)).rejects.toMatchObject({
      message: expect.stringContaining("aggregate 'longest' is new, and of your own. Deploy"),
    });
  });
});

describe('a seal', () => {
  const { window } = former.aggregation!;
  const batch = (batchId: number, fingerprint: string) =>
    ({ batchId, ref: 7 + batchId, parallelism: 1, watermarkOut: 5, fingerprint }) as const;
  const block = { groups: [{ keyGroup: 0, v: 1, chunks: 1, digest: 'd', bytes: 0, ends: [10] }] };

  it('names a state with what it was saved under, for as long as that is another definition', () => {
    const states = [statesAfter(undefined, batch(0, 'a'), [block], window)];
    const next = (at: number, fingerprint: string, before: string, blocks: readonly (typeof block)[]) => {
      states[at] = statesAfter(
        { states: states[at - 1]!, fingerprint: before },
        batch(at, fingerprint),
        blocks,
        window,
      );
      return states[at]![0];
    };
    expect(next(1, 'a', 'a', [])).toEqual({ batchId: 0, ref: 7, ends: [10] });
    expect(next(2, 'b', 'a', [])).toEqual({ batchId: 0, ref: 7, ends: [10], fingerprint: 'a' });
    expect(next(3, 'c', 'b', [])).toEqual({ batchId: 0, ref: 7, ends: [10], fingerprint: 'a' });
    expect(next(4, 'c', 'c', [block])).toEqual({
      ...{ batchId: 4, ref: 11, ends: [10] },
      before: { batchId: 0, ref: 7, fingerprint: 'a' },
    });
    expect(next(5, 'c', 'c', [block])).toMatchObject({ before: { batchId: 4, ref: 11 } });
  });

  it('names, under a longer lateness, the times at which windows are over by it', () => {
    const of = (allowedLateness: number) => JSON.stringify({ v: 1, allowedLateness, aggregates: [] });
    const states = statesAfter(undefined, batch(0, of(5)), [block], window);
    expect(statesAfter({ states, fingerprint: of(5) }, batch(1, of(30)), [], window)[0]).toMatchObject({
      ends: [10, 35],
    });
  });
});
