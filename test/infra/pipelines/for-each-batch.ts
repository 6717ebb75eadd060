/** Calls a function of its own with results. */
import { count, forEachBatch, json, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('saved')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(json(z.object({ origin: z.string() })))
  .groupBy({ origin: ({ origin }) => origin })
  .window(perMicroBatch())
  .aggregate({ flights: count() })
  .writeStream(forEachBatch(async (rows, { id }) => `${id}: ${rows.length}`));
