/**
 * The loop that the documentation of Kinesis shows for its API ("Develop consumers using the Kinesis Data Streams API": an iterator,
 * GetRecords with it, the next iterator), with the SDK's client for JavaScript as it comes: for Kinesis that is a session of HTTP/2 for
 * each call (github.com/aws/aws-sdk-js-v3/issues/8279). Settings: `keepAlive` gives it the SDK's handler of HTTP/1.1, which keeps connections;
 * `zod` checks each event; `shards` are read side by side.
 */
import type { _Record } from '@aws-sdk/client-kinesis';
import * as z from 'zod';
import type { Variant } from '../side-by-side/scenario.ts';
import { CountByHand } from './count-by-hand.ts';
import { readShard, sdkClient } from './read-shard.ts';

type Event = { readonly country: string; readonly at: number; readonly amount: number };
type SdkLoop = { readonly keepAlive?: boolean; readonly zod?: boolean; readonly shards?: number };

const schema = z.object({ country: z.string(), at: z.number(), amount: z.number() });

const variant: Variant<SdkLoop> = async (stub, { keepAlive = false, zod = false, shards = 1 }) => {
  const client = sdkClient(stub, keepAlive);
  const decoder = new TextDecoder();
  const parse = (text: string): Event => (zod ? schema.parse(JSON.parse(text)) : JSON.parse(text));
  return {
    run: async (calls) => {
      const counts = new CountByHand();
      const count = (records: readonly _Record[]): void => {
        for (const { Data } of records) {
          const { country, at, amount } = parse(decoder.decode(Data));
          counts.add(country, at, amount);
        }
      };
      const all = Array.from({ length: shards }, (_, shard) => readShard(client, { shard, calls }, count));
      await Promise.all(all);
      return counts.answer();
    },
  };
};

export default variant;
