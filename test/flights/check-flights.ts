/**
 * The first 200,000 flights of vega-datasets through pipelines of several kinds of windows and modes, each batch beside a direct
 * computation. They are fetched by npm for the run. Exits with 1 and the first difference if there is one.
 *
 *   npm run flights -- [flights] [seed]
 */
import { Random } from '../simulation/random.ts';
import { compareFlights } from './compare-flights.ts';
import { fetchedFlights } from './fetched-flights.ts';
import { inOrder, outOfOrder } from './flight-arrivals.ts';
import { flightCases } from './flight-cases.ts';

const [count = 200_000, seed = 1] = process.argv.slice(2).map(Number);

const flights = await fetchedFlights(count);
const [first, last] = [flights[0]!, flights.at(-1)!].map(({ at }) => new Date(at).toISOString());
process.stdout.write(`${flights.length} flights from ${first} to ${last}, seed ${seed}\n`);

const batchSize = 2_000;

for (const [order, arrivals] of Object.entries({
  'as they are': inOrder(flights),
  'out of order': outOfOrder(flights, new Random(seed)),
})) {
  process.stdout.write(`\n${order}\n`);
  for (const each of flightCases) {
    const { late, rows, corrections, retractions, windows, seconds } = compareFlights(each, arrivals, batchSize);
    process.stdout.write(
      `  ${each.name}: equal. ${rows} rows, ${corrections} of them corrections or updates, ${retractions} taken back, ` +
        `${windows} hold; ${late} flights late; ${seconds.toFixed(1)} s of CPU in the engine\n`,
    );
  }
}
