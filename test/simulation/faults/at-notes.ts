/** Around the notes of what outputs have acknowledged, drawn apart: who dies behind one leaves it to the next try. */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import { sizeOf } from './draw-faults.ts';
import type { CallFault } from './fault.ts';

const shareOfSeeds = 0.7;
const kinds = ['crash', 'crash', 'halt', 'abort', 'restart', 'zombie', 'sleeper', 'lost', 'error'] as const;

export function drawAtNotes(random: Random, { noteEveryMs }: Scenario): CallFault[] {
  if (noteEveryMs === undefined || !random.chance(shareOfSeeds)) return [];
  return Array.from({ length: random.int(1, 6) }, (): CallFault => {
    const kind = random.pick(kinds);
    const at = { step: 'process-shards', call: random.pick(['put-sent-note', 'put-sent-note', 'send']) };
    return {
      ...at,
      kind,
      size: sizeOf(random, kind),
      when: random.pick(['before', 'after']),
      occurrence: random.int(1, 25),
    };
  });
}
