/** The stores on the embedded DynamoDB, over HTTP: what the suite says of S2, S3, S5, S6, S11 and P1. */
import { startEmbeddedDynamodb } from '../../local/services/embedded-dynamodb.ts';
import { dynamodbOf } from '../support/world.ts';
import { storesContract } from './stores-contract.ts';

storesContract(async () => {
  const dynamodb = await startEmbeddedDynamodb();
  const client = dynamodbOf({ dynamodb });
  return {
    client,
    async stop() {
      client.destroy();
      await dynamodb.stop();
    },
  };
}, ['unprocessed writes']);
