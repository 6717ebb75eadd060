/** Answers that lack what the API always gives: each is a failure that passes, never an end, a tip or an absent item. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { refusedBySts } from '../../functions/adapters/credentials/role-errors.ts';
import { openStorage } from '../../functions/adapters/dynamodb/storage.ts';
import { createStores } from '../../functions/adapters/dynamodb/stores.ts';
import { Table } from '../../functions/adapters/dynamodb/table.ts';
import { createStreamConsumer } from '../../functions/adapters/kinesis/consumer.ts';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import type { Page } from '../../functions/core/record.ts';
import { batchBody, headOf } from '../support/builders.ts';
import { mapped } from '../support/pipelines.ts';
import { idsPipeline, SimulatedRun, SimulatedStream, shardId } from '../support/simulated-stream.ts';
import { fake, manualClock } from './fake-kinesis.ts';

const incomplete = (member: string) => ({
  name: 'TemporaryFailure',
  message: expect.stringContaining(`the answer lacks ${member}`),
});
const without = (value: object, member: string): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== member));

const record = {
  SequenceNumber: '7',
  PartitionKey: 'k',
  Data: new Uint8Array(1),
  ApproximateArrivalTimestamp: new Date(0),
};
const page = { Records: [record], NextShardIterator: 'next', MillisBehindLatest: 0 };
const oldestRetainedBatch = { kind: 'trim-horizon' } as const;
const opened = { ShardIterator: 'i' };
const range = { StartingHashKey: '0', EndingHashKey: '9' };
const numbers = { StartingSequenceNumber: '1' };
const open = { ShardId: 's', HashKeyRange: range, SequenceNumberRange: numbers };
const closed = { ...open, SequenceNumberRange: { ...numbers, EndingSequenceNumber: '8' } };
const child = { ...open, ShardId: 'c', ParentShardId: 's' };
const options = { ...mapped().source, fetchIntervalMs: 0 };
const sourceOn = (answers: readonly unknown[]) => {
  const { client, inputs } = fake(answers);
  return { source: createPollingSource(client, options, manualClock().clock), inputs };
};

describe('an answer of GetRecords', () => {
  it.each([
    ['MillisBehindLatest', without(page, 'MillisBehindLatest')],
    ['Records', without(page, 'Records')],
    ['the SequenceNumber of a record', { ...page, Records: [without(record, 'SequenceNumber')] }],
    ['the Data of a record', { ...page, Records: [without(record, 'Data')] }],
    [
      'the ApproximateArrivalTimestamp of a record',
      { ...page, Records: [without(record, 'ApproximateArrivalTimestamp')] },
    ],
    ['the ShardId of a child', { ...page, NextShardIterator: undefined, ChildShards: [{ HashKeyRange: range }] }],
  ])('without %s is a failed read', async (member, answer) => {
    const cursor = await sourceOn([opened, answer]).source.open('s', oldestRetainedBatch);
    await expect(cursor.next(10)).rejects.toMatchObject(incomplete(member));
  });

  it('without an iterator, of a shard that is open by the listing, is a failed read', async () => {
    const cursor = await sourceOn([
      opened,
      { Records: [], MillisBehindLatest: 0 },
      { Shards: [open] },
      page,
    ]).source.open('s', oldestRetainedBatch);
    await expect(cursor.next(10)).rejects.toMatchObject(incomplete('NextShardIterator'));
    expect(await cursor.next(10)).toMatchObject({ records: [{ sequenceNumber: '7' }], end: undefined });
  });

  it.each([undefined, null, ''])('with records and %j for an iterator gives them, and proves no tip', async (none) => {
    const { source, inputs } = sourceOn([opened, { ...page, NextShardIterator: none }, { ShardIterator: 'j' }, page]);
    const cursor = await source.open('s', oldestRetainedBatch);
    expect(await cursor.next(10)).toMatchObject({
      records: [{ sequenceNumber: '7' }],
      end: undefined,
      millisBehindLatest: 1,
    });
    await cursor.next(10);
    expect(inputs[2]).toMatchObject({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: '7' });
  });

  it.each([
    ['closed', [closed], []],
    ['the parent of a child', [open, child], ['c']],
  ])('without an iterator is the end of a shard that the listing says is %s', async (_, Shards, children) => {
    const nothing = { Records: [], MillisBehindLatest: 0 };
    const cursor = await sourceOn([opened, nothing, { Shards }, opened, nothing]).source.open('s', oldestRetainedBatch);
    const { end } = (await cursor.next(10)) as Page;
    expect(end?.children.map((shard) => shard.shardId)).toEqual(children);
  });

  it.each([
    ['a record is left', page],
    ['time is left to look at', { ...page, Records: [], MillisBehindLatest: 5 }],
  ])('without an iterator is no end of a closed shard in which %s', async (_, behind) => {
    const nothing = { Records: [], MillisBehindLatest: 0 };
    const answers = [opened, nothing, { Shards: [closed] }, opened, ...Array(10).fill(behind)];
    const cursor = await sourceOn(answers).source.open('s', oldestRetainedBatch);
    await expect(cursor.next(10)).rejects.toMatchObject(incomplete('NextShardIterator'));
  });
});

describe('an answer of another call', () => {
  const described = {
    StreamARN: 'arn',
    StreamName: 'n',
    StreamCreationTimestamp: new Date(0),
    RetentionPeriodHours: 24,
  };

  it('of GetShardIterator without one opens no shard', async () => {
    await expect(sourceOn([{}]).source.open('s', oldestRetainedBatch)).rejects.toMatchObject(
      incomplete('ShardIterator'),
    );
  });

  it.each(Object.keys(described))('of DescribeStreamSummary without %s describes nothing', async (member) => {
    const { source } = sourceOn([{ StreamDescriptionSummary: without(described, member) }]);
    await expect(source.describe()).rejects.toMatchObject(incomplete(member));
  });

  it.each([
    ['Shards', {}],
    ['the ShardId of a shard', { Shards: [without(open, 'ShardId')] }],
    ['the StartingHashKey of a shard', { Shards: [without(open, 'HashKeyRange')] }],
    ['a SequenceNumberRange', { Shards: [without(open, 'SequenceNumberRange')] }],
  ])('of ListShards without %s lists nothing', async (member, answer) => {
    const listed = sourceOn([answer]).source.listShards({ kind: 'all' }, {} as never);
    await expect(listed).rejects.toMatchObject({ name: 'TemporaryFailure' });
    const { source } = sourceOn([answer]);
    const stream = { arn: 'a', name: 'n', createdAt: 0, retentionMs: 1 };
    await expect(source.listShards({ kind: 'all' }, stream)).rejects.toMatchObject(incomplete(member));
  });

  it.each([
    ['ConsumerARN', [{ ConsumerDescription: { ConsumerStatus: 'ACTIVE' } }]],
    ['ConsumerStatus', [{ ConsumerDescription: { ConsumerARN: 'a' } }]],
    ['Tags', [{ ConsumerDescription: { ConsumerARN: 'a', ConsumerStatus: 'ACTIVE' } }, {}]],
  ])('about a consumer without %s says neither that it is there nor whose it is', async (member, answers) => {
    const consumer = createStreamConsumer(fake(answers).client, mapped(), manualClock().clock);
    await expect(consumer.ensure('arn', true)).rejects.toMatchObject(incomplete(member));
  });

  it('of STS without credentials is no refusal', () => {
    const error = Object.assign(new Error('Invalid response from STS.assumeRole call with role r'), {
      name: 'CredentialsProviderError',
    });
    const role = { arn: 'arn:aws:iam::123456789012:role/r' } as Parameters<typeof refusedBySts>[1];
    expect(refusedBySts(error, role)).toMatchObject(incomplete('Credentials'));
  });
});

function storesOn(answers: readonly unknown[]) {
  const { client, inputs } = fake(answers);
  const { clock } = manualClock();
  const table = new Table(client as unknown as DynamoDBClient, 't', clock);
  return { table, inputs, ...createStores(openStorage({ table, pipeline: 'p', clock, newId: () => 'id' })) };
}

/** The item that a store writes. */
async function written(write: (stores: ReturnType<typeof storesOn>) => Promise<unknown>) {
  const stores = storesOn(Array(10).fill({}));
  await write(stores).catch(() => {});
  return stores.inputs.at(-1) as { readonly Item: Record<string, object> };
}

