/**
 * Windows of event time of any kind, allowed lateness and both modes, whatever comes, in whatever batches, over whatever shards and key groups: each
 * batch gives what a direct computation gives, and the fold of all of it is what the computation has come to.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import {
  count,
  type Duration,
  globalWindow,
  json,
  kinesis,
  type PipelineDefinition,
  pipeline,
  type ResultVersion,
  runPipeline,
  session,
  sliding,
  sum,
  type TestBatch,
  tumbling,
} from '../../functions/index.ts';
import { type Bounds, type Computed, DirectComputation, nameOf, type Rules } from './direct-computation.ts';

type Reading = { readonly at: number; readonly key: string; readonly value: number };

/** A version of a result: which it is, and the row, if it has one. */
type Version = {
  readonly key: string;
  readonly window: Bounds;
  readonly revision: number;
  readonly timing: string;
  readonly final: boolean;
  readonly row: { readonly events: number; readonly total: number } | undefined;
};

/** Each kind with the windows of an event, computed by hand. */
type Kind = {
  readonly window: ReturnType<typeof tumbling | typeof session | typeof sliding | typeof globalWindow>;
  readonly merges?: true;
  readonly isTotal?: true;
  readonly windowsOf: (at: number) => readonly Bounds[];
};

const ms = (time: number) => `${time} milliseconds` as '1 millisecond';

function overlapping(size: number, every: number, offset: number): Kind {
  return {
    window: sliding(ms(size), ms(every), { offset: ms(offset) }),
    windowsOf(at) {
      const windows: Bounds[] = [];
      for (let start = offset - 10 * every * size; start <= at; start += every) {
        if (at < start + size) windows.push([start, start + size]);
      }
      return windows;
    },
  };
}

const kinds: Readonly<Record<string, Kind>> = {
  tumbling: {
    window: tumbling(ms(10)),
    windowsOf: (at) => [[Math.floor(at / 10) * 10, Math.floor(at / 10) * 10 + 10]],
  },
  session: { window: session(ms(10)), merges: true, windowsOf: (at) => [[at, at + 10]] },
  totals: { window: globalWindow({ ttl: ms(25) }), isTotal: true, windowsOf: (at) => [[at, at + 25]] },
  'sliding, by half': overlapping(10, 5, 0),
  'sliding, with an offset': overlapping(14, 4, 3),
  'sliding, with panes above panes': overlapping(32, 2, 1),
};

type Setting = {
  readonly kind: string;
  readonly latenessMs: number;
  readonly mode: 'append' | 'update' | 'complete';
  readonly discards: boolean;
  readonly filters: boolean;
};

/** Rows over zero go out where a filter is set: further events may take a result to either side. */
const keeps = (total: number): boolean => total > 0;

type Row = {
  readonly key: string;
  readonly windowStart: string;
  readonly windowEnd: string;
  events: number;
  total: number | null;
};

function definitionOf({ kind, latenessMs, mode, discards, filters }: Setting): PipelineDefinition<Reading, Row> {
  return pipeline('results')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(json(z.object({ at: z.number(), key: z.string(), value: z.number() })))
    .withWatermark((event) => event.at, { delay: '5 milliseconds' })
    .groupBy({ key: (event) => event.key })
    .window(kinds[kind]!.window as ReturnType<typeof tumbling>)
    .allowedLateness(`${latenessMs} milliseconds` as Duration)
    .aggregate({ events: count(), total: sum((event) => event.value) })
    .filter((row) => !filters || keeps(row.total ?? 0))
    .writeStream(kinesis({ streamName: 'out' }))
    .outputMode(mode as 'update', { accumulation: discards ? 'discarding' : 'accumulating' });
}

const rulesOf = ({ kind, latenessMs, mode, discards, filters }: Setting): Rules<Reading> => ({
  ...{ isTotal: kinds[kind]!.isTotal === true, latenessMs, mode, discards },
  ...(kinds[kind]!.merges === true ? { merges: true } : {}),
  keyOf: ({ key }) => key,
  windowsOf: ({ at }) => kinds[kind]!.windowsOf(at),
  outputsOf: (of) => (!filters || keeps(rowOf(of).total) ? ['main'] : []),
});

const rowOf = (of: readonly Reading[]) => ({ events: of.length, total: of.reduce((sum, { value }) => sum + value, 0) });

function versionsOf({ results, retractions }: Computed<Reading>): Version[] {
  const given = results.filter(({ to }) => to.length > 0);
  return [
    ...given.map(({ to: _, rows: _rows, of, ...version }) => ({ ...version, row: rowOf(of) })),
    ...retractions.map(({ to: _, rows: _rows, ...version }) => ({ ...version, row: undefined })),
  ];
}

const nothing: Computed<Reading> = { results: [], retractions: [], late: [], closed: [], replaced: 0 };
const shardNames = ['a', 'b', 'c'] as const;
const reading: fc.Arbitrary<Reading> = fc.record({
  at: fc.integer({ min: 0, max: 100 }),
  key: fc.constantFrom('x', 'y', 'z'),
  value: fc.integer({ min: -9, max: 9 }),
});
const events = fc.array(reading, { maxLength: 6 });
/** Each batch a little further on in time, so that some are late and most are not. */
const batches = fc
  .array(fc.record({ a: events, b: events, c: events, cut: fc.boolean() }), { maxLength: 7 })
  .map((all) =>
    all.map(({ cut, a, b, c }, batch) => ({
      cut,
      shards: { a: moved(a, batch), b: moved(b, batch), c: moved(c, batch) },
    })),
  );
