/** What a record of a stream holds: the events that a producer has put into one, or itself. */
import { createHash } from 'node:crypto';
import { deaggregate } from '../../functions/core/aggregated-record.ts';

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();

export function recordsWithin(data: Uint8Array): readonly Uint8Array[] {
  const read = deaggregate({ data }, md5);
  return read.kind === 'aggregated' ? read.events.map((event) => event.data) : [data];
}
