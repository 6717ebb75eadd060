/** TABLE-1, TABLE-2: late exactly at the watermark, keys kept apart, a fixed order out. */
import { describe, expect, it } from 'vitest';
import { aggregateKinds } from '../../functions/aggregates/index.ts';
import { createEvaluator } from '../../functions/core/evaluate-event.ts';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import { WindowTable } from '../../functions/core/window-table.ts';
import { bytesKind } from '../../functions/decoders/bytes.ts';
import type { AggregateSpec, Aggregation, KeyValue } from '../../functions/pipeline/pipeline.ts';
import { perMicroBatchKind } from '../../functions/windows/per-micro-batch.ts';
import { tumblingKind } from '../../functions/windows/tumbling.ts';
import { batchBody, noon } from '../support/builders.ts';

const meta = {
  streamName: 'source',
  shardId: 'shard',
  partitionKey: 'key',
  explicitHashKey: undefined,
  sequenceNumber: '1',
  subSequenceNumber: 0,
  arrivalTime: new Date(noon),
};
const tumblingOf = (sizeMs: number): Aggregation['window'] => ({
  kind: tumblingKind,
  options: { sizeMs, offsetMs: 0 },
});
const tumbling = tumblingOf(10);
const specOf = (name: string, kind: string, selector?: unknown): AggregateSpec => ({
  name,
  ...aggregateKinds.of({ kind })!.read(name, { selector }, [])!,
});
const count = specOf('events', 'count');
const total = specOf('total', 'sum', (event: { value?: number }) => event.value);

type Given = Partial<Aggregation> & { readonly keyNames?: readonly string[] };

function aggregationOf({ keyNames = ['key'], ...rest }: Given): Aggregation {
  const keys = keyNames.map((name) => ({ name, selector: ((event: Record<string, unknown>) => event[name]) as never }));
  return { keys, window: tumbling, aggregates: [count], rowOperations: [], ...rest };
}

/** What a batch of such blocks leaves open that closes nothing. */
function openAfter(given: Given, blocks: readonly SavedWindows[]): SavedWindows {
  const aggregated = { name: 'p', outputs: [], aggregation: aggregationOf(given) };
  const group = { keyGroup: 0, before: [], blocks: JSON.parse(JSON.stringify(blocks)) };
  return reduceKeyGroup(aggregated, batchBody({ watermarkOut: null }), group).windows;
}

function tableOf(given: Given = {}) {
  const table = new WindowTable(aggregationOf(given));
  const evaluator = createEvaluator({ decoder: { kind: bytesKind, options: {} }, operations: [] });
  const add = (
    event: Record<string, unknown>,
    time = 0,
    batch: { batchId: number; watermark: number | null } = { batchId: 1, watermark: null },
  ) => {
    const evaluation = evaluator(new Uint8Array(), meta);
    Object.assign(evaluation, { value: event, eventTime: time });
    const fate = table.add(evaluation, meta, batch);
    return fate === 'dead' ? `${evaluation.reason}: ${evaluation.message}` : fate;
  };
  /** By window, then key: what was counted, as the first aggregate tells it. */
  const read = () => {
    const found = table.keys().flatMap(({ keyValues, windows }) => windows.map((window) => ({ keyValues, ...window })));
    const starts = [...new Set(found.map(({ start }) => start))].sort((one, other) => one - other);
    return starts.map((start) => [
      start,
      found
        .filter((window) => window.start === start)
        .map(({ keyValues, accumulators }) => [keyValues, count.fn.result(accumulators[0])]),
    ]);
  };
  return { table, add, read };
}

