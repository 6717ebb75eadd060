/** The stores on the simulated DynamoDB: what holds on the embedded one holds here. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Random } from '../simulation/random.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { storesContract } from './stores-contract.ts';

storesContract(async () => {
  const dynamodb = new SimulatedDynamodb({ now: Date.now, random: new Random(1) });
  return {
    client: serviceClient<DynamoDBClient>((operation, input) => dynamodb.execute(operation, input), { date: Date.now }),
    leaveUnprocessed(which) {
      dynamodb.quirks.leavesUnprocessed = which;
    },
    async stop() {},
  };
});
