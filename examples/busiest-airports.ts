/**
 * The ten airports with most departures in each hour, over all airports, in the order of their places: { origin, windowStart, windowEnd,
 * departures, averageDelay, place }. Where two have as many, the one whose code comes first in the alphabet is first.
 */
import { avg, count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ date: z.string(), delay: z.number(), origin: z.string() });

export default pipeline('busiest-airports', { parallelism: 4 })
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .withWatermark((flight) => flight.date, { delay: '30 minutes' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour'))
  .aggregate({ departures: count(), averageDelay: avg((flight) => flight.delay) })
  .topRows(10, { by: (row) => row.departures, rankAs: 'place' })
  .writeStream(kinesis({ streamName: 'busiest-airports' }));