describe('lateness (TABLE-1)', () => {
  it.each([
    [0, 9, 'counted'],
    [9, 9, 'counted'],
    [9, 10, 'late'],
    [9, 11, 'late'],
    [10, 10, 'counted'],
    [-1, 0, 'late'],
    [-1, -1, 'counted'],
  ])('an event at %i under a watermark of %i is %s', (time, watermark, fate) => {
    expect(tableOf().add({ key: 'a' }, time, { batchId: 1, watermark })).toBe(fate);
  });

  it('does not exist without a watermark, nor in windows of a micro-batch', () => {
    expect(tableOf().add({ key: 'a' }, -1_000_000)).toBe('counted');
    const { add, read } = tableOf({ window: { kind: perMicroBatchKind, options: {} } });
    expect(add({ key: 'a' }, 0, { batchId: 4, watermark: 1000 })).toBe('counted');
    expect(read()).toEqual([[4, [[['a'], 1]]]]);
  });

  it('hides nothing that is wrong with an event', () => {
    expect(tableOf().add({ key: 2 ** 60 }, 9, { batchId: 1, watermark: 10 })).toMatch(/^invalid-key: /);
  });

  it('leaves no trace of a late event', () => {
    const { table, add, read } = tableOf();
    add({ key: 'a' }, 9, { batchId: 1, watermark: 10 });
    expect(read()).toEqual([]);
    expect(table.saveByKeyGroup(1)).toEqual(new Map());
  });
});

describe('keys', () => {
  const values: readonly KeyValue[] = ['1', 1, true, 'true', null, 'null', '', 0, false, 'a'];

  it('of different kinds are different, whatever they look like', () => {
    const { add, read } = tableOf();
    for (const key of values) add({ key });
    for (const key of values) add({ key });
    const [[, entries]] = read() as [[number, [KeyValue[], number][]]];
    expect(entries).toHaveLength(values.length);
    expect(entries.every(([, events]) => events === 2)).toBe(true);
    expect(new Set(entries.map(([[key]]) => key))).toEqual(new Set(values));
  });

  it('of several parts are told apart part by part', () => {
    const { add, read } = tableOf({ keyNames: ['a', 'b', 'c'] });
    for (const [a, b, c] of [
      ['x', 'y', 'z'],
      ['xy', '', 'z'],
      ['x', 'y', null],
      ['x', 'y', 'z'],
    ])
      add({ a, b, c });
    expect(read()).toEqual([
      [
        0,
        [
          [['x', 'y', 'z'], 2],
          [['x', 'y', null], 1],
          [['xy', '', 'z'], 1],
        ],
      ],
    ]);
  });

  it('minus zero is zero', () => {
    const { add, read } = tableOf();
    add({ key: 0 });
    add({ key: -0 });
    expect(read()).toEqual([[0, [[[0], 2]]]]);
  });

  it.each([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['infinity', Infinity],
    ['an object', {}],
    ['a bigint', 1n],
    ['a symbol', Symbol('a')],
  ])('cannot be %s', (_, key) => {
    expect(tableOf().add({ key })).toBe('invalid-key: groupBy key: use a string, a finite number, a boolean or null');
  });

  it('are read out by window, then by canonical text, whatever order they came in (TABLE-2)', () => {
    const { add, read } = tableOf();
    for (const [key, time] of [
      ['b', 15],
      ['a', 25],
      ['ä', 15],
      ['a', 15],
      [10, 15],
      [9, 15],
    ] as const)
      add({ key }, time);
    expect(read()).toEqual([
      [
        10,
        [
          [['a'], 1],
          [['b'], 1],
          [['ä'], 1],
          [[10], 1],
          [[9], 1],
        ],
      ],
      [20, [[['a'], 1]]],
    ]);
  });
});

