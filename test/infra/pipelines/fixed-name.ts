import { bytes, kinesis, pipeline } from 'kinesis-sluice';

/** Only the pipeline's name differs between the two. */
const named = (name: string) =>
  pipeline(name)
    .readStream(
      kinesis({
        streamName: 'in',
        consumerType: 'SubscribeToShard',
        subscribeToShard: { consumerName: 'analytics' },
      }),
    )
    .decode(bytes())
    .writeStream(kinesis({ streamName: 'out' }));

export const renamed = named('departures-2');
export default named('departures');
