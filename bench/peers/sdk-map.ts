/** The loop of `sdk-loop.ts`, with a record out for each event: PutRecords of 500, one after the other. */
import { PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import type { Variant } from '../side-by-side/scenario.ts';
import { readShard, sdkClient } from './read-shard.ts';

const mostRecords = 500;

const variant: Variant<{ readonly keepAlive?: boolean }> = async (stub, { keepAlive = false }) => {
  const client = sdkClient(stub, keepAlive);
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const toEntry = (data: Uint8Array | undefined): PutRecordsRequestEntry => {
    const { country, at, amount } = JSON.parse(decoder.decode(data));
    return { Data: encoder.encode(JSON.stringify({ country, at, cents: amount * 100 })), PartitionKey: country };
  };
  return {
    run: async (calls) => {
      let units = 0;
      await readShard(client, { calls }, async (records) => {
        const entries = records.map(({ Data }) => toEntry(Data));
        for (let from = 0; from < entries.length; from += mostRecords) {
          const part = entries.slice(from, from + mostRecords);
          await client.send(new PutRecordsCommand({ StreamName: 'out', Records: part }));
          units += part.length;
        }
      });
      return { units, digest: `${units} sent` };
    },
  };
};

export default variant;
