/** As often as the SDK's clients repeat a request its answer is lost, or the request: what was asked for hears of a failure. */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import type { CallFault, Fault } from './fault.ts';
import { placesOf } from './places.ts';

/** The first try and the repeats of it. */
const triesOfTheSdk = 3;
const shareOfSeeds = 0.06;

export function drawLostInARow(random: Random, scenario: Scenario): CallFault[] {
  if (!random.chance(shareOfSeeds)) return [];
  const places = placesOf(scenario).filter(({ call }) => call !== 'invoke' && call !== 'event');
  return Array.from({ length: random.int(1, 4) }, () => {
    const { step, call, often } = random.pick(places);
    const first = random.int(1, often);
    const kind = random.pick(['lost', 'error'] as const);
    const when = random.pick(['before', 'after'] as const);
    return Array.from({ length: triesOfTheSdk }, (_, at) => ({
      kind,
      size: 0,
      step,
      call,
      when,
      occurrence: first + at,
    }));
  }).flat();
}

/** Whether all tries of some request are lost, whatever of them was done. */
export function hasLostInARow(faults: readonly Fault[]): boolean {
  const lost = new Set<string>();
  for (const fault of faults) {
    if ('call' in fault && (fault.kind === 'lost' || fault.kind === 'error'))
      lost.add(`${fault.step}/${fault.call}#${fault.occurrence}`);
  }
  return faults.some((fault) => {
    if (!('call' in fault)) return false;
    const place = `${fault.step}/${fault.call}#`;
    return Array.from({ length: triesOfTheSdk }, (_, at) => lost.has(`${place}${fault.occurrence + at}`)).every(
      Boolean,
    );
  });
}
