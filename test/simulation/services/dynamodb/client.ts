/** The simulated service in the place of the SDK's client: commands by their names, nothing between them and it. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SimulatedDynamodb } from './simulated-dynamodb.ts';

export function clientOf(dynamodb: SimulatedDynamodb): Pick<DynamoDBClient, 'send'> {
  const send = async (command: { readonly input: unknown }) =>
    dynamodb.execute(command.constructor.name.replace(/Command$/, ''), command.input);
  return { send: send as DynamoDBClient['send'] };
}
