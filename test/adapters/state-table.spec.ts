/** READER-1, READER-2: the state after a batch, as it lies in the table. On the simulated DynamoDB, with segments of few entries. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { smallLimits } from '../../bench/segment-store.ts';
import { createStateReader } from '../../functions/adapters/dynamodb/state-reader.ts';
import { StateTable } from '../../functions/adapters/dynamodb/state-table.ts';
import { openStorage, type Storage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { noFates } from '../../functions/core/dead-letter-tally.ts';
import { canonicalKey, keyGroupOf } from '../../functions/core/key-group.ts';
import type { GroupState } from '../../functions/core/model.ts';
import type { SavedWindow } from '../../functions/core/saved-windows.ts';
import type { StateDelta } from '../../functions/core/state-delta.ts';
import { count, json, kinesis, pipeline, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { loadWindows, putWindows } from '../../functions/steps/reduce-key-group/state-segments.ts';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { batchBody, headOf } from '../support/builders.ts';

const hour = 3_600_000;
const at = (hours: number): string => new Date(hours * hour).toISOString();
const parallelism = 2;
const before = counting(['orders', 'lines']);
const groupOf = (key: string): number => keyGroupOf(canonicalKey([key]), parallelism);
const keys = ['AT', 'BE', 'CH', 'DE', 'ES', 'FI', 'GR', 'HU', 'IE', 'JP'];

/** What batches add: of each a key, the hour in which a window ends, and a number. */
type Told = readonly [key: string, end: number, n: number];
/** Of batch 2 the window of 1 o'clock closes. */
const batches: readonly { readonly brings: readonly Told[]; readonly watermark: number }[] = [
  { brings: keys.map((key): Told => [key, 1, 1]), watermark: 0 },
  { brings: [...keys.map((key): Told => [key, 2, 1]), ['DE', 1, 4]], watermark: 0 },
  { brings: [['DE', 2, 5]], watermark: 1 },
  { brings: [['DE', 2, 2]], watermark: 1 },
];

let storage: Storage;

function counting(counts: readonly string[], newAggregates: 'refuse' | 'start-empty' = 'refuse') {
  const checked = requirePipeline(
    pipeline('orders', { parallelism, newAggregates })
      .readStream(kinesis({ streamName: 'in' }))
      .decode(json(z.object({ country: z.string(), at: z.string() })))
      .withWatermark((order) => order.at, { delay: '1 minute' })
      .groupBy({ country: (order) => order.country })
      .window(tumbling('1 hour'))
      .aggregate(Object.fromEntries(counts.map((name) => [name, count()])))
      .writeStream(kinesis({ streamName: 'out' })),
  );
  return { ...checked, aggregation: checked.aggregation! };
}

async function run(): Promise<void> {
  const stores = createStores(storage);
  const { fingerprint } = before;
  let states: (GroupState | null)[] = [null, null];
  for (const [batchId, { brings, watermark }] of batches.entries()) {
    const previous = batchId === 0 ? null : { batchId: batchId - 1, ref: 5 };
    const watermarks = { watermarkIn: batchId === 3 ? hour : 0, watermarkOut: watermark * hour };
    const body = batchBody({ batchId, ref: 5, previous, parallelism, fingerprint, ...watermarks });
    const after: (GroupState | null)[] = [...states];
    for (const [keyGroup, last] of states.entries()) {
      const ofGroup = brings.filter(([key]) => groupOf(key) === keyGroup);
      if (ofGroup.length === 0 && batchId !== 2) continue;
      const delta = deltaOf(ofGroup);
      const known = last && (await stores.states.loadState(keyGroup, last.batchId, last.ref));
      const windows = await loadWindows(stores.segments, before, {
        ...{ body, keyGroup, before: known ? { manifest: known.manifest, fingerprint } : undefined },
        brought: [delta.map(({ keyValues, upserts }) => [keyValues, upserts] as const)],
      });
      const name = { batchId, ref: 5, keyGroup };
      const { manifest, ...around } = await putWindows(stores, name, { windows, delta });
      const state = { ...name, generation: 1, manifest, fates: noFates, outputs: {}, steps: [] };
      await stores.states.putState(state as never, { replaces: last ?? undefined, ...around });
      after[keyGroup] = { batchId, ref: 5, ends: [] };
    }
    states = after;
    await stores.seals.putBody({ ...body, states });
  }
  // The last one is sealed, and not committed.
  const last = { batchId: 2, ref: 5 };
  const sealed = { batchId: 3, ref: 5 };
  await stores.head.create(
    headOf({ pipeline: 'orders', committed: last, sealed, oldestRetainedBatch: 1, parallelism, fingerprint }),
  );
}

