/** The example, with a short trigger: there is always a batch to be killed in. */
import { avg, count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ date: z.string(), delay: z.number(), origin: z.string() });

export default pipeline('departures', { parallelism: 2 })
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .withWatermark((flight) => flight.date, { delay: '30 minutes' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour'))
  .aggregate({ departures: count(), averageDelay: avg((flight) => flight.delay) })
  .writeStream(kinesis({ streamName: 'departures' }))
  .trigger({ every: '200 milliseconds' });
