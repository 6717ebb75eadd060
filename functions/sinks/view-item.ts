/**
 * The item of a record, and which of two versions is the newer.
 *
 * VIEW-1 Of an item the version with the highest (ref, revision) holds, whatever order they come in: a write says which versions it
 *    replaces.
 * VIEW-2 What was taken back stays as an item without values, so that an older version does not come back; for as long as it was said.
 * VIEW-3 A row that the service refuses for what it holds is written as the text that it is: in its place stands why.
 */
import type { CheckedDynamodbSink } from './dynamodb.ts';
import type { ResultIdentity } from './identity.ts';
import { type ItemValue, itemValues } from './item-value.ts';
import type { OutputRecord } from './output-sink.ts';

export type Item = Record<string, ItemValue>;

export type ViewItem = {
  readonly item: Item;
  readonly identity: Pick<ResultIdentity, 'ref' | 'revision' | 'retracted'>;
};

type Options = Pick<
  CheckedDynamodbSink,
  'partitionKeyName' | 'sortKeyName' | 'identityField' | 'ttlField' | 'tombstoneTtlMs'
>;

/** `now`: milliseconds of the epoch. */
export function viewItem(options: Options, { partitionKey, data }: OutputRecord, now: number): ViewItem {
  const row = JSON.parse(String(data)) as Record<string, unknown>;
  const identity = row[options.identityField] as ResultIdentity;
  return { item: { ...itemValues(row), ...ownAttributes(options, partitionKey, identity, now) }, identity };
}

/** Of the row nothing but its text: whatever of it is refused is no attribute. */
export function refusedItem(options: Options, record: OutputRecord, why: string, now: number): ViewItem {
  const row = JSON.parse(String(record.data)) as Record<string, unknown>;
  const { [options.identityField]: identity, ...values } = row;
  const told = { ...(identity as object), refused: why, refusedRow: JSON.stringify(values).slice(0, mostTextLength) };
  const named = { [options.identityField]: told };
  return viewItem(options, { ...record, data: JSON.stringify(named) }, now);
}

/** Of 400 KB, with three bytes for each character. */
const mostTextLength = 100_000;

function ownAttributes(options: Options, partitionKey: string, { retracted }: ResultIdentity, now: number): Item {
  const [pk, sk] = JSON.parse(partitionKey) as [string, string];
  const { partitionKeyName, sortKeyName, ttlField, tombstoneTtlMs } = options;
  const key: Item = { [partitionKeyName]: { S: pk }, [sortKeyName]: { S: sk } };
  if (!retracted || tombstoneTtlMs === undefined) return key;
  return { ...key, [ttlField]: { N: String(Math.ceil((now + tombstoneTtlMs) / 1_000)) } };
}

/** Met where nothing is, or something older. */
export function ifNewer({ identityField }: Options, { identity: { ref, revision } }: ViewItem) {
  return {
    ConditionExpression: 'attribute_not_exists(#i.#ref) OR #i.#ref < :ref OR (#i.#ref = :ref AND #i.#rev < :rev)',
    ExpressionAttributeNames: { '#i': identityField, '#ref': 'ref', '#rev': 'revision' },
    ExpressionAttributeValues: { ':ref': { N: String(ref) }, ':rev': { N: String(revision) } },
  };
}

export const isNewer = (one: ViewItem['identity'], other: ViewItem['identity']): boolean =>
  one.ref > other.ref || (one.ref === other.ref && one.revision > other.revision);
