/**
 * The sink of live views on the embedded DynamoDB, over HTTP: values as the server holds them, and what it refuses (VIEWSINK-1,
 * VIEWSINK-2, VIEWSINK-4).
 */
import { CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createViewSink } from '../../functions/adapters/dynamodb/view-sink.ts';
import { type CheckedDynamodbSink, dynamodbKind } from '../../functions/sinks/dynamodb.ts';
import { type EmbeddedDynamodb, startEmbeddedDynamodb } from '../../local/services/embedded-dynamodb.ts';
import { ensureViewTable, viewItems } from '../../local/services/view-table.ts';
import { resultIdentity, sealedEventIdentity } from '../support/builders.ts';
import { viewSink } from '../support/outputs.ts';
import { dynamodbOf } from '../support/world.ts';

let dynamodb: EmbeddedDynamodb;
let client: DynamoDBClient;
beforeAll(async () => {
  dynamodb = await startEmbeddedDynamodb();
  client = dynamodbOf({ dynamodb });
});
afterAll(async () => {
  client.destroy();
  await dynamodb.stop();
});

const clock = { now: Date.now, sleep: async () => {} };
const inAMinute = () => Date.now() + 60_000;

async function viewNamed(table: string, more: Partial<CheckedDynamodbSink> = {}) {
  const options = { ...viewSink, table, ...more };
  await ensureViewTable(client, options, true);
  const sink = createViewSink(client, options, clock);
  const record = (key: string, value: object, version: Parameters<typeof resultIdentity>[0] = {}) =>
    dynamodbKind.encode(options, value, {
      identity: resultIdentity({ key: JSON.stringify([key]), ...version }),
      defaultKey: key,
      keyValues: [key],
    });
  const items = async () => {
    const all: Record<string, unknown>[] = [];
    for await (const item of viewItems(client, table)) all.push(item);
    return all.sort((one, other) => (String(one.pk) < String(other.pk) ? -1 : 1));
  };
  return { sink, record, items };
}

