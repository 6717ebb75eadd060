/** Dead letters: keyed by their record, so that a repeat overwrites itself. */
import { formatVersion } from '../../core/model.ts';
import type { Clock, DeadLetter, DeadLetterStore } from '../../ports.ts';
import { deadLetterPartition, deadLetterSortKey, padChunk } from './keys.ts';
import { chunksOf } from './saved-value.ts';
import { type Item, keyOf, type Table } from './table.ts';

const keptSeconds = 30 * 86_400;

/** A payload over the size of an item lies in parts `…#<part>` beside the letter, which says how many there are. */
export function createDeadLetterStore(table: Table, pipeline: string, clock: Clock): DeadLetterStore {
  return {
    async put(letters) {
      const expires = { N: String(Math.floor(clock.now() / 1000) + keptSeconds) };
      await table.putAll(letters.flatMap((letter) => toItems(pipeline, letter, expires)));
    },
  };
}

function toItems(pipeline: string, letter: DeadLetter, expires: { readonly N: string }): Item[] {
  const pk = deadLetterPartition(pipeline, letter.shardId);
  const sk = deadLetterSortKey(letter.shardId, letter.sequenceNumber, letter.subSequenceNumber);
  const chunks = [...chunksOf(letter.payload)];
  const common = { v: { N: String(formatVersion) }, expires: { N: expires.N } };
  const parts = chunks.slice(1).map((chunk, at) => ({
    ...keyOf({ pk, sk: `${sk}#${padChunk(at + 1)}` }),
    ...common,
    payload: { B: chunk },
  }));
  const root: Item = {
    ...keyOf({ pk, sk }),
    ...common,
    shardId: { S: letter.shardId },
    sequenceNumber: { S: letter.sequenceNumber },
    subSequenceNumber: { N: String(letter.subSequenceNumber) },
    // Inside an aggregated record a key has no limit.
    partitionKey: { S: letter.partitionKey.slice(0, 1000).toWellFormed() },
    reason: { S: letter.reason },
    // Parsers quote single halves of surrogate pairs; DynamoDB takes UTF-8.
    message: { S: letter.message.slice(0, 1000).toWellFormed() },
    payload: { B: chunks[0] ?? new Uint8Array() },
    payloadBytes: { N: String(letter.payload.length) },
    parts: { N: String(Math.max(1, chunks.length)) },
  };
  if (letter.arrivalTime !== null) root.arrivalTime = { N: String(letter.arrivalTime) };
  return [...parts, root];
}
