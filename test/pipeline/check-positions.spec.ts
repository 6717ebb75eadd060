/** Positions as they are written: what is understood, and every problem by field and value. */
import { describe, expect, it } from 'vitest';
import { checkEndingPosition, checkStartingPosition } from '../../functions/pipeline/check-positions.ts';
import type { Problem } from '../../functions/pipeline/problems.ts';

const streamName = 'flights';
const shard = 'shardId-000000000000';

function start(value: unknown) {
  const problems: Problem[] = [];
  const position = checkStartingPosition(value, { option: 'source.startingPosition', streamName }, problems);
  return { position, problems: problems.map(({ message }) => message) };
}

function end(value: unknown) {
  const problems: Problem[] = [];
  const position = checkEndingPosition(value, { option: 'source.endingPosition', streamName }, problems);
  return { position, problems: problems.map(({ message }) => message) };
}

const placeOf = (value: unknown) => {
  const { position, problems } = start({ [shard]: value });
  expect(problems).toEqual([]);
  return position.kind === 'per-shard' ? position.shards[shard] : undefined;
};
const saved = (
  iteratorType: string,
  iteratorPosition: unknown = '',
  subSequenceNumber: unknown = '-1',
  isLast: unknown = 'true',
) => ({
  iteratorType,
  iteratorPosition,
  subSequenceNumber,
  isLast,
});
const behind = (sequenceNumber: string, subSequenceNumber?: number) => ({
  kind: 'after-sequence-number',
  sequenceNumber,
  ...(subSequenceNumber === undefined ? {} : { subSequenceNumber }),
});

describe('a place in a shard', () => {
  it.each([
    ['TRIM_HORIZON', { kind: 'trim-horizon' }],
    ['EARLIEST', { kind: 'trim-horizon' }],
    ['SHARD_END', { kind: 'shard-end' }],
    [
      'AT_TIMESTAMP 2026-03-01T00:00:00.250+01:00',
      { kind: 'at-timestamp', timestamp: Date.UTC(2026, 1, 28, 23, 0, 0, 250) },
    ],
    ['AFTER_SEQUENCE_NUMBER 495', behind('495')],
    ['AFTER_SEQUENCE_NUMBER 495.0', behind('495', 0)],
    ['AFTER_SEQUENCE_NUMBER 495.12', behind('495', 12)],
    ['AT_SEQUENCE_NUMBER 495', behind('495', -1)],
  ])('%s', (value, expected) => expect(placeOf(value)).toEqual(expected));

  it.each([
    [saved('TRIM_HORIZON'), { kind: 'trim-horizon' }],
    [saved('SHARD_END'), { kind: 'shard-end' }],
    [saved('AT_TIMESTAMP', '1609459200000'), { kind: 'at-timestamp', timestamp: 1_609_459_200_000 }],
    [saved('AFTER_SEQUENCE_NUMBER', '495'), behind('495')],
    [saved('AFTER_SEQUENCE_NUMBER', '495', '5', 'true'), behind('495')],
    [saved('AFTER_SEQUENCE_NUMBER', '495', '5', 'false'), behind('495', 5)],
    [saved('AFTER_SEQUENCE_NUMBER', '495', 5, false), behind('495', 5)],
    [saved('AFTER_SEQUENCE_NUMBER', '495', '-1', 'false'), behind('495')],
    [saved('AT_SEQUENCE_NUMBER', '495'), behind('495', -1)],
    [saved('AT_SEQUENCE_NUMBER', '495', '3', 'false'), behind('495', 3)],
    [{ iteratorType: 'AFTER_SEQUENCE_NUMBER', iteratorPosition: '495', subSequenceNumber: '-1' }, behind('495')],
    [{ shardId: shard, ...saved('after_sequence_number', '495') }, behind('495')],
  ])('of a checkpoint: %j', (value, expected) => expect(placeOf(value)).toEqual(expected));
});

