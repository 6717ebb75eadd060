/** Who writes to a sink dies between each pair of its writes, or hears nothing of each of them; and nothing else goes wrong. */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import type { CallFault } from './fault.ts';

/** Of seeds in which it is another sink than a stream. */
const share = 0.4;

export function drawAtWritesOfSink(random: Random, scenario: Scenario): CallFault[] {
  const { delivery, hasView, kind } = scenario;
  if ((delivery === undefined && hasView !== true) || !random.chance(share)) return [];
  // A view is written behind the seal, whatever it is of.
  const step = kind === 'map-only' && hasView !== true ? 'process-shards' : 'reduce-key-group';
  const call = hasView === true ? 'put-view' : 'send';
  const what = random.pick<'deaths' | 'lost answers' | 'both'>(['deaths', 'lost answers', 'both']);
  return Array.from({ length: random.int(20, hasView === true ? 120 : 60) }, (_, before): CallFault => {
    const isDeath = what === 'deaths' || (what === 'both' && random.chance(0.5));
    // Of a lost answer nobody knows whether it was of something that was done.
    const when = random.chance(isDeath ? 0.3 : 0.5) ? 'before' : 'after';
    return { kind: isDeath ? 'crash' : 'lost', size: 0, step, call, when, occurrence: before + 1 };
  });
}
