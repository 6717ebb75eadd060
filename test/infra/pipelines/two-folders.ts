/** Events as files, in two folders of one bucket. */
import { json, kinesis, pipeline, s3 } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('two-folders')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(json(z.object({ origin: z.string() })))
  .writeStream(s3({ bucket: 'flights', prefix: 'one' }))
  .writeStream(s3({ bucket: 'flights', prefix: 'other' }), { name: 'copy' });
