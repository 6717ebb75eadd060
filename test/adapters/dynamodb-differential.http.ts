/**
 * The embedded and the simulated DynamoDB side by side: any program of calls has equal answers and equal error names on
 * both, but for the listed differences, of which each is shown.
 */
import { randomUUID } from 'node:crypto';
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureTable } from '../../local/services/checkpoint-table.ts';
import { type EmbeddedDynamodb, startEmbeddedDynamodb } from '../../local/services/embedded-dynamodb.ts';
import { Random } from '../simulation/random.ts';
import { type Attribute, SimulatedDynamodb } from '../simulation/services/dynamodb/simulated-dynamodb.ts';
import { serviceClient } from '../simulation/services/service-client.ts';
import { dynamodbOf } from '../support/world.ts';
import { type DifferenceName, differences } from './dynamodb-differences.ts';

const TableName = 'differential';
let server: EmbeddedDynamodb;
let embedded: DynamoDBClient;
let now = 1_000_000;
const simulated = new SimulatedDynamodb({ now: () => now, random: new Random(1) });
const simulatedClient = serviceClient<DynamoDBClient>((operation, input) => simulated.execute(operation, input), {
  date: () => now,
});
beforeAll(async () => {
  server = await startEmbeddedDynamodb();
  embedded = dynamodbOf({ dynamodb: server });
  await ensureTable(embedded, TableName);
  await ensureTable(simulatedClient, TableName);
});
afterAll(async () => {
  embedded.destroy();
  await server.stop();
});

const commands = {
  GetItem: GetItemCommand,
  PutItem: PutItemCommand,
  UpdateItem: UpdateItemCommand,
  DeleteItem: DeleteItemCommand,
  Query: QueryCommand,
  BatchWriteItem: BatchWriteItemCommand,
  UpdateTimeToLive: UpdateTimeToLiveCommand,
};
type Operation = keyof typeof commands;
type Call = { readonly operation: Operation; readonly input: Readonly<Record<string, unknown>> };
type Outcome = { readonly answer?: unknown; readonly error?: string };

async function outcomeOf(client: Pick<DynamoDBClient, 'send'>, { operation, input }: Call): Promise<Outcome> {
  const Command = commands[operation] as new (input: object) => GetItemCommand;
  try {
    const { $metadata: _, ...answer } = await client.send(new Command({ TableName, ...input }));
    return { answer: comparable(answer) };
  } catch (error) {
    return { error: (error as Error).name };
  }
}

const comparable = (answer: object): unknown =>
  JSON.parse(
    JSON.stringify(answer, (_, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)),
  );

const onBoth = async (call: Call) => ({
  embedded: await outcomeOf(embedded, call),
  simulated: await outcomeOf(simulatedClient, call),
});

// What programs are made of keeps away from the listed differences.

const number = fc.constantFrom(
  ...'0 1 -1 9 10 1.50 1e2 -0.5 0.0012 12345678901234567890 12345678901234567891'.split(' '),
);
const text = fc.constantFrom('', 'a', 'ab', 'b', 'é', '\uffee', '9', '10');
const bytes = fc.constantFrom('', 'a', 'ab', 'b').map((ascii) => new Uint8Array(Buffer.from(ascii)));
const value: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ N: number }),
  fc.record({ N: number }),
  fc.record({ S: text }),
  fc.record({ B: bytes }),
);
const isNotEmpty = (given: Attribute) => (given.S ?? given.B)?.length !== 0;
const sortKey = fc.constantFrom('a', 'ab', 'abc', 'b', 'b#1', 'é', '😀');
const attribute = fc.constantFrom('v1', 'v2', 'v3');

/** An expression that may still be put together with others: its values have no names yet. */
type Part = { readonly write: (on: Placeholders) => string };

/** #names and :values of one call, as they come up. */
class Placeholders {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, unknown> = {};
  #count = 0;

  path(name: string, isPlain: boolean): string {
    if (isPlain) return name;
    this.names[`#${name}`] = name;
    return `#${name}`;
  }

  value(given: unknown): string {
    const name = `:v${this.#count++}`;
    this.values[name] = given;
    return name;
  }

  get parameters(): object {
    return {
      ...(Object.keys(this.names).length === 0 ? {} : { ExpressionAttributeNames: this.names }),
      ...(Object.keys(this.values).length === 0 ? {} : { ExpressionAttributeValues: this.values }),
    };
  }
}