describe('an answer of DynamoDB', () => {
  it('to a change of the head without Attributes leaves open whether it was made', async () => {
    const { head } = storesOn([{}]);
    await expect(head.release(1, 'me')).rejects.toMatchObject(incomplete('Attributes'));
  });

  it('about the head without one of its attributes is no head', async () => {
    const input = storesOn([{ Attributes: {} }]);
    await input.head.create(headOf({})).catch(() => {});
    const { ExpressionAttributeValues, ExpressionAttributeNames } = input.inputs[0] as {
      readonly ExpressionAttributeValues: Record<string, object>;
      readonly ExpressionAttributeNames: Record<string, string>;
    };
    const names = Object.values(ExpressionAttributeNames).filter((name) => name !== 'pk');
    const item = {
      pk: { S: 'p' },
      ...Object.fromEntries(names.map((name) => [name, ExpressionAttributeValues[`:set_${name}`]!])),
    };
    expect(await storesOn([{ Item: item }]).head.load()).toEqual({ ...headOf({}), pipeline: 'p' });
    for (const name of names) {
      const { head } = storesOn([{ Item: without(item, name) }]);
      await expect(head.load(), name).rejects.toMatchObject(incomplete(name));
    }
  });

  it('that the head is not there is asked for once more', async () => {
    const { head, inputs } = storesOn([{}, { Item: { pk: { S: 'p' } } }]);
    await expect(head.load()).rejects.toMatchObject(incomplete('v'));
    expect(inputs).toHaveLength(2);
    expect(await storesOn([{}, {}]).head.load()).toBeUndefined();
  });

  it('that a named item is not there is asked for once more, before it counts as missing', async () => {
    const body = batchBody({ batchId: 1, ref: 2 });
    const { Item } = await written(({ seals }) => seals.putBody(body));
    expect(await storesOn([{}, { Item }]).seals.loadBody(1, 2)).toEqual(body);
    await expect(storesOn([{}, {}]).seals.loadBody(1, 2)).rejects.toMatchObject({ name: 'MissingItem' });
    await expect(storesOn([{ Item: without(Item, 'data') }]).seals.loadBody(1, 2)).rejects.toMatchObject(
      incomplete('nonce'),
    );
  });

  it('to a query without Items is no empty page', async () => {
    const items = storesOn([{ Count: 0 }]).table.query('pk', { condition: 'sk >= :from', values: { ':from': '0' } });
    await expect(items.next()).rejects.toMatchObject(incomplete('Items'));
  });

  it('to a batch of writes that does not say what is left has them written again', async () => {
    const { table, inputs } = storesOn([{}, { UnprocessedItems: {} }]);
    await table.deleteAll([{ pk: 'p', sk: 's' }]);
    expect(inputs.map(({ RequestItems }) => RequestItems)).toEqual(
      Array(2).fill({ t: [{ DeleteRequest: { Key: { pk: { S: 'p' }, sk: { S: 's' } } } }] }),
    );
  });
});

