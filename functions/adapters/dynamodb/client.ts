import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type ClientSettings, clientConfig, createRequestHandler } from '../aws-client.ts';

const dynamodbTimeoutMs = 1_500;

export const createDynamodbClient = (settings: ClientSettings): DynamoDBClient =>
  new DynamoDBClient({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? dynamodbTimeoutMs),
    maxAttempts: 3,
    ...clientConfig(settings),
  });
