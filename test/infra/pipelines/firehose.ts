/** Writes to a delivery stream, and to another one of a further output. */
import { firehose, json, kinesis, pipeline } from 'kinesis-sluice';
import * as z from 'zod';

export default pipeline('archive')
  .readStream(kinesis({ streamName: 'flights' }))
  .decode(json(z.object({ origin: z.string() })))
  .writeStream(firehose({ deliveryStreamName: 'flights-archive' }))
  .writeStream(firehose({ deliveryStreamArn: 'arn:aws:firehose:eu-west-1:123456789012:deliverystream/origins' }), {
    name: 'origins',
    map: ({ origin }) => ({ origin }),
  });