describe('a shard that is open', () => {
  const spoilt: Record<string, (answer: Record<string, unknown>) => object> = {
    'nothing at all': () => ({}),
    'no iterator and no records': () => ({ Records: [], MillisBehindLatest: 0 }),
    'records and no iterator': (answer) => without(answer, 'NextShardIterator'),
    'no children either': (answer) => ({ ...without(answer, 'NextShardIterator'), ChildShards: [] }),
    'no lag': (answer) => without(answer, 'MillisBehindLatest'),
  };

  it.each(Object.entries(spoilt))('is read on after an answer with %s', async (_, spoil) => {
    const stream = new SimulatedStream();
    const run = new SimulatedRun(stream);
    const execute = stream.kinesis.execute.bind(stream.kinesis);
    let reads = 0;
    stream.kinesis.execute = (operation: string, input: unknown) => {
      const answer = execute(operation, input);
      if (operation !== 'GetRecords') return answer;
      reads += 1;
      return reads === 2 ? spoil(answer as Record<string, unknown>) : answer;
    };
    for (let round = 0; round < 3; round++) {
      stream.put(5);
      stream.pass(10_000);
      expect(await run.execute(idsPipeline(), { untilCaughtUp: true })).toBe('caught-up');
    }
    expect(run.ids).toEqual(Array.from({ length: 15 }, (_, id) => id));
    expect((await run.committed()).shards).toMatchObject([
      { shardId: shardId(0), position: { kind: 'after-sequence-number' } },
    ]);
  });
});
