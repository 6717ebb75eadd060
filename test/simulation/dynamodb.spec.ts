/** The simulated DynamoDB: what its calls answer, refuse and store. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Random } from './random.ts';
import { absent } from './services/dynamodb/partition.ts';
import { type Change, SimulatedDynamodb } from './services/dynamodb/simulated-dynamodb.ts';
import { StoredTable } from './services/dynamodb/stored-table.ts';
import { ServiceError } from './services/service-error.ts';

const TableName = 'table';
const at = (sk: string, pk = 'p') => ({ pk: { S: pk }, sk: { S: sk } });
const n = (value: number | string) => ({ N: String(value) });

let now: number;
let dynamodb: SimulatedDynamodb;
beforeEach(() => {
  now = 1_000_000;
  dynamodb = new SimulatedDynamodb({ now: () => now, random: new Random(1) });
  dynamodb.createTable(TableName);
});

const call = (operation: string, input: object) =>
  dynamodb.execute(operation, { TableName, ...input }) as Record<string, never>;
const put = (item: object, input: object = {}) => call('PutItem', { Item: item, ...input });
const get = (sk: string, input: object = {}) =>
  call('GetItem', { Key: at(sk), ConsistentRead: true, ...input }).Item as object | undefined;
const query = (condition: string, values: Record<string, string>, input: object = {}) =>
  call('Query', {
    KeyConditionExpression: condition,
    ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, S]) => [name, { S }])),
    ConsistentRead: true,
    ...input,
  }) as object as { readonly Items: readonly { sk: { S: string } }[]; readonly LastEvaluatedKey?: object };
const keysOf = (answer: ReturnType<typeof query>) => answer.Items.map(({ sk }) => sk.S);

function nameOfError(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ServiceError) return error.name;
    throw error;
  }
  return 'none';
}

describe('items', () => {
  it('are what was put, whole; what is not there is not answered', () => {
    put({ ...at('a'), text: { S: '' }, number: n(7), bytes: { B: Uint8Array.of(1, 2) } });
    put({ ...at('a'), number: n(8) });
    expect(get('a')).toEqual({ ...at('a'), number: { N: '8' } });
    expect(get('b')).toBeUndefined();
    expect(call('GetItem', { Key: at('b') })).toEqual({});
  });

  it('cannot be reached into, neither from what was given nor from what was answered', () => {
    const bytes = Uint8Array.of(1);
    const given: Record<string, object> = { ...at('a'), bytes: { B: bytes } };
    put(given);
    bytes[0] = 9;
    given.more = n(1);
    const answer = get('a') as Record<string, { N?: string }>;
    answer.more = n(1);
    expect(() => Object.assign(answer.bytes!, { B: Uint8Array.of(5) })).toThrow(TypeError);
    expect(get('a')).toEqual({ ...at('a'), bytes: { B: Uint8Array.of(1) } });
  });

  it.each([
    ['007', '7'],
    ['-0', '0'],
    ['1.50', '1.5'],
    ['.5', '0.5'],
    ['1e3', '1000'],
    ['12E-4', '0.0012'],
    ['123456789012345678901234567890.5', '123456789012345678901234567890.5'],
  ])('hold the number %s as %s', (given, stored) => {
    put({ ...at('a'), number: n(given) });
    expect(get('a')).toMatchObject({ number: { N: stored } });
  });

  it.each(['', 'x', '1e126', '1e-131', '1'.repeat(39)])('do not hold the number "%s"', (given) => {
    expect(nameOfError(() => put({ ...at('a'), number: n(given) }))).toBe('ValidationException');
  });

  it('show on demand a part of their attributes', () => {
    put({ ...at('a'), one: n(1), name: n(2) });
    const part = { ProjectionExpression: 'one, #n, extra', ExpressionAttributeNames: { '#n': 'name' } };
    expect(get('a', part)).toEqual({ one: n(1), name: n(2) });
    expect(nameOfError(() => get('a', { ProjectionExpression: 'one, one' }))).toBe('ValidationException');
  });

  it('are 400 KB at most, names counted, numbers by their digits', () => {
    const room = 400 * 1024 - 'pk'.length - 'p'.length - 'sk'.length - 'a'.length - 'data'.length;
    const data = (bytes: number) => ({ ...at('a'), data: { B: new Uint8Array(bytes) } });
    put(data(room));
    expect(nameOfError(() => put(data(room + 1)))).toBe('ValidationException');
    // A name of four bytes in three letters; 123 takes three bytes, two for its digits.
    put({ ...data(room - 7), nöt: n(123) });
    expect(nameOfError(() => put({ ...data(room - 6), nöt: n(123) }))).toBe('ValidationException');
    expect(nameOfError(() => update('a', { more: n(12345) }))).toBe('ValidationException');
  });

  it.each<[string, object]>([
    ['an empty key', at('')],
    ['no sort key', { pk: { S: 'p' } }],
    ['a number as key', { ...at('a'), sk: n(1) }],
    ['a sort key over 1 KB', at('k'.repeat(1025))],
    ['a partition key over 2 KB', at('a', 'k'.repeat(2049))],
    ['a value of two types', { ...at('a'), one: { S: '1', N: '1' } }],
    ['a value of no type', { ...at('a'), one: {} }],
  ])('with %s are refused', (_, item) => {
    expect(nameOfError(() => put(item))).toBe('ValidationException');
  });

  it('of half surrogate pairs are refused: UTF-8 has none', () => {
    expect(nameOfError(() => put({ ...at('a'), text: { S: '\ud83d' } }))).toBe('SerializationException');
  });
});

function update(sk: string, set: Record<string, object>, input: object = {}) {
  const names = Object.keys(set);
  return call('UpdateItem', {
    Key: at(sk),
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(names.map((name) => [`:${name}`, set[name]])),
    ...input,
  });
}

describe('an update', () => {
  it('changes what it names and leaves the rest', () => {
    put({ ...at('a'), one: n(1), two: n(2) });
    expect(update('a', { two: n(3), three: n(4) })).toEqual({});
    expect(get('a')).toEqual({ ...at('a'), one: n(1), two: n(3), three: n(4) });
  });

  it('makes the item that is not there', () => {
    update('a', { one: n(1) });
    expect(get('a')).toEqual({ ...at('a'), one: n(1) });
  });

  it('answers with the whole item before or after it', () => {
    put({ ...at('a'), one: n(1) });
    expect(update('a', { two: n(2) }, { ReturnValues: 'ALL_OLD' })).toEqual({ Attributes: { ...at('a'), one: n(1) } });
    expect(update('a', { one: n(3) }, { ReturnValues: 'ALL_NEW' })).toEqual({
      Attributes: { ...at('a'), one: n(3), two: n(2) },
    });
    expect(update('b', { one: n(1) }, { ReturnValues: 'ALL_OLD' })).toEqual({});
  });

  it('of a key, or of one attribute twice, is refused', () => {
    expect(nameOfError(() => update('a', { sk: { S: 'b' } }))).toBe('ValidationException');
    const twice = { UpdateExpression: 'SET #one = :one, one = :one' };
    expect(nameOfError(() => update('a', { one: n(1) }, twice))).toBe('ValidationException');
    expect(get('a')).toBeUndefined();
  });
});

describe('a deletion', () => {
  it('takes the item, and nothing if there is none', () => {
    put({ ...at('a'), one: n(1) });
    expect(call('DeleteItem', { Key: at('a'), ReturnValues: 'ALL_OLD' })).toEqual({
      Attributes: { ...at('a'), one: n(1) },
    });
    expect(call('DeleteItem', { Key: at('a'), ReturnValues: 'ALL_OLD' })).toEqual({});
    expect(dynamodb.partitions(TableName)).toEqual([]);
  });

  it('is bound to its condition', () => {
    put({ ...at('a'), one: n(1) });
    const ifTwo = { ConditionExpression: 'one = :v', ExpressionAttributeValues: { ':v': n(2) } };
    expect(nameOfError(() => call('DeleteItem', { Key: at('a'), ...ifTwo }))).toBe('ConditionalCheckFailedException');
    expect(get('a')).toBeDefined();
  });
});

describe('a condition', () => {
  const item = {
    ...at('a'),
    nine: n(9),
    letters: { S: 'abc' },
    bytes: { B: Uint8Array.of(1, 255) },
    owner: { S: 'me' },
  };
  const values = { n9: n('9.0'), n10: n(10), n2: n('-2'), s: { S: 'ab' }, z: { S: 'b' }, b: { B: Uint8Array.of(1) } };

  function holds(ConditionExpression: string): boolean {
    const used = Object.entries(values).filter(([name]) => new RegExp(`:${name}\\b`).test(ConditionExpression));
    const isNamed = ConditionExpression.includes('#o');
    const name = nameOfError(() =>
      put(item, {
        ConditionExpression,
        ...(isNamed ? { ExpressionAttributeNames: { '#o': 'owner' } } : {}),
        ...(used.length === 0
          ? {}
          : { ExpressionAttributeValues: Object.fromEntries(used.map(([key, value]) => [`:${key}`, value])) }),
      }),
    );
    expect(['none', 'ConditionalCheckFailedException']).toContain(name);
    return name === 'none';
  }

  it.each<[string, boolean]>([
    ['nine = :n9', true],
    ['nine < :n10', true],
    ['nine <= :n2', false],
    ['nine >= :n9 AND nine > :n2', true],
    ['nine <> :n9', false],
    ['nine = :s', false],
    ['nine <> :s', true],
    ['absent = :n9', false],
    ['absent <> :n9', true],
    ['absent < :n9', false],
    ['NOT absent < :n9', true],
    ['attribute_exists(pk)', true],
    ['attribute_not_exists (#o)', false],
    ['attribute_not_exists(absent)', true],
    ['begins_with(letters, :s)', true],
    ['begins_with(letters, :z)', false],
    ['begins_with(bytes, :b)', true],
    ['bytes > :b', true],
    ['nine BETWEEN :n2 AND :n10', true],
    ['letters between :s and :z', true],
    ['nine BETWEEN :n2 AND :n9 AND attribute_exists(absent)', false],
    ['attribute_exists(absent) AND attribute_exists(absent2) OR attribute_exists(nine)', true],
    ['attribute_exists(absent) AND (attribute_exists(absent2) OR attribute_exists(nine))', false],
    ['NOT attribute_exists(absent) OR attribute_exists(absent)', true],
    ['NOT (attribute_exists(absent) OR attribute_exists(nine))', false],
    ['(nine = :n9) AND (letters = :s)', false],
  ])('%s is %s', (condition, expected) => {
    put(item);
    expect(holds(condition)).toBe(expected);
  });

  it('meets a missing item as one without attributes', () => {
    expect(holds('attribute_exists(pk)')).toBe(false);
    expect(holds('nine = :n9')).toBe(false);
    expect(dynamodb.partitions(TableName)).toEqual([]);
    expect(holds('attribute_not_exists(pk)')).toBe(true);
    expect(holds('attribute_not_exists(pk)')).toBe(false);
  });

  it.each<[string, object]>([
    ['nothing', { ConditionExpression: '' }],
    ['an unknown value', { ConditionExpression: 'one = :v' }],
    ['an unknown name', { ConditionExpression: 'attribute_exists(#v)' }],
    ['an unused value', { ConditionExpression: 'attribute_exists(one)', ExpressionAttributeValues: { ':v': n(1) } }],
    ['an unused name', { ConditionExpression: 'attribute_exists(one)', ExpressionAttributeNames: { '#v': 'v' } }],
    ['no values in a list of them', { ConditionExpression: 'attribute_exists(one)', ExpressionAttributeValues: {} }],
    ['a reserved word', { ConditionExpression: 'attribute_exists(owner)' }],
    ['an unknown function', { ConditionExpression: 'exists(one)' }],
    [
      'a function of a value',
      { ConditionExpression: 'attribute_exists(:v)', ExpressionAttributeValues: { ':v': n(1) } },
    ],
    ['an open bracket', { ConditionExpression: '(attribute_exists(one)' }],
    ['two brackets for one', { ConditionExpression: '((attribute_exists(one)))' }],
    ['no operator', { ConditionExpression: 'one' }],
    ['an end too early', { ConditionExpression: 'attribute_exists(one) AND' }],
    ['a number as prefix', { ConditionExpression: 'begins_with(one, :v)', ExpressionAttributeValues: { ':v': n(1) } }],
    [
      'bounds in the wrong order',
      { ConditionExpression: 'one BETWEEN :v AND :w', ExpressionAttributeValues: { ':v': n(10), ':w': n(9) } },
    ],
    ['one attribute on both sides', { ConditionExpression: 'one = one' }],
  ])('with %s is refused, whatever the item is', (_, input) => {
    expect(nameOfError(() => put(at('a'), input))).toBe('ValidationException');
  });

  it('reaches into maps, and meets nothing where there is none', () => {
    const older = (v: number) => ({
      ConditionExpression: 'attribute_not_exists(#i.#v) OR #i.#v < :v',
      ExpressionAttributeNames: { '#i': 'identity', '#v': 'v' },
      ExpressionAttributeValues: { ':v': n(v) },
    });
    const version = (v: number) => ({
      ...at('a'),
      identity: { M: { v: n(v), list: { L: [{ BOOL: true }, { NULL: true }] } } },
    });
    expect(nameOfError(() => put(version(2), older(2)))).toBe('none');
    expect(nameOfError(() => put(version(2), older(2)))).toBe('ConditionalCheckFailedException');
    expect(nameOfError(() => put(version(3), older(3)))).toBe('none');
    expect(get('a')).toEqual(version(3));
    put({ ...at('a'), identity: { S: 'no map' } });
    expect(nameOfError(() => put(version(1), older(1)))).toBe('none');
  });

  it('beyond what is simulated ends the test', () => {
    const unknown = [
      () => put(at('a'), { ConditionExpression: 'size(one) > :v', ExpressionAttributeValues: { ':v': n(1) } }),
      () => put(at('a'), { ConditionExpression: 'one[2] = :v', ExpressionAttributeValues: { ':v': n(1) } }),
      () => put(at('a'), { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      () => put({ ...at('a'), flags: { SS: ['a'] } }),
      () => update('a', { one: n(1) }, { UpdateExpression: 'ADD #one :one' }),
      () => call('Scan', {}),
    ];
    for (const act of unknown) expect(() => nameOfError(act)).toThrow('the simulated DynamoDB does not know');
  });
});

describe('a query', () => {
  const keys = ['a', 'ab', 'abc', 'b', 'b#1', 'c', '\uffee', '😀'];
  const fill = () => {
    for (const sk of [...keys].reverse()) put(at(sk));
    put(at('other', 'q'));
  };

  it.each<[string, Record<string, string>, readonly string[]]>([
    ['pk = :pk', {}, keys],
    ['pk = :pk AND sk = :v', { ':v': 'ab' }, ['ab']],
    ['pk = :pk AND sk < :v', { ':v': 'abc' }, ['a', 'ab']],
    ['pk = :pk AND sk <= :v', { ':v': 'abc' }, ['a', 'ab', 'abc']],
    ['sk > :v AND pk = :pk', { ':v': 'b' }, ['b#1', 'c', '\uffee', '😀']],
    ['pk = :pk AND :v <= sk', { ':v': 'b' }, ['b', 'b#1', 'c', '\uffee', '😀']],
    ['(pk = :pk) AND (sk BETWEEN :v AND :w)', { ':v': 'aa', ':w': 'b' }, ['ab', 'abc', 'b']],
    ['pk = :pk AND begins_with(sk, :v)', { ':v': 'ab' }, ['ab', 'abc']],
    ['pk = :pk AND begins_with(sk, :v)', { ':v': 'x' }, []],
  ])('%s gives its range in the order of UTF-8', (condition, values, expected) => {
    fill();
    const all = { ':pk': 'p', ...values };
    expect(keysOf(query(condition, all))).toEqual(expected);
    expect(keysOf(query(condition, all, { ScanIndexForward: false }))).toEqual([...expected].reverse());
    expect(query(condition, all)).toMatchObject({ Count: expected.length, ScannedCount: expected.length });
  });

  it.each([
    'sk = :pk',
    'pk > :pk',
    'pk = :pk OR sk = :pk',
    'pk = :pk AND NOT sk = :pk',
    'pk = :pk AND sk <> :pk',
    'pk = :pk AND extra = :pk',
    'pk = :pk AND sk > :pk AND sk < :pk',
    'pk = :pk AND attribute_exists(sk)',
    'pk = sk AND sk = :pk',
  ])('%s is refused', (condition) => {
    expect(nameOfError(() => query(condition, { ':pk': 'p' }))).toBe('ValidationException');
  });

  it('of an empty key is refused', () => {
    expect(nameOfError(() => query('pk = :pk', { ':pk': '' }))).toBe('ValidationException');
    expect(nameOfError(() => query('pk = :pk AND sk > :v', { ':pk': 'p', ':v': '' }))).toBe('ValidationException');
  });

  it('goes on where its last page ended, both ways, even if that item is gone', () => {
    fill();
    for (const ScanIndexForward of [true, false]) {
      const first = query('pk = :pk', { ':pk': 'p' }, { Limit: 3, ScanIndexForward });
      expect(keysOf(first)).toEqual(ScanIndexForward ? ['a', 'ab', 'abc'] : ['😀', '\uffee', 'c']);
      expect(first.LastEvaluatedKey).toEqual(at(ScanIndexForward ? 'abc' : 'c'));
      call('DeleteItem', { Key: first.LastEvaluatedKey });
      const start = { ScanIndexForward, Limit: 2, ExclusiveStartKey: first.LastEvaluatedKey };
      expect(keysOf(query('pk = :pk', { ':pk': 'p' }, start))).toEqual(ScanIndexForward ? ['b', 'b#1'] : ['b#1', 'b']);
    }
  });

  it('gives a key to go on from whenever its limit is reached, and none when it is not', () => {
    put(at('a'));
    expect(query('pk = :pk', { ':pk': 'p' }, { Limit: 1 }).LastEvaluatedKey).toEqual(at('a'));
    expect(query('pk = :pk', { ':pk': 'p' }, { Limit: 2 }).LastEvaluatedKey).toBeUndefined();
    expect(nameOfError(() => query('pk = :pk', { ':pk': 'p' }, { Limit: 0 }))).toBe('ValidationException');
  });

  it('goes on from keys within its range only', () => {
    const from = (sk: string, pk = 'p') =>
      nameOfError(() => query('pk = :pk AND sk > :v', { ':pk': 'p', ':v': 'b' }, { ExclusiveStartKey: at(sk, pk) }));
    expect([from('c'), from('a'), from('c', 'q')]).toEqual(['none', 'ValidationException', 'ValidationException']);
  });

  it('ends a page with the item that reaches 1 MB, however little of it is shown', () => {
    for (const sk of ['a', 'b', 'c', 'd', 'e']) put({ ...at(sk), data: { B: new Uint8Array(350_000) } });
    const first = query('pk = :pk', { ':pk': 'p' }, { ProjectionExpression: 'sk' });
    expect(first.Items).toEqual(['a', 'b', 'c'].map((S) => ({ sk: { S } })));
    expect(first.LastEvaluatedKey).toEqual(at('c'));
    const rest = query('pk = :pk', { ':pk': 'p' }, { ExclusiveStartKey: at('c') });
    expect(keysOf(rest)).toEqual(['d', 'e']);
    expect(rest.LastEvaluatedKey).toBeUndefined();
  });
});

describe('a batch of writes', () => {
  const write = (...requests: object[]) =>
    dynamodb.execute('BatchWriteItem', { RequestItems: { [TableName]: requests } });
  const putOf = (sk: string, bytes = 0) => ({
    PutRequest: { Item: { ...at(sk), data: { B: new Uint8Array(bytes) } } },
  });
  const deleteOf = (sk: string) => ({ DeleteRequest: { Key: at(sk) } });
  const stored = () => dynamodb.items(TableName, 'p').map(({ sk }) => sk?.S);

  it('puts and deletes', () => {
    put(at('a'));
    expect(write(putOf('b'), deleteOf('a'), deleteOf('none'))).toEqual({ UnprocessedItems: {} });
    expect(stored()).toEqual(['b']);
  });

  it('gives back what it left, and is throttled if that is all', () => {
    dynamodb.quirks.leavesUnprocessed = (index) => index === 1;
    expect(write(putOf('a'), putOf('b'), putOf('c'))).toEqual({ UnprocessedItems: { [TableName]: [putOf('b')] } });
    expect(stored()).toEqual(['a', 'c']);
    dynamodb.quirks.leavesUnprocessed = () => true;
    expect(nameOfError(() => write(putOf('d')))).toBe('ProvisionedThroughputExceededException');
    expect(stored()).toEqual(['a', 'c']);
  });

  it('is refused as a whole: over 25 writes, one item twice, an item too large', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => putOf(`${index}`));
    const wrong = [many(26), [], [putOf('a'), deleteOf('a')], [putOf('a'), putOf('b', 410_000)], [{}]];
    for (const requests of wrong) expect(nameOfError(() => write(...requests))).toBe('ValidationException');
    dynamodb.createTable('second');
    const both = { [TableName]: many(13), second: many(13) };
    expect(nameOfError(() => dynamodb.execute('BatchWriteItem', { RequestItems: both }))).toBe('ValidationException');
    expect(stored()).toEqual([]);
    expect(write(...many(25))).toEqual({ UnprocessedItems: {} });
  });
});

describe('reads without ConsistentRead', () => {
  const staleReadMs = 1000;
  const seen = (read: () => unknown) => new Set(Array.from({ length: 60 }, read));
  const numberIn = (item: unknown) => (item as { v?: { N: string } } | undefined)?.v?.N;
  const read = () => numberIn(get('a', { ConsistentRead: false }));

  it('are up to date unless told otherwise', () => {
    put({ ...at('a'), v: n(1) });
    put({ ...at('a'), v: n(2) });
    expect(seen(read)).toEqual(new Set(['2']));
  });

  it('answer as of a time up to so long ago: before the item, between its changes, after its deletion', () => {
    dynamodb.quirks.staleReadMs = staleReadMs;
    put({ ...at('a'), v: n(1) });
    now += 100;
    expect(seen(read)).toEqual(new Set([undefined, '1']));
    put({ ...at('a'), v: n(2) });
    now += 100;
    expect(seen(read)).toEqual(new Set([undefined, '1', '2']));
    now += 850;
    expect(seen(read)).toEqual(new Set(['1', '2']));
    call('DeleteItem', { Key: at('a') });
    now += 500;
    expect(seen(read)).toEqual(new Set(['2', undefined]));
    now += 501;
    expect(seen(read)).toEqual(new Set([undefined]));
    expect(get('a')).toBeUndefined();
  });

  it('of a query are of one time for all items', () => {
    dynamodb.quirks.staleReadMs = staleReadMs;
    put(at('a'));
    put(at('b'));
    now += 500;
    call('DeleteItem', { Key: at('a') });
    put(at('c'));
    now += 300;
    const keys = () => keysOf(query('pk = :pk', { ':pk': 'p' }, { ConsistentRead: false })).join();
    expect(seen(keys)).toEqual(new Set(['', 'a,b', 'b,c']));
    expect(keysOf(query('pk = :pk', { ':pk': 'p' }))).toEqual(['b', 'c']);
    expect(dynamodb.items(TableName, 'p')).toEqual([at('b'), at('c')]);
  });

  it('cost no memory for what is older', () => {
    const table = new StoredTable('table');
    const version = { item: at('a'), bytes: 1 };
    const keepMs = 1000;
    for (let round = 0; round < 5000; round++) {
      now += 100;
      table.write({ pk: 'p', sk: 'a' }, version, { now, keepMs });
      table.write({ pk: 'p', sk: `gone-${round}` }, version, { now, keepMs });
      table.write({ pk: 'p', sk: `gone-${round}` }, absent, { now, keepMs });
    }
    expect(table.partition('p')?.size).toBe(11);
    expect(table.entry({ pk: 'p', sk: 'a' })?.earlier).toHaveLength(10);
    table.write({ pk: 'p', sk: 'a' }, absent, { now, keepMs: 0 });
    expect(table.partition('p')).toBeUndefined();
  });
});

describe('items that expire', () => {
  it('are there until the sweeper comes, which takes those old enough', () => {
    put({ ...at('old'), expires: n(900) });
    put({ ...at('young'), expires: n(999) });
    put({ ...at('alive'), expires: n(1001) });
    put({ ...at('text'), expires: { S: '1' } });
    put(at('none'));
    expect(get('old')).toBeDefined();
    expect(dynamodb.sweepExpired(50_000)).toBe(1);
    expect(get('old')).toBeUndefined();
    expect(dynamodb.sweepExpired(0)).toBe(1);
    expect(dynamodb.items(TableName, 'p').map(({ sk }) => sk?.S)).toEqual(['alive', 'none', 'text']);
  });

  it('stay if the table has no TTL, or if they expired five years ago', () => {
    const KeySchema = [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ];
    const AttributeDefinitions = KeySchema.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' }));
    call('CreateTable', { TableName: 'made', KeySchema, AttributeDefinitions, BillingMode: 'PAY_PER_REQUEST' });
    expect(call('DescribeTimeToLive', { TableName: 'made' })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' },
    });
    call('PutItem', { TableName: 'made', Item: { ...at('a'), expires: n(1) } });
    expect(dynamodb.sweepExpired(0)).toBe(0);
    const TimeToLiveSpecification = { AttributeName: 'expires', Enabled: true };
    call('UpdateTimeToLive', { TableName: 'made', TimeToLiveSpecification });
    now += 6 * 365 * 86_400_000;
    expect(dynamodb.sweepExpired(0)).toBe(0);
    call('PutItem', { TableName: 'made', Item: { ...at('a'), expires: n(now / 1000 - 1) } });
    expect(dynamodb.sweepExpired(0)).toBe(1);
  });
});

describe('observers', () => {
  it('are told what was applied, after it was, and nothing else', () => {
    const changes: Change[] = [];
    dynamodb.observe((change) => {
      expect(dynamodb.item(TableName, change.pk, change.sk)).toBe(change.after);
      changes.push(change);
    });
    put({ ...at('a'), expires: n(1) });
    update('a', { v: n(1) });
    expect(nameOfError(() => put(at('a'), { ConditionExpression: 'attribute_not_exists(pk)' }))).not.toBe('none');
    call('DeleteItem', { Key: at('none') });
    dynamodb.execute('BatchWriteItem', { RequestItems: { [TableName]: [{ PutRequest: { Item: at('b') } }] } });
    dynamodb.sweepExpired(0);
    const one = { ...at('a'), expires: n(1) };
    const two = { ...one, v: n(1) };
    expect(changes).toEqual([
      { pk: 'p', sk: 'a', table: 'table', before: undefined, after: one, by: 'request' },
      { pk: 'p', sk: 'a', table: 'table', before: one, after: two, by: 'request' },
      { pk: 'p', sk: 'b', table: 'table', before: undefined, after: at('b'), by: 'request' },
      { pk: 'p', sk: 'a', table: 'table', before: two, after: undefined, by: 'ttl' },
    ]);
  });
});

describe('tables', () => {
  it('are made once', () => {
    expect(() => dynamodb.createTable(TableName)).toThrow(TableName);
    const keys = [
      { AttributeName: 'pk', KeyType: 'HASH', AttributeType: 'S' },
      { AttributeName: 'sk', KeyType: 'RANGE', AttributeType: 'S' },
    ];
    const again = () => call('CreateTable', { KeySchema: keys, AttributeDefinitions: keys });
    expect(nameOfError(again)).toBe('ResourceInUseException');
  });

  it('that are not there are named so', () => {
    expect(nameOfError(() => call('GetItem', { TableName: 'none', Key: at('a') }))).toBe('ResourceNotFoundException');
    expect(nameOfError(() => call('DescribeTable', { TableName: 'none' }))).toBe('ResourceNotFoundException');
    expect(nameOfError(() => call('DescribeTable', { TableName: 'no' }))).toBe('ValidationException');
    expect(call('DescribeTable', {})).toMatchObject({ Table: { TableStatus: 'ACTIVE' } });
  });

  it('list their partitions in order', () => {
    for (const pk of ['b', '😀', 'a', '\uffee']) put(at('k', pk));
    expect(dynamodb.partitions(TableName)).toEqual(['a', 'b', '\uffee', '😀']);
  });
});

describe('what is billed', () => {
  const billedBy = (act: () => unknown) => {
    const before = dynamodb.billed;
    nameOfError(act);
    const { writeUnits, readUnits } = dynamodb.billed;
    return [writeUnits - before.writeUnits, readUnits - before.readUnits];
  };
  const sized = (sk: string, kilobytes: number) => ({ ...at(sk), b: { B: new Uint8Array(kilobytes * 1_024 - 20) } });
  const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };

  it('is of a write each begun KB of what was there or is there then, whichever is larger', () => {
    expect(billedBy(() => put(sized('a', 3)))).toEqual([3, 0]);
    expect(billedBy(() => put(sized('a', 2)))).toEqual([3, 0]);
    expect(billedBy(() => put(at('a')))).toEqual([2, 0]);
    expect(billedBy(() => put({ ...at('a'), b: { B: new Uint8Array(1_025) } }))).toEqual([2, 0]);
  });

  it('is the same where a condition refuses it', () => {
    put(sized('a', 3));
    expect(billedBy(() => put(at('a'), isNew))).toEqual([3, 0]);
    expect(billedBy(() => put(sized('a', 5), isNew))).toEqual([5, 0]);
  });

  it('is of a delete what is deleted, also within a batch, and one unit where there is nothing', () => {
    put(sized('a', 3));
    put(sized('b', 2));
    const deletes = ['b', 'none'].map((sk) => ({ DeleteRequest: { Key: at(sk) } }));
    const requests = [...deletes, { PutRequest: { Item: sized('c', 4) } }];
    const batch = { RequestItems: { [TableName]: requests } };
    expect(billedBy(() => dynamodb.execute('BatchWriteItem', batch))).toEqual([7, 0]);
    expect(billedBy(() => call('DeleteItem', { Key: at('a') }))).toEqual([3, 0]);
  });

  it('is of a consistent read each begun 4 KB, and half of that of one that may be old', () => {
    put(sized('a', 9));
    expect(billedBy(() => get('a'))).toEqual([0, 3]);
    expect(billedBy(() => get('a', { ConsistentRead: false }))).toEqual([0, 1.5]);
    expect(billedBy(() => get('none'))).toEqual([0, 1]);
  });

  it('is of a query the sum of what it passes over, whatever it shows of it', () => {
    for (const sk of ['a', 'b', 'c']) put(sized(sk, 3));
    const all = (input: object = {}) => query('pk = :pk AND sk >= :from', { ':pk': 'p', ':from': 'a' }, input);
    expect(billedBy(() => all())).toEqual([0, 3]);
    expect(billedBy(() => all({ ProjectionExpression: 'sk' }))).toEqual([0, 3]);
    expect(billedBy(() => all({ Limit: 1 }))).toEqual([0, 1]);
    expect(billedBy(() => query('pk = :pk AND sk >= :from', { ':pk': 'p', ':from': 'x' }))).toEqual([0, 1]);
  });
});
