/** The table of a live view: made where the servers are this run's own, and read as lines of JSON. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  paginateScan,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { LocalProblem } from '../local-problem.ts';

export type ViewTable = {
  readonly table: string;
  readonly partitionKeyName: string;
  readonly sortKeyName: string;
};

const attempts = 200;
const pollMs = 25;

/** `isOwn`: it may be made. */
export async function ensureViewTable(client: DynamoDBClient, view: ViewTable, isOwn: boolean): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const status = await statusOf(client, view.table);
    if (status === 'ACTIVE' || status === 'UPDATING') return;
    if (status === undefined && !isOwn) throw new LocalProblem('unreachable', `There is no table ${view.table}.`);
    if (status === undefined) await createTable(client, view);
    await sleep(pollMs);
  }
  throw new LocalProblem('unreachable', `Table ${view.table} did not become active.`);
}

async function statusOf(client: DynamoDBClient, table: string): Promise<string | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: table }))).Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function createTable(client: DynamoDBClient, view: ViewTable): Promise<void> {
  const { table, partitionKeyName, sortKeyName } = view;
  const names = [partitionKeyName, sortKeyName];
  try {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: names.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
      }),
    );
  } catch (error) {
    // Another process was quicker.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

/** Each item as its values, in no order. */
export async function* viewItems(client: DynamoDBClient, table: string): AsyncGenerator<Record<string, unknown>> {
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
    for (const item of Items) yield plainItem(item);
}

const plainItem = (item: Readonly<Record<string, AttributeValue>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));

function plain({ S, N, BOOL, L, M }: AttributeValue): unknown {
  if (L !== undefined) return L.map(plain);
  if (M !== undefined) return plainItem(M);
  return S ?? (N === undefined ? (BOOL ?? null) : Number(N));
}
