/**
 * What each function may do against what it does: in runs of the simulation in which windows close, results are refused,
 * batches are purged, an answer does not say whether its shard has ended, and somebody deregisters the consumer.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultStateLimits } from '../../functions/core/state/manifest.ts';
import { type StepKey, steps } from '../../infra/steps.ts';
import { actions } from './asks.ts';
import { hollow, requestsOf, type SimulatedRun } from './simulated-calls.ts';
import { actionsOf, examples, statements, synthesise } from './stack.ts';

type Variant = SimulatedRun & {
  readonly example: string;
  /** Granted and not called here, with the reason why it is granted. */
  readonly notReached?: Partial<Record<StepKey, Readonly<Record<string, string>>>>;
};

const large = { share: 0.02, sinkKiB: 2_048, areInputs: false };

const delivery = { oddShare: 0, batchSize: 10 };

/** No object is missing here, and who is to be told that one is has to be allowed to list. */
const missingIsTold = { 's3:ListBucket': 'an object that is missing would be called forbidden' };

/** Nobody redrives dead letters in these runs. */
const neverReached: NonNullable<Variant['notReached']> = {
  planBatch: { 'dynamodb:Query': 'what is left of a request to redrive is read from its parts' },
};

const variants: Readonly<Record<string, Variant>> = {
  'aggregates and polls': {
    example: examples.departures,
    scenario: { kind: 'windowed', consumerType: 'GetRecords' },
    faults: hollow('read'),
    notReached: {
      reduceKeyGroup: {
        'kinesis:DescribeStreamSummary': 'the sink is asked what it takes when a row is more than every stream takes',
      },
    },
  },
  'maps and polls': {
    example: examples.republish,
    scenario: { kind: 'map-only', consumerType: 'GetRecords', large },
    faults: hollow('read'),
  },
  'maps and reads by fan-out': {
    example: examples.fanOut,
    scenario: { kind: 'map-only', consumerType: 'SubscribeToShard', large },
    faults: `${hollow('event')};deregistered@process-shards/event:before#60`,
    notReached: {
      processShards: {
        'kinesis:GetShardIterator': 'executions that began before the change to fan-out still poll',
        'kinesis:GetRecords': 'the same',
      },
      planBatch: { 'kinesis:TagResource': 'registering with a tag is tagging, too' },
    },
  },
  'writes events to a delivery stream': {
    example: 'test/infra/pipelines/firehose.ts',
    scenario: { kind: 'map-only', consumerType: 'GetRecords', delivery: { to: 'firehose', ...delivery } },
    faults: hollow('read'),
  },
  'gives results to a function': {
    example: 'test/infra/pipelines/lambda.ts',
    scenario: { kind: 'windowed', consumerType: 'GetRecords', delivery: { to: 'function', ...delivery } },
    faults: hollow('read'),
  },
  'puts results as files, and their lists': {
    example: 'test/infra/pipelines/files.ts',
    scenario: { kind: 'windowed', consumerType: 'GetRecords', hasFiles: true },
    faults: hollow('read'),
  },
  'has a bucket for large values': {
    example: examples.departures,
    scenario: {
      ...{ kind: 'windowed', consumerType: 'GetRecords' },
      // Most values are large, states too, and orphans are looked for.
      ...{
        bucket: { leastObjectBytes: 60, sweepEveryMs: 5_000 },
        stateLimits: { ...defaultStateLimits, mostInlineChars: 0 },
      },
    },
    faults: hollow('read'),
    notReached: {
      planBatch: missingIsTold,
      processShards: missingIsTold,
      sealBatch: missingIsTold,
      reduceKeyGroup: {
        ...missingIsTold,
        'kinesis:DescribeStreamSummary': 'as above',
        'dynamodb:Query':
          'partial aggregates that lie apart are objects here, and may be from before there was a bucket',
      },
    },
  },
};

type Calls = ReadonlyMap<StepKey, ReadonlySet<string>>;

async function callsOf(run: SimulatedRun): Promise<Calls> {
  const named = [...(await requestsOf(run))].map(([step, requests]) => {
    const calls = requests.map(({ service, operation }) => `${service}:${operation}`);
    return [step, new Set(calls.map((call) => actions[call] ?? call))] as const;
  });
  return new Map(named);
}

/** What is no stream exists already. A bucket is made where there is to be one. */
const propsOf = ({ scenario: { delivery, hasFiles, bucket } }: Variant) => ({
  ...(delivery === undefined && hasFiles === undefined ? {} : { sink: undefined }),
  ...(bucket === undefined ? {} : { stateBucket: undefined }),
});

describe.each(Object.entries(variants))('of a pipeline that %s', (_, variant) => {
  let calls: Calls;
  let granted: (id: string) => readonly string[];
  beforeAll(async () => {
    calls = await callsOf(variant);
    const all = statements(synthesise({ pipeline: variant.example, ...propsOf(variant) }).template);
    granted = (id) =>
      all
        .filter(({ role }) => role.includes(`${id}Role`))
        .flatMap(({ statement }) => actionsOf(statement))
        .filter((action) => /^(dynamodb|kinesis|firehose|lambda|s3):/.test(action));
  });

  test.each(steps)('$id may call what it calls', ({ key, id }) => {
    const refused = [...calls.get(key)!].filter((action) => !granted(id).includes(action));
    expect(refused).toEqual([]);
  });

  test.each(steps)('$id may call nothing else', ({ key, id }) => {
    const called = calls.get(key)!;
    // Without aggregation nothing is reduced.
    if (called.size === 0) return;
    const unused = granted(id).filter((action) => !called.has(action));
    expect(unused.toSorted()).toEqual(Object.keys({ ...neverReached[key], ...variant.notReached?.[key] }).toSorted());
  });
});