const comparator = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
const path = fc.record({ name: attribute, isPlain: fc.boolean() });
type Path = { readonly name: string; readonly isPlain: boolean };
const at = (on: Placeholders, { name, isPlain }: Path) => on.path(name, isPlain);

const simple: fc.Arbitrary<Part> = fc.oneof(
  fc.tuple(path, comparator, value, fc.boolean()).map(([of, by, given, isTurned]) => ({
    write: (on: Placeholders) => {
      const sides = [at(on, of), on.value(given)];
      return (isTurned ? sides.reverse() : sides).join(` ${by} `);
    },
  })),
  fc.tuple(path, value.filter(isNotEmpty), value).map(([of, from, to]) => ({
    write: (on: Placeholders) => `${at(on, of)} BETWEEN ${on.value(from)} AND ${on.value(to)}`,
  })),
  fc
    .tuple(path, value)
    .map(([of, prefix]) => ({ write: (on: Placeholders) => `begins_with(${at(on, of)}, ${on.value(prefix)})` })),
  fc
    .tuple(
      fc.constantFrom('attribute_exists', 'attribute_not_exists'),
      fc.oneof(path, fc.constant({ name: 'pk', isPlain: true })),
    )
    .map(([name, of]) => ({ write: (on: Placeholders) => `${name}(${at(on, of)})` })),
);

const condition = fc.letrec<{ part: Part; simple: Part }>((tie) => ({
  simple,
  part: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('simple'),
    fc.tuple(tie('part'), fc.constantFrom('AND', 'OR', 'and'), tie('part')).map(([left, word, right]) => ({
      write: (on: Placeholders) => `${left.write(on)} ${word} ${right.write(on)}`,
    })),
    tie('part').map((of) => ({ write: (on: Placeholders) => `NOT ${of.write(on).replace(/^(NOT .*)$/, '($1)')}` })),
    tie('part').map((of) => ({ write: (on: Placeholders) => `(${of.write(on)})` })),
  ),
})).part;

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const attributes = fc.dictionary(attribute, value, { maxKeys: 3 });
const keyOf = (sk: string) => ({ sk: { S: sk } });

const conditional = (on: Placeholders, part: Part | undefined) =>
  part === undefined ? {} : { ConditionExpression: part.write(on) };

const putCall = fc
  .tuple(sortKey, attributes, maybe(condition), fc.boolean())
  .map(([sk, item, part, isOldTold]): Call => {
    const on = new Placeholders();
    const input = { Item: { ...keyOf(sk), ...item }, ...conditional(on, part) };
    return {
      operation: 'PutItem',
      input: { ...input, ...on.parameters, ...(isOldTold ? { ReturnValues: 'ALL_OLD' } : {}) },
    };
  });

const updateCall = fc
  .tuple(
    sortKey,
    fc.array(fc.tuple(path, value), { minLength: 1, maxLength: 3 }),
    maybe(condition),
    returned('ALL_NEW'),
  )
  .map(([sk, set, part, ReturnValues]): Call => {
    const on = new Placeholders();
    const assignments = set.map(([of, given]) => `${at(on, of)} = ${on.value(given)}`);
    const input = { Key: keyOf(sk), UpdateExpression: `SET ${assignments.join(', ')}`, ...conditional(on, part) };
    return { operation: 'UpdateItem', input: { ...input, ...on.parameters, ReturnValues } };
  });

const deleteCall = fc.tuple(sortKey, maybe(condition), returned()).map(([sk, part, ReturnValues]): Call => {
  const on = new Placeholders();
  const input = { Key: keyOf(sk), ...conditional(on, part) };
  return { operation: 'DeleteItem', input: { ...input, ...on.parameters, ReturnValues } };
});

function returned(...more: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom('NONE', 'ALL_OLD', ...more);
}

const shownAttributes = fc.array(fc.oneof(path, fc.constant({ name: 'sk', isPlain: true })), {
  minLength: 1,
  maxLength: 3,
});
const projected = (on: Placeholders, paths: readonly Path[] | undefined) =>
  paths === undefined ? {} : { ProjectionExpression: paths.map((of) => at(on, of)).join(', ') };

const getCall = fc.tuple(sortKey, maybe(shownAttributes)).map(([sk, paths]): Call => {
  const on = new Placeholders();
  const input = { Key: keyOf(sk), ConsistentRead: true, ...projected(on, paths) };
  return { operation: 'GetItem', input: { ...input, ...on.parameters } };
});

