/** Where a shard's end lies as its records come: see ENDING-1 of ending.ts. */

import { isAfter, type ShardEnding } from './position.ts';
import type { KinesisRecord } from './record.ts';

export type RecordCut =
  | { readonly kind: 'whole' }
  /** The shard's end lies right behind it. */
  | { readonly kind: 'last' }
  /** The end lies in its middle: the event with this index is the last one before it. */
  | { readonly kind: 'inside'; readonly upTo: number }
  /** It lies past the end; everything that arrived up to `through` was read. */
  | { readonly kind: 'before'; readonly through: number };

const whole: RecordCut = { kind: 'whole' };

export function cutRecord(record: KinesisRecord, ending: ShardEnding | undefined): RecordCut {
  if (ending === undefined) return whole;
  const arrival = record.arrivalMs;
  if (ending.kind === 'unread') return { kind: 'before', through: arrival };
  if (ending.kind === 'at-timestamp') {
    return arrival < ending.timestamp ? whole : { kind: 'before', through: ending.timestamp };
  }
  const { sequenceNumber, subSequenceNumber } = ending;
  if (isAfter(record.sequenceNumber, sequenceNumber)) return { kind: 'before', through: arrival };
  if (record.sequenceNumber !== sequenceNumber) return whole;
  if (subSequenceNumber === undefined) return { kind: 'last' };
  return subSequenceNumber < 0 ? { kind: 'before', through: arrival } : { kind: 'inside', upTo: subSequenceNumber };
}

/** Whether a shard that is at its tip at this Kinesis time has nothing left before its end. */
export const isQuietPast = (serverTime: number, ending: ShardEnding | undefined): boolean =>
  ending?.kind === 'at-timestamp' && serverTime >= ending.provesEndFrom;
