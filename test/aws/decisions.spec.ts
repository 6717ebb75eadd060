/** What a run works out of what it has put, read and been told. */
import { describe, expect, test } from 'vitest';
import { compare, type SentRow } from './compare.ts';
import { rolesOf } from './fis.ts';
import { latencyOf } from './latency.ts';
import { metricsInput, sumsOf, troublesOf, usageOf } from './metrics.ts';
import { namesOf } from './names.ts';
import { inParts, inPieces } from './parts.ts';
import { isRight, reportText } from './report.ts';
import type { Settings } from './settings.ts';
import { mergeOf, splitOf } from './shards.ts';
import { stepsOf } from './steps.ts';

const result = (origin: string, departures = 1) => ({
  ...{ key: `${origin} 2001-01-01T10:00:00.000Z`, identity: undefined, origin, departures, averageDelay: 2 },
  ...{ windowStart: '2001-01-01T10:00:00.000Z', windowEnd: '2001-01-01T11:00:00.000Z' },
});
const sent = (origin: string, departures = 1, identity = origin): SentRow => {
  const row = { ...result(origin, departures), identity };
  return { identity, bytes: JSON.stringify(row), row };
};

describe('what came out', () => {
  const expected = [result('ORD'), result('LAX')];

  test('is right where each row is there, also when some were sent again as they were', () => {
    expect(compare(expected, [sent('ORD'), sent('LAX'), sent('ORD')])).toEqual({
      ...{ rows: 2, expected: 2, repeats: 1, differences: [] },
    });
  });

  test.each([
    ['a row is missing', [sent('ORD')], ['LAX 2001-01-01T10:00:00.000Z is missing']],
    [
      'a row is there twice',
      [sent('ORD'), sent('LAX'), sent('ORD', 1, 'other')],
      [expect.stringContaining('there twice')],
    ],
    ['a row is other', [sent('ORD', 2), sent('LAX')], [expect.stringContaining('expected 1 departures')]],
    [
      'a row was sent again with other bytes',
      [sent('ORD'), sent('LAX'), { ...sent('ORD'), bytes: '{}' }],
      ['ORD was sent again with other bytes'],
    ],
  ])('is wrong where %s', (_, rows, differences) => {
    expect(compare(expected, rows).differences).toEqual(differences);
  });
});

