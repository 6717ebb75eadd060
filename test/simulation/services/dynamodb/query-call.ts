/** Query: a range of one partition, page by page. */
import type { Attribute } from './attribute.ts';
import { type Input, tableOf, takeInput, takeKey, textIn, timeOfRead, type World } from './calls.ts';
import { parseCondition } from './condition.ts';
import { malformed, refuse } from './errors.ts';
import { checkCondition } from './evaluate.ts';
import { isWithin, placesOf, rangeOf, type SortRange } from './key-condition.ts';
import type { Partition } from './partition.ts';
import { namesShown, parseProjection, shown } from './paths.ts';
import { takePlaceholders } from './placeholders.ts';

const maxPageBytes = 1024 * 1024;
const parameters = new Set([
  'TableName',
  'ConsistentRead',
  'KeyConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ProjectionExpression',
  'Limit',
  'ExclusiveStartKey',
  'ScanIndexForward',
]);

export function query(world: World, given: unknown): object {
  const input = takeInput(given, parameters);
  const text = textIn(input, 'KeyConditionExpression');
  if (text === undefined) throw refuse('The KeyConditionExpression parameter must be specified in the request');
  const parsed = parseCondition(text);
  const shownText = textIn(input, 'ProjectionExpression');
  const projection = shownText === undefined ? undefined : parseProjection(shownText);
  const placeholders = takePlaceholders(input, projection === undefined ? [parsed] : [parsed, projection]);
  checkCondition(parsed.condition, placeholders);
  const names = projection === undefined ? undefined : namesShown(projection, placeholders);
  const { pk, range } = rangeOf(parsed.condition, placeholders);
  const limit = limitIn(input);
  const table = tableOf(world, input);
  const start = startIn(input, pk, range);
  const partition = table.partition(pk);
  const page = { names, limit, time: timeOfRead(world, input), isBackward: input.ScanIndexForward === false };
  const { answer, bytes } =
    partition === undefined
      ? { answer: { Items: [], Count: 0, ScannedCount: 0 }, bytes: 0 }
      : pageOf(partition, indexesOf(partition, range, { start, isBackward: page.isBackward }), page);
  world.bill.read(bytes, input.ConsistentRead === true);
  return answer;
}

function pageOf(
  partition: Partition,
  { first, end }: { readonly first: number; readonly end: number },
  page: {
    readonly names: readonly string[] | undefined;
    readonly limit: number | undefined;
    readonly time: number;
    readonly isBackward: boolean;
  },
): { readonly answer: object; readonly bytes: number } {
  const items: Record<string, Attribute>[] = [];
  let bytes = 0;
  for (let step = 0; step < end - first; step++) {
    const version = partition.entryAt(page.isBackward ? end - 1 - step : first + step).at(page.time);
    if (version.item === undefined) continue;
    items.push(shown(version.item, page.names));
    bytes += version.bytes;
    // The item that reaches the limit is in the page, and the key is given even if nothing comes after it.
    if (items.length === page.limit || bytes >= maxPageBytes) {
      const { pk, sk } = version.item;
      const answer = { Items: items, Count: items.length, ScannedCount: items.length, LastEvaluatedKey: { pk, sk } };
      return { answer, bytes };
    }
  }
  return { answer: { Items: items, Count: items.length, ScannedCount: items.length }, bytes };
}

/** Places in the order of sort keys, from `first` to before `end`. */
function indexesOf(
  partition: Partition,
  range: SortRange | undefined,
  from: { readonly start: string | undefined; readonly isBackward: boolean },
): { readonly first: number; readonly end: number } {
  let { first, end } = placesOf(partition, range);
  if (from.start !== undefined && from.isBackward) end = Math.min(end, partition.firstFrom(from.start));
  else if (from.start !== undefined) first = Math.max(first, partition.firstAfter(from.start));
  return { first, end };
}

function limitIn({ Limit }: Input): number | undefined {
  if (Limit === undefined) return undefined;
  if (typeof Limit !== 'number') throw malformed('Limit: a number was expected');
  if (Limit < 1) throw refuse("Value at 'limit' failed to satisfy constraint: greater than or equal to 1");
  return Math.floor(Limit);
}

function startIn(input: Input, pk: string, range: SortRange | undefined): string | undefined {
  if (input.ExclusiveStartKey === undefined) return undefined;
  const start = takeKey(input.ExclusiveStartKey);
  if (start.pk === pk && isWithin(start.sk, range)) return start.sk;
  throw refuse('The provided starting key is outside query boundaries based on provided conditions');
}
