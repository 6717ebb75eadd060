/** The stores on the simulated DynamoDB: what holds on the embedded one holds here. */
import { Random } from '../simulation/random.ts';
import { clientOf } from '../simulation/services/dynamodb/client.ts';
import { SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { storesContract } from './stores-contract.ts';

storesContract(async () => {
  const dynamodb = new SimulatedDynamodb({ now: Date.now, random: new Random(1) });
  return {
    client: clientOf(dynamodb),
    leaveUnprocessed(which) {
      dynamodb.quirks.leavesUnprocessed = which;
    },
    async stop() {},
  };
});
