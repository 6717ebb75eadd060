/** A sink that is open: what the steps send to, and what whoever opens one must guarantee. */
import type { SluiceError } from '../pipeline/errors.ts';

/** As it is stored and sent. What a sink without keys makes of the first two is nothing. */
export type OutputRecord = {
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly data: string | Uint8Array;
};

/** What was not acknowledged when time was over; everything else was. */
export type Undelivered = {
  /** Places in what was given, ascending; never none. */
  readonly places: readonly number[];
  /** What was in the way. */
  readonly error: SluiceError;
  /** Nothing but limits of throughput, and some of it may have gone through: it is slow, and does not fail. */
  readonly isOnlySlow: boolean;
};

/** Of a sink that is given the rows of a batch in parts: which one. What is stored says where a part ends, so it is the same for ever. */
export type PartOfBatch = {
  /** The name that `pipeline(…)` was given. */
  readonly pipeline: string;
  /** The output's name: that of the first `writeStream` is 'main'. */
  readonly output: string;
  /** The lineage of batch ids. */
  readonly generation: number;
  /** Counts the batches of a generation, from 0. */
  readonly batchId: number;
  /** Grows from batch to batch, and where a batch is made anew. */
  readonly ref: number;
  /** Whose rows they are: 0 to `parallelism` - 1. */
  readonly keyGroup: number;
  /** Counts the parts of its batch and key group, from 0. */
  readonly part: number;
  /** How many there are. */
  readonly parts: number;
  /** One row of it by itself, after the whole has ended its reducer too often: its place. Absent: all rows. */
  readonly alone?: number | undefined;
};

export type OutputSink = {
  /**
   * Sends again what was refused, until `deadline`, in epoch milliseconds; undefined: every record was acknowledged. What
   * can't be sent is told by the answer, not thrown. Of one partition key, no record is in a later request than one behind
   * it: within a request order is as the sink keeps it. `part`: what the records are, where its kind asks for parts; of such a sink
   * all are acknowledged, or none.
   */
  send(records: readonly OutputRecord[], deadline: number, part?: PartOfBatch): Promise<Undelivered | undefined>;
  /**
   * The largest record that it takes, as its kind counts bytes; refused (NotAllowed) where nobody may ask. Absent: what its
   * kind says that it always takes.
   */
  maxRecordBytes?(): Promise<number>;
  /** It makes one record of several: of an outbox it is given so many steps at once, from a multiple of that on. Absent: one. */
  readonly stepsAtOnce?: number;
  /** Of a sink that writes files: what is stored is written by this, and nothing is sent. */
  readonly files?: OutputFiles;
};

export type OutputFile = {
  /** Of the object, with everything before it. */
  readonly key: string;
  readonly rows: readonly OutputRecord[];
};

/** Of one output of a key group's batch: the rows from this place on. */
export type PortionPlace = {
  readonly generation: number;
  readonly batchId: number;
  readonly ref: number;
  readonly keyGroup: number;
  readonly output: string;
  /** Counts the output's rows. */
  readonly from: number;
};

export type OutputFiles = {
  readonly bucket: string;
  /** Where files go, and as what: another one after a deployment that says so. */
  readonly place: string;
  /** Of a portion (`output-file.ts`). Nothing is written. */
  filesOf(rows: readonly OutputRecord[], place: PortionPlace): readonly OutputFile[];
  /** Until all of them are there, or `deadline`, in epoch milliseconds. Throws a `SluiceError` if not all of them are. */
  put(files: readonly OutputFile[], deadline: number): Promise<void>;
};
