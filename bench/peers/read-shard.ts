/** How a shard is read by the SDK's client: an iterator, GetRecords with it, the next iterator. */
import { type _Record, GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Stub } from '../side-by-side/scenario.ts';

/** As it comes; `keepAlive` gives it the SDK's handler of HTTP/1.1, which keeps connections. */
export const sdkClient = ({ endpoint }: Stub, keepAlive: boolean): KinesisClient =>
  new KinesisClient({ endpoint, ...(keepAlive ? { requestHandler: new NodeHttpHandler() } : {}) });

type Read = { readonly shard?: number; readonly calls: number };

/** `take`: all records of an answer. */
export async function readShard(
  client: KinesisClient,
  { shard = 0, calls }: Read,
  take: (records: readonly _Record[]) => Promise<void> | void,
): Promise<void> {
  const opened = await client.send(
    new GetShardIteratorCommand({ StreamName: 'in', ShardId: `shardId-${shard}`, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  let iterator = opened.ShardIterator;
  for (let call = 0; call < calls; call++) {
    const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }));
    await take(answer.Records ?? []);
    iterator = answer.NextShardIterator;
  }
}