describe('a live view', () => {
  it('holds values as they were given', async () => {
    const { sink, record, items } = await viewNamed('values');
    const row = {
      ...{ size: 1, owner: '', list: [1e21, 1e-7, -0.5, 9.9e125, 1.7976931348623157e100], name: null, yes: true },
      ...{ nested: { '#a': { ':b': [[], {}] } }, __proto__x: 'ü😀', half: '\ud800' },
    };
    expect(await sink.send([record('', row)], inAMinute())).toBeUndefined();
    const [{ pk, sk, _sluice, ...held } = {}] = await items();
    expect(pk).toBe('(empty)');
    expect(held).toEqual({ ...row, half: '\ufffd' });
    expect(_sluice).toEqual(resultIdentity({ key: '[""]' }));
  });

  it('holds of events with one key the latest, in whatever order they come', async () => {
    const options = { partitionKey: [{ field: 'user' }], sortKey: ['=latest'] };
    const { sink, items } = await viewNamed('events', options);
    const versions = [
      { ref: 3, sequence: '99' },
      { ref: 3, sequence: '100', sub: 9 },
      { ref: 3, sequence: '100', sub: 10 },
      { ref: 4, sequence: '7' },
    ];
    const record = (user: string, at: number) =>
      dynamodbKind.encode(
        { ...viewSink, table: 'events', ...options },
        { user, at },
        {
          identity: sealedEventIdentity(versions[at]!),
          defaultKey: user,
        },
      );
    const orders = { up: [0, 1, 2, 3], down: [3, 2, 1, 0], again: [1, 0, 1], within: [2, 1, 0] };
    for (const [user, order] of Object.entries(orders))
      for (const at of order) await sink.send([record(user, at)], inAMinute());
    await sink.send(
      [2, 0, 1].map((at) => record('at once', at)),
      inAMinute(),
    );
    expect((await items()).map(({ user, at }) => `${user} ${at}`)).toEqual([
      'again 1',
      'at once 2',
      'down 3',
      'up 3',
      'within 2',
    ]);
  });

  it('holds of each result the newest version, in whatever order they come', async () => {
    const { sink, record, items } = await viewNamed('versions');
    const versions = [
      { ref: 3, revision: 0 },
      { ref: 9, revision: 2 },
      { ref: 9, revision: 3, retracted: true },
      { ref: 10, revision: 0 },
    ];
    for (const order of [versions, versions.toReversed(), [...versions, ...versions]])
      for (const [at, version] of order.entries())
        await sink.send([record(`key ${order.length} ${order[0]!.ref}`, { at }, version)], inAMinute());
    // At once, the newest first.
    await sink.send(
      versions.toReversed().map((version) => record('at once', { at: 0 }, version)),
      inAMinute(),
    );
    const held = await items();
    expect(held.map(({ pk, at, _sluice }) => [pk, at, (_sluice as { ref: number }).ref])).toEqual([
      ['at once', 0, 10],
      ['key 4 10', 0, 10],
      ['key 4 3', 3, 10],
      ['key 8 3', 3, 10],
    ]);
  });

  it('takes items of nearly 400 KB, and refuses larger ones before', async () => {
    const { sink, record, items } = await viewNamed('sizes');
    const [fits, tooLarge] = [record('a', { text: 'x'.repeat(408_000) }), record('b', { text: 'x'.repeat(409_600) })];
    const { atMost } = dynamodbKind.limits(viewSink);
    expect([fits, tooLarge].map((each) => dynamodbKind.bytesOf(each) <= atMost)).toEqual([true, false]);
    expect(await sink.send([fits], inAMinute())).toBeUndefined();
    expect(await items()).toHaveLength(1);
  });

  it('has the text of a row that the table refuses, and why, in its place; and goes on', async () => {
    const keys = ['pk', 'sk'].map(
      (AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' }) as const,
    );
    await client.send(
      new CreateTableCommand({
        ...{ TableName: 'indexed', BillingMode: 'PAY_PER_REQUEST', KeySchema: keys },
        AttributeDefinitions: ['pk', 'sk', 'owner'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        GlobalSecondaryIndexes: [
          {
            IndexName: 'by-owner',
            KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      }),
    );
    const { sink, record, items } = await viewNamed('indexed');
    const rows = [record('a', { owner: 1 }), record('b', { owner: 'me' }), record('c', { owner: null })];
    expect(await sink.send(rows, inAMinute())).toBeUndefined();
    const [a, b, c] = await items();
    expect(a).toEqual({
      ...{ pk: 'a', sk: expect.any(String) },
      _sluice: {
        ...resultIdentity({ key: '["a"]' }),
        ...{ refused: expect.stringContaining('Type mismatch for Index Key'), refusedRow: '{"owner":1}' },
      },
    });
    expect(b).toMatchObject({ owner: 'me' });
    expect(c!._sluice).toMatchObject({ refusedRow: '{"owner":null}' });
    // A newer version that the table takes has its place.
    expect(await sink.send([record('a', { owner: 'you' }, { ref: 4 })], inAMinute())).toBeUndefined();
    expect((await items())[0]).toMatchObject({ owner: 'you', _sluice: { ref: 4 } });
  });

  it('stops by name at a table with other keys, or none', async () => {
    await ensureViewTable(client, { table: 'other-keys', partitionKeyName: 'hash', sortKeyName: 'range' }, true);
    const { record } = await viewNamed('any-keys');
    const errorOf = async (table: string) => {
      const undelivered = await createViewSink(client, { ...viewSink, table }, clock).send(
        [record('a', {})],
        inAMinute(),
      );
      return [undelivered?.places, undelivered?.error.name, undelivered?.isOnlySlow];
    };
    expect(await errorOf('other-keys')).toEqual([[0], 'InvalidInput', false]);
    expect(await errorOf('not-there')).toEqual([[0], 'NotAllowed', false]);
  });
});
