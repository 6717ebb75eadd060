/**
 * Departures by the hour as Parquet files, for whatever queries files: of each airport and hour how many flights have left and how late the
 * latest was. A file is written when an hour is over: s3://departures/hourly/dt=2026-11-28/hour=14/….parquet.
 */
import { count, json, kinesis, max, parquet, pipeline, s3, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Departure = z.object({ at: z.string(), origin: z.string(), delay: z.number() });

export default pipeline('hourly-files')
  .readStream(kinesis({ streamName: 'departures', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(Departure))
  .withWatermark((departure) => departure.at, { delay: '10 minutes' })
  .groupBy({ origin: (departure) => departure.origin })
  .window(tumbling('1 hour'))
  .aggregate({ flights: count(), longestDelay: max((departure) => departure.delay) })
  .writeStream(
    s3({
      bucket: 'departures',
      prefix: 'hourly',
      partitionBy: 'dt={window.day}/hour={window.hour}',
      format: parquet({
        columns: { origin: 'string', windowStart: 'timestamp', flights: 'int64', longestDelay: 'double' },
      }),
    }),
  )
  .trigger({ every: '1 minute' });
