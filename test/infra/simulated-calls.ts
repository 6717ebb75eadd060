/** The calls of each step in a run of the simulation, as they were made. */
import { expect } from 'vitest';
import { type StepKey, steps } from '../../infra/steps.ts';
import { parseScript } from '../simulation/faults/fault.ts';
import { eventOperation, type Request } from '../simulation/world/calls.ts';
import { plainScenario } from '../simulation/world/plain-scenario.ts';
import type { Scenario } from '../simulation/world/scenario.ts';
import { World } from '../simulation/world/world.ts';

export type SimulatedRun = { readonly scenario: Partial<Scenario>; readonly faults: string };

/** Answers that do not say whether there is more: among them some without records, where the listing has to. */
export const hollow = (call: string): string =>
  Array.from({ length: 60 }, (_, at) => `hollow@process-shards/${call}:after#${10 + at}`).join(';');

const scenarioOf = (given: Partial<Scenario>): Scenario => ({
  ...plainScenario,
  ...{
    shards: 2,
    triggerMs: 5_000,
    events: 210,
    keys: 4,
    durationMs: 60_000,
    perRecord: 1,
    maxFetch: 40,
    windowMs: 5_000,
  },
  ...{ machine: 'EXPRESS', request: {}, sinkShards: 1, parallelism: 1, shardsPerTask: 1, describeMs: 10_000 },
  ...{
    delayMs: 2_000,
    idleTimeoutMs: 15_000,
    minBatchesToRetain: 3,
    startingPosition: 'TRIM_HORIZON',
    silence: undefined,
  },
  // Some partial aggregates lie apart of their block.
  keptLimits: { mostOfGroup: 90, mostOfBlock: 4_096 },
  ...{ oddShare: 0.08, hasPoison: true, maxClockSkewMs: 0, reshards: [], availableNow: false, failOnDataLoss: false },
  ...given,
});

export type Requests = ReadonlyMap<StepKey, readonly Request[]>;

export async function requestsOf({ scenario, faults }: SimulatedRun): Promise<Requests> {
  const requests = new Map<StepKey, Request[]>(steps.map(({ key }) => [key, []]));
  const keyOf = new Map<string, StepKey>(steps.map(({ folder, key }) => [folder, key]));
  const onRequest: World['options']['onRequest'] = (step, request) => {
    // An event belongs to the call that subscribed.
    if (request.operation !== eventOperation) requests.get(keyOf.get(step)!)!.push(request);
  };
  const world = new World({ seed: 1, scenario: scenarioOf(scenario), faults: parseScript(faults), onRequest });
  expect((await world.run()).violations).toEqual([]);
  return requests;
}
