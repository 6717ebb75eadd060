/** The clients that a stream or a sink of a pipeline is reached with: those of the run, or such as use its role. */
import { assumeRole } from '../../functions/adapters/credentials/assumed-role.ts';
import { withSessionName } from '../../functions/adapters/credentials/session-name.ts';
import { ofDynamodb, ofKinesis, useRole } from '../../functions/adapters/credentials/use-role.ts';
import type { KinesisSource } from '../../functions/pipeline/pipeline.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { type ClientSettings, dynamodbClient, kinesisClient } from './clients.ts';
import type { Services } from './services.ts';

export function servicesFor(services: Services, { role }: Pick<KinesisSource, 'role'>, pipelineName: string): Services {
  if (role === undefined) return services;
  const { region, credentials, kinesisEndpoint, dynamodbEndpoint } = services;
  const assumed = assumeRole({
    role: withSessionName(role, pipelineName),
    region,
    ownCredentials: credentials,
    clock: systemClock,
  });
  const withRole = (settings: Pick<ClientSettings, 'maxAttempts'>) => {
    const client = kinesisClient({ region, endpoint: kinesisEndpoint, credentials: assumed.provider, ...settings });
    useRole(client, assumed, ofKinesis);
    services.watch.standBy(client, 'Kinesis');
    return client;
  };
  const dynamodb = dynamodbClient({ region, endpoint: dynamodbEndpoint, credentials: assumed.provider });
  useRole(dynamodb, assumed, ofDynamodb);
  services.watch.standBy(dynamodb, 'DynamoDB');
  return { ...services, kinesis: withRole({}), kinesisOnce: withRole({ maxAttempts: 1 }), dynamodb };
}

/** Of each role one. */
export function servicesByRole(
  services: Services,
  pipelineName: string,
): (place: Pick<KinesisSource, 'role'>) => Services {
  const known = new Map<KinesisSource['role'], Services>();
  return (place) => {
    const found = known.get(place.role) ?? servicesFor(services, place, pipelineName);
    known.set(place.role, found);
    return found;
  };
}
