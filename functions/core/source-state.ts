/** What is known of a source between two batches, beside its shards. Times are epoch milliseconds. */
import type { Position } from './position.ts';

export type SourceState = {
  readonly stream: StreamIdentity;
  /** The starting position as resolved when the pipeline was first planned. */
  readonly start: Position;
  /** When its shards were listed first: of a fork by the pipeline that it is one of. Absent: when this pipeline was created. */
  readonly startedAt?: number;
  /** Undefined: its shards were never listed. */
  readonly listedAt: number | undefined;
  /** With `availableNow`: where the run that goes on ends, or the last one ended. */
  readonly runBound?: RunBound;
};

/** A moment, and the Kinesis time from which a shard at its tip has nothing more of before it. */
export type RunBound = { readonly timestamp: number; readonly provesEndFrom: number };

export type StreamIdentity = {
  readonly arn: string;
  readonly name: string;
  /** A stream deleted and created again has the same name and another creation time. */
  readonly createdAt: number;
  readonly retentionMs: number;
  /** Nothing older is there, however long the retention is by now: it was shorter. */
  readonly retentionStart?: number;
};
