/** Dead letters for people: listed in the order of source, shard, record and event over all partitions, and one as a whole. */

import type { DeadLetter, DeadLetterReason, RefusedIdentity } from '../../core/dead-letter.ts';
import { SluiceError } from '../../core/errors.ts';
import { type ShardName, shardKey } from '../../core/shard-name.ts';
import { mainSource } from '../../pipeline/sources.ts';
import { letterKind } from './dead-letter-store.ts';
import { bytesIn, numberIn, textIn } from './item.ts';
import { checkVersion, lacks } from './item-kind.ts';
import { deadLetterKey, deadLetterPartitions, isLetterPart, padChunk } from './keys.ts';
import { missing } from './missing.ts';
import type { Item, Key, Table } from './table.ts';

export type ListedLetter = Omit<DeadLetter, 'payload'> & { readonly payloadBytes: number };
export type LetterPlace = Pick<DeadLetter, keyof ShardName | 'sequenceNumber' | 'subSequenceNumber'>;

export type LetterFilter = {
  /** @default all; with a shard, the main one */
  readonly source?: string | undefined;
  readonly shardId?: string | undefined;
  readonly reason?: string | undefined;
};

/** An item where letters lie that is none which this code can read. `why` names it, and what it lacks. */
export type UnreadableLetter = Key & { readonly why: string };

export type DeadLetterReader = {
  /**
   * As far as the caller goes: no page is read ahead of it, but the first of each partition. What can't be read is told, and the others are
   * listed. One that lacks its reason may be of any.
   */
  list(filter: LetterFilter, unreadable: (letter: UnreadableLetter) => void): AsyncGenerator<ListedLetter>;
  /**
   * Undefined if there is none, or none any more.
   *
   * @throws SluiceError UnknownFormat if it is of a version that this code can't read, or lacks what one of its version has
   */
  load(place: LetterPlace): Promise<DeadLetter | undefined>;
};

/** All but the payload. */
const attributes =
  'pk, sk, v, sourceId, shardId, sequenceNumber, subSequenceNumber, partitionKey, arrivalTime, reason, message, payloadBytes, resultIdentity';

export function createDeadLetterReader(table: Table, pipeline: string): DeadLetterReader {
  return {
    async *list({ reason, ...of }, unreadable) {
      const prefix = prefixOf(of);
      const where =
        prefix === undefined
          ? { condition: 'sk > :from', values: { ':from': ' ' } }
          : { condition: 'begins_with(sk, :from)', values: { ':from': prefix } };
      const partitions = deadLetterPartitions(pipeline).map((pk) => table.query(pk, where, { attributes }));
      for await (const item of inOrder(partitions)) {
        // Parts of a large payload lie beside their letter.
        if (isLetterPart(sortKeyOf(item)) || isOfAnother(reason, item.reason?.S)) continue;
        const letter = await listedOf(table, item).catch((error: unknown) => {
          unreadable(whyUnreadable(item, error));
        });
        if (letter !== undefined && !isOfAnother(reason, letter.reason)) yield letter;
      }
    },
    async load(place) {
      const key = deadLetterKey(pipeline, place);
      const root = await loaded(table, key, ofLetter);
      if (root === undefined) return undefined;
      const chunks = [bytesIn(root, 'payload')];
      for (let part = 1; part < numberIn(root, 'parts'); part++) {
        const name = { pk: key.pk, sk: `${key.sk}#${padChunk(part)}` };
        const item = await loaded(table, name, ofPart);
        if (item === undefined) throw missing(name);
        chunks.push(bytesIn(item, 'payload'));
      }
      const { payloadBytes, ...letter } = toListed(root);
      const payload = Buffer.concat(chunks);
      return { ...letter, payload, ...(payload.length < payloadBytes ? { isWithheld: true } : {}) };
    },
  };
}

type Form = Readonly<Record<string, 'S' | 'N' | 'B'>>;

const ofListed: Form = {
  v: 'N',
  sourceId: 'S',
  shardId: 'S',
  sequenceNumber: 'S',
  subSequenceNumber: 'N',
  partitionKey: 'S',
  reason: 'S',
  message: 'S',
  payloadBytes: 'N',
};
/** Where it has them. */
const ofSome: Form = { arrivalTime: 'N', resultIdentity: 'S' };
const ofPart: Form = { v: 'N', payload: 'B' };
const ofLetter: Form = { ...ofListed, ...ofPart, parts: 'N' };

