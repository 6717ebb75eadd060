/** In which order flights come, and on which shard. */
import type { Random } from '../simulation/random.ts';
import type { Flight } from './fetched-flights.ts';
import { delayMs } from './flight-cases.ts';

export type Arrivals = readonly { readonly flight: Flight; readonly shard: string }[];

/** Airports are dealt over four shards. */
const shardOf = ({ origin }: Flight): string => `shard-${(origin.charCodeAt(0) + origin.charCodeAt(2)) % 4}`;

export const inOrder = (flights: readonly Flight[]): Arrivals =>
  flights.map((flight) => ({ flight, shard: shardOf(flight) }));

/** Most come in time; one in ten is up to five hours late. */
export function outOfOrder(flights: readonly Flight[], random: Random): Arrivals {
  const comesAt = ({ at }: Flight): number => at + random.int(0, random.chance(0.1) ? 10 * delayMs : delayMs);
  return inOrder(flights)
    .map((arrival) => ({ arrival, at: comesAt(arrival.flight) }))
    .sort((one, other) => one.at - other.at)
    .map(({ arrival }) => arrival);
}
