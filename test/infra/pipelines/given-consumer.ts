import { bytes, kinesis, pipeline } from 'kinesis-sluice';

export default pipeline('shared-with-us')
  .readStream(
    kinesis({
      streamArn: 'arn:aws:kinesis:eu-west-1:222222222222:stream/in',
      consumerType: 'SubscribeToShard',
      subscribeToShard: {
        consumerArn: 'arn:aws:kinesis:eu-west-1:222222222222:stream/in/consumer/for-us:1764288000',
      },
    }),
  )
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out' }));
