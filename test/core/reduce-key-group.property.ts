/** REDUCE-1, REDUCE-2, TABLE-1 against a direct count: random events in random blocks and batches under random watermarks. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createEvaluator } from '../../functions/core/evaluate-event.ts';
import { canonicalKey, keyGroupOf } from '../../functions/core/key-group.ts';
import { reduceKeyGroup } from '../../functions/core/reduce-key-group.ts';
import type { SavedWindows } from '../../functions/core/saved-windows.ts';
import { WindowTable } from '../../functions/core/window-table.ts';
import { batchBody, noon, utf8 } from '../support/builders.ts';
import { type Reading, windowed } from '../support/pipelines.ts';

const pipeline = windowed();
const evaluate = createEvaluator(pipeline);
const meta = {
  streamName: 's',
  shardId: 's',
  partitionKey: 'k',
  explicitHashKey: undefined,
  sequenceNumber: '1',
  subSequenceNumber: 0,
  arrivalTime: new Date(noon),
};

const event: fc.Arbitrary<Reading> = fc.record({
  at: fc.integer({ min: -30, max: 60 }),
  key: fc.constantFrom('a', 'b', 'c', '1', 1, true, null),
  value: fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constant(null)),
});
/** A batch: blocks of events, and how far the watermark moves after it. */
const batch = fc.record({ blocks: fc.array(fc.array(event, { maxLength: 12 }), { maxLength: 4 }), step: fc.nat(25) });
const history = fc.record({
  batches: fc.array(batch, { minLength: 1, maxLength: 6 }),
  parallelism: fc.integer({ min: 1, max: 4 }),
  start: fc.option(fc.integer({ min: -40, max: 10 })),
});

type Result = {
  key: unknown;
  windowStart: string;
  events: number;
  total: number | null;
  least: number | null;
  most: number | null;
  mean: number | null;
  _sluice: { group: number; index: number; batch: number };
};
const saved = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));

/** Windows in the order of their closing; late by the watermark before the batch. */
function directly(
  batches: readonly { readonly blocks: readonly Reading[][]; readonly before: number | null; readonly after: number }[],
) {
  const windows = new Map<string, Reading[]>();
  let late = 0;
  for (const { blocks, before } of batches) {
    for (const each of blocks.flat()) {
      const start = Math.floor(each.at / 10) * 10;
      if (before !== null && start + 10 <= before) late += 1;
      else
        windows.set(`${start} ${JSON.stringify([each.key])}`, [
          ...(windows.get(`${start} ${JSON.stringify([each.key])}`) ?? []),
          each,
        ]);
    }
  }
  const rows = [...windows].map(([name, events]) => {
    const numbers = events.flatMap(({ value }) => (value === null ? [] : [value]));
    const total = numbers.reduce((sum, value) => sum + value, 0);
    const some = numbers.length > 0;
    return [
      name,
      {
        events: events.length,
        total: some ? total : null,
        least: some ? Math.min(...numbers) : null,
        most: some ? Math.max(...numbers) : null,
        mean: some ? total / numbers.length : null,
      },
    ] as const;
  });
  return { late, rows: new Map(rows) };
}

it('gives each window once, with exactly the events that were not late (REDUCE-1, REDUCE-2, TABLE-1)', () => {
  fc.assert(
    fc.property(history, ({ batches, parallelism, start }) => {
      const states: SavedWindows[] = Array.from({ length: parallelism }, () => []);
      const results: Result[] = [];
      const told: { blocks: readonly Reading[][]; before: number | null; after: number }[] = [];
      let late = 0;
      let watermark = start;
      for (const [batchId, { blocks, step }] of [...batches, { blocks: [], step: 1000 }].entries()) {
        const before = watermark;
        const after = (watermark ?? -40) + step;
        told.push({ blocks, before, after });
        const tables = blocks.map((events) => {
          const table = new WindowTable(pipeline.aggregation);
          for (const each of events) {
            if (table.add(evaluate(utf8(JSON.stringify(each)), meta), meta, { batchId, watermark: before }) === 'late')
              late += 1;
          }
          return saved([...table.saveByKeyGroup(parallelism)]);
        });
        const body = batchBody({ batchId, watermarkOut: after });
        for (let keyGroup = 0; keyGroup < parallelism; keyGroup++) {
          const parts = tables.flatMap((groups) =>
            groups.filter(([group]) => group === keyGroup).map(([, { windows }]) => windows),
          );
          const group = { keyGroup, before: states[keyGroup]!, blocks: parts };
          const state = reduceKeyGroup(pipeline, body, group);
          expect(reduceKeyGroup(pipeline, body, { ...group, blocks: [...parts].reverse() })).toEqual(state);
          states[keyGroup] = saved(state.windows);
          const rows = (state.outbox[0]?.records ?? []).map(({ data }): Result => JSON.parse(String(data)));
          expect(rows.map(({ _sluice }) => _sluice.index)).toEqual(rows.map((_, index) => index));
          const order = rows.map(({ windowStart, key }) => [Date.parse(windowStart), JSON.stringify([key])] as const);
          expect(order).toEqual([...order].sort(([one, a], [other, b]) => one - other || (a < b ? -1 : 1)));
          for (const row of rows) {
            expect(keyGroupOf(canonicalKey([row.key as string]), parallelism)).toBe(keyGroup);
            expect(Date.parse(row.windowStart) + 10).toBeLessThanOrEqual(after);
            expect(Date.parse(row.windowStart) + 10).toBeGreaterThan(before ?? -Infinity);
          }
          results.push(...rows);
        }
        watermark = after;
      }
      const expected = directly(told);
      expect(late).toBe(expected.late);
      expect(
        new Map(
          results.map(({ windowStart, key, events, total, least, most, mean }) => [
            `${Date.parse(windowStart)} ${JSON.stringify([key])}`,
            { events, total, least, most, mean },
          ]),
        ),
      ).toEqual(expected.rows);
      expect(results).toHaveLength(expected.rows.size);
    }),
    { numRuns: 300 },
  );
});
