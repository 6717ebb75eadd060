/** Hourly counts as files. */
import { count, json, kinesis, pipeline, s3, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('hourly')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(json(z.object({ at: z.string(), origin: z.string() })))
  .withWatermark((flight) => flight.at, { delay: '10 seconds' })
  .groupBy({ origin: (flight) => flight.origin })
  .window(tumbling('1 hour'))
  .aggregate({ flights: count() })
  .writeStream(s3({ bucket: 'flights', prefix: 'hourly', partitionBy: 'dt={window.day}' }));
