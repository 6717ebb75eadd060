/** Has zod as one object, of which nothing falls away. */
import { json, kinesis, pipeline } from 'kinesis-sluice';
import { z } from 'zod';

export default pipeline('whole-zod')
  .readStream(kinesis({ streamName: 'in' }))
  .decode(json(z.object({ id: z.number() })))
  .writeStream(kinesis({ streamName: 'out' }));