describe('what goes wrong changes nothing', () => {
  const boom = () => {
    throw new Error('boom');
  };

  it.each<[string, Partial<Aggregation>, string]>([
    ['a key that throws', { keys: [{ name: 'key', selector: boom }] }, 'callback-failed: groupBy key: boom'],
    [
      'an aggregate that throws',
      { aggregates: [count, specOf('total', 'sum', boom)] },
      'callback-failed: aggregate total: boom',
    ],
    [
      'a whole number that may stand for several',
      { keys: [{ name: 'key', selector: () => 2 ** 53 }] },
      "invalid-key: groupBy key: a whole number beyond 2^53 may stand for several; read it as text: json(schema, { largeIntegers: 'text' })",
    ],
    [
      'a value that is no number',
      { aggregates: [count, specOf('total', 'sum', () => 'x')] },
      'invalid-aggregate-value: aggregate total: a string is not a finite number',
    ],
  ])('%s', (_, aggregation, problem) => {
    const { table, add, read } = tableOf(aggregation);
    expect(add({ key: 'a' })).toBe(problem);
    expect(read()).toEqual([]);
    expect(table.saveByKeyGroup(1)).toEqual(new Map());
  });

  it('a promise, which is a wrong pipeline', () => {
    const promise = () => Promise.reject(new Error('nobody waits for it')) as never;
    for (const [name, aggregation] of [
      ['groupBy key', { keys: [{ name: 'key', selector: promise }] }],
      ['aggregate total', { aggregates: [count, specOf('total', 'sum', promise)] }],
    ] as const) {
      const { add, read } = tableOf(aggregation);
      expect(() => add({ key: 'a' })).toThrow(`${name} returned a promise`);
      expect(read()).toEqual([]);
    }
  });

  it.each([
    ['begins before the first date', -8_640_000_000_000_000, 7],
    ['ends after the last date', 8_640_000_000_000_000, 7],
  ])('an event whose window %s, so that its result could never be written', (_, time, sizeMs) => {
    const { add, read } = tableOf({ window: tumblingOf(sizeMs) });
    expect(add({ key: 'a' }, time)).toMatch(/^invalid-event-time/);
    // What is wrong with an event is told however late it is.
    expect(add({ key: 'a' }, time, { batchId: 1, watermark: 9_000_000_000_000_000 })).toMatch(/^invalid-event-time/);
    expect(read()).toEqual([]);
  });
});

it.each([-(2 ** 53) + 1, 2 ** 53 - 1, 0.1, 1e15 + 0.5])('%d is a key of its own', (value) => {
  const { add, read } = tableOf();
  expect(add({ key: value as never })).toBe('counted');
  expect(read()).toEqual([[0, [[[value], 1]]]]);
});

describe('without keys', () => {
  it('all events of a window are one group, which is saved and merged like any other', () => {
    const { table, add, read } = tableOf({ keyNames: [] });
    for (const time of [0, 5, 10]) add({}, time);
    expect(read()).toEqual([
      [0, [[[], 2]]],
      [10, [[[], 1]]],
    ]);
    const [partials, ...others] = table.saveByKeyGroup(7).values();
    expect(others).toEqual([]);
    expect(openAfter({ keyNames: [] }, [partials!.windows, partials!.windows])).toEqual([
      [
        [],
        [
          [0, 10, [4]],
          [10, 20, [2]],
        ],
      ],
    ]);
  });
});

describe('saving', () => {
  it('splits by key group and leaves out empty groups; a reduce merges what each table has of a group', () => {
    const { table, add } = tableOf({ aggregates: [count, total] });
    for (let at = 0; at < 50; at++) add({ key: `k${at % 20}`, value: at }, at);
    const groups = table.saveByKeyGroup(7);
    expect([...groups.values()].every(({ windows }) => windows.length > 0)).toBe(true);
    for (const { windows } of groups.values()) {
      expect(openAfter({ aggregates: [count, total] }, [windows])).toEqual(windows);
      const twice = windows.map(([keyValues, own]) => [
        keyValues,
        own.map(([start, end, [n]]) => [start, end, 2 * Number(n)]),
      ]);
      const merged = openAfter({ aggregates: [count, total] }, [windows, windows]);
      expect(merged.map(([keyValues, own]) => [keyValues, own.map(([start, end, [n]]) => [start, end, n])])).toEqual(
        twice,
      );
    }
    expect(tableOf().table.saveByKeyGroup(7).size).toBe(0);
  });

  it('has this form, for ever', () => {
    const { table, add } = tableOf({ aggregates: [count, total] });
    add({ key: 'a', value: 0.5 }, 5);
    add({ key: 'a' }, 5);
    add({ key: 'a', value: 2 }, 12);
    const windows = [
      [
        ['a'],
        [
          [0, 10, [2, [1, 0.5]]],
          [10, 20, [1, [1, 2]]],
        ],
      ],
    ];
    expect([...table.saveByKeyGroup(1)]).toEqual([[0, { windows, open: { ends: [10, 20] } }]]);
  });
});
