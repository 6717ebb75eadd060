import { describe, expect, test } from 'vitest';
import busiest from '../../examples/busiest-airports.ts';
import { runPipeline } from '../../functions/index.ts';
import { busiestOf, flights } from './busiest.ts';

describe('the busiest airports of the example', () => {
  const given = flights.slice(0, 6_000);
  const expected = busiestOf(given);

  test.each([
    { parallelism: 1, shards: 1, eventsPerBatch: 6_000 },
    { parallelism: 4, shards: 3, eventsPerBatch: 700 },
    { parallelism: 7, shards: 1, eventsPerBatch: 90 },
  ])(
    'are those of a direct computation, place by place, with $parallelism key groups and $eventsPerBatch flights a batch',
    ({ eventsPerBatch, ...parts }) => {
      const batches = Array.from({ length: Math.ceil(given.length / eventsPerBatch) }, (_, at) =>
        given.slice(at * eventsPerBatch, (at + 1) * eventsPerBatch),
      );
      const told = runPipeline(busiest, { batches, ...parts, closeWindows: true });
      expect(told.flatMap(({ late, deadLetters }) => [...late, ...deadLetters])).toEqual([]);
      expect(told.flatMap(({ results }) => results)).toEqual(expected);
    },
  );

  test('are ten where so many had departures, and some have as many as the one behind them', () => {
    const rows = expected as { readonly departures: number; readonly place: number }[];
    expect(rows.filter(({ place }) => place === 10).length).toBeGreaterThan(5);
    const ties = rows.filter(({ departures, place }, at) => {
      const next = rows[at + 1];
      return next?.place === place + 1 && next.departures === departures;
    });
    expect(ties.length).toBeGreaterThan(5);
  });
});
