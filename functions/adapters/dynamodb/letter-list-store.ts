/**
 * Lists of dead letters, `<pipeline>/letters`, and requests to redrive some, `<pipeline>/redrives/<request>`. Lists outlive the letters by a day,
 * requests the 30 days after which they are void.
 *
 * LISTS-1 A list is put under the nonce of the block it belongs to, and before it: a block that is sealed has its lists. The root of a batch is put by its
 *    commit, and names the nonces. So what a try has listed that came to nothing is named by nobody.
 * LISTS-2 In the order of sort keys the root of a batch comes before its lists.
 * LISTS-3 What has expired is not there, though it may lie in the table for days: of an event that became dead and was taken since, the later list may be gone first.
 */
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { DeadLetter } from '../../core/dead-letter.ts';
import { ofMainSource } from '../../core/shard-name.ts';
import type { LetterKeeping } from '../../pipeline/pipeline.ts';
import type { LetterFact, LetterLists, LetterPlace, ListedBatch } from '../../ports/letter-lists.ts';
import { isNamed } from '../aws-errors.ts';
import { createDeadLetterReader, type DeadLetterReader } from './dead-letter-reader.ts';
import { keptAsEver } from './dead-letter-store.ts';
import { textIn } from './item.ts';
import { fields, itemKind, list } from './item-kind.ts';
import {
  deadLetterKey,
  letterListKey,
  letterListsPartition,
  listedBatchKey,
  padChunk,
  requestPartKey,
} from './keys.ts';
import { loadNamed, loadWhole, saveIfAbsent } from './saved-value.ts';
import { inDays, type Storage } from './storage.ts';
import type { Item, Key } from './table.ts';

const requestDays = 31;
const dayMs = 86_400_000;
/** Of a list, or of a request: well below the size of an item. */
const placesOfItem = 1_000;
const atOnce = 10;
const partLength = padChunk(0).length;

type SavedPlace = readonly [shardId: string, sequenceNumber: string, sub: number, payloadBytes?: number];
type SavedList = { readonly dead: readonly SavedPlace[]; readonly taken: readonly SavedPlace[] };

const listKind = itemKind<SavedList>('list of dead letters', { 1: fields({ dead: 'list', taken: 'list' }) });
const batchKind = itemKind<ListedBatch>('batch with dead letters', {
  1: fields({ batchId: 'number', ref: 'number', tasks: 'list' }),
});
const requestKind = itemKind<readonly SavedPlace[]>('request to redrive', { 1: list() });

/** `keeping`: of the letters. Who puts no list needs not know it. */
export function createLetterLists(
  storage: Storage,
  keeping: Pick<LetterKeeping, 'retentionMs'> = keptAsEver,
): LetterLists {
  const { table, pipeline } = storage;
  const reader = createDeadLetterReader(table, pipeline);
  return {
    ...listsIn(storage, keeping),
    ...requestsIn(storage),
    async loadLetter(place) {
      // An answer may lack what is there: that is asked for once more.
      const letter = (await wholeOf(reader, place)) ?? (await wholeOf(reader, place));
      // Without its payload there is nothing to go through the pipeline again.
      return letter?.isWithheld === true ? undefined : letter;
    },
    async deleteLetters(letters) {
      await table.deleteAll(letters.flatMap((letter) => keysOf(pipeline, letter, table.chunkBytes)));
    },
  };
}

/** Of one that expires the parts of its payload may go first. */
async function wholeOf(reader: DeadLetterReader, place: LetterPlace): Promise<DeadLetter | undefined> {
  try {
    return await reader.load(place);
  } catch (error) {
    if (isNamed(error, 'MissingItem')) return undefined;
    throw error;
  }
}

function listsIn(
  storage: Storage,
  { retentionMs }: Pick<LetterKeeping, 'retentionMs'>,
): Pick<LetterLists, 'putLists' | 'putBatch' | 'factsOf' | 'batches'> {
  // A letter has expired before its list, also one that was put while the pipeline kept them for 30 days.
  const listDays = Math.ceil(Math.max(retentionMs, keptAsEver.retentionMs) / dayMs) + 1;
  const expiring = () => ({ ...storage, expires: inDays(storage, listDays) });
  const { table, pipeline } = storage;
  const partition = letterListsPartition(pipeline);
  return {
    async putLists(of, { dead, taken }) {
      const all = [
        ...taken.map((place) => ({ list: 'taken' as const, place: savedPlace(place, place.payloadBytes) })),
        ...dead.map((place) => ({ list: 'dead' as const, place: savedPlace(place) })),
      ];
      await inParallel(portionsOf(all), atOnce, async ({ part, portion }) => {
        const those = (which: 'dead' | 'taken') => portion.flatMap((one) => (one.list === which ? [one.place] : []));
        const saved: SavedList = { dead: those('dead'), taken: those('taken') };
        await saveIfAbsent(listKind, letterListKey(pipeline, of, part), saved, expiring());
      });
    },
    async putBatch(batch) {
      await saveIfAbsent(batchKind, listedBatchKey(pipeline, batch), batch, expiring());
    },
    async factsOf(batch) {
      const where = { condition: 'begins_with(sk, :from)', values: { ':from': listsPrefix(batch) } };
      const facts: LetterFact[] = [];
      for await (const item of table.query(partition, where)) facts.push(...(await factsIn(storage, item, batch)));
      return facts;
    },
    async *batches() {
      const where = { condition: 'sk > :from', values: { ':from': ' ' } };
      let open: { readonly batch: ListedBatch; readonly facts: LetterFact[] } | undefined;
      for await (const item of unexpired(table.query(partition, where), storage)) {
        // LISTS-2
        if (isRoot(item)) {
          if (open !== undefined) yield open;
          open = { batch: await loadWhole(batchKind, keyIn(item), item, storage), facts: [] };
        } else if (open !== undefined) open.facts.push(...(await factsIn(storage, item, open.batch)));
      }
      if (open !== undefined) yield open;
    },
  };
}

