/** The contract of enhanced fan-out on the simulated Kinesis: what holds on the embedded one holds here. */
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { Random } from '../simulation/random.ts';
import { Scheduler } from '../simulation/scheduler.ts';
import { eventsOf } from '../simulation/services/kinesis/event-stream.ts';
import { SimulatedKinesis } from '../simulation/services/kinesis/simulated-kinesis.ts';
import { Subscription } from '../simulation/services/kinesis/subscription.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { noon } from '../support/builders.ts';
import { fanOutContract } from './fan-out-contract.ts';

/** No limit of calls is met then. */
const callMs = 300;

fanOutContract(async () => {
  const { now, until } = virtualTime();
  const kinesis = new SimulatedKinesis({ now, random: new Random(1) });
  const execute = async (operation: string, input: unknown) => {
    await until(now() + callMs);
    const output = kinesis.execute(operation, input);
    const { EventStream } = output as { readonly EventStream?: unknown };
    return EventStream instanceof Subscription ? { EventStream: eventsOf(EventStream, until) } : output;
  };
  const client = serviceClient<KinesisClient>(execute, { date: now });
  return {
    client,
    subscriptions: client,
    clock: { now, sleep: (ms, cut) => until(now() + ms, cut) },
    async stop() {},
  };
});

/** Goes on whenever somebody waits for it, to the nearest time that is waited for. */
function virtualTime() {
  const scheduler = new Scheduler(noon, 'event loop');
  let running: Promise<unknown> = Promise.resolve();
  const until = (time: number, cut?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (time === Number.POSITIVE_INFINITY) return;
      const cancel = scheduler.at(time, resolve);
      cut?.addEventListener('abort', () => {
        cancel();
        resolve();
      });
      running = running.then(() => scheduler.run(Number.POSITIVE_INFINITY));
    });
  return { now: () => scheduler.now, until };
}
