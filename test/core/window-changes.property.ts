/**
 * REDUCE-1, REDUCE-2, CHANGE-1, CHANGE-2: rows, their order and bytes, and the state, against a computation by hand from the
 * events, whatever the windows; and what a batch has nothing for is not looked at.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createEvaluator } from '../../functions/core/evaluate-event.ts';
import { rowEvaluator } from '../../functions/core/evaluate-row.ts';
import { limitsOf } from '../../functions/core/record-limit.ts';
import { prepareReduce, reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import { stateAfter } from '../../functions/core/reduction.ts';
import type { SavedKey, SavedWindow, SavedWindows } from '../../functions/core/saved-windows.ts';
import { withoutUserCode } from '../../functions/core/unmerged.ts';
import { WindowTable } from '../../functions/core/window-table.ts';
import { aggregate, avg, count, json, kinesis, max, min, pipeline, sum, tumbling } from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { Aggregation, Pipeline } from '../../functions/pipeline/pipeline.ts';
import { sessionKind } from '../../functions/windows/session.ts';
import { batchBody, noon, utf8 } from '../support/builders.ts';
import { hoppingKind } from '../toys/hopping.ts';

const reading = z.object({ at: z.number(), key: z.union([z.string(), z.number()]), value: z.number() });
type Reading = z.infer<typeof reading>;

const onTens = requirePipeline(
  pipeline('changes')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(reading))
    .withWatermark((event) => event.at, { delay: '0 seconds', maxFutureTime: '10000 days' })
    .groupBy({ key: (event) => event.key })
    .window(tumbling('10 milliseconds'))
    .aggregate({
      n: count(),
      total: sum((event) => event.value),
      least: min((event) => event.value),
      most: max((event) => event.value),
      mean: avg((event) => event.value),
      widest: aggregate({
        name: 'widest',
        version: 1,
        empty: () => -1,
        add: (widest, { value }: { value: number }) => Math.max(widest, Math.abs(value)),
        merge: (one, other) => Math.max(one, other),
        result: (widest) => `${widest}`,
      }),
    })
    .writeStream(kinesis({ streamName: 'out' })),
) as Pipeline & { readonly aggregation: Aggregation };

type Bounds = readonly [start: number, end: number];
const down = (time: number): number => Math.floor(time / 10) * 10;
const kinds = {
  tumbling: { window: onTens.aggregation.window, of: (at: number): Bounds[] => [[down(at), down(at) + 10]] },
  hopping: {
    window: { kind: hoppingKind, options: { sizeMs: 20, everyMs: 10 } },
    of: (at: number): Bounds[] => [
      [down(at) - 10, down(at) + 10],
      [down(at), down(at) + 20],
    ],
  },
  session: {
    window: { kind: sessionKind, options: { gapMs: 10 } },
    of: (at: number): Bounds[] => [[at, at + 10]],
  },
};

const event: fc.Arbitrary<Reading> = fc.record({
  at: fc.integer({ min: 0, max: 60 }),
  key: fc.constantFrom('a', 'b', 'c', 'Z', '10', '9', 10, 9),
  value: fc.integer({ min: -9, max: 9 }),
});
/** `isApart`: user code of this block's read ran apart, so its own aggregates are not merged. */
const block = fc.record({ events: fc.array(event, { maxLength: 8 }), isApart: fc.boolean() });
type Told = {
  readonly blocks: readonly { readonly events: readonly Reading[]; readonly isApart: boolean }[];
  readonly step: number;
};
const batches = fc.array(fc.record({ blocks: fc.array(block, { maxLength: 4 }), step: fc.nat(20) }), { maxLength: 6 });

/** By hand: windows with their events, by key. */
type Window = {
  readonly start: number;
  readonly end: number;
  readonly values: readonly number[];
  readonly isTouched: boolean;
};
type Open = ReadonlyMap<Reading['key'], readonly Window[]>;

const byTime = (one: Window, other: Window): number => one.start - other.start || one.end - other.end;
const textOf = (key: Reading['key']): string => JSON.stringify([key]);
const inOrder = (open: Open) => [...open].sort(([one], [other]) => (textOf(one) < textOf(other) ? -1 : 1));

