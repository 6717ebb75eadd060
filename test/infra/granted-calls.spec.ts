/**
 * What each function may do against what it does: in runs of the simulation in which windows close, results are refused,
 * batches are purged, an answer does not say whether its shard has ended, and somebody deregisters the consumer.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultStateLimits } from '../../functions/core/state/manifest.ts';
import { type StepKey, steps } from '../../infra/steps.ts';
import { parseScript } from '../simulation/faults/fault.ts';
import { eventOperation } from '../simulation/world/calls.ts';
import { plainScenario } from '../simulation/world/plain-scenario.ts';
import type { Scenario } from '../simulation/world/scenario.ts';
import { World } from '../simulation/world/world.ts';
import { actionsOf, examples, statements, synthesise } from './stack.ts';

type Variant = {
  readonly example: string;
  readonly scenario: Partial<Scenario>;
  readonly faults: string;
  /** Granted and not called here, with the reason why it is granted. */
  readonly notReached?: Partial<Record<StepKey, Readonly<Record<string, string>>>>;
};

const large = { share: 0.02, sinkKiB: 2_048, areInputs: false };

/** Answers that do not say whether there is more: among them some without records, where the listing has to. */
const hollow = (call: string): string =>
  Array.from({ length: 60 }, (_, at) => `hollow@process-shards/${call}:after#${10 + at}`).join(';');

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

const scenarioOf = (given: Partial<Scenario>): Scenario => ({
  ...plainScenario,
  ...{
    shards: 2,
    triggerMs: 5_000,
    events: 210,
    keys: 4,
    durationMs: 60_000,
    perRecord: 1,
    maxFetch: 40,
    windowMs: 5_000,
  },
  ...{ machine: 'EXPRESS', request: {}, sinkShards: 1, parallelism: 1, shardsPerTask: 1, describeMs: 10_000 },
  ...{
    delayMs: 2_000,
    idleTimeoutMs: 15_000,
    minBatchesToRetain: 3,
    startingPosition: 'TRIM_HORIZON',
    silence: undefined,
  },
  // Some partial aggregates lie apart of their block.
  keptLimits: { mostOfGroup: 90, mostOfBlock: 4_096 },
  ...{ oddShare: 0.08, hasPoison: true, maxClockSkewMs: 0, reshards: [], availableNow: false, failOnDataLoss: false },
  ...given,
});

/** What a call needs that has another name than its action. */
const actions: Readonly<Record<string, string>> = {
  'function:Invoke': 'lambda:InvokeFunction',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:ListObjectsV2': 's3:ListBucket',
};

type Calls = ReadonlyMap<StepKey, ReadonlySet<string>>;

async function callsOf({ scenario, faults }: Variant): Promise<Calls> {
  const calls = new Map<StepKey, Set<string>>(steps.map(({ key }) => [key, new Set()]));
  const keyOf = new Map<string, StepKey>(steps.map(({ folder, key }) => [folder, key]));
  const onRequest: World['options']['onRequest'] = (step, { service, operation }) => {
    // An event belongs to the call that subscribed.
    if (operation !== eventOperation) {
      const call = `${service}:${operation}`;
      calls.get(keyOf.get(step)!)!.add(actions[call] ?? call);
    }
  };
  const world = new World({ seed: 1, scenario: scenarioOf(scenario), faults: parseScript(faults), onRequest });
  expect((await world.run()).violations).toEqual([]);
  return calls;
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