const range: fc.Arbitrary<Part> = fc.oneof(
  fc.tuple(comparator, sortKey, fc.boolean()).map(([by, sk, isPlain]) => ({
    write: (on: Placeholders) => ` AND ${on.path('sk', isPlain)} ${by} ${on.value({ S: sk })}`,
  })),
  fc.tuple(sortKey, sortKey).map(([from, to]) => ({
    write: (on: Placeholders) => ` AND sk BETWEEN ${on.value({ S: from })} AND ${on.value({ S: to })}`,
  })),
  sortKey.map((sk) => ({ write: (on: Placeholders) => ` AND begins_with(sk, ${on.value({ S: sk })})` })),
  fc.constant({ write: () => '' }),
);

const queryCall = fc
  .record({
    range,
    Limit: maybe(fc.integer({ min: 0, max: 4 })),
    ScanIndexForward: maybe(fc.boolean()),
    start: maybe(sortKey),
    paths: maybe(shownAttributes),
  })
  .map(({ range: part, start, paths, ...options }): Call => {
    const on = new Placeholders();
    const KeyConditionExpression = `pk = :pk${part.write(on)}`;
    const input = { KeyConditionExpression, ...options, ConsistentRead: true, ...projected(on, paths) };
    on.values[':pk'] = { S: '' };
    const from = start === undefined ? {} : { ExclusiveStartKey: keyOf(start) };
    return { operation: 'Query', input: { ...input, ...on.parameters, ...from } };
  });

const batchCall = fc.array(fc.tuple(sortKey, maybe(attributes)), { minLength: 1, maxLength: 4 }).map((writes): Call => {
  const requests = writes.map(([sk, item]) =>
    item === undefined ? { DeleteRequest: { Key: keyOf(sk) } } : { PutRequest: { Item: { ...keyOf(sk), ...item } } },
  );
  return { operation: 'BatchWriteItem', input: { TableName: undefined, RequestItems: { [TableName]: requests } } };
});

/** What is wrong with a call, now and then. */
const spoilt: readonly ((input: Readonly<Record<string, unknown>>) => object)[] = [
  (input) => ({
    ...input,
    ExpressionAttributeValues: { ...(input.ExpressionAttributeValues ?? {}), ':unused': { N: '1' } },
  }),
  (input) => ({ ...input, ExpressionAttributeNames: { ...(input.ExpressionAttributeNames ?? {}), '#unused': 'v1' } }),
  (input) => ({ ...input, ExpressionAttributeValues: {} }),
  (input) => ({ ...input, ExpressionAttributeNames: undefined }),
  (input) => ({ ...input, ConditionExpression: 'owner = owner' }),
  (input) => ({ ...input, ConditionExpression: '((attribute_exists(pk)))' }),
  (input) => ({ ...input, ConditionExpression: 'attribute_exists(pk) AND' }),
  (input) => ({ ...input, Item: { ...(input.Item ?? {}), v1: { N: 'x' } } }),
  (input) => ({ ...input, Item: { ...(input.Item ?? {}), v1: {} } }),
  (input) => ({ ...input, Key: { ...(input.Key ?? {}), sk: { N: '1' } } }),
  (input) => ({ ...input, Key: { ...(input.Key ?? {}), sk: { S: '' } } }),
  (input) => ({ ...input, Key: { ...(input.Key ?? {}), more: { S: 'a' } } }),
  (input) => ({ ...input, UpdateExpression: 'SET sk = :v0' }),
  (input) => ({ ...input, TableName: 'no-such-table' }),
];
const takes: Readonly<Record<string, readonly Operation[]>> = {
  ConditionExpression: ['PutItem', 'UpdateItem', 'DeleteItem'],
  Item: ['PutItem'],
  Key: ['GetItem', 'UpdateItem', 'DeleteItem'],
  UpdateExpression: ['UpdateItem'],
  ExpressionAttributeNames: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
  ExpressionAttributeValues: ['PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
  TableName: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
};

const wellFormed = fc.oneof(
  { weight: 4, arbitrary: putCall },
  { weight: 5, arbitrary: updateCall },
  { weight: 2, arbitrary: deleteCall },
  { weight: 2, arbitrary: getCall },
  { weight: 4, arbitrary: queryCall },
  { weight: 1, arbitrary: batchCall },
);
const anyCall = fc.tuple(wellFormed, fc.integer({ min: 0, max: 6 * spoilt.length })).map(([call, which]): Call => {
  const input = (spoilt[which]?.(call.input) ?? call.input) as Call['input'];
  const changed = Object.keys(input).filter((name) => input[name] !== call.input[name]);
  return changed.every((name) => takes[name]?.includes(call.operation)) ? { ...call, input } : call;
});

/** Puts the partition key into everything that has a sort key. */
function inPartition(call: Call, pk: string): Call {
  const withKey = (given: unknown): unknown => {
    if (given instanceof Uint8Array || typeof given !== 'object' || given === null) return given;
    if (Array.isArray(given)) return given.map(withKey);
    const entries = Object.entries(given).map(([name, inner]) => [name, withKey(inner)]);
    const isKey = typeof given === 'object' && 'sk' in given;
    return Object.fromEntries(isKey ? [['pk', { S: pk }], ...entries] : entries);
  };
  const input = withKey(call.input) as Record<string, Record<string, unknown>>;
  if (input.ExpressionAttributeValues?.[':pk'] !== undefined) input.ExpressionAttributeValues[':pk'] = { S: pk };
  return { ...call, input };
}

const wholePartition = (pk: string): Call => ({
  operation: 'Query',
  input: { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: pk } }, ConsistentRead: true },
});

