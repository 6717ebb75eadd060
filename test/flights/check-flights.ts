/**
 * The first 200,000 flights of vega-datasets through pipelines of several kinds of windows and modes, each batch beside a direct
 * computation. They are fetched by npm for the run. Exits with 1 and the first difference if there is one.
 *
 *   npm run flights -- [flights] [seed]
 */
import { Random } from '../simulation/random.ts';
import { type Arrivals, compareFlights } from './compare-flights.ts';
import { type Flight, fetchedFlights } from './fetched-flights.ts';
import { delayMs, flightCases } from './flight-cases.ts';

const [count = 200_000, seed = 1] = process.argv.slice(2).map(Number);

const flights = await fetchedFlights(count);
const [first, last] = [flights[0]!, flights.at(-1)!].map(({ at }) => new Date(at).toISOString());
process.stdout.write(`${flights.length} flights from ${first} to ${last}, seed ${seed}\n`);

/** Airports are dealt over four shards. */
const shardOf = ({ origin }: Flight): string => `shard-${(origin.charCodeAt(0) + origin.charCodeAt(2)) % 4}`;
const inOrder: Arrivals = flights.map((flight) => ({ flight, shard: shardOf(flight) }));

/** Most come in time; one in ten is up to five hours late. */
function outOfOrder(random: Random): Arrivals {
  const comesAt = ({ at }: Flight): number => at + random.int(0, random.chance(0.1) ? 10 * delayMs : delayMs);
  return inOrder
    .map((arrival) => ({ arrival, at: comesAt(arrival.flight) }))
    .sort((one, other) => one.at - other.at)
    .map(({ arrival }) => arrival);
}

for (const [order, arrivals] of Object.entries({
  'as they are': inOrder,
  'out of order': outOfOrder(new Random(seed)),
})) {
  process.stdout.write(`\n${order}\n`);
  for (const each of flightCases) {
    const { late, rows, corrections, retractions, windows, seconds } = compareFlights(each, arrivals);
    process.stdout.write(
      `  ${each.name}: equal. ${rows} rows, ${corrections} of them corrections or updates, ${retractions} taken back, ` +
        `${windows} hold; ${late} flights late; ${seconds.toFixed(1)} s of CPU in the engine\n`,
    );
  }
}
