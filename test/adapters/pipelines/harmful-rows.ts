/** Does to its reducer what the key of a row says. */
import * as z from 'zod';
import { count, json, kinesis, pipeline, sum, tumbling } from '../../../functions/index.ts';
import { harm } from './harmful.ts';

export default pipeline('harmful-rows')
  .readStream(kinesis({ streamName: 'harmful-source' }))
  .decode(json(z.object({ at: z.number(), key: z.string(), value: z.number() })))
  .withWatermark((event) => event.at, { delay: '1 second', idleTimeout: 'never' })
  .groupBy({ key: (event) => event.key })
  .window(tumbling('1 minute'))
  .aggregate({ events: count(), total: sum((event) => event.value) })
  .map((row) => {
    harm[row.key]?.();
    return { key: row.key, total: row.total };
  })
  .writeStream(kinesis({ streamName: 'harmful-sink' }));
