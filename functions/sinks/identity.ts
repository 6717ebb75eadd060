/** What names an output record for ever, so that a reader can drop repeats, and tell the versions of a result apart. */

/**
 * Of an aggregated result. By `pipeline` to `index` repeats are found: whatever has the same is the same, byte for byte. What
 * follows says which result it is, and which version of it.
 */
export type ResultIdentity = {
  readonly v: 1;
  readonly pipeline: string;
  readonly output: string;
  /** The lineage of batch ids. */
  readonly generation: number;
  readonly batch: number;
  /** Grows from batch to batch, and where a batch is made anew. */
  readonly ref: number;
  /** The key group. */
  readonly group: number;
  /** Its place in the outbox of (batch, ref, group). */
  readonly index: number;
} & ResultVersion;

/**
 * A result is one of (pipeline, output, window, key, row); of its versions the latest is the one with the highest
 * (ref, revision).
 */
export type ResultVersion = {
  /** Milliseconds of the epoch; of a micro-batch, its number and the next. */
  readonly window: readonly [start: number, end: number];
  /** The canonical text of the key's values, a JSON array; of one over 256 bytes, `sha256:` and its hash in hex. */
  readonly key: string;
  /** Counts the rows of one window and key: 0, 1, … */
  readonly row: number;
  /** Counts the versions: 0 is the first. */
  readonly revision: number;
  /** When it came, by the watermark. */
  readonly timing: ResultTiming;
  /** No other version can follow. */
  readonly final: boolean;
  /** The row was given out and is no more: this version has no value. */
  readonly retracted: boolean;
};

/** Before the watermark reached the window's end, in the batch in which it did, or after. */
export type ResultTiming = 'early' | 'on-time' | 'late';

/** Of what is written of an event: which one it came from. */
type OfEvent = {
  readonly v: 1;
  readonly pipeline: string;
  readonly output: string;
  readonly generation: number;
  readonly source: string;
  readonly shard: string;
  readonly sequence: string;
  readonly sub: number;
  readonly index: number;
};

/** Sent while events are read, or made there: `base` is the position from which the attempt that wrote it had started. */
export type EventIdentity = OfEvent & { readonly base: string };

/**
 * Sent after the seal: nothing is there of an attempt that came to nothing. Of one shard a later event has a higher `ref`, or place, but for one that is
 * `redriven`: it came out of a dead letter, and was in the stream before.
 */
export type SealedEventIdentity = OfEvent & Pick<ResultIdentity, 'batch' | 'ref'> & { readonly redriven?: true };

/** Of the event that stands in an item: `place` is where it lies in the order of its shard. */
export type StandingEvent = SealedEventIdentity & { readonly place: string };

export type Identity = ResultIdentity | EventIdentity | SealedEventIdentity;

/** Of what is in an outbox of results or of events. */
export type SentIdentity = ResultIdentity | SealedEventIdentity;

export const isOfResult = (identity: SentIdentity): identity is ResultIdentity => 'window' in identity;
