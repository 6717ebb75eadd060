/** As `departures`, under a name of its own: with enough keys its state lies in the bucket. */
import { count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ date: z.string(), origin: z.string() });

export default pipeline('many-airports', { parallelism: 1 })
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .withWatermark((flight) => flight.date, { delay: '30 minutes' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour'))
  .aggregate({ departures: count() })
  .writeStream(kinesis({ streamName: 'departures' }))
  .trigger({ every: '200 milliseconds' });
