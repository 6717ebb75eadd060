/** SubscribeToShard by Sluice's client, each payload looked at: what `sdk-subscriptions` does. */
import { SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import type { Variant } from '../../../bench/side-by-side/scenario.ts';
import { createSubscriptionClient } from '../../../functions/adapters/kinesis/reading-client.ts';
import { recordsIn } from '../../../functions/adapters/kinesis/scanned-answers.ts';

const ConsumerARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/in/consumer/bench:1';

const variant: Variant = async ({ endpoint }) => {
  const client = createSubscriptionClient({ region: 'us-east-1', endpointUrl: endpoint }, 'auto');
  return {
    run: async (calls) => {
      let [units, bytes] = [0, 0];
      for (let call = 0; call < calls; call++) {
        const { EventStream } = await client.send(
          new SubscribeToShardCommand({ ConsumerARN, ShardId: 'shardId-0', StartingPosition: { Type: 'LATEST' } }),
        );
        for await (const { SubscribeToShardEvent: event } of EventStream!) {
          const { records } = recordsIn(event!);
          for (const { data } of records) bytes += data.length;
          units += records.length;
        }
      }
      return { units, digest: `${bytes} bytes` };
    },
  };
};

export default variant;
