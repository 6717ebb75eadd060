/** All that changes while a shard is read. A value: a step takes one and makes the next. */

import type { PlannedShard } from '../model.ts';
import type { Page } from '../record.ts';
import type { EventPlace } from '../sent-places.ts';
import { searchedThroughOf } from '../shard-checkpoint.ts';
import type { OpenRecord } from './open-record.ts';
import { newProgress, type ReadProgress } from './progress.ts';
import { isMidRecord, openingPosition } from './resume-point.ts';
import { beforeSending, type SentSoFar } from './sent-so-far.ts';
import type { ShardReader } from './shard-reader.ts';

export type ReadState = {
  readonly progress: ReadProgress;
  /** The record in the middle of which the last step ended. */
  readonly open: OpenRecord | undefined;
  readonly sent: SentSoFar;
  /** A record that was read before came again: so it is still there. */
  readonly sawLastRead: boolean;
  readonly halt: Halt | undefined;
  /** Kinesis time of the last answer. */
  readonly answeredAt: number | undefined;
  readonly millisBehindLatest: number;
  /** Kinesis time of the answer that proved the tip. */
  readonly tipTime: number | null;
  /** Kinesis time at which the shard was at its tip and not closed. */
  readonly openAt: number | undefined;
  /** Of a record that is looked for: Kinesis time up to which it did not come. */
  readonly searchedThrough: number | null;
  /**
   * The last page reached the tip at a time past the requested end: nothing before that end can follow. One more call
   * tells whether the shard was closed.
   */
  readonly isPastEnd: boolean;
  /** The shard's own end. */
  readonly end: Page['end'];
};

/**
 * Why nothing more is taken, before the event that is next.
 *
 * held  the event is not to be run now, or the one before it was buried
 * died  user code was given the event, and did not come back
 */
export type Halt =
  | { readonly kind: 'held' }
  | { readonly kind: 'died'; readonly place: EventPlace; readonly message: string };

export function beginRead({ shard, destinations, task }: ShardReader): ReadState {
  const looksForRepeats = task.pipeline.source.deduplicate !== undefined;
  return {
    progress: {
      ...newProgress(startOf(shard), task.counted),
      repeats: looksForRepeats ? { repeated: 0, unidentified: 0 } : undefined,
    },
    open: undefined,
    sent: beforeSending(shard, destinations),
    sawLastRead: false,
    halt: undefined,
    answeredAt: undefined,
    millisBehindLatest: 0,
    tipTime: null,
    openAt: undefined,
    searchedThrough: searchedThroughOf(shard) ?? null,
    isPastEnd: false,
    end: undefined,
  };
}

const startOf = (shard: PlannedShard) =>
  shard.start === 'after-gap' && !isMidRecord(shard) ? openingPosition(shard) : shard.position;

/** Something is to be written down, however the read ends. */
export const hasTaken = ({ progress, sent }: ReadState): boolean =>
  progress.records > 0 || sent.some(({ ahead }) => ahead.length > 0);
