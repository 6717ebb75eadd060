/**
 * A deployment of the other mode and the end of the execution behind a seal: the batch is finished by code of one mode as it was sealed under
 * the other. An execution that goes on has the versions it began with.
 */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import type { CallFault } from './fault.ts';

export function drawNewModes(random: Random, { otherMode }: Pick<Scenario, 'otherMode'>): CallFault[] {
  if (otherMode === undefined || !random.chance(0.7)) return [];
  return Array.from({ length: random.int(1, 4) }, (): CallFault[] => {
    const at = { size: 0, step: 'seal-batch', call: 'seal', occurrence: random.int(1, 24) } as const;
    return [
      { ...at, kind: 'deploy', when: 'before' },
      { ...at, kind: 'abort', when: 'after' },
    ];
  }).flat();
}
