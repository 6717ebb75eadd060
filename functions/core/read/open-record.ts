/** From a record to its events: cut at the shard's end, taken apart, without what was read before. */

import { openAggregate } from '../aggregated-record.ts';
import { cutRecord } from '../ending-cut.ts';
import type { EventsInRecord } from '../events-in-record.ts';
import { afterSequenceNumber } from '../position.ts';
import type { EventSource, KinesisRecord } from '../record.ts';
import type { ResentWithin } from '../resent-within.ts';
import type { Closing, Opening } from './entry.ts';
import { eventsReadBefore } from './resume-point.ts';
import type { ShardReader } from './shard-reader.ts';

/** A record of the page that is being taken, perhaps over several steps. */
export type OpenRecord = {
  readonly record: KinesisRecord;
  readonly events: EventsInRecord | readonly EventSource[];
  /** Those of them that their producer sends again, to the shard that owns them. Undefined: none. */
  readonly resent: ResentWithin | undefined;
  /** Why it can't be read, as one event. */
  readonly corrupt: string | undefined;
  /** Of its events, the next one to take, and where to stop. */
  next: number;
  readonly end: number;
  /** Set while nothing of it was taken in this read; undefined of one that was read before. */
  opens: Opening | undefined;
  readonly closes: Closing;
};

export type Arrived = {
  /** In its page. */
  readonly index: number;
  /** Kinesis time of the answer. */
  readonly answeredAt: number;
  /** It, or a part of it, was read before. */
  readonly isKnown: boolean;
  /** It is the first that came, where some before it may be gone. */
  readonly tellsOfLoss: boolean;
};

export function openRecord(reader: ShardReader, record: KinesisRecord, arrived: Arrived): OpenRecord {
  const { shard } = reader;
  const { sequenceNumber } = record;
  const arrival = record.arrivalMs;
  const through = notAhead(arrival, arrived.answeredAt);
  const cut = cutRecord(record, shard.endsAt);
  if (cut.kind === 'before')
    return withoutEvents(record, {
      position: undefined,
      through: notAhead(cut.through, arrived.answeredAt),
      ends: true,
    });
  const ends = cut.kind !== 'whole';
  const skip = arrived.isKnown ? eventsReadBefore(shard, sequenceNumber) : 0;
  if (skip === Number.POSITIVE_INFINITY) return withoutEvents(record, { position: undefined, through, ends });
  const loss = arrived.tellsOfLoss ? reader.lossBefore(record) : undefined;
  const opens = { through: notAhead(arrival - 1, arrived.answeredAt), loss };
  const whole = wholeRecord(record, through, ends);
  const unpacked = openAggregate(record, () => reader.digestOf(arrived.index));
  if (unpacked.kind !== 'aggregated') {
    const corrupt = unpacked.kind === 'corrupt' ? unpacked.reason : undefined;
    // Of an ordinary record the first event is the only one. One that can't be read was not taken in part.
    const next = unpacked.kind === 'plain' && skip > 0 ? 1 : 0;
    return { record, events: [record], resent: undefined, corrupt, next, end: 1, opens, closes: whole };
  }
  const { events } = unpacked;
  const resent = reader.isResent.within(record, events);
  const open = { record, events, resent, corrupt: undefined, next: skip, opens };
  if (cut.kind !== 'inside' || cut.upTo + 1 >= events.length) return { ...open, end: events.length, closes: whole };
  // READ-3: until the rest of the record is read, nothing says that it was.
  const last = Math.max(cut.upTo, skip - 1);
  const closes = { position: afterSequenceNumber(sequenceNumber, last), through: opens.through, ends };
  return { ...open, end: last + 1, closes };
}

export const wholeRecord = ({ sequenceNumber }: KinesisRecord, through: number, ends = false): Closing => ({
  ...{ position: afterSequenceNumber(sequenceNumber), through, ends },
});

const withoutEvents = (record: KinesisRecord, closes: Closing): OpenRecord => ({
  record,
  events: [],
  resent: undefined,
  corrupt: undefined,
  next: 0,
  end: 0,
  opens: undefined,
  closes,
});

/** Kinesis's stamps may be ahead of its clock. */
export const notAhead = (arrival: number, answeredAt: number): number => Math.min(arrival, answeredAt);
