import { type Aggregate, aggregateFunction, defineAggregate, withoutSelector } from './aggregate-function.ts';

/**
 * How many events there are in the group.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ departures: count() });
 * ```
 */
export function count(): Aggregate<unknown, number> {
  return defineAggregate('count', undefined);
}

/** Saved as the number. */
const counting = aggregateFunction<unknown, number, number, number>({
  kind: 'count',
  version: 1,
  empty: () => 0,
  add: (events) => events + 1,
  merge: (events, saved) => events + saved,
  save: (events) => events,
  result: (events) => events,
});

export const countKind = withoutSelector('count', counting);
