/** Under a name that a test says, since names of pipelines are those of one test. */
import { count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Flight = z.object({ date: z.string(), origin: z.string() });

export default pipeline(process.env.TEST_PIPELINE ?? 'named', { parallelism: 2 })
  .readStream(kinesis({ streamName: 'flights', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Flight))
  .withWatermark((flight) => flight.date, { delay: '30 minutes' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour'))
  .aggregate({ departures: count() })
  .writeStream(kinesis({ streamName: 'departures' }));
