/** Around the segments of a state, drawn apart: put before the state that names them, read in two rounds, and taken by a purge. */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import { sizeOf } from './draw-faults.ts';
import { type CallFault, callFaultKinds } from './fault.ts';
import { canStrike, type Place } from './places.ts';

const shareOfSeeds = 0.2;

const places: readonly (readonly [weight: number, place: Place])[] = [
  [5, { step: 'reduce-key-group', call: 'put-segment', isWrite: true, often: 60 }],
  [4, { step: 'reduce-key-group', call: 'put-state', isWrite: true, often: 40 }],
  [2, { step: 'reduce-key-group', call: 'load-segment', isWrite: false, often: 80 }],
  [2, { step: 'commit-batch', call: 'query-purgeable', isWrite: false, often: 60 }],
  [1, { step: 'commit-batch', call: 'delete-purged', isWrite: true, often: 30 }],
];
/** Twice as often those by which two have the same work. */
const kinds = [...callFaultKinds, 'sleeper', 'doubled', 'twin', 'restart', 'abort', 'halt'] as const;

export function drawAtSegments(random: Random, { stateLimits, silence }: Scenario): CallFault[] {
  // What a silence for good shows is seen where nothing but stamps goes wrong.
  const isWatched = silence?.until === Number.POSITIVE_INFINITY;
  if (stateLimits === undefined || isWatched || !random.chance(shareOfSeeds)) return [];
  const strikes = Array.from({ length: random.int(1, 8) }, (): CallFault => {
    const { step, call, often } = random.weighted(places);
    const at = { step, call, occurrence: random.int(1, often) };
    const kind = random.pick(kinds);
    return { ...at, kind, size: sizeOf(random, kind), when: random.pick(['before', 'after']) };
  });
  return strikes.filter(({ kind, step, call, when }) => {
    const place = places.find(([, each]) => each.step === step && each.call === call)!;
    return canStrike(kind, place[1], when);
  });
}
