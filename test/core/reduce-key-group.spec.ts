/** REDUCE-1, REDUCE-2: rows, identities, order, refusals. */
import { describe, expect, it } from 'vitest';
import { keyName } from '../../functions/core/key-group.ts';
import { endOfTime } from '../../functions/core/model.ts';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import type { Aggregation, RowOperation } from '../../functions/pipeline/pipeline.ts';
import { batchBody, resultVersion } from '../support/builders.ts';
import { perBatch, windowed } from '../support/pipelines.ts';

const pipeline = windowed();
const entry = (start: number, events: number, value: number) =>
  [start, start + 10, [events, [events, value], value, value, [events, value]]] as const;
const windows: SavedWindows = [
  [['a'], [entry(0, 1, 5), entry(10, 1, 1)]],
  [['b'], [entry(0, 2, 7)]],
];

function reduce(given: {
  readonly watermarkOut: number;
  readonly blocks?: readonly SavedWindows[];
  readonly before?: SavedWindows;
  readonly rowOperations?: readonly RowOperation[];
}) {
  const { watermarkOut, blocks = [windows], before = [], rowOperations = [] } = given;
  const aggregation: Aggregation = { ...pipeline.aggregation, rowOperations };
  return reduceKeyGroup({ ...pipeline, aggregation }, batchBody({ batchId: 3, ref: 9, generation: 2, watermarkOut }), {
    keyGroup: 4,
    before,
    blocks,
  });
}
const recordsOf = ({ outbox }: Pick<ReturnType<typeof reduce>, 'outbox'>) => outbox.flatMap(({ records }) => records);
const rowsOf = (state: ReturnType<typeof reduce>) => recordsOf(state).map(({ data }) => JSON.parse(String(data)));

describe('a closed window', () => {
  it('becomes one record per key, in this very form', () => {
    const { outbox } = reduce({ watermarkOut: 10 });
    expect(outbox.map(({ output }) => output)).toEqual(['main']);
    expect(outbox[0]?.records[0]).toEqual({
      partitionKey: 'a',
      explicitHashKey: undefined,
      data:
        '{"key":"a","windowStart":"1970-01-01T00:00:00.000Z","windowEnd":"1970-01-01T00:00:00.010Z","events":1,"total":5,"least":5,"most":5,"mean":5,' +
        '"_sluice":{"v":1,"pipeline":"windowed","output":"main","generation":2,"batch":3,"ref":9,"group":4,"index":0,' +
        '"window":[0,10],"key":"[\\"a\\"]","row":0,"revision":0,"timing":"on-time","final":true,"retracted":false}}',
    });
  });

  it('leaves the state, and an open one stays', () => {
    const state = reduce({ watermarkOut: 10 });
    expect(state).toMatchObject({ batchId: 3, ref: 9, generation: 2, keyGroup: 4 });
    expect(rowsOf(state).map(({ key }) => key)).toEqual(['a', 'b']);
    expect(state.windows).toEqual([[['a'], [entry(10, 1, 1)]]]);
  });

  it.each([
    [9, 0],
    [10, 2],
    [19, 2],
    [20, 3],
    [endOfTime, 3],
  ])('a watermark of %i lets out %i results', (watermarkOut, count) => {
    expect(recordsOf(reduce({ watermarkOut }))).toHaveLength(count);
  });

  it('holds what was there before and what the blocks bring (REDUCE-1)', () => {
    const state = reduce({ watermarkOut: endOfTime, before: windows, blocks: [windows, [[['c'], [entry(10, 3, 2)]]]] });
    expect(rowsOf(state).map(({ key, events, total }) => [key, events, total])).toEqual([
      ['a', 2, 10],
      ['b', 4, 14],
      ['a', 2, 2],
      ['c', 3, 2],
    ]);
  });
});

