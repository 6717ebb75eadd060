/** The pipeline of the starts: counted by country and minute. */
import { count, json, kinesis, pipeline, sum, tumbling } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('bench')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ country: z.string(), at: z.number(), amount: z.number() })))
  .withWatermark((event) => event.at, { delay: '1 hour' })
  .groupBy({ country: (event) => event.country })
  .window(tumbling('1 minute'))
  .aggregate({ events: count(), total: sum((event) => event.amount) })
  .writeStream(kinesis({ streamName: 'out' }));