function requestsIn(storage: Storage): Pick<LetterLists, 'putRequest' | 'loadRequested'> {
  const { pipeline } = storage;
  return {
    async putRequest(request, places) {
      await inParallel(portionsOf(places), atOnce, async ({ part, portion }) => {
        const saved = portion.map((place) => savedPlace(place));
        await saveIfAbsent(requestKind, requestPartKey(pipeline, request, part), saved, {
          ...storage,
          expires: inDays(storage, requestDays),
        });
      });
    },
    async loadRequested(request, from, to) {
      const first = Math.floor(from / placesOfItem);
      const parts = Array.from({ length: Math.ceil(to / placesOfItem) - first }, (_, at) => first + at);
      const loaded = await inParallel(parts, atOnce, (part) =>
        loadNamed(requestKind, requestPartKey(pipeline, request, part), storage),
      );
      const begins = first * placesOfItem;
      return loaded
        .flat()
        .slice(from - begins, to - begins)
        .map(placeIn);
    },
  };
}

/** Of a list that the batch names; of another, and of what lies beside one, nothing. */
async function factsIn(storage: Storage, item: Item, batch: ListedBatch): Promise<readonly LetterFact[]> {
  const key = keyIn(item);
  const name = key.sk.slice(0, -partLength);
  const isNamed = batch.tasks.some((of) => letterListKey('', { ...batch, ...of }, 0).sk.slice(0, -partLength) === name);
  return isNamed ? factsOfList(await loadWhole(listKind, key, item, storage)) : [];
}

/** Parts of a large payload lie beside it. */
function keysOf(
  pipeline: string,
  letter: LetterPlace & { readonly payloadBytes: number },
  chunkBytes: number,
): readonly Key[] {
  const { pk, sk } = deadLetterKey(pipeline, letter);
  const parts = Math.max(1, Math.ceil(letter.payloadBytes / chunkBytes));
  return Array.from({ length: parts }, (_, part) => ({ pk, sk: part === 0 ? sk : `${sk}#${padChunk(part)}` }));
}

/** LISTS-3 */
async function* unexpired(items: AsyncIterable<Item>, { clock }: Storage): AsyncGenerator<Item> {
  for await (const item of items) if (!isExpired(item, clock.now())) yield item;
}

const isExpired = ({ expires }: Item, now: number): boolean =>
  expires !== undefined && Number(expires.N) * 1_000 <= now;

const listsPrefix = (batch: ListedBatch): string => `${listedBatchKey('', batch).sk}#`;
const isRoot = (item: Item): boolean => textIn(item, 'sk').split('#').length === 2;
const keyIn = (item: Item): Key => ({ pk: textIn(item, 'pk'), sk: textIn(item, 'sk') });

function portionsOf<One>(all: readonly One[]): readonly { readonly part: number; readonly portion: readonly One[] }[] {
  return Array.from({ length: Math.ceil(all.length / placesOfItem) }, (_, part) => ({
    part,
    portion: all.slice(part * placesOfItem, (part + 1) * placesOfItem),
  }));
}

const savedPlace = ({ shardId, sequenceNumber, subSequenceNumber }: LetterPlace, payloadBytes?: number): SavedPlace =>
  payloadBytes === undefined
    ? [shardId, sequenceNumber, subSequenceNumber]
    : [shardId, sequenceNumber, subSequenceNumber, payloadBytes];

const placeIn = ([shardId, sequenceNumber, subSequenceNumber]: SavedPlace): LetterPlace => ({
  ...ofMainSource(shardId),
  sequenceNumber,
  subSequenceNumber,
});

/** A letter that is dead again was taken before. */
const factsOfList = ({ dead, taken }: SavedList): readonly LetterFact[] => [
  ...taken.map((saved) => ({ place: placeIn(saved), fact: 'taken' as const, payloadBytes: saved[3] ?? 0 })),
  ...dead.map((saved) => ({ place: placeIn(saved), fact: 'dead' as const, payloadBytes: 0 })),
];