function deltaOf(brings: readonly Told[]): StateDelta {
  return [...Map.groupBy(brings, ([key]) => key)].sort().map(([key, ofKey]) => ({
    ...{ canonical: canonicalKey([key]), keyValues: [key], removals: [] },
    upserts: ofKey
      .map(([, end, n]): SavedWindow => [(end - 1) * hour, end * hour, [n, n * 10]])
      .sort(([one], [other]) => one - other),
  }));
}

beforeAll(async () => {
  const dynamodb = new SimulatedDynamodb({ now: () => 0, random: new Random(1) });
  const client = serviceClient<DynamoDBClient>((operation, input) => dynamodb.execute(operation, input), {
    date: () => 0,
  });
  await ensureTable(client, 'sluice');
  const clock = { now: () => 0, sleep: async () => {} } as never;
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const parts = { table: new Table(client, 'sluice', clock), pipeline: 'orders', clock, newId };
  storage = openStorage({ ...parts, stateLimits: smallLimits });
  await run();
});

async function stateAt(batchId?: number, definition: Parameters<typeof createStateReader>[1] = before) {
  const reader = createStateReader(storage, definition);
  return new StateTable(reader, await reader.at(batchId));
}
const ordersOf = async (state: StateTable, filter?: Parameters<StateTable['rows']>[0]) =>
  (await Array.fromAsync(state.rows(filter))).map(({ group, key, end, values }) => [
    group,
    key.country,
    end,
    values?.orders,
  ]);

