/** Source and sink on the simulated Kinesis: what holds on the embedded one holds here. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { Random } from '../simulation/random.ts';
import { SimulatedKinesis } from '../simulation/services/kinesis/simulated-kinesis.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { noon } from '../support/builders.ts';
import { kinesisContract } from './kinesis-contract.ts';

/** Reads and iterators of a shard are never too many then; puts are. */
const callMs = 200;

kinesisContract(async () => {
  let now = noon;
  const kinesis = new SimulatedKinesis({ now: () => now, random: new Random(1) });
  kinesis.quirks.pageShards = 100;
  const execute = (operation: string, input: unknown) => {
    now += callMs;
    return kinesis.execute(operation, input);
  };
  return {
    client: serviceClient<KinesisClient>(execute, { date: () => now }),
    clock: {
      now: () => now,
      async sleep(ms) {
        now += ms;
      },
    },
    async stop() {},
  };
});
