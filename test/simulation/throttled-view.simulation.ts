/** A live view whose table throttles: of 500 puts and more, while results are corrected and taken back. */
import { expect, it } from 'vitest';
import type { CallFault } from './faults/fault.ts';
import { plainScenario } from './world/plain-scenario.ts';
import type { Scenario } from './world/scenario.ts';
import { World } from './world/world.ts';

const scenario: Scenario = {
  ...plainScenario,
  ...{ hasView: true, mode: 'update', latenessMs: 60_000, rowRule: 'filtered', parallelism: 2 },
  ...{ windowMs: 10_000, delayMs: 2_000, keys: 8, events: 450 },
};
/** Six of seven: more in a row than the SDK tries. */
const throttled = Array.from(
  { length: 100 },
  (_, at): CallFault => ({
    ...{ kind: 'throttle', size: 6, step: 'reduce-key-group', call: 'put-view', when: 'before' },
    occurrence: 1 + 7 * at,
  }),
);

it('it ends right after 500 throttled writes: of each result it has the version that the whole stream ends with', async () => {
  const { violations, hits } = await new World({ seed: 7, scenario, faults: throttled }).run();
  expect(violations).toEqual([]);
  expect(hits.get('throttle reduce-key-group/put-view before')).toBeGreaterThanOrEqual(500);
});
