/** What the stub answers with, and what is in it: the same for whoever asks. */
import { md5 } from '../../functions/adapters/md5-lanes.ts';
import { aggregate } from '../../functions/core/pack-events.ts';
import type { AnswerShape } from './scenario.ts';

export type Flight = {
  readonly id: number;
  readonly country: string;
  readonly at: number;
  readonly amount: number;
};

/** All events lie in windows of a minute that begin here: 2026-01-01T00:00:00Z. */
export const firstEventAt = Date.UTC(2026, 0, 1);
/** How many windows they lie in. */
export const minutes = 4;

/** Nine fields, of which three are counted by. */
export const fieldsOf = (at: number, keys: number) => ({
  id: at,
  country: `country-${at % keys}`,
  at: firstEventAt + ((at * 7919) % (minutes * 60_000)),
  amount: at % 97,
  user: `user-${(at * 7919) % 5_003}`,
  page: `/products/${at % 311}/details`,
  ref: 'https://example.com/search?q=shoes',
  tags: ['a', 'b'],
  ok: true,
});

/** About 200 bytes where nothing else is asked for. */
export function eventOf(at: number, { keys, bytes }: Pick<AnswerShape, 'keys' | 'bytes'>): string {
  const event = fieldsOf(at, keys);
  const text = JSON.stringify(event);
  return text.length >= bytes
    ? text
    : JSON.stringify({ ...event, note: 'n'.repeat(Math.max(0, bytes - text.length - 10)) });
}

export const sequenceNumberOf = (at: number): string => String(4967n * 10n ** 52n + BigInt(at) * 1_000n);

/** What is in the records of an answer, one after the other. */
export function payloadsOf(shape: AnswerShape): readonly Buffer[] {
  const { records, eventsARecord } = shape;
  if (eventsARecord === undefined) return Array.from({ length: records }, (_, at) => Buffer.from(eventOf(at, shape)));
  return Array.from({ length: records }, (_, record) => {
    const events = Array.from({ length: eventsARecord }, (_, index) => {
      const at = record * eventsARecord + index;
      return { partitionKey: `key-${at % 1_000}`, data: Buffer.from(eventOf(at, shape)) };
    });
    return Buffer.from(aggregate(events, md5));
  });
}

/** Of GetRecords, as Kinesis writes it. `from`: how many records the shard has before them. */
export function answerOf(shape: AnswerShape, from = 0): string {
  const records = payloadsOf(shape).map((payload, at) => ({
    SequenceNumber: sequenceNumberOf(from + at),
    ApproximateArrivalTimestamp: (firstEventAt + 3_600_000 + at) / 1_000,
    Data: payload.toString('base64'),
    PartitionKey: `key-${at % 1_000}`,
  }));
  return JSON.stringify({
    Records: records,
    NextShardIterator: `AAAAAAAAAA${'i'.repeat(226)}==`,
    MillisBehindLatest: 0,
  });
}
