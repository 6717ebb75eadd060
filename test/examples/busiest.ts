/** The shipped flights, and the ten busiest airports of each of their hours, straight from the list. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export type Flight = { readonly date: string; readonly delay: number; readonly origin: string };

const hourMs = 3_600_000;

export const flights: readonly Flight[] = gunzipSync(readFileSync('examples/data/flights.ndjson.gz'))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** Hour by hour, each in the order of places. */
export function busiestOf(given: readonly Flight[], n = 10): readonly object[] {
  const hours = Map.groupBy(given, ({ date }) => Math.floor(Date.parse(date) / hourMs) * hourMs);
  return [...hours]
    .toSorted(([one], [other]) => one - other)
    .flatMap(([start, all]) => {
      const airports = [...Map.groupBy(all, ({ origin }) => origin)].toSorted(
        ([name, own], [otherName, others]) => others.length - own.length || (name < otherName ? -1 : 1),
      );
      const [windowStart, windowEnd] = [start, start + hourMs].map((time) => new Date(time).toISOString());
      return airports.slice(0, n).map(([origin, own], at) => ({
        ...{ origin, windowStart, windowEnd, departures: own.length },
        averageDelay: own.reduce((sum, { delay }) => sum + delay, 0) / own.length,
        place: at + 1,
      }));
    });
}
