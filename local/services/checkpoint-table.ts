/** The checkpoint table, made if it is not there. A deployment makes its own; this is for local servers. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { LocalProblem } from '../local-problem.ts';

const attempts = 200;
const pollMs = 25;

export async function ensureTable(client: DynamoDBClient, table: string): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const status = await statusOf(client, table);
    if (status === 'ACTIVE') return;
    if (status === undefined) await createTable(client, table);
    await sleep(pollMs);
  }
  throw new LocalProblem('unreachable', `Table ${table} did not become active.`);
}

async function statusOf(client: DynamoDBClient, table: string): Promise<string | undefined> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    return Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (error) {
    // Another process was quicker.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}