function joined(windows: readonly Window[], isOne: (one: Window, other: Window) => boolean): Window[] {
  const apart: Window[] = [];
  for (const window of windows.toSorted(byTime)) {
    const last = apart.at(-1);
    if (last === undefined || !isOne(last, window)) apart.push(window);
    else {
      apart[apart.length - 1] = {
        start: last.start,
        end: Math.max(last.end, window.end),
        values: [...last.values, ...window.values],
        isTouched: true,
      };
    }
  }
  return apart;
}

function withEvents(open: Open, events: readonly Reading[], kind: keyof typeof kinds, watermark: number): Open {
  const all = new Map<Reading['key'], Window[]>();
  for (const [key, windows] of open)
    all.set(
      key,
      windows.map((window) => ({ ...window, isTouched: false })),
    );
  for (const { key, at, value } of events) {
    for (const [start, end] of kinds[kind].of(at)) {
      if (kind !== 'session' && end <= watermark) continue;
      all.set(key, [...(all.get(key) ?? []), { start, end, values: [value], isTouched: true }]);
    }
  }
  const isOne = (one: Window, other: Window): boolean =>
    kind === 'session' ? other.start < one.end : byTime(one, other) === 0;
  // A session is late when all have merged: then it has nothing of before the batch, where all had closed that had an end by then.
  return new Map(
    Array.from(all, ([key, windows]) => [key, joined(windows, isOne).filter(({ end }) => end > watermark)]),
  );
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const widestOf = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

function savedByHand({ start, end, values }: Window): SavedWindow {
  const summed = [values.length, sumOf(values)];
  const each = [values.length, summed, Math.min(...values), Math.max(...values), summed, [widestOf(values)]];
  return [start, end, each];
}

function rowByHand(key: Reading['key'], { start, end, values }: Window, batch: number, index: number): string {
  return JSON.stringify({
    key,
    windowStart: new Date(start).toISOString(),
    windowEnd: new Date(end).toISOString(),
    n: values.length,
    total: sumOf(values),
    least: Math.min(...values) + 0,
    most: Math.max(...values) + 0,
    mean: sumOf(values) / values.length,
    widest: `${widestOf(values)}`,
    _sluice: {
      ...{ v: 1, pipeline: 'changes', output: 'main', generation: 1, batch, ref: 6, group: 0, index },
      ...{ window: [start, end], key: textOf(key), row: 0, revision: 0 },
      ...{ timing: 'on-time', final: true, retracted: false },
    },
  });
}

const evaluate = createEvaluator(onTens);
const meta = {
  ...{ streamName: 's', shardId: 's', partitionKey: 'k', explicitHashKey: undefined, sequenceNumber: '1' },
  ...{ subSequenceNumber: 0, arrivalTime: new Date(noon) },
};
const saved = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

function blockOf(
  aggregation: Aggregation,
  given: { readonly events: readonly Reading[]; readonly isApart: boolean },
  watermark: number,
) {
  const table = new WindowTable(aggregation, given.isApart ? withoutUserCode(aggregation) : undefined);
  for (const each of given.events)
    table.add(evaluate(utf8(JSON.stringify(each)), meta), meta, { batchId: 0, watermark });
  return saved(table.saveByKeyGroup(1).get(0)?.windows ?? []);
}

/** Whoever reads it is told. */
const untouchable = (): readonly unknown[] =>
  new Proxy([], {
    get() {
      throw new Error('an accumulator was read that nothing has happened to');
    },
  });

const namesIn = (keys: readonly SavedKey[]): string[] =>
  keys.flatMap(([key, windows]) => windows.map((window) => nameOf(key, window)));
const nameOf = (key: SavedKey[0], [start, end]: Bounds | SavedWindow): string =>
  `${JSON.stringify(key)} ${start} ${end}`;

const mapWindows = (state: SavedWindows, change: (window: SavedWindow, name: string) => SavedWindow): SavedWindows =>
  state.map(([key, windows]) => [key, windows.map((window) => change(window, nameOf(key, window)))]);

/** What a batch comes to by hand: the rows, and what is left open. */
function closeByHand(open: Open, batchId: number, watermark: number) {
  const isClosed = ({ end }: Window): boolean => end <= watermark;
  const rows = inOrder(open)
    .flatMap(([key, windows]) => windows.filter(isClosed).map((window) => ({ key, window })))
    .sort((one, other) => byTime(one.window, other.window))
    .map(({ key, window }, index) => rowByHand(key, window, batchId, index));
  const left: Open = new Map(
    inOrder(open)
      .map(([key, windows]) => [key, windows.filter((window) => !isClosed(window))] as const)
      .filter(([, windows]) => windows.length > 0),
  );
  const windows = Array.from(left, ([key, of]): SavedKey => [[key], of.map(savedByHand)]);
  const touched = Array.from(
    left,
    ([key, of]): SavedKey => [[key], of.filter(({ isTouched }) => isTouched).map(savedByHand)],
  );
  return { rows, left, windows, touched: namesIn(touched) };
}

/** The batches, one after the other, each with what it begins with and what it comes to by hand. */
function* batchesOf(kind: keyof typeof kinds, aggregation: Aggregation, told: readonly Told[]) {
  let open: Open = new Map();
  let before: SavedWindows = [];
  let watermark = 0;
  for (const [batchId, { blocks, step }] of [...told, { blocks: [], step: 1_000 }].entries()) {
    const parts = blocks.map((one) => blockOf(aggregation, one, watermark));
    const events = blocks.flatMap((one) => one.events);
    const all = withEvents(open, events, kind, watermark);
    watermark += step;
    const byHand = closeByHand(all, batchId, watermark);
    const body = batchBody({ batchId, watermarkIn: watermark - step, watermarkOut: watermark });
    yield { body, before, parts, byHand };
    open = byHand.left;
    before = saved(byHand.windows);
  }
}

describe.each(['tumbling', 'hopping', 'session'] as const)('of %s windows', (kind) => {
  const aggregation = { ...onTens.aggregation, window: kinds[kind].window };
  const given = { ...onTens, aggregation };

  it('rows, order, index, bytes and state are those by hand (REDUCE-1, REDUCE-2)', () => {
    fc.assert(
      fc.property(batches, (told) => {
        for (const { body, before, parts, byHand } of batchesOf(kind, aggregation, told)) {
          const after = reduceKeyGroup(given, body, { keyGroup: 0, before, blocks: parts });
          expect((after.outbox[0]?.records ?? []).map(({ data }) => data)).toEqual(byHand.rows);
          expect(JSON.stringify(after.windows)).toBe(JSON.stringify(byHand.windows));
          expect(after.fates.results).toBe(byHand.rows.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('each list is read once; what is left as it is, is not looked at, and not in the delta (CHANGE-1, CHANGE-2)', () => {
    fc.assert(
      fc.property(batches, (told) => {
        for (const { body, before, parts, byHand } of batchesOf(kind, aggregation, told)) {
          const names = new Set(namesIn(byHand.windows));
          const isQuiet = (name: string): boolean => names.has(name) && !byHand.touched.includes(name);
          const guarded = mapWindows(before, ([start, end, each], name) => [
            start,
            end,
            isQuiet(name) ? untouchable() : each,
          ]);
          const once = { keyGroup: 0, before: guarded.values(), blocks: parts.map((one) => one.values()) };
          const { rows, setup, finish } = prepareReduce(given, body, once);
          const reduced = finish(rows.map(rowEvaluator(given, setup)), limitsOf(given.outputs));

          const { delta } = reduced;
          expect(namesIn(delta.map(({ keyValues, upserts }) => [keyValues, upserts]))).toEqual(byHand.touched);
          const removed = delta.flatMap(({ keyValues, removals }) =>
            removals.map((window) => nameOf(keyValues, window)),
          );
          expect(removed).toEqual(namesIn(before).filter((name) => !names.has(name)));

          const { windows } = stateAfter(guarded, reduced);
          expect(namesIn(windows)).toEqual([...names]);
          const kept = new Map<string, SavedWindow>();
          mapWindows(guarded, (window, name) => {
            if (isQuiet(name)) kept.set(name, window);
            return window;
          });
          mapWindows(windows, (window, name) => {
            if (kept.has(name)) expect(window === kept.get(name)).toBe(true);
            return window;
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
