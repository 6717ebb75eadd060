/**
 * Each of the five functions dies before and after its first write, in the first, a middle and the last batch. After a
 * restart the results are those of an undisturbed run, and what the sink received twice is equal byte for byte.
 */
import { describe, expect, test } from 'vitest';
import { departures, departuresPipeline, expectedDepartures, resultsOf } from '../support/departures-case.ts';
import { Crash, withFault } from '../support/faults.ts';
import { checkInvariants, type Memory } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import {
  letLeaseRunOut,
  makeStreams,
  publishEvents,
  runToEnd,
  runtimeOf,
  type StepName,
  uniqueName,
} from '../support/world.ts';

const world = useWorld();

const events = departures(60);
const steps: readonly StepName[] = ['planBatch', 'processShards', 'sealBatch', 'reduceKeyGroup', 'commitBatch'];
const request = { untilCaughtUp: true, closeWindows: true };

async function makeCase(name: string) {
  const streams = await makeStreams(world, 2);
  await publishEvents(world, streams.source, events, 1);
  const pipeline = departuresPipeline(uniqueName(name), streams, { maxFetchRecordsPerShard: 10 });
  return { runtime: runtimeOf(world, pipeline), sink: streams.sink };
}

test('undisturbed, a run takes several batches and gives each result once', async () => {
  const { runtime, sink } = await makeCase('undisturbed');
  expect(await runToEnd(runtime, request)).toMatchObject({ kind: 'succeeded' });
  const { chain, outputs, repeats } = await checkInvariants(world, runtime, sink);
  expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
  expect(repeats).toBe(0);
  expect(chain.length).toBeGreaterThanOrEqual(4);
});

// Side by side: most of a case is waiting for the servers.
describe.concurrent.each(steps)('%s dies', (step) => {
  test.each([
    { when: 'before', batch: 'first' },
    { when: 'after', batch: 'first' },
    { when: 'before', batch: 'middle' },
    { when: 'after', batch: 'middle' },
    { when: 'before', batch: 'last' },
    { when: 'after', batch: 'last' },
  ] as const)('$when its first write in the $batch batch', async ({ when, batch }) => {
    const { runtime, sink } = await makeCase('killed');
    const memory: Memory = new Map();
    const call = await invocationOf(step, batch);
    let seen = 0;
    let died = 0;
    await runToEnd(runtime, request, {
      portsFor: (name, ports) => {
        if (name !== step || ++seen !== call) return ports;
        return withFault(ports, { when, write: 1 }, () => {
          died += 1;
          throw new Crash('gone');
        });
      },
    });
    expect(died).toBe(1);
    if ((await runtime.ports.head.load()) !== undefined) await checkInvariants(world, runtime, sink, memory);
    await letLeaseRunOut(runtime);
    expect(await runToEnd(runtime, request)).toMatchObject({ kind: 'succeeded' });
    const { outputs } = await checkInvariants(world, runtime, sink, memory);
    expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
  });
});

/** Which invocation of a step belongs to the batch; counted in an undisturbed run, once. */
let undisturbed: Promise<Map<StepName, number>> | undefined;

async function invocationOf(step: StepName, batch: 'first' | 'middle' | 'last'): Promise<number> {
  undisturbed ??= countInvocations();
  const last = (await undisturbed).get(step)!;
  return { first: 1, middle: Math.ceil(last / 2), last }[batch];
}

async function countInvocations(): Promise<Map<StepName, number>> {
  const { runtime } = await makeCase('counted');
  const counts = new Map<StepName, number>();
  await runToEnd(runtime, request, {
    portsFor: (name, ports) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return ports;
    },
  });
  return counts;
}
