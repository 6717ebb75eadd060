/** SubscribeToShard by the SDK's client as it comes, each payload looked at. */
import { KinesisClient, SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import type { Variant } from '../side-by-side/scenario.ts';

const ConsumerARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/in/consumer/bench:1';

const variant: Variant = async ({ endpoint }) => {
  const client = new KinesisClient({ endpoint });
  return {
    run: async (calls) => {
      let [units, bytes] = [0, 0];
      for (let call = 0; call < calls; call++) {
        const { EventStream } = await client.send(
          new SubscribeToShardCommand({ ConsumerARN, ShardId: 'shardId-0', StartingPosition: { Type: 'LATEST' } }),
        );
        for await (const { SubscribeToShardEvent: event } of EventStream!) {
          for (const { Data } of event!.Records!) bytes += Data!.length;
          units += event!.Records!.length;
        }
      }
      return { units, digest: `${bytes} bytes` };
    },
  };
};

export default variant;