describe('a start', () => {
  it('for each shard leaves the others at the beginning, unless it says so', () => {
    expect(start({ [shard]: 'TRIM_HORIZON' }).position).toMatchObject({ others: { kind: 'trim-horizon' } });
    expect(start({ [shard]: 'TRIM_HORIZON', others: 'LATEST' }).position).toMatchObject({ others: { kind: 'latest' } });
  });

  it('is the same from text', () => {
    const checkpoint = {
      metadata: { streamName, batchId: '7' },
      [shard]: saved('AFTER_SEQUENCE_NUMBER', '495', '1', 'false'),
    };
    expect(start(JSON.stringify(checkpoint))).toEqual(start(checkpoint));
    expect(start(` ${JSON.stringify({ [shard]: 'SHARD_END' })}\n`)).toEqual(start({ [shard]: 'SHARD_END' }));
  });

  it.each(['{', '{"shardId', '[]', 'null', '{}', {}, [], 'AFTER_SEQUENCE_NUMBER 495', 'SHARD_END', 'latest'])(
    'is not %j',
    (value) => expect(start(value).problems).toHaveLength(1),
  );
});

it('all problems are told at once, each with its field and value', () => {
  const { problems } = start({
    metadata: { streamName: 'other', batchId: '1' },
    others: 'SHARD_END',
    shard1: 'TRIM_HORIZON',
    [shard]: 'LATEST',
    'shardId-000000000001': 'AFTER_SEQUENCE_NUMBER -5',
    'shardId-000000000002': 'AT_SEQUENCE_NUMBER 5.1',
    'shardId-000000000003': 'AT_TIMESTAMP 2026-03-01T00:00:00',
    'shardId-000000000004': 7,
    'shardId-000000000005': saved('LATEST'),
    'shardId-000000000006': saved('AFTER_SEQUENCE_NUMBER', 'abc', '-2', 'maybe'),
    'shardId-000000000007': { ...saved('SHARD_END'), shardId: shard, iterator: 'x' },
  });
  const option = 'source.startingPosition';
  const starts = [
    `${option}.metadata.streamName: 'other' is not allowed; use a checkpoint of this stream, 'flights'`,
    `${option}: 'shard1' is not allowed; use the id of a shard`,
    `${option}.${shard}: 'LATEST' is not allowed; use 'TRIM_HORIZON'`,
    `${option}.shardId-000000000001: 'AFTER_SEQUENCE_NUMBER -5' is not allowed`,
    `${option}.shardId-000000000002: 'AT_SEQUENCE_NUMBER 5.1' is not allowed`,
    `${option}.shardId-000000000003: 'AT_TIMESTAMP 2026-03-01T00:00:00' is not allowed`,
    `${option}.shardId-000000000004: 7 is not allowed`,
    `${option}.shardId-000000000005.iteratorType: 'LATEST' is not allowed; use TRIM_HORIZON, AT_TIMESTAMP`,
    `${option}.shardId-000000000006.isLast: 'maybe' is not allowed; use true or false`,
    `${option}.shardId-000000000006.subSequenceNumber: '-2' is not allowed`,
    `${option}.shardId-000000000006.iteratorPosition: 'abc' is not allowed; use a sequence number`,
    `${option}.shardId-000000000007.iterator: there is no such option`,
    `${option}.shardId-000000000007.shardId: '${shard}' is not allowed`,
    `${option}.others: 'SHARD_END' is not allowed; use 'LATEST'`,
  ];
  expect(problems).toHaveLength(starts.length);
  for (const [index, text] of starts.entries()) expect(problems[index]?.startsWith(text), problems[index]).toBe(true);
});

describe('an end', () => {
  it('is a time or a place for each shard; without one there is none', () => {
    expect(end(undefined).position).toBeUndefined();
    expect(end('AT_TIMESTAMP 2026-03-01T00:00:00Z').position).toEqual({
      kind: 'at-timestamp',
      timestamp: Date.UTC(2026, 2, 1),
    });
    expect(end({ [shard]: 'AFTER_SEQUENCE_NUMBER 495.3' }).position).toEqual({
      kind: 'per-shard',
      shards: { [shard]: behind('495', 3) },
    });
  });

  it.each([
    'LATEST',
    'TRIM_HORIZON',
    'EARLIEST',
    '',
    null,
    5,
    {},
    { [shard]: 'LATEST' },
    { [shard]: 'SHARD_END', others: 'LATEST' },
  ])('is not %j', (value) => expect(end(value).problems.length).toBeGreaterThan(0));
});
