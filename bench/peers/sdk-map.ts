/** The loop of `sdk-loop.ts`, with a record out for each event: PutRecords of 500, one after the other. */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Variant } from '../side-by-side/scenario.ts';

const mostRecords = 500;

const variant: Variant<{ readonly keepAlive?: boolean }> = async ({ endpoint }, { keepAlive = false }) => {
  const client = new KinesisClient({ endpoint, ...(keepAlive ? { requestHandler: new NodeHttpHandler() } : {}) });
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const toEntry = (data: Uint8Array | undefined): PutRecordsRequestEntry => {
    const { country, at, amount } = JSON.parse(decoder.decode(data));
    return { Data: encoder.encode(JSON.stringify({ country, at, cents: amount * 100 })), PartitionKey: country };
  };
  return {
    run: async (calls) => {
      let units = 0;
      const opened = await client.send(
        new GetShardIteratorCommand({ StreamName: 'in', ShardId: 'shardId-0', ShardIteratorType: 'TRIM_HORIZON' }),
      );
      let iterator = opened.ShardIterator;
      for (let call = 0; call < calls; call++) {
        const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }));
        const entries = (answer.Records ?? []).map(({ Data }) => toEntry(Data));
        for (let from = 0; from < entries.length; from += mostRecords) {
          const part = entries.slice(from, from + mostRecords);
          await client.send(new PutRecordsCommand({ StreamName: 'out', Records: part }));
          units += part.length;
        }
        iterator = answer.NextShardIterator;
      }
      return { units, digest: `${units} sent` };
    },
  };
};

export default variant;
