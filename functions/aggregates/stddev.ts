import { type Aggregate, defineAggregate } from './aggregate-function.ts';
import { momentKind, type VarianceOptions } from './moments.ts';
import type { NumericResult, NumericSelector } from './numbers.ts';

/**
 * The standard deviation of the numbers that the selector returns: the square root of their `variance`, which is exact and
 * rounded before the root is taken, so the order of events changes nothing, and large numbers close to each other are no
 * trouble. Null and undefined are left out, as in SQL; the result is null if nothing else was there and, unless
 * `of` is 'population', if one number was. An event with another value, one that is not finite, or one beyond 2^450 becomes a
 * dead letter.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ deviation: stddev((flight) => flight.delay, { of: 'population' }) });
 * ```
 */
export function stddev<Event, Value extends number | null | undefined, Of extends 'sample' | 'population' = 'sample'>(
  selector: NumericSelector<Event, Value>,
  options?: VarianceOptions<Of>,
): Aggregate<Event, Of extends 'population' ? NumericResult<Value> : number | null> {
  return defineAggregate('stddev', selector, { options });
}

export const stddevKind = momentKind('stddev', Math.sqrt);