test('events go in parts of one size, the rest in the last, and nothing is lost', () => {
  expect(inParts([1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([
    [1, 2],
    [3, 4],
    [5, 6, 7, 8],
  ]);
  expect([...inPieces([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]]);
});

describe('how long a row took', () => {
  const puts = [
    { at: 1_000, latest: 50 },
    { at: 2_000, latest: 110 },
    { at: 3_000, latest: 300 },
  ];

  test('is counted from the event that could close its window', () => {
    const row = (windowEnd: number, arrivedAt: number) => ({ windowEnd, arrivedAt });
    // 100 + 10 is reached by the second put, not by one millisecond less.
    expect(latencyOf([row(100, 2_500)], puts, 10)).toMatchObject({ rows: 1, longest: 500 });
    expect(latencyOf([row(101, 3_500)], puts, 10)).toMatchObject({ rows: 1, longest: 500 });
    const many = Array.from({ length: 100 }, (_, at) => row(100, 2_001 + at));
    expect(latencyOf([...many, row(295, 9_000)], puts, 10)).toEqual({
      ...{ rows: 100, without: 1, half: 50, most95: 95, longest: 100 },
    });
  });

  test('of no row is not known', () => {
    expect(latencyOf([], puts, 10)).toEqual({
      rows: 0,
      without: 0,
      half: undefined,
      most95: undefined,
      longest: undefined,
    });
  });
});

describe('of the shards', () => {
  const shard = (shardId: string, from: number, to: number) => ({
    ...{ shardId, startingHashKey: BigInt(from), endingHashKey: BigInt(to) },
  });

  test('the widest is split in its middle', () => {
    expect(splitOf([shard('a', 0, 9), shard('b', 10, 49), shard('c', 50, 60)])).toEqual({ shardId: 'b', at: '30' });
    expect(() => splitOf([])).toThrow('no open shard');
  });

  test('neighbours are merged', () => {
    expect(mergeOf([shard('a', 0, 9), shard('b', 10, 49)])).toEqual({ shardId: 'a', adjacent: 'b' });
    expect(() => mergeOf([shard('a', 0, 9)])).toThrow('1 open shards: two are needed');
  });
});

describe('what CloudWatch counted', () => {
  const measured = { functions: ['S-ProcessShards-1', 'S-PlanBatch-2'], table: 'T', sink: 'K' };

  test('is asked for by function, table and sink, as sums', () => {
    const input = metricsInput(measured, { from: 'a', to: 'b' }) as { MetricDataQueries: { Id: string }[] };
    expect(input.MetricDataQueries.map(({ Id }) => Id)).toEqual([
      ...['invocations0', 'duration0', 'errors0', 'invocations1', 'duration1', 'errors1'],
      ...['consumedReadCapacityUnits', 'consumedWriteCapacityUnits', 'throttledRequests', 'sinkThrottled'],
    ]);
    expect(input.MetricDataQueries[0]).toEqual({
      Id: 'invocations0',
      MetricStat: {
        Metric: {
          ...{ Namespace: 'AWS/Lambda', MetricName: 'Invocations' },
          Dimensions: [{ Name: 'FunctionName', Value: 'S-ProcessShards-1' }],
        },
        ...{ Period: 60, Stat: 'Sum' },
      },
    });
  });

  test('is what is paid for', () => {
    const value = (Id: string, ...Values: number[]) => ({ Id, Values });
    const answer = {
      MetricDataResults: [
        ...[value('invocations0', 3, 4), value('duration0', 1_500, 500), value('errors0', 1)],
        ...[value('invocations1', 2), value('duration1', 250), value('errors1')],
        ...[value('consumedWriteCapacityUnits', 10), value('consumedReadCapacityUnits', 20), value('sinkThrottled', 7)],
      ],
    };
    const sums = sumsOf(JSON.stringify(answer));
    expect(usageOf(measured, sums, 99)).toMatchObject({
      ...{ lambdaRequests: 9, workSeconds: 2, driverSeconds: 0.25, writeUnits: 10, readUnits: 20, transitions: 99 },
    });
    expect(troublesOf(measured, sums)).toEqual({ sinkThrottled: 7, functionErrors: 1, tableThrottled: 0 });
  });
});

test('names are those of the outputs of the stack', () => {
  const outputs = { StateMachineArn: 'm', TableName: 't', SourceStreamName: 'a', SinkStreamName: 'b' };
  expect(namesOf(JSON.stringify({ S: outputs }), 'S')).toEqual({
    ...{ pipeline: 'departures', stateMachineArn: 'm', table: 't', source: 'a', sink: 'b' },
  });
  expect(() => namesOf('{"S":{}}', 'S')).toThrow('stack S has no output StateMachineArn');
});

test('an experiment is about the roles of the functions that call Kinesis', () => {
  const role = (id: string) => ({
    ResourceType: 'AWS::IAM::Role',
    LogicalResourceId: id,
    PhysicalResourceId: `S-${id}`,
  });
  const found = ['PipelinePlanBatchRole1', 'PipelineProcessShardsRole2', 'PipelineReduceKeyGroupRole3'].map(role);
  expect(rolesOf(found, '123456789012')).toEqual([
    'arn:aws:iam::123456789012:role/S-PipelineProcessShardsRole2',
    'arn:aws:iam::123456789012:role/S-PipelineReduceKeyGroupRole3',
  ]);
  expect(() => rolesOf([], '123456789012')).toThrow('no role of ProcessShards');
});

describe('a report', () => {
  const settings: Settings = {
    ...{ account: '123456789012', region: 'eu-west-1', profile: undefined, stack: 'S', fisRole: undefined },
    ...{ events: 100, isDry: false },
  };
  const outcomes = (failed?: string) =>
    stepsOf(settings).map((step) => ({
      ...{ step, seconds: 1, outcome: step.kind === failed ? ('failed' as const) : ('done' as const) },
      ...(step.kind === failed ? { problem: 'no' } : {}),
    }));
  const comparison = { rows: 2, expected: 2, repeats: 1, differences: [] as string[] };

  test('says what was shown', () => {
    expect(isRight(outcomes(), { comparison })).toBe(true);
    const text = reportText(settings, outcomes(), { comparison });
    expect(text).toContain('rows      2 of 2, 1 of them sent again as they were');
    expect(text.endsWith('\nExactly once.')).toBe(true);
  });

  test('shows nothing where something differs, was not compared, or was not done', () => {
    expect(isRight(outcomes(), { comparison: { ...comparison, differences: ['a'] } })).toBe(false);
    expect(isRight(outcomes(), {})).toBe(false);
    const text = reportText(settings, outcomes('destroy'), { comparison });
    expect(text).toContain('Stack S may still be there, and costs money: destroy it.\nNot shown.');
  });
});
