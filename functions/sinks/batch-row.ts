/** What a function of the user's own is given of a batch: rows of results, events where a pipeline does not group, late events, or dead letters. */
import type { JsonOf } from '../user-code/json-of.ts';
import type { ResultVersion } from './identity.ts';

/** A row of a batch: what it holds, which result it is, and which version of it. */
export type BatchRow<Row> = Omit<ResultVersion, 'retracted'> & {
  /** Its result's place among those of its batch and key group: 0, 1, … */
  readonly index: number;
} & (
    | {
        /** The version holds, until a later one comes. */
        readonly retracted: false;
        /** As it was written, once it has been JSON: dates are texts. */
        readonly value: JsonOf<Row>;
      }
    | {
        /** An earlier version was given out, and holds no more. */
        readonly retracted: true;
        /** Keys and window alone, under the names that a row has them by before any `map`. */
        readonly value: Readonly<Record<string, unknown>>;
      }
  );

/**
 * An event of a batch, of a pipeline without `groupBy`, a late event or a dead letter: what it holds, and where it lay in the stream. Shard,
 * sequence number, sub-sequence number and element are its primary key; of a letter of a row they are those that its value has.
 */
export type BatchEvent<Event> = {
  /** As it was written, once it has been JSON: dates are texts. */
  readonly value: JsonOf<Event>;
  /** Of the shard that it was read from: `shardId-000000000000`. */
  readonly shardId: string;
  /** Of its record, in decimal digits: of two in a shard the later one has the higher number. */
  readonly sequenceNumber: string;
  /** Its place in an aggregated record; 0 if it is alone. */
  readonly subSequenceNumber: number;
  /** Its place among those that `flatMap` made of one event for this output; 0 without one. */
  readonly element: number;
};
