/**
 * Limits that a batch has come near to, for its report: what is how large, what the most is, and what to do.
 *
 * NEAR-1 It warns from 70 % of a limit on, once a batch and limit.
 */
import type { BatchSizes, LimitWarning } from '../pipeline/reporter.ts';
import { mostKeyGroups } from '../pipeline/scale.ts';

/** The share of a limit from which on it warns. */
export const nearShare = 0.7;

/** What happens at each of them is in docs/operations.md#limits. */
export const limits = {
  /** A key group that closes 250,000 windows at once takes 424 MB: a reducer of 1,769 MB closes about so many. */
  'state-entries': 1_000_000,
  /** An item has 400 KB, and names those that it replaces: 80 bytes each. */
  'state-segments': 5_000,
  /** Compressed; in a reducer's memory they are about twenty times as large, all of a key group's at once. */
  'partial-aggregates': 67_108_864,
  /** Of Step Functions: 256 KiB. */
  payload: 262_144,
} as const satisfies Readonly<Record<Exclude<LimitWarning['limit'], 'reducer-memory'>, number>>;

type LimitName = LimitWarning['limit'];
const limitNames: readonly LimitName[] = [
  'state-entries',
  'state-segments',
  'partial-aggregates',
  'payload',
  'reducer-memory',
];

export type NearestLimit = Omit<LimitWarning, 'message'>;

export type NearFacts = {
  readonly parallelism: number;
  /** Characters of what the state machine has given the last step of the batch. */
  readonly payloadChars: number;
};

type Found = Readonly<Record<LimitName, readonly [size: number, most: number]>>;

function found(sizes: BatchSizes, { payloadChars }: NearFacts): Found {
  const { states, blocks, reducerMemory } = sizes;
  return {
    'state-entries': [states?.most.entries ?? 0, limits['state-entries']],
    'state-segments': [states?.most.segments ?? 0, limits['state-segments']],
    'partial-aggregates': [blocks.mostOfGroup, limits['partial-aggregates']],
    payload: [payloadChars, limits.payload],
    'reducer-memory': [reducerMemory?.peakBytes ?? 0, reducerMemory?.limitBytes ?? Number.POSITIVE_INFINITY],
  };
}

export function limitsNear(sizes: BatchSizes, facts: NearFacts): readonly LimitWarning[] {
  const all = found(sizes, facts);
  return limitNames.flatMap((limit) => {
    const [size, most] = all[limit];
    if (size < most * nearShare) return [];
    return [{ limit, size, most, message: messageOf(limit, all[limit], facts.parallelism) }];
  });
}

/** The one of which most is used, however little that is. */
export function nearestLimit(sizes: BatchSizes, facts: NearFacts): NearestLimit {
  const all = found(sizes, facts);
  const share = (limit: LimitName): number => all[limit][0] / all[limit][1];
  const limit = limitNames.reduce((nearest, one) => (share(one) > share(nearest) ? one : nearest));
  const [size, most] = all[limit];
  return { limit, size, most };
}

function messageOf(limit: LimitName, [size, most]: readonly [size: number, most: number], parallelism: number): string {
  const { what, unit, todo } = about[limit];
  const advice = todo(moreGroups(parallelism));
  return `${what} ${number(size)} ${unit}, of ${number(most)} at most: ${advice}`;
}

const number = (value: number): string => value.toLocaleString('en');

const moreGroups = (parallelism: number): string =>
  parallelism < mostKeyGroups
    ? `more key groups (\`parallelism\` is ${parallelism} of ${mostKeyGroups})`
    : `split the pipeline by key (\`parallelism\` is ${mostKeyGroups} already, the most there is)`;

const about: Readonly<
  Record<LimitName, { readonly what: string; readonly unit: string; readonly todo: (groups: string) => string }>
> = {
  'state-entries': {
    what: 'The state of a key group has',
    unit: 'entries',
    todo: (groups) =>
      `${groups}, shorter windows, a shorter \`withWatermark\` delay or \`allowedLateness\`, or more \`memorySize\``,
  },
  'state-segments': {
    what: 'The state of a key group has',
    unit: 'segments',
    todo: (groups) => groups,
  },
  'partial-aggregates': {
    what: 'The blocks of a batch have for one key group',
    unit: 'bytes',
    todo: (groups) =>
      `${groups}, fewer events a batch (\`maxFetchRecordsPerShard\`, a shorter trigger), or more \`memorySize\``,
  },
  'reducer-memory': {
    what: 'A reducer has taken',
    unit: 'bytes of memory',
    todo: (groups) => `more \`memorySize\`, or ${groups}`,
  },
  payload: {
    what: 'What the state machine passes on has',
    unit: 'characters',
    todo: () => 'fewer outputs, fewer or shorter versions of reference data, or fewer key groups',
  },
};
