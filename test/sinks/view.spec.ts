/** The view's records and items: keys, values that DynamoDB would refuse, and which version holds (ATTRIBUTE-1, VIEWKEY-1 to -3, VIEW-2). */
import { describe, expect, it } from 'vitest';
import {
  bytes,
  checkPipeline,
  count,
  type DynamodbSinkOptions,
  dynamodb,
  kinesis,
  pipeline,
  session,
  tumbling,
} from '../../functions/index.ts';
import { requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { murmur3 } from '../../functions/pipeline/murmur3.ts';
import type { CheckedDynamodbSink } from '../../functions/sinks/dynamodb.ts';
import { dynamodbKind } from '../../functions/sinks/dynamodb.ts';
import { itemValue, sizeOf } from '../../functions/sinks/item-value.ts';
import { isNewer, viewItem } from '../../functions/sinks/view-item.ts';
import { resultIdentity, sealedEventIdentity } from '../support/builders.ts';

const events = () =>
  pipeline('flights')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes());
const windowed = () =>
  events()
    .withWatermark(() => 0, { delay: '1 second' })
    .groupBy({ country: () => 'DE', city: () => 'Ulm' })
    .window(tumbling('1 minute'));
const grouped = () => windowed().aggregate({ flights: count() });
const table = { tableName: 'view' };
const checked = (options: DynamodbSinkOptions = table): CheckedDynamodbSink =>
  requirePipeline(grouped().writeStream(dynamodb(options))).outputs[0]!.sink.options as CheckedDynamodbSink;
const messages = (definition: unknown): readonly string[] => {
  const result = checkPipeline(definition);
  return result.kind === 'valid' ? [] : result.problems.map(({ message }) => message);
};
const refusals = (options: object) => messages(grouped().writeStream(dynamodb(options as DynamodbSinkOptions)));

const minute: readonly [number, number] = [Date.UTC(2026, 2, 1, 12), Date.UTC(2026, 2, 1, 12, 1)];
const identity = (given: Parameters<typeof resultIdentity>[0] = {}) =>
  resultIdentity({ pipeline: 'flights', window: minute, key: '["DE","Ulm"]', ...given });
const record = (value: unknown, options: CheckedDynamodbSink = checked(), given: Parameters<typeof identity>[0] = {}) =>
  dynamodbKind.encode(options, value, {
    identity: identity(given),
    defaultKey: '["DE","Ulm"]',
    keyValues: ['DE', 'Ulm'],
  });
const keyOf = (options: Partial<DynamodbSinkOptions>, given: Parameters<typeof identity>[0] = {}) =>
  JSON.parse(record({}, checked({ ...table, ...options } as DynamodbSinkOptions), given).partitionKey);
const refusal = (value: unknown, options?: DynamodbSinkOptions): string => {
  try {
    record(value, options === undefined ? undefined : checked(options));
    return 'taken';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the key of an item', () => {
  const own = '2026-03-01T12:00:00.000Z#2026-03-01T12:01:00.000Z#0#flights/main#["DE","Ulm"]';

  it("is the group's, then the window's, the row's and the output's", () => {
    expect(keyOf({})).toEqual(['["DE","Ulm"]', own]);
  });

  it('is chosen by names of the key, and ends with what names the result all the same', () => {
    expect(keyOf({ partitionKey: '{country}', sortKey: 'city {city}' })).toEqual(['DE', `city Ulm#${own}`]);
    expect(keyOf({ partitionKey: 'all' })).toEqual(['all', own]);
    expect(keyOf({ partitionKey: '{window}' })).toEqual(['2026-03-01T12:00:00.000Z', own]);
  });

  it('differs by window, row, output and key, and not by version', () => {
    const options = { partitionKey: 'all', sortKey: '{window}' };
    const others = [
      { window: [minute[0], minute[1] + 1] as const },
      { row: 1 },
      { output: 'copy' },
      { pipeline: 'other' },
      { key: '["DE","Bonn"]' },
    ];
    const keys = [{}, ...others].map((given) => JSON.stringify(keyOf(options, given)));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf(options, { ref: 99, revision: 7, batch: 8, index: 3, retracted: true })).toEqual(keyOf(options));
  });

  it('has a form for what DynamoDB takes as no key', () => {
    const of = (value: string) =>
      JSON.parse(
        dynamodbKind.encode(
          checked({ ...table, sortKey: '{city}' }),
          {},
          {
            identity: identity(),
            defaultKey: value,
            keyValues: ['', value],
          },
        ).partitionKey,
      );
    expect(of('')).toEqual(['(empty)', `(empty)#${own}`]);
    const [long, sort] = of('😀'.repeat(5_000));
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(2_048);
    expect(Buffer.byteLength(sort)).toBeLessThanOrEqual(1_024);
    expect(of('😀'.repeat(5_001))[0]).not.toBe(long);
  });
});

