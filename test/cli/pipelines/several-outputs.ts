import { console as consoleSink, count, json, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

/** A stream, another one, the first one again, and rows that are only shown. */
export default pipeline('several-outputs')
  .readStream(kinesis({ streamName: 'numbers', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(z.object({ id: z.number() })))
  .groupBy({ id: (event) => event.id })
  .window(perMicroBatch())
  .aggregate({ events: count() })
  .writeStream(kinesis({ streamName: 'all' }))
  .writeStream(kinesis({ streamName: 'even' }), { name: 'even', filter: (row) => row.id % 2 === 0 })
  .writeStream(kinesis({ streamName: 'all' }), { name: 'ids', map: (row) => ({ only: row.id }) })
  .writeStream(consoleSink(), { name: 'shown' });