describe('any program', () => {
  it('has equal answers, equal errors and leaves equal items', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { minLength: 10, maxLength: 30 }), async (calls) => {
        const pk = randomUUID();
        for (const call of [...calls.map((each) => inPartition(each, pk)), wholePartition(pk)]) {
          const both = await onBoth(call);
          expect(both.simulated, JSON.stringify(call)).toEqual(both.embedded);
          const kind = `${call.operation} ${both.embedded.error ?? 'answered'}`;
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }
      }),
      { numRuns: 100 },
    );
    // Programs that never come to anything would be equal as well.
    for (const operation of ['PutItem', 'UpdateItem', 'DeleteItem']) {
      for (const end of ['answered', 'ConditionalCheckFailedException', 'ValidationException'])
        expect(seen.get(`${operation} ${end}`), `${operation} ${end}`).toBeGreaterThan(3);
    }
    for (const kind of ['GetItem answered', 'Query answered', 'Query ValidationException', 'BatchWriteItem answered'])
      expect(seen.get(kind), kind).toBeGreaterThan(3);
  });
});

describe('the listed differences', () => {
  const put = (item: object, condition?: string, values?: object): Call => ({
    operation: 'PutItem',
    input: { Item: item, ConditionExpression: condition, ExpressionAttributeValues: values },
  });
  const get = (key: object, ConsistentRead = true): Call => ({
    operation: 'GetItem',
    input: { Key: key, ConsistentRead },
  });
  const query = (KeyConditionExpression: string, pk: string, sk: string): Call => ({
    operation: 'Query',
    input: { KeyConditionExpression, ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } } },
  });
  const batch = (tables: Readonly<Record<string, readonly object[]>>): Call => ({
    operation: 'BatchWriteItem',
    input: {
      TableName: undefined,
      RequestItems: Object.fromEntries(
        Object.entries(tables).map(([table, items]) => [table, items.map((Item) => ({ PutRequest: { Item } }))]),
      ),
    },
  });
  const newKey = () => ({ pk: { S: randomUUID() }, sk: { S: 's' } });
  const done = { answer: {} };
  const failed = { error: 'ConditionalCheckFailedException' };
  const refused = { error: 'ValidationException' };

  const shows: Record<DifferenceName, () => Promise<void>> = {
    async 'unprocessed writes'() {
      const [one, other] = [newKey(), newKey()];
      simulated.quirks.leavesUnprocessed = (index) => index === 1;
      const both = await onBoth(batch({ [TableName]: [one, other] }));
      simulated.quirks.leavesUnprocessed = () => false;
      expect(both.embedded).toEqual({ answer: { UnprocessedItems: {} } });
      expect(both.simulated).toEqual({
        answer: { UnprocessedItems: { [TableName]: [{ PutRequest: { Item: other } }] } },
      });
    },
    async 'stale reads'() {
      const key = newKey();
      simulated.quirks.staleReadMs = 1000;
      await onBoth(put(key));
      now += 1;
      const reads = [];
      for (let read = 0; read < 20; read++) reads.push(await onBoth(get(key, false)));
      simulated.quirks.staleReadMs = 0;
      expect(reads.filter(({ embedded: answered }) => answered.answer === undefined)).toEqual([]);
      expect(new Set(reads.map((read) => JSON.stringify(read.embedded))).size).toBe(1);
      expect(reads.some((read) => JSON.stringify(read.simulated) === JSON.stringify(done))).toBe(true);
    },
    async 'time to live'() {
      const TimeToLiveSpecification = { AttributeName: 'expires', Enabled: true };
      const both = await onBoth({ operation: 'UpdateTimeToLive', input: { TimeToLiveSpecification } });
      expect(both.embedded.error).toBe('UnknownOperationException');
      expect(both.simulated).toEqual({ answer: { TimeToLiveSpecification } });
    },
    async 'order of text in conditions'() {
      const item = { ...newKey(), v1: { S: '\uffee' } };
      await onBoth(put(item));
      const both = await onBoth(put(item, 'v1 < :v', { ':v': { S: '😀' } }));
      expect(both).toEqual({ embedded: failed, simulated: done });
    },
    async 'size of text'() {
      const both = await onBoth(put({ ...newKey(), sk: { S: 'é'.repeat(600) } }));
      expect(both).toEqual({ embedded: done, simulated: refused });
      expect(await onBoth(put({ ...newKey(), v1: { S: 'é'.repeat(205_000) } }))).toEqual(both);
    },
    async 'beginning of bytes'() {
      const item = { ...newKey(), v1: { B: Uint8Array.of(0xff, 1) } };
      await onBoth(put(item));
      const both = await onBoth(put(item, 'begins_with(v1, :v)', { ':v': { B: Uint8Array.of(0xfe) } }));
      expect(both).toEqual({ embedded: done, simulated: failed });
    },
    async 'empty values between others'() {
      const item = { ...newKey(), v1: { S: '' } };
      await onBoth(put(item));
      const both = await onBoth(put(item, 'v1 BETWEEN :v AND :w', { ':v': { S: '' }, ':w': { S: 'a' } }));
      expect(both).toEqual({ embedded: failed, simulated: done });
    },
    async 'two missing attributes'() {
      expect(await onBoth(put(newKey(), 'v1 = v2'))).toEqual({ embedded: done, simulated: failed });
    },
    async 'one negation after another'() {
      const both = await onBoth(put(newKey(), 'NOT NOT attribute_not_exists(pk)'));
      expect(both).toEqual({ embedded: refused, simulated: done });
    },
    async 'empty text in a key condition'() {
      const key = newKey();
      await onBoth(put(key));
      const both = await onBoth(query('pk = :pk AND sk > :sk', key.pk.S, ''));
      expect(both).toMatchObject({ embedded: { answer: { Items: [key] } }, simulated: refused });
    },
    async 'half surrogate pairs'() {
      const key = newKey();
      const both = await onBoth(put({ ...key, v1: { S: '\ud83d' } }));
      expect(both).toEqual({ embedded: done, simulated: { error: 'SerializationException' } });
      expect((await onBoth(get(key))).embedded).toEqual({ answer: { Item: { ...key, v1: { S: '\ud83d' } } } });
    },
    async 'batches over several tables'() {
      await ensureTable(embedded, 'second');
      await ensureTable(simulatedClient, 'second');
      const items = (count: number) => Array.from({ length: count }, newKey);
      const both = await onBoth(batch({ [TableName]: items(13), second: items(13) }));
      expect(both).toEqual({ embedded: { answer: { UnprocessedItems: {} } }, simulated: refused });
    },
    async 'end of a page'() {
      const { pk } = newKey();
      // Three are one byte short of 1 MB; dynalite counts some more for each.
      const names = pk.S.length + 'pk'.length + 'sk'.length + 's-1'.length + 'v1'.length;
      for (const sk of ['s-1', 's-2', 's-3', 's-4'])
        await onBoth(put({ pk, sk: { S: sk }, v1: { B: new Uint8Array(349_525 - names) } }));
      const both = await onBoth({
        operation: 'Query',
        input: {
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ProjectionExpression: 'sk',
        },
      });
      expect(both).toMatchObject({ embedded: { answer: { Count: 3 } }, simulated: { answer: { Count: 4 } } });
    },
  };

  it.each(differences.map(({ name }) => name))('%s', (name) => shows[name]());
});