describe('the version of a result (VERSION-1)', () => {
  const versions = (state: ReturnType<typeof reduce>) =>
    rowsOf(state).map(({ _sluice: { window, key, row, revision, timing, final, retracted } }) => ({
      ...{ window, key, row, revision, timing, final, retracted },
    }));
  const only = { row: 0, revision: 0, timing: 'on-time', final: true, retracted: false };

  it.each([
    ['that the watermark closes', 20],
    ['that is closed because the input has ended', endOfTime],
  ])('says window and key, and that it is the only one: of a window %s', (_, watermarkOut) => {
    expect(versions(reduce({ watermarkOut }))).toEqual([
      { window: [0, 10], key: '["a"]', ...only },
      { window: [0, 10], key: '["b"]', ...only },
      { window: [10, 20], key: '["a"]', ...only },
    ]);
  });

  it('is that of what was counted, whatever user code makes of the row', () => {
    const changing: RowOperation = {
      kind: 'map',
      mapper: (row) => Object.assign(row, { key: 'z', windowStart: 5, _sluice: { key: 'z' } }),
    };
    expect(versions(reduce({ watermarkOut: 10, rowOperations: [changing] }))).toEqual([
      { window: [0, 10], key: '["a"]', ...only },
      { window: [0, 10], key: '["b"]', ...only },
    ]);
  });

  it('names keys that differ at their very end by names that differ', () => {
    const [one, other] = ['1', '2'].map((end) => `${'x'.repeat(300)}${end}`);
    const blocks = [[one, other].map((key) => [[key!], [entry(0, 1, 5)]] as const)];
    const keys = versions(reduce({ watermarkOut: 10, blocks })).map(({ key }) => key);
    expect(keys).toEqual([keyName(JSON.stringify([one])), keyName(JSON.stringify([other]))]);
    expect(keys[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(keys[0]).not.toBe(keys[1]);
  });
});

describe('the index of a result (REDUCE-2)', () => {
  const indexes = (state: ReturnType<typeof reduce>) => rowsOf(state).map(({ _sluice }) => _sluice.index);

  it('counts windows by time, then keys', () => {
    expect(indexes(reduce({ watermarkOut: 20 }))).toEqual([0, 1, 2]);
  });

  it('is that of the result also behind one that is filtered or refused', () => {
    const isB = (row: never) => (row as { key: string }).key === 'b';
    expect(
      indexes(reduce({ watermarkOut: 20, rowOperations: [{ kind: 'filter', predicate: (row) => !isB(row) }] })),
    ).toEqual([0, 2]);
    const throwing: RowOperation = {
      kind: 'map',
      mapper: (row) => {
        if (isB(row)) throw new Error('boom');
        return row;
      },
    };
    const state = reduce({ watermarkOut: 20, rowOperations: [throwing] });
    expect(indexes(state)).toEqual([0, 2]);
    expect(state.refused).toEqual([
      {
        ...{ index: 1, reason: 'callback-failed', message: 'boom', row: expect.stringContaining('"key":"b"') },
        version: { ...resultVersion, window: [0, 10], key: '["b"]' },
      },
    ]);
  });
});

it('refuses a result that no Kinesis record holds, and keeps the row as it was counted', () => {
  const { outbox, refused } = reduce({
    watermarkOut: 10,
    rowOperations: [{ kind: 'map', mapper: () => ({ filler: 'x'.repeat(10_485_760) }) }],
  });
  expect(outbox).toEqual([]);
  expect(refused.map(({ index, reason }) => [index, reason])).toEqual([
    [0, 'output-too-large'],
    [1, 'output-too-large'],
  ]);
  expect(JSON.parse(refused[0]!.row)).toMatchObject({ key: 'a', total: 5 });
});

it.each([
  ['a function', () => () => 1],
  ['a bigint', () => 1n],
  [
    'a cycle',
    () => {
      const row: Record<string, unknown> = {};
      row.self = row;
      return row;
    },
  ],
])('refuses a row that JSON cannot say: %s', (_, mapper) => {
  expect(reduce({ watermarkOut: 10, rowOperations: [{ kind: 'map', mapper }] }).refused).toHaveLength(2);
});

it.each<[string, RowOperation]>([
  ['filter of rows', { kind: 'filter', predicate: () => Promise.reject(new Error('nobody waits for it')) as never }],
  ['map of rows', { kind: 'map', mapper: () => Promise.reject(new Error('nobody waits for it')) }],
])('a promise of a %s is a wrong pipeline', (name, operation) => {
  expect(() => reduce({ watermarkOut: 10, rowOperations: [operation] })).toThrow(`${name} returned a promise`);
});

it.each([
  ['nothing', () => undefined],
  ['a map', () => new Map([['a', 1]])],
  ['a set inside', () => ({ tags: new Set(['a']) })],
])('refuses a row of which JSON would say nothing: %s', (_, mapper) => {
  const { refused } = reduce({ watermarkOut: 10, rowOperations: [{ kind: 'map', mapper }] });
  expect(refused.map(({ reason }) => reason)).toEqual(['invalid-result', 'invalid-result']);
});

it('lets out every window of a micro-batch in its batch, named by its number', () => {
  const { windows: left, outbox } = reduceKeyGroup(perBatch(), batchBody({ batchId: 3, watermarkOut: null }), {
    keyGroup: 0,
    before: [],
    blocks: [[[['a'], [[3, 4, [2]]]]]],
  });
  expect(left).toEqual([]);
  expect(JSON.parse(String(outbox[0]?.records[0]?.data))).toMatchObject({
    ...{ key: 'a', batchId: 3, events: 2 },
    _sluice: { ...resultVersion, window: [3, 4], key: '["a"]' },
  });
});

it('is empty for a key group without anything', () => {
  expect(reduce({ watermarkOut: 20, blocks: [] })).toMatchObject({ windows: [], outbox: [], refused: [] });
});
