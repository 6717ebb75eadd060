import { json, kinesis, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('copy')
  .readStream(kinesis({ streamName: 'in', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(z.object({ id: z.number(), text: z.string() })))
  .map(({ id, text }) => ({ id, text }))
  .writeStream(kinesis({ streamName: 'out' }));
