/**
 * PANES-1, PANES-2, ENDS-3: what sliding windows give out, and which events are late, against a computation over all events by
 * hand, which is told nothing but the watermark that each batch began and ended with.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { aggregate, count, first, json, kinesis, pipeline, runPipeline, sliding, sum } from '../../functions/index.ts';

const reading = z.object({ id: z.number(), at: z.number(), key: z.string(), value: z.number() });
type Reading = z.infer<typeof reading>;

/** In milliseconds. */
type Spec = { readonly size: number; readonly every: number; readonly offset: number; readonly delay: number };

const ms = (span: number) => `${span} milliseconds` as '1 millisecond';

const slidingBy = ({ size, every, offset, delay }: Spec) =>
  pipeline('sliding')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(reading))
    .withWatermark((event) => event.at, {
      delay: ms(delay),
      idleTimeout: 'never',
      maxFutureTime: '10000 days',
    })
    .groupBy({ key: (event) => event.key })
    .window(
      sliding(ms(size), ms(every), {
        offset: ms(offset),
      }),
    )
    .aggregate({
      events: count(),
      total: sum((event) => event.value),
      earliest: first((event) => event.at),
      ids: aggregate({
        name: 'ids',
        version: 1,
        empty: (): number[] => [],
        add: (ids, event: Reading) => [...ids, event.id],
        merge: (one, other) => [...one, ...other],
        result: (ids) => ids.toSorted((one, other) => one - other),
      }),
    })
    .writeStream(kinesis({ streamName: 'out' }));

const spec: fc.Arbitrary<Spec> = fc
  .record({ pane: fc.integer({ min: 1, max: 4 }), size: fc.integer({ min: 1, max: 90 }), delay: fc.nat(30) })
  .chain(({ pane, size, delay }) =>
    fc.integer({ min: 1, max: size }).chain((every) =>
      fc.record({
        size: fc.constant(size * pane),
        every: fc.constant(every * pane),
        offset: fc.nat(every * pane - 1),
        delay: fc.constant(delay),
      }),
    ),
  );
const event = fc.record({
  at: fc.oneof(fc.integer({ min: -120, max: 120 }), fc.integer({ min: -10, max: 30 })),
  key: fc.constantFrom('a', 'a', 'a', 'b', 'c'),
  value: fc.integer({ min: -9, max: 9 }),
});
/** What each of three shards is given; or the watermark goes on; or the run is cut. */
const turn = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.tuple(fc.nat(2), event), { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.record({ by: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.constant('cut' as const) },
);

const iso = (time: number): string => new Date(time).toISOString();

function rowOf({ size }: Spec, key: string, end: number, own: readonly Reading[]) {
  return {
    key,
    windowStart: iso(end - size),
    windowEnd: iso(end),
    events: own.length,
    total: own.reduce((total, { value }) => total + value, 0) + 0,
    earliest: Math.min(...own.map(({ at }) => at)),
    ids: own.map(({ id }) => id).sort((one, other) => one - other),
  };
}

/** Ends of all windows that an event is in. */
function endsOf({ size, every, offset }: Spec, at: number): number[] {
  const ends: number[] = [];
  for (let start = Math.floor((at - offset) / every) * every + offset; start > at - size; start -= every)
    ends.push(start + size);
  return ends;
}

const rowsOf = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

it('each window is given out once, in the batch that closes it, with all that came before, and the rest is late', () => {
  const seen = { rows: 0, late: 0, partlyLate: 0, windowsAnEvent: 0 };
  fc.assert(
    fc.property(
      spec,
      fc.array(turn, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom('by-task' as const, 'reversed' as const),
      (given, turns, parallelism, mergeOrder) => {
        let id = 0;
        let mark = -200;
        const told = turns.map((each) => {
          if (each === 'cut') return each;
          if (!Array.isArray(each)) {
            mark += each.by;
            return { watermark: new Date(mark) };
          }
          const events = each.map(([shard, one]) => ({ shard, event: { ...one, id: id++ } }));
          for (const { event: one } of events) mark = Math.max(mark, one.at);
          return events;
        });
        const batches = told.map((each) => {
          if (!Array.isArray(each)) return each;
          return {
            shards: Object.fromEntries(
              ['s0', 's1', 's2'].map((name, at) => [
                name,
                each.filter(({ shard }) => shard === at).map(({ event: one }) => one),
              ]),
            ),
          };
        });
        const results = runPipeline(slidingBy(given), {
          batches,
          shards: ['s0', 's1', 's2'],
          parallelism,
          mergeOrder,
          closeWindows: true,
        });

        const open = new Map<string, Reading[]>();
        let watermark = -Infinity;
        for (const [at, result] of results.entries()) {
          const each = told[at];
          const late: Reading[] = [];
          for (const { event: one } of Array.isArray(each) ? each : []) {
            const ends = endsOf(given, one.at);
            const still = ends.filter((end) => end > watermark);
            if (still.length === 0) late.push(one);
            else if (still.length < ends.length) seen.partlyLate += 1;
            seen.windowsAnEvent = Math.max(seen.windowsAnEvent, ends.length);
            for (const end of still) {
              const name = JSON.stringify([one.key, end]);
              open.set(name, [...(open.get(name) ?? []), one]);
            }
          }
          watermark = result.watermark?.getTime() ?? -Infinity;
          const closed = [...open].filter(([name]) => (JSON.parse(name) as [string, number])[1] <= watermark);
          for (const [name] of closed) open.delete(name);
          const expected = closed.map(([name, own]) => {
            const [key, end] = JSON.parse(name) as [string, number];
            return rowOf(given, key, end, own);
          });
          expect(rowsOf(result.results)).toEqual(rowsOf(expected));
          expect(rowsOf(result.late)).toEqual(rowsOf(late));
          expect(result.deadLetters).toEqual([]);
          const stillOpen = [...open.keys()].map((name) => {
            const [key, end] = JSON.parse(name) as [string, number];
            return { key, windowStart: iso(end - given.size), windowEnd: iso(end) };
          });
          expect(rowsOf(result.open)).toEqual(rowsOf(stillOpen));
          seen.rows += closed.length;
          seen.late += late.length;
        }
        expect(open.size).toBe(0);
      },
    ),
    { numRuns: 480 },
  );
  expect(seen.rows).toBeGreaterThan(10_000);
  expect(Math.min(seen.late, seen.partlyLate, seen.windowsAnEvent)).toBeGreaterThan(50);
});
