/**
 * Shards side by side by SubscribeToShard of the SDK's client as it comes, with the loop over `EventStream` that its documentation shows, each event
 * parsed and counted: what `sdk-loop` does of GetRecords.
 */
import { KinesisClient, SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import type { Variant } from '../side-by-side/scenario.ts';
import { CountByHand } from './count-by-hand.ts';

const ConsumerARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/in/consumer/bench:1';

const variant: Variant<{ readonly shards: number }> = async ({ endpoint }, { shards }) => {
  const client = new KinesisClient({ endpoint });
  const decoder = new TextDecoder();
  const read = async (counts: CountByHand, shard: number): Promise<void> => {
    const StartingPosition = { Type: 'TRIM_HORIZON' } as const;
    const asked = { ConsumerARN, ShardId: `shardId-${shard}`, StartingPosition };
    const { EventStream } = await client.send(new SubscribeToShardCommand(asked));
    for await (const { SubscribeToShardEvent: event } of EventStream!) {
      for (const { Data } of event!.Records!) {
        const { country, at, amount } = JSON.parse(decoder.decode(Data));
        counts.add(country, at, amount);
      }
    }
  };
  return {
    run: async (calls) => {
      const counts = new CountByHand();
      for (let call = 0; call < calls; call++)
        await Promise.all(Array.from({ length: shards }, (_, shard) => read(counts, shard)));
      return counts.answer();
    },
  };
};

export default variant;
