/** One case over all flights, batch by batch beside the direct computation, which is told the watermarks. */
import { deepStrictEqual } from 'node:assert';
import { type BatchResult, runPipeline, type TestBatch } from '../../functions/index.ts';
import { type Computed, DirectComputation, nameOf } from '../windows/direct-computation.ts';
import type { Flight } from './fetched-flights.ts';
import type { Arrivals } from './flight-arrivals.ts';
import type { FlightCase, Row } from './flight-cases.ts';

export type Figures = Readonly<Record<'late' | 'rows' | 'corrections' | 'retractions' | 'windows' | 'seconds', number>>;

/** @throws AssertionError where they differ, with both sides */
export function compareFlights({ definition, rules }: FlightCase, arrivals: Arrivals, batchSize: number): Figures {
  const batches = batchesOf(arrivals, batchSize);
  const middle = batches.length >> 1;
  const begun = process.cpuUsage();
  const all = runPipeline(definition, {
    batches: batches.flatMap((shards, at): TestBatch<Flight>[] => (at === middle ? ['cut', { shards }] : [{ shards }])),
    closeWindows: true,
    parallelism: 4,
  });
  const seconds = process.cpuUsage(begun).user / 1e6;
  // The cut gives out nothing.
  const results = all.toSpliced(middle, 1);
  const direct = new DirectComputation(rules);
  const latest = new Map<string, unknown>();
  const seen = { late: 0, rows: 0, corrections: 0, retractions: 0 };
  let watermarkIn = Number.NEGATIVE_INFINITY;
  for (const [at, result] of results.entries()) {
    const watermarkOut = result.watermark?.getTime() ?? Number.NEGATIVE_INFINITY;
    const events = Object.values(batches[at] ?? {}).flat();
    const expected = direct.batch(events, { watermarkIn, watermarkOut });
    const versions = versionsIn(result);
    deepStrictEqual(texts(versions), texts(versionsOf(expected)), `batch ${at}`);
    deepStrictEqual(texts(result.late), texts(expected.late), `late in batch ${at}`);
    for (const { row, ...version } of versions) keep(latest, version, row);
    seen.late += result.late.length;
    seen.rows += expected.results.length;
    seen.corrections += expected.results.filter(({ revision }) => revision > 0).length;
    seen.retractions += expected.retractions.length;
    watermarkIn = watermarkOut;
  }
  const held = new Map([...direct.rowsOf('main')].map(([name, of]) => [name, rowOf(of)]));
  deepStrictEqual(latest, held, 'what a reader has who keeps the latest version of each');
  return { ...seen, windows: held.size, seconds };
}

type Batch = Readonly<Record<string, readonly Flight[]>>;

function batchesOf(arrivals: Arrivals, batchSize: number): readonly Batch[] {
  const none = Object.fromEntries([...new Set(arrivals.map(({ shard }) => shard))].sort().map((shard) => [shard, []]));
  return Array.from({ length: Math.ceil(arrivals.length / batchSize) }, (_, at) => {
    const all = Object.groupBy(arrivals.slice(at * batchSize, (at + 1) * batchSize), ({ shard }) => shard);
    const entries = Object.entries(all).map(([shard, of]) => [shard, of!.map(({ flight }) => flight)]);
    return { ...none, ...Object.fromEntries(entries) } as Batch;
  });
}

type Version = Readonly<Record<'key' | 'timing', string>> & {
  readonly window: readonly [number, number];
  readonly revision: number;
  readonly final: boolean;
  /** Undefined: it is taken back. */
  readonly row: ReturnType<typeof rowOf> | undefined;
};

const rowOf = (flights: readonly Flight[]) => {
  const delay = flights.reduce((total, flight) => total + flight.delay, 0);
  return {
    ...{ departures: flights.length, delay, averageDelay: delay / flights.length },
    farthest: Math.max(...flights.map(({ distance }) => distance)),
  };
};

function versionsIn({ results, versions }: BatchResult<Flight, Row>): readonly Version[] {
  return results.map(({ origin, departures, delay, averageDelay, farthest }, at) => {
    const { window, revision, timing, final, retracted } = versions[at]!;
    const row = retracted ? undefined : ({ departures, delay, averageDelay, farthest } as Version['row']);
    return { key: origin, window, revision, timing, final, row };
  });
}

function versionsOf({ results, retractions }: Computed<Flight>): readonly Version[] {
  const named = ({ key, window, revision, timing, final }: (typeof retractions)[number]) => ({
    ...{ key, window, revision, timing, final },
  });
  return [
    ...results.map((result) => ({ ...named(result), row: rowOf(result.of) })),
    ...retractions.map((retraction) => ({ ...named(retraction), row: undefined })),
  ];
}

/** Of one batch a row comes once, whatever it is. */
function keep(latest: Map<string, unknown>, version: Omit<Version, 'row'>, row: Version['row']): void {
  if (row === undefined) latest.delete(nameOf(version));
  else latest.set(nameOf(version), row);
}

const texts = (all: readonly unknown[]): readonly string[] => all.map((each) => JSON.stringify(each, sorted)).sort();

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;
