/** The contract of enhanced fan-out on the embedded Kinesis, with the ends of closed shards that it lacks. */
import { createSubscriptionClient } from '../../functions/adapters/kinesis/reading-client.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { localCredentials } from '../../local/services/clients.ts';
import { endClosedShards } from '../../local/services/closed-shards.ts';
import { startEmbeddedKinesis } from '../../local/services/embedded-kinesis.ts';
import { kinesisOf, region } from '../support/world.ts';
import { fanOutContract } from './fan-out-contract.ts';

fanOutContract(async () => {
  const kinesis = await startEmbeddedKinesis();
  const client = kinesisOf({ kinesis });
  const settings = { endpointUrl: kinesis.endpoint, region, credentials: localCredentials };
  const subscriptions = createSubscriptionClient(settings, 'auto');
  endClosedShards(subscriptions, client);
  return {
    client,
    subscriptions,
    clock: systemClock,
    async stop() {
      client.destroy();
      subscriptions.destroy();
      await kinesis.stop();
    },
  };
});
