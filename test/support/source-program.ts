/**
 * Programs for the source, drawn from a seed: what happens to a stream before a pipeline reads it and while it does, and
 * how the executions end.
 */
import type { ConsumerType } from '../../functions/pipeline/pipeline.ts';
import { Random } from '../simulation/random.ts';
import type { WritePoint } from './faults.ts';
import type { StepName } from './world.ts';

/** `at`, from 0 to less than 1, says which of the shards that are open then. */
export type Action =
  | { readonly kind: 'put'; readonly keys: readonly string[] }
  | { readonly kind: 'split'; readonly at: number }
  | { readonly kind: 'merge'; readonly at: number }
  | { readonly kind: 'scale'; readonly to: number }
  /** For so many calls of functions. */
  | { readonly kind: 'wait'; readonly calls: number };

export type Run = {
  readonly consumerType: ConsumerType;
  readonly actions: readonly Action[];
} & (
  | { readonly end: 'caught-up' | 'aborted' }
  | { readonly end: 'killed'; readonly step: StepName; readonly invocation: number; readonly point: WritePoint }
);

export const startKinds = ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP', 'each shard'] as const;
export type StartKind = (typeof startKinds)[number];

export type Program = {
  readonly seed: number;
  readonly start: StartKind;
  readonly shards: number;
  /** Events of a record; 1: records are not aggregated. */
  readonly perRecord: number;
  readonly maxFetch: number;
  readonly shardsPerTask: number | 'auto';
  readonly describeShardInterval: '0 seconds' | '1 second';
  /** Before the place where reading starts, and after it. */
  readonly before: readonly [readonly Action[], readonly Action[]];
  /** By this chance a shard has a place of its own, where the start is one for each shard. */
  readonly namedShare: number;
  readonly runs: readonly Run[];
  /** Of the run after these, which reads what is left. */
  readonly lastConsumerType: ConsumerType;
};

const consumers: readonly (readonly ConsumerType[])[] = [
  ['GetRecords'],
  ['GetRecords'],
  ['SubscribeToShard'],
  ['SubscribeToShard'],
  ['GetRecords', 'SubscribeToShard'],
];

/** Twenty seeds in a row have each start with each consumer type, aggregated and not. */
export function drawProgram(seed: number): Program {
  const random = new Random(seed);
  const turn = Math.floor((seed - 1) / startKinds.length);
  const types = consumers[turn % consumers.length]!;
  const keys = Array.from({ length: random.int(2, 6) }, (_, at) => `key-${at}`);
  const flip = random.int(0, 1);
  const typeOf = (run: number): ConsumerType => types[(run + flip) % types.length]!;
  // Subscriptions wait for each other: five seconds in nearly every turn.
  const runs = types.includes('SubscribeToShard') ? 2 : 3;
  return {
    seed,
    start: startKinds[seed % startKinds.length]!,
    shards: random.int(1, 3),
    perRecord: (seed + turn) % 2 === 0 ? random.int(2, 4) : 1,
    maxFetch: random.pick([3, 8, 1_000]),
    shardsPerTask: random.pick<number | 'auto'>([1, 2, 'auto']),
    describeShardInterval: random.pick(['0 seconds', '1 second']),
    before: [
      [drawPut(random, keys), drawReshard(random), drawPut(random, keys)],
      [drawPut(random, keys), drawReshard(random), drawPut(random, keys)],
    ],
    namedShare: random.pick([0.5, 1]),
    runs: Array.from({ length: runs }, (_, at) => ({
      consumerType: typeOf(at),
      actions: [drawPut(random, keys), drawWait(random), drawReshard(random), ...drawRest(random, keys)],
      ...drawEnd(random),
    })),
    lastConsumerType: typeOf(runs),
  };
}

const drawPut = (random: Random, keys: readonly string[]): Action => ({
  kind: 'put',
  keys: Array.from({ length: random.int(4, 10) }, () => random.pick(keys)),
});

const drawWait = (random: Random): Action => ({ kind: 'wait', calls: random.int(0, 6) });

const drawReshard = (random: Random): Action =>
  random.weighted<() => Action>([
    [4, () => ({ kind: 'split', at: random.next() })],
    [4, () => ({ kind: 'merge', at: random.next() })],
    [2, () => ({ kind: 'scale', to: random.int(1, 4) })],
  ])();

/** At times one change right after the other: children that are over before anybody saw them. */
const drawRest = (random: Random, keys: readonly string[]): Action[] => [
  ...(random.chance(0.5) ? [drawPut(random, keys)] : []),
  ...(random.chance(0.5) ? [drawReshard(random)] : []),
  drawPut(random, keys),
];

function drawEnd(random: Random) {
  const end = random.pick(['caught-up', 'aborted', 'killed'] as const);
  if (end !== 'killed') return { end };
  return {
    end,
    step: random.pick<StepName>(['planBatch', 'processShards', 'processShards', 'sealBatch', 'commitBatch']),
    invocation: random.int(1, 3),
    point: { when: random.pick(['before', 'after'] as const), write: random.int(1, 2) },
  };
}
