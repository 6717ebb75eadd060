/**
 * Where an event lies in a view, and which of two events there is the later one.
 *
 * EVENTKEY-1 Without a sort key of its own each event has an item, in the order of the shard: no two share one.
 * EVENTKEY-2 With one it lies where partition key and sort key say, and nothing else does but the output: of the events that lie there the
 *    latest stands.
 * EVENTKEY-3 Of two events of one shard, or of a shard and its child, the later one has the higher (ref, place). Of shards that are read in
 *    one batch nobody knows an order: there the higher sequence number stands, whoever comes first.
 * EVENTKEY-4 A text that is too long for a key is told apart by a hash of which nobody knows two texts. Unlike that of a result, nothing else
 *    in the key names the event: with a short hash one would be overwritten by another.
 */
import { sha256 } from '../pipeline/sha256.ts';
import { InvalidResult } from '../user-code/callback-failure.ts';
import type { SealedEventIdentity } from './identity.ts';
import { legalPartitionKey, maxPartitionKeyLength } from './stream-record.ts';
import { type KeyTemplate, longestAhead, type ViewKey } from './view-key.ts';

type Templates = { readonly partitionKey?: KeyTemplate | undefined; readonly sortKey?: KeyTemplate | undefined };
type Named = { readonly defaultKey: string; readonly identity: SealedEventIdentity; readonly row: object };

/** Also where nobody asks for the key. */
export function refuseWithoutKey({ partitionKey = [], sortKey = [] }: Templates, row: object): void {
  filled([...partitionKey, ...sortKey], row);
}

export function eventKey({ partitionKey, sortKey }: Templates, { defaultKey, identity, row }: Named): ViewKey {
  const first = partitionKey === undefined ? legalPartitionKey(defaultKey) : fitting(filled(partitionKey, row));
  const last = sortKey === undefined ? placeText(identity) : fitting(filled(sortKey, row), longestAhead);
  return [first, `${last}#${identity.pipeline}/${identity.output}`];
}

function fitting(text: string, longest = maxPartitionKeyLength): string {
  if (text.length <= longest) return legalPartitionKey(text, longest);
  const hash = `~${sha256(text)}`;
  return `${text.slice(0, longest - hash.length)}${hash}`.toWellFormed();
}

/** In the order of texts. A sequence number has no fixed length: its length comes first. */
export const placeText = ({ sequence, sub, index, shard }: SealedEventIdentity): string =>
  [padded(sequence.length, 3), sequence, padded(sub, 8), padded(index, 8), shard].join('#');

const padded = (number: number, digits: number): string => String(number).padStart(digits, '0');

const filled = (template: KeyTemplate, row: object): string =>
  template
    .map((piece) => {
      if (typeof piece === 'string') return piece.slice(1);
      return 'field' in piece ? fieldText(row, piece.field) : '';
    })
    .join('');

function fieldText(row: object, name: string): string {
  const value = Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  const what = value === null ? 'null' : typeof value;
  throw new InvalidResult(
    `field ${name}: the key of its item is made of a text, a number, true or false, and not of ${what}`,
  );
}