/** Who may list need not be allowed to get. Undefined: it has expired since. */
async function listedOf(table: Table, item: Item): Promise<ListedLetter | undefined> {
  const { pk, sk } = keyIn(item);
  const where = { condition: 'sk = :sk', values: { ':sk': sk } };
  const again = async () => (await table.query(pk, where, { attributes }).next()).value;
  const found = await formed(item, { key: { pk, sk }, form: ofListed, again });
  return found && toListed(found);
}

const isOfAnother = (wanted: string | undefined, reason: string | undefined): boolean =>
  wanted !== undefined && reason !== undefined && reason !== wanted;

/** @throws what is not about this letter */
function whyUnreadable(item: Item, error: unknown): UnreadableLetter {
  if (!(error instanceof SluiceError) || error.name !== 'UnknownFormat') throw error;
  return { ...keyIn(item), why: error.message };
}

const keyIn = (item: Item): Key => ({ pk: textIn(item, 'pk'), sk: textIn(item, 'sk') });

/**
 * An answer may lack what is there: that is asked for once more. What the next one lacks as well is not there, so another try would find the
 * same (ITEM-1).
 */
async function formed(
  item: Item | undefined,
  { key, form, again }: { readonly key: Key; readonly form: Form; readonly again: () => Promise<Item | undefined> },
): Promise<Item | undefined> {
  if (item === undefined || lackedBy(item, form, key) === undefined) return item;
  const next = await again();
  const lacked = next && lackedBy(next, form, key);
  if (lacked !== undefined) throw lacks(letterKind, key, lacked);
  return next;
}

const loaded = async (table: Table, key: Key, form: Form): Promise<Item | undefined> =>
  formed(await table.get(key), { key, form, again: () => table.get(key) });

/** Of another version other attributes are asked for. */
function lackedBy(item: Item, form: Form, key: Key): string | undefined {
  if (item.v?.N !== undefined) checkVersion(letterKind, item, key);
  const lacked = Object.keys(form).find((name) => item[name]?.[form[name]!] === undefined);
  if (lacked !== undefined) return lacked;
  const isOther = (name: string): boolean => item[name] !== undefined && item[name][ofSome[name]!] === undefined;
  return Object.keys(ofSome).find((name) => isOther(name) || (name === 'resultIdentity' && !isJson(item[name]?.S)));
}

function isJson(text: string | undefined): boolean {
  try {
    return text === undefined || JSON.parse(text) !== null;
  } catch {
    return false;
  }
}

function prefixOf({ source, shardId }: LetterFilter): string | undefined {
  if (shardId !== undefined) return `${shardKey({ source: source ?? mainSource, shardId })}#`;
  return source === undefined ? undefined : `${source}#`;
}

function toListed(item: Item): ListedLetter {
  return {
    source: textIn(item, 'sourceId'),
    shardId: textIn(item, 'shardId'),
    sequenceNumber: textIn(item, 'sequenceNumber'),
    subSequenceNumber: numberIn(item, 'subSequenceNumber'),
    partitionKey: textIn(item, 'partitionKey'),
    arrivalTime: item.arrivalTime === undefined ? null : numberIn(item, 'arrivalTime'),
    reason: textIn(item, 'reason') as DeadLetterReason,
    message: textIn(item, 'message'),
    payloadBytes: numberIn(item, 'payloadBytes'),
    ...(item.resultIdentity === undefined
      ? {}
      : { resultIdentity: JSON.parse(textIn(item, 'resultIdentity')) as RefusedIdentity }),
  };
}

/** Each is in order by itself: the least of their next items is the next of all. */
async function* inOrder(partitions: readonly AsyncGenerator<Item>[]): AsyncGenerator<Item> {
  const heads = await Promise.all(partitions.map(async (items) => ({ items, next: await items.next() })));
  for (;;) {
    const open = heads.filter(({ next }) => next.done !== true);
    const [first] = open.sort((one, other) => (sortKeyOf(one.next.value) < sortKeyOf(other.next.value) ? -1 : 1));
    if (first === undefined) return;
    yield first.next.value as Item;
    first.next = await first.items.next();
  }
}

const sortKeyOf = (item: Item | undefined): string => item?.sk?.S ?? '';
