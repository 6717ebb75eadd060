/** Where an answer has its records. */
import { bytes, endOfText, endOfValue, goesOn, isNamed, past, pastSpace, Unexpected } from './json-bytes.ts';

const records = Buffer.from('Records"', 'latin1');
const none = Buffer.from('[]', 'latin1');

export type ListPlace = { readonly start: number; readonly end: number };

/**
 * `readList`: from the place of the list to the one behind it. Both places are 0 of an answer without records.
 *
 * @throws Unexpected
 */
export function findRecords(body: Buffer, readList: (start: number) => number): ListPlace {
  let [start, end] = [0, 0];
  let at = past(bytes.openObject, body, 0);
  do {
    at = past(bytes.quote, body, at);
    if (isNamed(records, body, at)) {
      if (end > 0) throw new Unexpected();
      start = pastSpace(body, past(bytes.colon, body, at + records.length));
      end = readList(start);
      at = end;
    } else at = endOfValue(body, past(bytes.colon, body, endOfText(body, at) + 1));
    at = pastSpace(body, at) + 1;
  } while (goesOn(body, at, bytes.closeObject));
  return { start, end };
}

/** SCAN-2: the body, of which the list is empty. */
export const withoutRecords = (before: Uint8Array, after: Uint8Array): Uint8Array =>
  Buffer.concat([before, none, after]);