describe('an item', () => {
  it('has the row as attributes, and its version', () => {
    const row = { text: '', yes: true, none: null, list: [1.5, 'a'], inner: { n: -0, big: 1e21 } };
    const { item } = viewItem(checked(), record(row), 0);
    expect(item).toMatchObject({
      pk: { S: '["DE","Ulm"]' },
      text: { S: '' },
      yes: { BOOL: true },
      none: { NULL: true },
      list: { L: [{ N: '1.5' }, { S: 'a' }] },
      inner: { M: { n: { N: '0' }, big: { N: '1e+21' } } },
      _sluice: itemValue(identity()),
    });
  });

  it('of one that was taken back has a time to live by option alone: the time of the write and the option', () => {
    const retracted = { retracted: true };
    const options = checked({ ...table, tombstoneTtl: '2 days' });
    expect(viewItem(options, record({}, options, retracted), 500).item.expires).toEqual({ N: '172801' });
    expect(viewItem(options, record({}, options), 500).item).not.toHaveProperty('expires');
    expect(viewItem(checked(), record({}, checked(), retracted), 500).item).not.toHaveProperty('expires');
  });

  it('is counted as large as DynamoDB counts it, at least', () => {
    // A name of 4 bytes, a list of 3, and each number 1 and at most 21.
    expect(sizeOf({ list: [1, 2] })).toBe(3 + 1 + 4 + 3 + 2 * 22);
    const large = { text: 'x'.repeat(409_600) };
    expect(dynamodbKind.bytesOf(record(large))).toBeGreaterThan(dynamodbKind.limits(checked()).atMost);
    const numbers = { many: Array.from({ length: 30_000 }, () => 1.5) };
    expect(dynamodbKind.bytesOf(record(numbers))).toBeGreaterThan(dynamodbKind.limits(checked()).atMost);
  });
});

describe('a row is refused with the place and the reason', () => {
  it.each([
    [{ a: { b: 1e126 } }, 'field a.b: 1e+126 is out of'],
    [{ a: [-1e-131] }, 'field a.0: -1e-131 is out of'],
    [{ a: Number.NaN }, 'field a: NaN is no number'],
    [{ a: [Number.NEGATIVE_INFINITY] }, 'field 0: -Infinity is no number'],
    [{ a: { '': 1 } }, 'field a: DynamoDB takes no field without a name'],
    [{ a: new Uint8Array(2) }, 'field a: Uint8Array has no form in JSON'],
    [{ ['n'.repeat(65_536)]: 1 }, 'longer than 65535 bytes'],
    [{ pk: 1 }, 'field pk: the sink has an attribute of that name'],
    [{ sk: 1 }, 'field sk: the sink has an attribute of that name'],
  ])('%#', (value, message) => {
    expect(refusal(value)).toContain(message);
  });

  it('where it is nested more deeply than 32 levels, and not before', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(refusal({ a: nested(31) })).toBe('taken');
    expect(refusal({ a: nested(32) })).toContain('32 levels');
  });

  it('not for a number at the edge, null, or a column of the time to live where there is none', () => {
    expect(refusal({ a: 9.9e125, b: 1e-130, c: 0, d: null, expires: 1 })).toBe('taken');
    expect(refusal({ expires: 1 }, { ...table, tombstoneTtl: '1 day' })).toContain('field expires');
  });
});