const moved = (all: readonly Reading[], batch: number): Reading[] =>
  all.map((each) => ({ ...each, at: each.at + batch * 20 }));

const settings: fc.Arbitrary<Setting> = fc
  .record({
    kind: fc.constantFrom(...Object.keys(kinds)),
    latenessMs: fc.constantFrom(0, 1, 15, 40, 1_000),
    mode: fc.constantFrom('append' as const, 'update' as const, 'complete' as const),
    discards: fc.constantFrom(false, false, true),
    filters: fc.boolean(),
  })
  .filter(({ mode, discards }) => mode !== 'complete' || !discards)
  .filter(({ kind, mode, latenessMs }) => kind !== 'totals' || (mode !== 'append' && latenessMs === 0));
const ways = fc.record({
  parallelism: fc.integer({ min: 1, max: 5 }),
  mergeOrder: fc.constantFrom('by-task' as const, 'reversed' as const),
});

const allTime = [-8_640_000_000_000_000, 8_640_000_000_000_000];
const textOf = (version: Version): string => JSON.stringify(version);
const inOrder = (texts: readonly string[]): string[] => texts.toSorted();

function versionIn(row: Row, { window, key, revision, timing, final, retracted }: ResultVersion): Version {
  const bounds = 'windowStart' in row ? [Date.parse(row.windowStart), Date.parse(row.windowEnd)] : allTime;
  expect([row.key, ...bounds]).toEqual([JSON.parse(key)[0], ...window]);
  const names = bounds === allTime ? ['key'] : ['key', 'windowStart', 'windowEnd'];
  if (retracted) expect(Object.keys(row)).toEqual(names);
  const values = retracted ? undefined : { events: row.events, total: row.total ?? 0 };
  return { key: row.key, window, revision, timing, final, row: values };
}

/** What a reader makes of it who keeps the latest of each. Versions of one batch are in no order. */
function fold(all: readonly { readonly batch: number; readonly version: Version }[]): Map<string, Version['row']> {
  const latest = new Map<string, { readonly batch: number; readonly version: Version }>();
  for (const each of all) {
    const known = latest.get(nameOf(each.version));
    const isLater =
      known === undefined ||
      each.batch > known.batch ||
      (each.batch === known.batch && each.version.revision > known.version.revision);
    if (isLater) latest.set(nameOf(each.version), each);
  }
  const held = [...latest.values()].filter(({ version }) => version.row !== undefined);
  return new Map(held.map(({ version }) => [nameOf(version), version.row]));
}

/** And one who adds up parts. */
function sums(all: readonly { readonly version: Version }[]): Map<string, Version['row']> {
  const rows = new Map<string, NonNullable<Version['row']>>();
  for (const { version } of all) {
    const { events, total } = rows.get(nameOf(version)) ?? { events: 0, total: 0 };
    rows.set(nameOf(version), { events: events + version.row!.events, total: total + version.row!.total });
  }
  return rows;
}

it('each batch gives out the versions of a direct computation, and their fold is the rows that hold', () => {
  const seen = { late: 0, retracted: 0, corrected: 0, filtered: 0 };
  fc.assert(
    fc.property(batches, settings, ways, (all, setting, way) => {
      const given = all.flatMap(({ shards, cut }): TestBatch<Reading>[] => (cut ? [{ shards }, 'cut'] : [{ shards }]));
      const results = runPipeline(definitionOf(setting), {
        batches: given,
        shards: shardNames,
        closeWindows: true,
        ...way,
      });
      const direct = new DirectComputation(rulesOf(setting));
      const out: { batch: number; version: Version }[] = [];
      let watermarkIn = Number.NEGATIVE_INFINITY;
      for (const [batch, { results: rows, versions, late, watermark }] of results.entries()) {
        const turn = given[batch];
        const own = typeof turn === 'object' && 'shards' in turn ? Object.values(turn.shards).flat() : [];
        const watermarkOut = watermark?.getTime() ?? Number.NEGATIVE_INFINITY;
        // Where nothing comes there is no batch, and nobody asks for what is open.
        const isBatch = own.length > 0 || turn === undefined || watermarkOut > watermarkIn;
        const expected = isBatch ? direct.batch(own as Reading[], { watermarkIn, watermarkOut }) : nothing;
        const found = rows.map((row, at) => versionIn(row, versions[at]!));
        expect(inOrder(found.map(textOf))).toEqual(inOrder(versionsOf(expected).map(textOf)));
        const texts = (of: readonly unknown[]) => inOrder(of.map((each) => JSON.stringify(each)));
        expect(texts(late)).toEqual(texts(expected.late));
        out.push(...found.map((version) => ({ batch, version })));
        seen.late += late.length;
        seen.filtered += expected.results.filter(({ to }) => to.length === 0).length;
        watermarkIn = watermarkOut;
      }
      const read = setting.discards ? sums(out) : fold(out);
      expect(read).toEqual(new Map([...direct.rowsOf('main')].map(([name, of]) => [name, rowOf(of)])));
      seen.retracted += out.filter(({ version }) => version.row === undefined).length;
      seen.corrected += out.filter(({ version }) => version.revision > 0).length;
    }),
    { numRuns: 900 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(200);
});
