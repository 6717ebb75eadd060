/**
 * A table for a screen at an airport: of each airport and minute how many flights have left and how late the latest was, as far as it is
 * known. Every batch brings the minutes that it changed up to date: { origin, windowStart, windowEnd, flights, longestDelay }. In a table
 * with the keys `pk` and `sk`, `Query` with `pk = 'JFK'` has an airport's minutes in their order.
 */
import { count, dynamodb, json, kinesis, max, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Departure = z.object({ at: z.string(), origin: z.string(), delay: z.number() });

export default pipeline('live-dashboard', { parallelism: 2 })
  .readStream(kinesis({ streamName: 'departures', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Departure))
  .withWatermark((departure) => departure.at, { delay: '10 seconds' })
  .groupBy({ origin: (departure) => departure.origin })
  .window(tumbling('1 minute'))
  .allowedLateness('1 hour')
  .aggregate({ flights: count(), longestDelay: max((departure) => departure.delay) })
  .writeStream(dynamodb({ tableName: 'dashboard', tombstoneTtl: '7 days' }))
  .outputMode('update')
  .trigger({ every: '1 second' });
