/** Dead letters: keyed by their record, so that a repeat overwrites itself. */

import type { DeadLetter } from '../../core/dead-letter.ts';
import { SluiceError } from '../../core/errors.ts';
import type { LetterKeeping } from '../../pipeline/pipeline.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeadLetterStore } from '../../ports/dead-letter-store.ts';
import { chunksOf } from './chunked-blobs.ts';
import { attributes, itemKind } from './item-kind.ts';
import { deadLetterKey, padChunk } from './keys.ts';
import { type Item, keyOf, type Table } from './table.ts';

export const letterKind = itemKind('dead letter', { 1: attributes });

export const keptAsEver: LetterKeeping = { payload: 'kept', retentionMs: 30 * 86_400_000 };

/** A payload over the size of an item lies in parts `…#<part>` beside the letter, which says how many there are. */
export function createDeadLetterStore(
  table: Table,
  pipeline: string,
  clock: Clock,
  keeping: LetterKeeping = keptAsEver,
): DeadLetterStore {
  return {
    async put(letters, deadline) {
      const expires = { N: String(Math.floor((clock.now() + keeping.retentionMs) / 1000)) };
      const placeOf = new Map<Item, number>();
      for (const [place, letter] of letters.entries()) {
        for (const item of toItems(letter, { pipeline, table, expires, keeping })) placeOf.set(item, place);
      }
      const { unwritten, error } = await table.putSome([...placeOf.keys()], deadline);
      if (unwritten.length === 0) return undefined;
      // A letter is stored with the last of its parts. What DynamoDB hands back is another object, of the same key.
      const keys = new Set(unwritten.map(nameOf));
      const places = new Set([...placeOf].flatMap(([item, place]) => (keys.has(nameOf(item)) ? [place] : [])));
      return {
        places: [...places].sort((one, other) => one - other),
        error:
          error ??
          new SluiceError(
            'TemporaryFailure',
            `${places.size} of ${letters.length} dead letters were not stored in time`,
          ),
        isOnlySlow: error === undefined,
      };
    },
  };
}

const nameOf = ({ pk, sk }: Item): string => `${pk!.S} ${sk!.S}`;

function toItems(
  letter: DeadLetter,
  {
    pipeline,
    table,
    expires,
    keeping,
  }: {
    readonly pipeline: string;
    readonly table: Table;
    readonly expires: { readonly N: string };
    readonly keeping: LetterKeeping;
  },
): Item[] {
  const isKept = keeping.payload === 'kept';
  const { pk, sk } = deadLetterKey(pipeline, letter);
  const chunks = isKept ? [...chunksOf(letter.payload, table)] : [];
  const common = { v: { N: String(letterKind.version) }, expires: { N: expires.N } };
  const parts = chunks.slice(1).map((chunk, at) => ({
    ...keyOf({ pk, sk: `${sk}#${padChunk(at + 1)}` }),
    ...common,
    payload: { B: chunk },
  }));
  const root: Item = {
    ...keyOf({ pk, sk }),
    ...common,
    // `source` is a reserved word of DynamoDB's expressions.
    sourceId: { S: letter.source },
    shardId: { S: letter.shardId },
    sequenceNumber: { S: letter.sequenceNumber },
    subSequenceNumber: { N: String(letter.subSequenceNumber) },
    // Inside an aggregated record a key has no limit.
    partitionKey: { S: letter.partitionKey.slice(0, 1000).toWellFormed() },
    reason: { S: letter.reason },
    // Parsers quote single halves of surrogate pairs; DynamoDB takes UTF-8.
    message: { S: isKept ? letter.message.slice(0, 1000).toWellFormed() : '' },
    payload: { B: chunks[0] ?? new Uint8Array() },
    payloadBytes: { N: String(letter.payload.length) },
    parts: { N: String(Math.max(1, chunks.length)) },
  };
  if (letter.arrivalTime !== null) root.arrivalTime = { N: String(letter.arrivalTime) };
  if (letter.resultIdentity !== undefined) root.resultIdentity = { S: JSON.stringify(letter.resultIdentity) };
  return [...parts, root];
}
