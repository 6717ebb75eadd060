/** The example, with a trigger that leaves time to look at an execution before it hands over to the next. */
import { count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ date: z.string(), origin: z.string() });

export default pipeline('departures', { parallelism: 2 })
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .withWatermark((flight) => flight.date, { delay: '30 minutes' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour'))
  .aggregate({ departures: count() })
  .writeStream(kinesis({ streamName: 'departures' }))
  .trigger({ every: '1 second' });
