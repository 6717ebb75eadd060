import { bytes, kinesis, pipeline } from 'kinesis-sluice';

export default pipeline('adopting')
  .readStream(
    kinesis({
      streamName: 'in',
      consumerType: 'SubscribeToShard',
      subscribeToShard: { consumerName: 'shared', adopt: true },
    }),
  )
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out' }));
