/**
 * The loop that the documentation of Kinesis shows for its API ("Develop consumers using the Kinesis Data Streams API": an iterator,
 * GetRecords with it, the next iterator), with the SDK's client for JavaScript as it comes: for Kinesis that is a session of HTTP/2 for
 * each call (github.com/aws/aws-sdk-js-v3/issues/8279). Settings: `keepAlive` gives it the SDK's handler of HTTP/1.1, which keeps connections;
 * `zod` checks each event; `shards` are read side by side.
 */
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import * as z from 'zod';
import type { Variant } from '../side-by-side/scenario.ts';
import { CountByHand } from './count-by-hand.ts';

type Event = { readonly country: string; readonly at: number; readonly amount: number };
type SdkLoop = { readonly keepAlive?: boolean; readonly zod?: boolean; readonly shards?: number };

const schema = z.object({ country: z.string(), at: z.number(), amount: z.number() });

const variant: Variant<SdkLoop> = async ({ endpoint }, { keepAlive = false, zod = false, shards = 1 }) => {
  const client = new KinesisClient({ endpoint, ...(keepAlive ? { requestHandler: new NodeHttpHandler() } : {}) });
  const decoder = new TextDecoder();
  const parse = (text: string): Event => (zod ? schema.parse(JSON.parse(text)) : JSON.parse(text));
  const readShard = async (shard: number, calls: number, counts: CountByHand): Promise<void> => {
    const opened = await client.send(
      new GetShardIteratorCommand({
        ...{ StreamName: 'in', ShardId: `shardId-${shard}`, ShardIteratorType: 'TRIM_HORIZON' },
      } as const),
    );
    let iterator = opened.ShardIterator;
    for (let call = 0; call < calls; call++) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }));
      for (const { Data } of answer.Records ?? []) {
        const { country, at, amount } = parse(decoder.decode(Data));
        counts.add(country, at, amount);
      }
      iterator = answer.NextShardIterator;
    }
  };
  return {
    run: async (calls) => {
      const counts = new CountByHand();
      await Promise.all(Array.from({ length: shards }, (_, shard) => readShard(shard, calls, counts)));
      return counts.answer();
    },
  };
};

export default variant;
