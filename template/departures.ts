/**
 * Departures and their average delay, per origin and hour. An hour's rows are written as soon as a flight that left half an
 * hour after its end was seen.
 */
import { avg, count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

/** An event that does not fit is kept as a dead letter. */
const Flight = z.object({
  date: z.string(),
  delay: z.number(),
  distance: z.number(),
  origin: z.string(),
  destination: z.string(),
});

export default pipeline('departures')
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .withWatermark((flight) => flight.date, { delay: '30 minutes' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour'))
  .aggregate({ departures: count(), averageDelay: avg((flight) => flight.delay) })
  .writeStream(kinesis({ streamName: 'departures' }));