describe('the options', () => {
  it('are a table, by name or by ARN', () => {
    expect(refusals({})).toEqual([expect.stringMatching(/^sink.tableName: nothing is given/)]);
    expect(refusals({ tableName: 'a b' })[0]).toContain("'a b' is not allowed");
    const tableArn = 'arn:aws:dynamodb:eu-west-1:111122223333:table/view';
    expect(refusals({ tableArn, region: 'eu-west-2' })[0]).toContain("use 'eu-west-1'");
    expect(refusals({ tableArn, tableName: 'view' })[0]).toContain('either tableName or tableArn');
    expect(checked({ tableArn })).toMatchObject({ table: tableArn, region: 'eu-west-1' });
  });

  it('name the key by what it is made of', () => {
    expect(refusals({ ...table, partitionKey: '{flights}' })).toEqual([
      "sink.partitionKey: '{flights}' is not allowed; use names that it knows, which are {country}, {city}, {window}: not {flights}",
    ]);
    expect(refusals({ ...table, sortKey: () => 'x' })[0]).toContain('sink.sortKey: a function is not allowed');
  });

  it('name attributes that nothing else has', () => {
    expect(refusals({ ...table, sortKeyName: 'pk' })[0]).toContain('another name than partitionKeyName has');
    expect(refusals({ ...table, partitionKeyName: 'flights' })[0]).toContain('not a column of the result');
    expect(refusals({ ...table, tombstoneTtl: '1 hour' })[0]).toContain('at least 1 day');
  });

  it('grant one action on one table', () => {
    const account = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
    expect(dynamodbKind.grants(checked(), account)).toEqual([
      {
        sid: 'WriteView',
        actions: ['dynamodb:PutItem'],
        resources: ['arn:aws:dynamodb:eu-west-1:111122223333:table/view'],
      },
    ]);
  });
});

