/** More tasks and key groups than one Map runs at once. */
import { count, json, kinesis, pipeline, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('wide', { maxTasks: 160, parallelism: 100 })
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ country: z.string(), at: z.number() })))
  .withWatermark((flight) => flight.at, { delay: '1 minute' })
  .groupBy({ country: (flight) => flight.country })
  .window(tumbling('1 minute'))
  .aggregate({ flights: count() })
  .writeStream(kinesis({ streamName: 'out' }));
