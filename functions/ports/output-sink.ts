/** Where output goes: at least once, and told exactly what was not acknowledged. */
import type { SluiceError } from '../core/errors.ts';
import type { OutputRecord } from '../core/output.ts';

/** What was not acknowledged when time was over; everything else was. */
export type Undelivered = {
  /** Places in what was given, ascending; never none. */
  readonly places: readonly number[];
  /** What was in the way. */
  readonly error: SluiceError;
  /** Nothing but limits of throughput, and some of it may have gone through: it is slow, and does not fail. */
  readonly isOnlySlow: boolean;
};

export type OutputSink = {
  /**
   * Sends again what was refused, until `deadline`; undefined: every record was acknowledged. What can't be sent is told
   * by the answer, not thrown. Of one partition key, no record is in a later request than one behind it: within a
   * request order is as Kinesis keeps it.
   */
  send(records: readonly OutputRecord[], deadline: number): Promise<Undelivered | undefined>;
  /**
   * The largest record that it takes, data and partition key together; refused (NotAllowed) where nobody may ask. Absent:
   * what every stream takes.
   */
  maxRecordBytes?(): Promise<number>;
};
