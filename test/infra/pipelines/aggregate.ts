/** Many events in a record. */
import { json, kinesis, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('aggregate')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ id: z.number() })))
  .writeStream(kinesis({ streamName: 'out', aggregate: true }));
