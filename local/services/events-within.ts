/** The events of a record, as a pipeline would decode them: out of an aggregate, and expanded where their first bytes say so. */
import { createHash } from 'node:crypto';
import { decompress } from '../../functions/adapters/decompress.ts';
import { deaggregate } from '../../functions/core/aggregated-record.ts';
import { payloadExpander } from '../../functions/core/expand-payload.ts';
import type { TailedRecord } from './tail-stream.ts';

export type EventWithin = Omit<TailedRecord, 'data'> & {
  /** Its index in an aggregated record; 0 of an ordinary one. */
  readonly subSequenceNumber: number;
  readonly data: Uint8Array;
  /** Why it is the bytes as they came. Absent: it could be read. */
  readonly unreadable?: string;
};

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();
/** As the source's default. */
const maxDecompressedBytes = 10 * 1024 * 1024;
const expand = payloadExpander({ compression: 'auto', maxDecompressedBytes }, decompress)!;

export function eventsWithin(record: TailedRecord): readonly EventWithin[] {
  const read = deaggregate(record, md5);
  if (read.kind === 'corrupt') return [{ ...record, subSequenceNumber: 0, unreadable: read.reason }];
  if (read.kind === 'plain') return [expanded({ ...record, subSequenceNumber: 0 })];
  return read.events.map(({ data, partitionKey }, subSequenceNumber) =>
    expanded({ ...record, data, partitionKey, subSequenceNumber }),
  );
}

function expanded(event: EventWithin): EventWithin {
  const made = expand(event.data);
  if (made.kind === 'expanded') return { ...event, data: made.data };
  const why = made.kind === 'corrupt' ? made.reason : `more than ${maxDecompressedBytes.toLocaleString('en')} bytes`;
  return { ...event, unreadable: why };
}
