/** What an invocation has for clients: the SDK's own, or a stand-in that asks the services directly. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import { rememberServerDate } from '../../../functions/adapters/server-date.ts';
import type { Scheduler } from '../scheduler.ts';
import { type SendOptions, serviceClient } from '../services/service-client.ts';
import type { ServiceName } from './calls.ts';
import type { Invocation } from './invocation.ts';
import type { Network } from './network.ts';
import { onBehalfOf, type SdkClients } from './sdk-clients.ts';

export type Clients = {
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  /** A stand-in always. */
  readonly s3: S3Client;
};

export const requestsOf =
  ({ network }: { readonly network: Network }, invocation: Invocation) =>
  (service: ServiceName) =>
  (operation: string, input: unknown, options: SendOptions): Promise<object> =>
    network.call(invocation, { service, operation, input }, options);

export function clientsOf(
  world: { readonly network: Network; readonly scheduler: Scheduler; readonly sdk: SdkClients | undefined },
  invocation: Invocation,
): Clients {
  const { network, scheduler, sdk } = world;
  const date = () => scheduler.now;
  const execute = requestsOf({ network }, invocation);
  const s3 = serviceClient<S3Client>(execute('s3'), { date });
  rememberServerDate(s3);
  if (sdk !== undefined) {
    const options = {
      attempt: (request: Parameters<Network['attempt']>[1], signal?: AbortSignal) =>
        network.attempt(invocation, request, signal),
      date,
    };
    return { dynamodb: onBehalfOf(sdk.dynamodb, options), kinesis: onBehalfOf(sdk.kinesis, options), s3 };
  }
  const kinesis = serviceClient<KinesisClient>(execute('kinesis'), { date });
  rememberServerDate(kinesis);
  return { dynamodb: serviceClient<DynamoDBClient>(execute('dynamodb'), { date }), kinesis, s3 };
}
