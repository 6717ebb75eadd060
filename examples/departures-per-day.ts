/**
 * Reads what the pipeline of departures.ts writes, and adds it up per origin and day. A row that the first pipeline sends
 * again after a crash counts once.
 */
import { json, kinesis, pipeline, sum, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

const Hour = z.object({ origin: z.string(), windowStart: z.string(), departures: z.number() });

export default pipeline('departures-per-day')
  .readStream(kinesis({ streamName: 'departures', startingPosition: 'TRIM_HORIZON', deduplicate: true }))
  .decode(json(Hour))
  .withWatermark((hour) => hour.windowStart, { delay: '2 hours' })
  .groupBy({ origin: (hour) => hour.origin })
  .window(tumbling('1 day'))
  .aggregate({ departures: sum((hour) => hour.departures) })
  .writeStream(kinesis({ streamName: 'departures-per-day' }));
