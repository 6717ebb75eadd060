import { bytes, kinesis, pipeline } from 'kinesis-sluice';

export default pipeline('fanned-out')
  .readStream(kinesis({ streamName: 'in', consumerType: 'SubscribeToShard' }))
  .decode(bytes())
  .writeStream(kinesis({ streamName: 'out' }));
