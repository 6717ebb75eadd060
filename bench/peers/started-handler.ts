/** What one writes who reads a shard in a function: a page is counted by key and minute, and where it ends is put into a table. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import * as z from 'zod';
import { CountByHand } from './count-by-hand.ts';

const kinesis = new KinesisClient({});
const table = new DynamoDBClient({});
const decoder = new TextDecoder();
const schema = z.object({ country: z.string(), at: z.number(), amount: z.number() });

export async function handler(): Promise<{ readonly outcome: string }> {
  const from = { StreamName: 'in', ShardId: 'shardId-0', ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(from));
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 10_000 }));
  const counts = new CountByHand();
  for (const { Data } of Records) {
    const { country, at, amount } = schema.parse(JSON.parse(decoder.decode(Data)));
    counts.add(country, at, amount);
  }
  const { units, digest = '' } = counts.answer();
  const Item = { pk: { S: 'shardId-0' }, place: { S: Records.at(-1)?.SequenceNumber ?? '' }, counted: { S: digest } };
  await table.send(new PutItemCommand({ TableName: 'table', Item }));
  return { outcome: units > 0 ? 'moved' : 'behind' };
}
