/** What `npm run flights` compares, over the first 1,000 flights of the examples: so that it goes on to compare. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Random } from '../simulation/random.ts';
import { compareFlights } from './compare-flights.ts';
import { inOrder, outOfOrder } from './flight-arrivals.ts';
import { type FlightCase, flightCases } from './flight-cases.ts';

const flights = gunzipSync(readFileSync('examples/data/flights.ndjson.gz'))
  .toString('utf8')
  .split('\n', 1_000)
  .map((line) => {
    const { date, delay, distance, origin } = JSON.parse(line) as Record<'date' | 'origin', string> &
      Record<'delay' | 'distance', number>;
    return { at: Date.parse(date), delay, distance, origin };
  });
const late = outOfOrder(flights, new Random(1));

const batchSize = 100;

describe('a thousand flights', () => {
  it.each(flightCases)('are equal in order: $name', (given) => {
    expect(compareFlights(given, inOrder(flights), batchSize)).toMatchObject({ late: 0 });
  });

  it('are equal out of it; some are late, some correct, and some rows are taken back', () => {
    const all = flightCases.map((given) => compareFlights(given, late, batchSize));
    for (const figure of ['late', 'corrections', 'retractions'] as const)
      expect(Math.max(...all.map((figures) => figures[figure]))).toBeGreaterThan(4);
  });

  it('are unequal where the rules are others', () => {
    const [first, sliding] = flightCases as readonly [FlightCase, FlightCase];
    expect(() => compareFlights({ ...first, rules: sliding.rules }, late, batchSize)).toThrow('batch 1');
  });
});