describe('the state', () => {
  const afterOne = [0, 1].flatMap((group) =>
    [1, 2].flatMap((end) =>
      keys
        .filter((key) => groupOf(key) === group)
        .map((key) => [group, key, at(end), end === 1 && key === 'DE' ? 5 : 1]),
    ),
  );

  it('is that of the last committed batch, not of a sealed one, without windows that are over', async () => {
    const state = await stateAt();
    expect(state).toMatchObject({ batchId: 2, watermark: hour, parallelism });
    expect(await ordersOf(state)).toEqual(
      afterOne
        .filter(([, , end]) => end === at(2))
        .map(([group, key, end, n]) => [group, key, end, key === 'DE' ? 6 : n]),
    );
  });

  it('is that of an earlier batch, by group, window and key, whatever came since (READER-1)', async () => {
    expect(await ordersOf(await stateAt(1))).toEqual(afterOne);
  });

  it('is as large as its manifests say', async () => {
    const { groups, size } = await stateAt(1);
    expect(groups.map(({ group, batchId }) => [group, batchId])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(size.segments).toBeGreaterThan(2);
    expect(size.bytes).toBe(groups[0]!.bytes + groups[1]!.bytes);
    expect(size).toMatchObject({ entries: 21, inlineChars: 0 });
  });

  it('is summed up by window', async () => {
    const { windows, left } = await (await stateAt(1)).windows();
    expect({ windows: windows.map(({ end, keys: count }) => [end, count]), left }).toEqual({
      windows: [
        [at(1), 10],
        [at(2), 10],
      ],
      left: 0,
    });
  });

  it('is that of one group, or of one key in the group where it lies', async () => {
    const state = await stateAt(1);
    expect(await ordersOf(state, { group: 1 })).toEqual(afterOne.filter(([group]) => group === 1));
    const ofKey = afterOne.filter(([, key]) => key === 'DE');
    for (const key of ['DE', ['DE'], { country: 'DE' }]) expect(await ordersOf(state, { key })).toEqual(ofKey);
    expect(await ordersOf(state, { key: 'XX' })).toEqual([]);
    expect(await ordersOf(state, { key: 'DE', group: 1 - groupOf('DE') })).toEqual([]);
  });

  it('has keys and windows, and no values, where nobody knows the definition', async () => {
    const state = await stateAt(1);
    const reader = createStateReader(storage);
    const unknown = new StateTable(reader, await reader.at(1));
    expect((await Array.fromAsync(unknown.rows())).map(({ values }) => values)).toEqual(afterOne.map(() => undefined));
    expect((await unknown.windows()).windows).toEqual((await state.windows()).windows);
  });

  it('has the aggregates of a definition that has changed, under their names', async () => {
    const other = counting(['lines', 'more'], 'start-empty');
    const rows = await Array.fromAsync((await stateAt(1, other)).rows({ key: 'DE' }));
    expect(rows.map(({ values }) => values)).toEqual([
      { lines: 50, more: 0 },
      { lines: 10, more: 0 },
    ]);
  });
});

describe('what is another than after an earlier batch', () => {
  it('is windows that were added, changed and removed', async () => {
    const changes = await Array.fromAsync((await stateAt(2)).changesSince(1, { group: groupOf('DE') }));
    const ofGroup = keys.filter((key) => groupOf(key) === groupOf('DE'));
    expect(
      changes.map(({ change, key, end, before: was, after: is }) => [
        change,
        key.country,
        end,
        was?.values,
        is?.values,
      ]),
    ).toEqual([
      ...ofGroup.map((key) => {
        const n = key === 'DE' ? 5 : 1;
        return ['removed', key, at(1), { orders: n, lines: n * 10 }, undefined];
      }),
      ['changed', 'DE', at(2), { orders: 1, lines: 10 }, { orders: 6, lines: 60 }],
    ]);
  });

  it('is nothing between a batch and itself', async () => {
    expect(await Array.fromAsync((await stateAt(2)).changesSince(2))).toEqual([]);
  });
});

describe('refused by name is', () => {
  it.each([
    ['a batch that is not committed', () => stateAt(3), 'batch 3 is not committed: use one from 1 to 2'],
    ['a batch that was purged', () => stateAt(0), 'batch 0 was purged: use one from 1 to 2'],
    [
      'a group that there is not',
      async () => ordersOf(await stateAt(), { group: 2 }),
      'group 2 is none of this pipeline: use one from 0 to 1',
    ],
    [
      'a key with another number of values',
      async () => ordersOf(await stateAt(), { key: ['DE', 1] }),
      'key ["DE",1] is none of this pipeline: use a list of one value of country',
    ],
    [
      'a key of another name',
      async () => ordersOf(await stateAt(), { key: { city: 'Bonn' } }),
      'key {"city":"Bonn"} is none',
    ],
    [
      'a later batch as the earlier one',
      async () => Array.fromAsync((await stateAt(1)).changesSince(2)),
      'changes from 2 to 1: the first batch is the later one',
    ],
    ['a definition that the state is not of', () => stateAt(1, counting(['more'])), "aggregate 'more' is new"],
  ])('%s', async (_, read, message) => {
    await expect(read()).rejects.toThrow(message);
  });

  it('a pipeline that has never run, or committed nothing', async () => {
    const other = { ...storage, pipeline: 'others' };
    await expect(createStateReader(other).at()).rejects.toThrow('pipeline others has never run on this table');
    await createStores(other).head.create(headOf({ pipeline: 'others', committed: undefined, sealed: undefined }));
    await expect(createStateReader(other).at()).rejects.toThrow('pipeline others has not committed a batch yet');
  });
});
