import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import byState from '../../examples/departures-by-state.ts';
import { runPipeline } from '../../functions/index.ts';

type Flight = { readonly date: string; readonly origin: string };

const flights = gunzipSync(readFileSync('examples/data/flights.ndjson.gz'))
  .toString()
  .split('\n')
  .slice(0, 6_000)
  .map((line) => JSON.parse(line) as Flight);
const airports = JSON.parse(readFileSync('examples/data/states.json', 'utf8')) as {
  readonly version: string;
  readonly states: Readonly<Record<string, string>>;
};
const hourOf = (date: string): number => Math.floor(Date.parse(date) / 3_600_000);

/** By state and hour, of flights that are looked up one by one. */
function counted(stateOf: (flight: Flight, at: number) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [at, flight] of flights.entries()) {
    const name = `${stateOf(flight, at)} ${new Date(hourOf(flight.date) * 3_600_000).toISOString()}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

type Row = {
  readonly state: string;
  readonly windowStart: string;
  readonly departures: number;
  readonly table: string;
};
const countsIn = (rows: readonly Row[]) =>
  new Map(rows.map(({ state, windowStart, departures }) => [`${state} ${windowStart}`, departures]));

test('flights are counted by the state that the table names, as a direct computation does', () => {
  const { results, late, deadLetters } = runPipeline(byState, {
    events: flights,
    references: { airports },
    eventsPerBatch: 700,
  });
  expect({ late, deadLetters }).toEqual({ late: [], deadLetters: [] });
  expect(countsIn(results)).toEqual(counted(({ origin }) => airports.states[origin] ?? 'other'));
  expect(new Set(results.map(({ table }) => table))).toEqual(new Set(['2001-01']));
});

test('another table counts from the batch on that has it, for events and for rows', () => {
  const half = 3_000;
  const later = { version: '2001-02', states: { ...airports.states, ORD: 'Illinois' } };
  const results = runPipeline(byState, {
    references: { airports },
    batches: [flights.slice(0, half), { references: { airports: later } }, flights.slice(half)],
    closeWindows: true,
  }).flatMap((batch) => batch.results);
  const tableAt = (at: number) => (at < half ? airports : later);
  expect(countsIn(results)).toEqual(counted(({ origin }, at) => tableAt(at).states[origin as 'ORD'] ?? 'other'));
  expect(new Set(results.map(({ table }) => table))).toEqual(new Set(['2001-01', '2001-02']));
});
