/** Tables: CreateTable, DescribeTable, UpdateTimeToLive, DescribeTimeToLive. Of one kind, and ready at once. */
import { asRecord } from './attribute.ts';
import { tableName, tableOf, takeInput, type World } from './calls.ts';
import { inUse, notSimulated, refuse } from './errors.ts';
import { StoredTable } from './stored-table.ts';

export const ttlAttribute = 'expires';

const createParameters = new Set(['TableName', 'BillingMode', 'AttributeDefinitions', 'KeySchema']);
const describeParameters = new Set(['TableName']);
const ttlParameters = new Set(['TableName', 'TimeToLiveSpecification']);

const keySchema = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
] as const;
const definitions = [
  { AttributeName: 'pk', AttributeType: 'S' },
  { AttributeName: 'sk', AttributeType: 'S' },
] as const;

export function createTable(tables: Map<string, StoredTable>, given: unknown): object {
  const input = takeInput(given, createParameters);
  const name = tableName(input.TableName);
  if (!isSame(input.KeySchema, keySchema) || !isSame(input.AttributeDefinitions, definitions)) {
    throw notSimulated('tables with other keys than the strings pk and sk');
  }
  if (tables.has(name)) throw inUse(name);
  const table = new StoredTable(name);
  tables.set(name, table);
  return { TableDescription: descriptionOf(table) };
}

export function describeTable(world: World, given: unknown): object {
  return { Table: descriptionOf(tableOf(world, takeInput(given, describeParameters))) };
}

export function updateTimeToLive(world: World, given: unknown): object {
  const input = takeInput(given, ttlParameters);
  const table = tableOf(world, input);
  const { AttributeName, Enabled } = asRecord(input.TimeToLiveSpecification);
  if (AttributeName !== ttlAttribute) throw notSimulated(`a TTL attribute other than ${ttlAttribute}`);
  if (Enabled === table.hasTtl) throw refuse(`TimeToLive is already ${table.hasTtl ? 'enabled' : 'disabled'}`);
  table.hasTtl = Enabled === true;
  return { TimeToLiveSpecification: { AttributeName, Enabled } };
}

export function describeTimeToLive(world: World, given: unknown): object {
  const table = tableOf(world, takeInput(given, describeParameters));
  const description = table.hasTtl
    ? { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute }
    : { TimeToLiveStatus: 'DISABLED' };
  return { TimeToLiveDescription: description };
}

const descriptionOf = ({ name }: StoredTable): object => ({
  TableName: name,
  TableStatus: 'ACTIVE',
  KeySchema: keySchema,
  AttributeDefinitions: definitions,
});

const isSame = (given: unknown, expected: readonly object[]): boolean =>
  Array.isArray(given) &&
  given.length === expected.length &&
  expected.every((entry) => given.some((other) => same(entry, asRecord(other))));

const same = (one: object, other: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(one).every(([name, value]) => other[name] === value);
