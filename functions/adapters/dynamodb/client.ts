import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ClientSettings, clientConfig, createRequestHandler } from '../aws-client.ts';
import { ofDynamodb, useRole } from '../credentials/use-role.ts';

const dynamodbTimeoutMs = 1_500;

export function createDynamodbClient(settings: ClientSettings): DynamoDBClient {
  const client = new DynamoDBClient({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? dynamodbTimeoutMs),
    maxAttempts: 3,
    ...clientConfig(settings),
  });
  if (settings.role !== undefined) useRole(client, settings.role, ofDynamodb);
  return client;
}
