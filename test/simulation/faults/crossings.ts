/** Two invocations that cross: faults that mean something together, over several batches in a row. */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import type { CallFault, CallFaultKind } from './fault.ts';

type Part = {
  readonly kind: CallFaultKind;
  readonly at: readonly (readonly [step: string, call: string])[];
  readonly size: readonly [least: number, most: number];
};

/** A block comes while two seals of one epoch are made; the first of them wakes up last. */
const lateBlocks: readonly Part[] = [
  { kind: 'zombie', at: [['process-shards', 'put-block']], size: [200, 5_000] },
  { kind: 'sleeper', at: [['seal-batch', 'put-body']], size: [1, 8] },
];
/** Others have gone on by several batches, and have purged what this one is about to read. */
const reducersPastThePurge: readonly Part[] = [
  {
    kind: 'sleeper',
    at: [
      ['reduce-key-group', 'load-state'],
      ['reduce-key-group', 'query-partials'],
    ],
    size: [15, 70],
  },
];
/** Two drivers plan, each from what it saw before the other's claim. */
const plansOfTwo: readonly Part[] = [
  { kind: 'twin', at: [['plan-batch', 'load-head']], size: [0, 0] },
  {
    kind: 'sleeper',
    at: [
      ['plan-batch', 'claim'],
      ['plan-batch', 'load-body'],
    ],
    size: [1, 15],
  },
];
/** A driver is gone, and what it had begun is written when its successor is at work. */
const writesOfTheDead: readonly Part[] = [
  { kind: 'halt', at: [['plan-batch', 'put-plan']], size: [0, 0] },
  {
    kind: 'sleeper',
    at: [
      ['seal-batch', 'seal'],
      ['commit-batch', 'commit'],
      ['process-shards', 'put-block'],
    ],
    size: [2, 25],
  },
];

export function drawCrossing(random: Random, scenario: Scenario): CallFault[] {
  const crossing = random.pick(
    scenario.kind === 'map-only'
      ? [lateBlocks, plansOfTwo, writesOfTheDead]
      : [lateBlocks, reducersPastThePurge, reducersPastThePurge, plansOfTwo, writesOfTheDead],
  );
  return crossing.flatMap(({ kind, at, size }) => {
    const [step, call] = random.pick(at);
    const first = random.int(1, 12);
    return Array.from({ length: random.int(2, 6) }, (_, count) => ({
      kind,
      size: random.int(...size),
      step,
      call,
      when: 'before' as const,
      occurrence: first + count,
    }));
  });
}
