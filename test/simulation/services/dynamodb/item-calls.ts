/** GetItem, PutItem, UpdateItem, DeleteItem. */
import { type Attribute, bytesOf, type StoredItem, takeItem } from './attribute.ts';
import { type Input, keyIn, tableOf, takeInput, takeKey, textIn, timeOfRead, type World } from './calls.ts';
import { type ParsedCondition, parseCondition } from './condition.ts';
import { conditionFailed, notSimulated, refuse } from './errors.ts';
import { checkCondition, meets } from './evaluate.ts';
import { absent, type Version } from './partition.ts';
import { changesOf, namesShown, parseProjection, parseUpdate, shown } from './paths.ts';
import { type Placeholders, takePlaceholders } from './placeholders.ts';

const maxItemBytes = 400 * 1024;
const noAttributes: StoredItem = Object.freeze({});

const named = ['TableName', 'Key', 'ExpressionAttributeNames'];
const conditional = [...named, 'ConditionExpression', 'ExpressionAttributeValues', 'ReturnValues'];
const getParameters = new Set([...named, 'ConsistentRead', 'ProjectionExpression']);
const putParameters = new Set([...conditional, 'Item']);
const updateParameters = new Set([...conditional, 'UpdateExpression']);
const deleteParameters = new Set(conditional);

export function getItem(world: World, given: unknown): object {
  const input = takeInput(given, getParameters);
  const text = textIn(input, 'ProjectionExpression');
  const projection = text === undefined ? undefined : parseProjection(text);
  const placeholders = takePlaceholders(input, projection === undefined ? [] : [projection]);
  const names = projection === undefined ? undefined : namesShown(projection, placeholders);
  const key = takeKey(input.Key);
  const { item, bytes } = tableOf(world, input).entry(key)?.at(timeOfRead(world, input)) ?? absent;
  world.bill.read(bytes, input.ConsistentRead === true);
  return item === undefined ? {} : { Item: shown(item, names) };
}

export function putItem(world: World, given: unknown): object {
  const input = takeInput(given, putParameters);
  const returns = returnsIn(input, ['NONE', 'ALL_OLD']);
  const item = takeItem(input.Item);
  const version = sized(item);
  const condition = conditionIn(input);
  const placeholders = takePlaceholders(input, condition === undefined ? [] : [condition]);
  if (condition !== undefined) checkCondition(condition.condition, placeholders);
  const table = tableOf(world, input);
  const key = keyIn(item);
  const before = table.current(key);
  world.bill.write(table.bytes(key), version.bytes);
  check(before, condition, placeholders);
  world.apply(table, key, version, 'request');
  return answer(returns, before, item);
}

export function updateItem(world: World, given: unknown): object {
  const input = takeInput(given, updateParameters);
  const returns = returnsIn(input, ['NONE', 'ALL_OLD', 'ALL_NEW']);
  const text = textIn(input, 'UpdateExpression');
  const update = text === undefined ? undefined : parseUpdate(text);
  const condition = conditionIn(input);
  const placeholders = takePlaceholders(
    input,
    [update, condition].filter((parsed) => parsed !== undefined),
  );
  const changes = update === undefined ? {} : changesOf(update, placeholders);
  if (condition !== undefined) checkCondition(condition.condition, placeholders);
  const key = takeKey(input.Key);
  const table = tableOf(world, input);
  for (const name of ['pk', 'sk']) {
    if (changes[name] !== undefined) throw refuse(`Cannot update attribute ${name}. This attribute is part of the key`);
  }
  const before = table.current(key);
  const after: StoredItem = { ...(before ?? { pk: ofText(key.pk), sk: ofText(key.sk) }), ...changes };
  world.bill.write(table.bytes(key), bytesOf(after));
  check(before, condition, placeholders);
  world.apply(table, key, sized(after), 'request');
  return answer(returns, before, after);
}

export function deleteItem(world: World, given: unknown): object {
  const input = takeInput(given, deleteParameters);
  const returns = returnsIn(input, ['NONE', 'ALL_OLD']);
  const condition = conditionIn(input);
  const placeholders = takePlaceholders(input, condition === undefined ? [] : [condition]);
  if (condition !== undefined) checkCondition(condition.condition, placeholders);
  const key = takeKey(input.Key);
  const table = tableOf(world, input);
  const before = table.current(key);
  world.bill.write(table.bytes(key), 0);
  check(before, condition, placeholders);
  if (before !== undefined) world.apply(table, key, absent, 'request');
  return answer(returns, before, undefined);
}

const ofText = (S: string): Attribute => Object.freeze({ S });

export function sized(item: StoredItem): Version {
  const bytes = bytesOf(item);
  if (bytes > maxItemBytes) throw refuse('Item size has exceeded the maximum allowed size');
  return { item, bytes };
}

function conditionIn(input: Input): ParsedCondition | undefined {
  const text = textIn(input, 'ConditionExpression');
  return text === undefined ? undefined : parseCondition(text);
}

function check(item: StoredItem | undefined, condition: ParsedCondition | undefined, placeholders: Placeholders): void {
  if (condition === undefined || meets(item ?? noAttributes, condition.condition, placeholders)) return;
  throw conditionFailed();
}

function returnsIn(input: Input, known: readonly string[]): string {
  const returns = textIn(input, 'ReturnValues') ?? 'NONE';
  if (returns.startsWith('UPDATED_')) throw notSimulated(`ReturnValues ${returns}`);
  if (!known.includes(returns)) throw refuse(`ReturnValues can only be ${known.join(' or ')}`);
  return returns;
}

function answer(returns: string, before: StoredItem | undefined, after: StoredItem | undefined): object {
  const item = returns === 'ALL_OLD' ? before : returns === 'ALL_NEW' ? after : undefined;
  return item === undefined ? {} : { Attributes: { ...item } };
}
