/** Writes that are applied and whose answer is lost: the function is called again, and nothing is lost or doubled. */
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../functions/core/errors.ts';
import { departures, departuresPipeline, expectedDepartures, resultsOf } from '../support/departures-case.ts';
import { withFault } from '../support/faults.ts';
import { checkInvariants } from '../support/invariants.ts';
import { useWorld } from '../support/use-world.ts';
import { makeStreams, publishEvents, runToEnd, runtimeOf, type StepName, uniqueName } from '../support/world.ts';

const world = useWorld();
const events = departures(40);

describe.concurrent.each([
  { step: 'planBatch', write: 1 },
  { step: 'planBatch', write: 2 },
  { step: 'processShards', write: 1 },
  { step: 'sealBatch', write: 1 },
  { step: 'sealBatch', write: 2 },
  { step: 'reduceKeyGroup', write: 1 },
  { step: 'reduceKeyGroup', write: 2 },
  { step: 'commitBatch', write: 1 },
  { step: 'commitBatch', write: 2 },
] as const satisfies readonly { step: StepName; write: number }[])(
  'the answer of write $write of $step',
  ({ step, write }) => {
    test('is lost, and the retry of the state machine goes on', async () => {
      const streams = await makeStreams(world, 2);
      await publishEvents(world, streams.source, events, 1);
      const pipeline = departuresPipeline(uniqueName('lost'), streams, { maxFetchRecordsPerShard: 10 });
      const runtime = runtimeOf(world, pipeline);
      let lost = 0;
      const end = await runToEnd(
        runtime,
        { untilCaughtUp: true, closeWindows: true },
        {
          portsFor: (name, ports) => {
            if (name !== step || lost > 0) return ports;
            return withFault(ports, { when: 'after', write }, () => {
              lost += 1;
              throw new SluiceError('TemporaryFailure', 'applied, and the answer was lost');
            });
          },
        },
      );
      expect(lost).toBe(1);
      expect(end).toMatchObject({
        kind: 'succeeded',
        output: { turn: { batch: { next: 'done', reason: 'caught-up' } } },
      });
      const { outputs } = await checkInvariants(world, runtime, streams.sink);
      expect(resultsOf(outputs)).toEqual(expectedDepartures(events));
    });
  },
);
