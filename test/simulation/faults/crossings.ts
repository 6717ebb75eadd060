/** Two invocations that cross: faults that mean something together, over several batches in a row. */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import type { CallFault, CallFaultKind } from './fault.ts';

type Part = {
  readonly kind: CallFaultKind;
  readonly at: readonly (readonly [step: string, call: string])[];
  readonly size: readonly [least: number, most: number];
};

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

/**
 * A block comes while two seals of one epoch are made; the first of them wakes up last. Both tries of one task stand still,
 * the batch is sealed without it, and the seal is made anew when its block is there.
 */
function drawLateBlocks(random: Random, tasks: number): CallFault[] {
  return Array.from({ length: 3 }, (_, round) => {
    const first = random.int(1, 5) + round * 3 * tasks;
    const seal = Math.ceil(first / tasks) + random.int(-1, 1);
    return [
      fault('zombie', 'process-shards/put-block', random.int(400, 1_800), first),
      fault('zombie', 'process-shards/put-block', random.int(400, 1_800), first + tasks),
      fault('sleeper', 'seal-batch/put-body', random.int(3, 9), seal),
    ];
  }).flat();
}

const fault = (kind: CallFaultKind, place: string, size: number, occurrence: number): CallFault => {
  const [step = '', call = ''] = place.split('/');
  return { kind, size, step, call, when: 'before', occurrence: Math.max(1, occurrence) };
};

const tasksOf = ({ shards, shardsPerTask }: Scenario): number =>
  shardsPerTask === 'auto' ? 1 : Math.ceil(shards / shardsPerTask);

/** As above, where a seal lies in parts: the first try wakes up before one of them. */
export function drawLateParts(random: Random, scenario: Scenario): CallFault[] {
  const tasks = tasksOf(scenario);
  if (tasks < 2) return [];
  return Array.from({ length: 6 }, (_, round) => {
    const first = random.int(1, 4) + round * 2 * tasks;
    return [
      fault('zombie', 'process-shards/put-block', random.int(400, 1_800), first),
      fault('zombie', 'process-shards/put-block', random.int(400, 1_800), first + tasks),
      fault('sleeper', 'seal-batch/put-shard-part', random.int(3, 9), random.int(1, 60)),
    ];
  }).flat();
}

/** No try of a commit answers; the first of them wakes up when the next driver has claimed, and before it commits. */
const commitsPastTheNextClaim: readonly Part[] = [
  { kind: 'sleeper', at: [['commit-batch', 'put-progress']], size: [1, 2] },
];

export function drawCrossing(random: Random, scenario: Scenario): CallFault[] {
  const tasks = tasksOf(scenario);
  if (tasks > 1 && random.chance(0.35)) return drawLateBlocks(random, tasks);
  const crossing = random.pick(
    scenario.kind === 'map-only' && scenario.sealed === undefined
      ? [plansOfTwo, writesOfTheDead, commitsPastTheNextClaim]
      : [reducersPastThePurge, reducersPastThePurge, plansOfTwo, writesOfTheDead, commitsPastTheNextClaim],
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
