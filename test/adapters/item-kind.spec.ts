import { describe, expect, it } from 'vitest';
import {
  attributes,
  checkVersion,
  fields,
  itemKind,
  list,
  readAs,
} from '../../functions/adapters/dynamodb/item-kind.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import type { Item, Table } from '../../functions/adapters/dynamodb/table.ts';
import { SluiceError } from '../../functions/core/errors.ts';
import { batchBody, block, headOf, noon, plannedTask, planRecord } from '../support/builders.ts';

type Pair = { readonly one: number; readonly two: string | null; readonly more?: boolean };

const key = { pk: 'p', sk: 'PAIR' };
const pair = itemKind<Pair>('pair', {
  1: (json) => ({ one: Number((json as { one: string }).one), two: null }),
  2: fields({ one: 'number', two: 'text or null' }),
});
const read = (v: number, json: unknown) => readAs(pair, { v, json }, key);

describe('a kind of item', () => {
  it('is written in its newest version, and read by the reader of the version that it says (ITEM-1)', () => {
    expect(pair.version).toBe(2);
    expect(read(1, { one: '7' })).toEqual({ one: 7, two: null });
    expect(read(2, { one: 7, two: 'x', more: true })).toEqual({ one: 7, two: 'x', more: true });
  });

  it('of a version without a reader is refused: which item, which version, what to do; another try is of no use', () => {
    for (const refuse of [() => read(3, { one: 1, two: null }), () => checkVersion(pair, { v: { N: '3' } }, key)]) {
      expect(refuse).toThrow(
        new SluiceError(
          'UnknownFormat',
          'p / PAIR: a pair of format version 3; this code reads 1, 2. Deploy the code that wrote it, or newer.',
        ),
      );
    }
    expect(new SluiceError('UnknownFormat', '').canRetry).toBe(false);
  });

  it.each([
    ['a field is missing', { one: 1 }],
    ['a field is of another kind', { one: '1', two: null }],
    ['there is no object', [1, null]],
    ['there is nothing', null],
  ])('is refused where %s', (_, json) => {
    expect(() => read(2, json)).toThrow(/UnknownFormat|p \/ PAIR: it says that it is a pair of version 2/);
  });

  it('may be a list, or attributes with no JSON at all', () => {
    const entries = itemKind('entries', { 1: list<number>() });
    expect(readAs(entries, { v: 1, json: [1] }, key)).toEqual([1]);
    expect(() => readAs(entries, { v: 1, json: {} }, key)).toThrow(/it says that it is a entries/);
    expect(() => checkVersion(itemKind('note', { 1: attributes }), { v: { N: '1' } }, key)).not.toThrow();
  });
});

/** A table of which every item says another version than was written. */
function tableFromTheFuture(): Table {
  const items = new Map<string, Item>();
  const put = async (item: Item) => {
    items.set(`${item.pk!.S} ${item.sk!.S}`, { ...item, v: { N: '99' } });
    return 'stored' as const;
  };
  async function* query() {
    yield* items.values();
  }
  const update = async ({ pk, sk }: { pk: string; sk: string }) => {
    await put({ pk: { S: pk }, sk: { S: sk } });
    return 'refused';
  };
  const fake = { chunkBytes: 350_000, put, putIfAbsent: put, query, update };
  return {
    ...fake,
    get: async ({ pk, sk }: { pk: string; sk: string }) => items.get(`${pk} ${sk}`),
  } as unknown as Table;
}

describe('what newer code wrote', () => {
  const clock = { now: () => noon, sleep: async () => {} };
  const storesOf = () =>
    createStores(
      openStorage({ table: tableFromTheFuture(), pipeline: 'p', clock, newId: () => 'n', passesPlans: false }),
    );
  const state = { keyGroup: 0, batchId: 1, ref: 7 };
  const body = batchBody({ batchId: 1, ref: 7 });
  const read: Readonly<Record<string, string>> = { task: '1, 2', body: '1, 2' };

  it.each<[string, (stores: ReturnType<typeof storesOf>) => Promise<unknown>]>([
    ['head', async ({ head }) => head.create(headOf({}))],
    ['plan', async ({ plans }) => [await plans.putPlan(planRecord(), []), await plans.loadPlan(planRecord().ref)]],
    [
      'task',
      async ({ plans }) => [
        await plans.putPlan(planRecord(), [plannedTask([])]),
        await plans.loadTask(plannedTask([]).ref, 0),
      ],
    ],
    [
      'note',
      async ({ deathNotes }) => {
        await deathNotes.putNote(7, 0, {
          source: 'main',
          shardId: 's',
          place: { sequenceNumber: '1', sub: 0 },
          isEvent: true,
        });
        return deathNotes.loadNote(7, 0);
      },
    ],
    [
      'note of sent places',
      async ({ sentPlaces }) => {
        await sentPlaces.putSentNote({ generation: 1, ref: 7, task: 0, shards: [] });
        return sentPlaces.loadSentNotes({ generation: 1, from: 0 });
      },
    ],
    ['block', async ({ blocks }) => [await blocks.putBlock(block(0, []), new Map()), await blocks.loadBlocks(1, 7, 1)]],
    ['body', async ({ seals }) => [await seals.putBody(body), await seals.loadBody(1, 7)]],
    [
      'step of rows',
      async ({ rows }) => [
        await rows.putStep(state, 0, { rows: [{ kind: 'filtered' }], refused: [] }),
        await rows.findStep(state, 0),
      ],
    ],
    [
      'note of what was sent',
      async ({ outboxNotes }) => [
        await outboxNotes.putSent(state, { main: { count: 1, ahead: [] } }),
        await outboxNotes.loadSent(state),
      ],
    ],
    [
      'note of refused rows',
      async ({ outboxNotes }) => [await outboxNotes.putRefused(state, 1), await outboxNotes.loadRefused(state)],
    ],
  ])('stops who reads it: a %s', async (kind, use) => {
    await expect(use(storesOf())).rejects.toMatchObject({
      name: 'UnknownFormat',
      message: expect.stringContaining(`a ${kind} of format version 99; this code reads ${read[kind] ?? '1'}.`),
    });
  });
});
