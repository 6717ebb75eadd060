/**
 * The item of a record, and which of two versions is the newer.
 *
 * VIEW-1 Of an item the version with the highest (ref, revision) holds, of events the one with the highest (ref, place), whatever order they come in: a write says which versions it
 *    replaces. One that came out of a dead letter was in the stream before its batch: it replaces what lies before its place alone.
 * VIEW-2 What was taken back stays as an item without values, so that an older version does not come back; for as long as it was said.
 * VIEW-3 A row that the service refuses for what it holds is written as the text that it is: in its place stands why.
 */
import type { CheckedDynamodbSink } from './dynamodb.ts';
import type { ResultIdentity, StandingEvent } from './identity.ts';
import { type ItemValue, itemValues } from './item-value.ts';
import type { OutputRecord } from './output-sink.ts';

export type Item = Record<string, ItemValue>;

export type ViewItem = {
  readonly item: Item;
  readonly identity: ItemVersion;
};

type ItemVersion =
  | Pick<ResultIdentity, 'ref' | 'revision' | 'retracted'>
  | Pick<StandingEvent, 'ref' | 'place' | 'redriven'>;

type Options = Pick<
  CheckedDynamodbSink,
  'partitionKeyName' | 'sortKeyName' | 'identityField' | 'ttlField' | 'tombstoneTtlMs'
>;

/** `now`: milliseconds of the epoch. */
export function viewItem(options: Options, { partitionKey, data }: OutputRecord, now: number): ViewItem {
  const row = JSON.parse(String(data)) as Record<string, unknown>;
  const identity = row[options.identityField] as ItemVersion;
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

function ownAttributes(options: Options, partitionKey: string, identity: ItemVersion, now: number): Item {
  const [pk, sk] = JSON.parse(partitionKey) as [string, string];
  const { partitionKeyName, sortKeyName, ttlField, tombstoneTtlMs } = options;
  const key: Item = { [partitionKeyName]: { S: pk }, [sortKeyName]: { S: sk } };
  const isGone = 'retracted' in identity && identity.retracted;
  if (!isGone || tombstoneTtlMs === undefined) return key;
  return { ...key, [ttlField]: { N: String(Math.ceil((now + tombstoneTtlMs) / 1_000)) } };
}

/** Met where nothing is, or something older. */
export function ifNewer({ identityField }: Options, { identity }: ViewItem) {
  const [name, within] =
    'place' in identity
      ? (['place', { S: identity.place }] as const)
      : (['revision', { N: String(identity.revision) }] as const);
  const isOld = isRedriven(identity);
  const values: Item = { ':rev': within, ...(isOld ? {} : { ':ref': { N: String(identity.ref) } }) };
  return {
    ConditionExpression: isOld ? laterInPlace : laterInAll,
    ExpressionAttributeNames: { '#i': identityField, '#ref': 'ref', '#rev': name },
    ExpressionAttributeValues: values,
  };
}

const laterInAll = 'attribute_not_exists(#i.#ref) OR #i.#ref < :ref OR (#i.#ref = :ref AND #i.#rev < :rev)';
const laterInPlace = 'attribute_not_exists(#i.#ref) OR #i.#rev < :rev';

const isRedriven = (identity: ItemVersion): boolean => 'redriven' in identity && identity.redriven === true;

/** Of one batch. */
export const isNewer = (one: ItemVersion, other: ItemVersion): boolean =>
  one.ref > other.ref || (one.ref === other.ref && isLaterWithin(one, other));

function isLaterWithin(one: ItemVersion, other: ItemVersion): boolean {
  if ('place' in one) return 'place' in other && one.place > other.place;
  return 'revision' in other && one.revision > other.revision;
}
