/** Calls a function with results. */
import { count, json, kinesis, lambda, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('alerts')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(json(z.object({ origin: z.string() })))
  .groupBy({ origin: ({ origin }) => origin })
  .window(perMicroBatch())
  .aggregate({ flights: count() })
  .writeStream(lambda({ functionName: 'send-alert:live' }));
