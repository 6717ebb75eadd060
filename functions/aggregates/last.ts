import { type Aggregate, defineAggregate, withHeldValues } from './aggregate-function.ts';
import { keeping } from './by-rank.ts';
import type { HeldResult, HeldSelector } from './held-value.ts';

/**
 * The value of the latest event, by event time; without `withWatermark` by the time at which its record arrived in Kinesis.
 * Of several at one time it is the one with the greatest sequence number, then the last of its aggregated record, then the
 * one of the shard whose id comes last: whoever read them, in whatever order. Null and undefined are left out, as in SQL; the
 * result is null if nothing else was there. A value is anything that JSON can write in up to 4,096 characters; an event with
 * another becomes a dead letter.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ lastDestination: last((flight) => flight.destination) });
 * ```
 */
export function last<Event, Value>(selector: HeldSelector<Event, Value>): Aggregate<Event, HeldResult<Value>> {
  return defineAggregate('last', selector);
}

export const lastKind = withHeldValues(
  'last',
  keeping('last', (difference) => difference > 0),
);