describe('a view of events', () => {
  const of = (options: Partial<DynamodbSinkOptions> = {}) =>
    requirePipeline(events().writeStream(dynamodb({ ...table, ...options } as DynamodbSinkOptions))).outputs[0]!.sink
      .options as CheckedDynamodbSink;
  const event = (value: unknown, options: CheckedDynamodbSink, given: Parameters<typeof sealedEventIdentity>[0] = {}) =>
    dynamodbKind.encode(options, value, {
      identity: sealedEventIdentity({ pipeline: 'flights', ...given }),
      defaultKey: 'JFK',
    });
  const keyOfEvent = (...args: Parameters<typeof event>) => JSON.parse(event(...args).partitionKey);
  const byUser = of({ partitionKey: '{user}', sortKey: 'seen {at}' });

  it('has an item for each of them, in the order of the shard, whatever the length of its numbers', () => {
    expect(keyOfEvent({}, of())).toEqual(['JFK', '003#495#00000000#00000000#shardId-0#flights/main']);
    const places = [
      { sequence: '99' },
      { sequence: '100' },
      { sequence: '100', sub: 9 },
      { sequence: '100', sub: 10, index: 0 },
      { sequence: '100', sub: 10, index: 1 },
      { sequence: '100', sub: 10, index: 1, shard: 'shardId-1' },
      { sequence: '100', sub: 10, index: 1, shard: 'shardId-1', output: 'other' },
    ];
    const sortKeys = places.map((place) => keyOfEvent({}, of(), place)[1]);
    expect(new Set(sortKeys).size).toBe(places.length);
    expect(sortKeys.toSorted()).toEqual(sortKeys);
    expect(keyOfEvent({}, of(), { ref: 99, batch: 8 })).toEqual(keyOfEvent({}, of()));
  });

  it('has one for each text that partition and sort key make of its fields, beside those of other outputs', () => {
    expect(keyOfEvent({ user: 'u1', at: 5 }, byUser)).toEqual(['u1', 'seen 5#flights/main']);
    expect(keyOfEvent({ user: true, at: '' }, byUser, { output: 'copy' })).toEqual(['true', 'seen #flights/copy']);
    expect(keyOfEvent('text', of({ partitionKey: '{value}', sortKey: 'latest' }))).toEqual([
      'text',
      'latest#flights/main',
    ]);
  });

  it.each([
    [{ at: 1 }, 'field user: the key of its item is made of a text, a number, true or false, and not of undefined'],
    [
      { at: 1, user: null },
      'field user: the key of its item is made of a text, a number, true or false, and not of null',
    ],
    [
      { at: 1, user: {} },
      'field user: the key of its item is made of a text, a number, true or false, and not of object',
    ],
  ])('refuses %j, which has no such text', (value, message) => {
    expect(() => event(value, byUser)).toThrow(message);
  });

  it('keeps two apart whose texts are too long for a key, also where a hash of 32 bits is the same', () => {
    const byUrl = of({ partitionKey: '{url}', sortKey: '{url}' });
    const urls = ['87247', '116555'].map((end) => `${'x'.repeat(260)}${end}`);
    expect(new Set(urls.map(murmur3)).size).toBe(1);
    const [[one, first], [other, second]] = urls.map((url) => keyOfEvent({ url }, byUrl)) as [string[], string[]];
    expect(one).not.toBe(other);
    expect(first).not.toBe(second);
    expect(one).toMatch(/^x{191}~[0-9a-f]{64}$/);
    expect(first).toMatch(/^x{63}~[0-9a-f]{64}#flights\/main$/);
    expect(keyOfEvent({ url: 'x'.repeat(128) }, byUrl)[1]).toBe(`${'x'.repeat(128)}#flights/main`);
  });

  it('is written the event that the bytes were decoded to, and no bytes', () => {
    const about = { identity: sealedEventIdentity(), defaultKey: 'k' };
    const data = new TextEncoder().encode('{ "a": 1 }');
    const passed = dynamodbKind.encode(of(), data, { ...about, madeOf: { value: { a: 1 } } });
    expect(JSON.parse(String(passed.data))).toMatchObject({ a: 1, _sluice: { sequence: '495' } });
    expect(() => dynamodbKind.encode(of(), data, { ...about, madeOf: { value: data } })).toThrow(/Uint8Array|Buffer/);
  });

  it('holds the latest of those that share an item, by ref and place', () => {
    const version = (given: Parameters<typeof sealedEventIdentity>[0]) =>
      viewItem(byUser, event({ user: 'u', at: 1 }, byUser, given), 0).identity;
    const inOrder = [
      version({ ref: 3, sequence: '99' }),
      version({ ref: 3, sequence: '100' }),
      version({ ref: 3, sequence: '100', sub: 2 }),
      version({ ref: 3, sequence: '100', sub: 10 }),
      version({ ref: 4, sequence: '5' }),
    ];
    for (const [at, one] of inOrder.entries())
      for (const [than, other] of inOrder.entries()) expect(isNewer(one, other)).toBe(at > than);
  });

  it('is refused a time for what is taken back, a name that is none, and late events and letters', () => {
    const refused = (options: object) => messages(events().writeStream(dynamodb({ ...table, ...options } as never)));
    expect(refused({ tombstoneTtl: '2 days' })).toEqual([
      "sink.tombstoneTtl: '2 days' is not allowed; use it for results: no event is taken back",
    ]);
    expect(refused({ partitionKey: 'of {}' })).toEqual([
      "sink.partitionKey: 'of {}' is not allowed; use the name of a field between { and }",
    ]);
    const letters = events()
      .writeStream(dynamodb(table))
      .deadLettersTo(dynamodb(table) as never);
    expect(messages(letters)).toEqual([
      expect.stringMatching(/^deadLettersTo: 'dynamodb' is not allowed; use kinesis/),
    ]);
  });
});

describe('a view is of results and events', () => {
  it('and refused for late events, with what to do', () => {
    const late = windowed()
      .sideOutputLate(dynamodb(table) as never)
      .aggregate({ flights: count() })
      .writeStream(kinesis({ streamName: 'out' }));
    expect(messages(late)).toEqual([expect.stringMatching(/^sideOutputLate: 'dynamodb' is not allowed; use kinesis/)]);
  });

  it('takes all modes, corrections and sessions, but no parts', () => {
    const update = (accumulation: 'accumulating' | 'discarding') =>
      messages(grouped().writeStream(dynamodb(table)).outputMode('update', { accumulation }));
    expect(update('accumulating')).toEqual([]);
    expect(update('discarding')).toEqual([
      "accumulation: 'discarding' is not allowed; use 'accumulating' with sink: dynamodb holds the latest version of a result, " +
        'and the last of its parts is not their sum',
    ]);
    const sessions = events()
      .withWatermark(() => 0, { delay: '1 second' })
      .groupBy({})
      .window(session('1 minute'))
      .allowedLateness('1 hour')
      .aggregate({ flights: count() });
    expect(messages(sessions.writeStream(dynamodb(table)))).toEqual([]);
    expect(messages(grouped().writeStream(dynamodb(table)).outputMode('complete'))).toEqual([]);
  });
});
