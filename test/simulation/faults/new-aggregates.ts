/**
 * Deployments of the definition with other aggregates: between executions, or behind a seal, so that the batch is finished by code that has
 * other aggregates than it was read and sealed with.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import type { CallFault } from './fault.ts';

export function drawNewAggregates(random: Random, { otherAggregates }: Pick<Scenario, 'otherAggregates'>): CallFault[] {
  if (otherAggregates === undefined) return [];
  return Array.from({ length: random.int(1, 5) }, (): CallFault[] => {
    const [size, occurrence] = [0, random.int(1, 24)] as const;
    if (random.chance(0.5))
      return [{ kind: 'deploy', size, step: 'plan-batch', call: 'invoke', when: 'after', occurrence }];
    const at = { size, step: 'seal-batch', call: 'seal', occurrence } as const;
    return [
      { ...at, kind: 'deploy', when: 'before' },
      { ...at, kind: 'abort', when: 'after' },
    ];
  }).flat();
}
