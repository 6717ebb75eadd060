/** A callback that begins something, and forgets it. */
import { json, kinesis, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('left-behind')
  .readStream(kinesis({ streamName: 'numbers', startingPosition: 'TRIM_HORIZON' }))
  .decode(json(z.object({ n: z.number() })))
  .filter(({ n }) => {
    void Promise.reject(new RangeError(`secret ${n}`));
    return true;
  })
  .writeStream(kinesis({ streamName: 'copies' }));
