/** Who is told of each committed batch, and what. */

/** How many events or rows were refused for a reason. */
export type ReasonCount = { readonly reason: string; readonly count: number };

/** Of one committed batch. Numbers and reasons only: nothing in it is data of an event. */
export type BatchReport = {
  readonly pipeline: string;
  /** One higher with each batch. */
  readonly batchId: number;
  /** Of plans: a batch that is reported twice has the same. */
  readonly ref: number;
  /**
   * 'close-windows' reads nothing. Nor does 'restored', behind which the pipeline goes on from where an operator has put it, nor 'attach', which
   * sends what was kept for an output.
   */
  readonly kind: 'read' | 'close-windows' | 'restored' | 'attach';
  /** Of a 'restored' batch: what the pipeline goes on from, and which command has said so. */
  readonly origin?: {
    readonly why: 'rewind' | 'savepoint' | 'fork' | 'repartition';
    /** Whose batch it is: of this pipeline, of another, or of a savepoint, `<pipeline>@<name>`. */
    readonly pipeline: string;
    readonly batchId: number;
    readonly ref: number;
    /**
     * Of a rewind: the batch of this pipeline that stands before this one from now on. Those between the two are left behind: what they have
     * given out is given out again, where it still comes about.
     */
    readonly after?: number;
  };
  /** Epoch milliseconds, as is `watermark`. */
  readonly committedAt: number;
  /**
   * Of events: `read` is the sum of the four after it. `emitted`: rows, or events where nothing is grouped. With `flatMap`, `read` is
   * `passed`, `filtered` and `deadLettered`, and `counted`, `late` and, where nothing is grouped, `emitted` are elements.
   */
  readonly counters: {
    readonly read: number;
    readonly counted: number;
    readonly filtered: number;
    readonly late: number;
    readonly deadLettered: number;
    readonly emitted: number;
    /** Events of which something came through. Absent without `flatMap`, and where there was none. */
    readonly passed?: number;
  };
  /** By reason: they add up to `deadLettered`. */
  readonly deadLetters: readonly ReasonCount[];
  /**
   * Of the events that were read, how many came from dead letters (`sluice dead-letters redrive`); they were read once before. `missing`: letters that were
   * not there any more. `passedOver`: letters that stay, since executors died of them or this code can't read them; absent: none. Absent: nothing was redriven.
   */
  readonly redriven?: { readonly letters: number; readonly missing: number; readonly passedOver?: number };
  /** Result rows that a callback or the sink's limits refused; rows and events that ended the reducer of `forEachBatch`. */
  readonly refusedRows: readonly ReasonCount[];
  /**
   * By the names of outputs, where there are several. The sum of the three, less what `flatMap` has `made` beside what it was given and
   * the rows that were `retracted`, is the same for each: the results, or where nothing is grouped the events that came to the outputs.
   */
  readonly outputs?: Readonly<
    Record<
      string,
      {
        readonly emitted: number;
        readonly filtered: number;
        readonly refused: number;
        readonly made?: number;
        readonly retracted?: number;
      }
    >
  >;
  /** By output that is detached: rows that were not sent, and are kept. They are counted as emitted. Absent: none. */
  readonly kept?: Readonly<Record<string, number>>;
  /** Of a batch of kind 'attach': rows of earlier batches that it has sent, by output. Absent: none. */
  readonly resent?: Readonly<Record<string, number>>;
  /** What events and rows were given of `withReference`, by its names. Absent without it. */
  readonly references?: Readonly<
    Record<
      string,
      {
        /** In order, the first ten. */
        readonly versions: readonly string[];
        /** How many more there were at least. Absent: none. */
        readonly more?: number;
        /** When the load of the oldest began, in epoch milliseconds. */
        readonly loadedAt: number;
        /** Loads that failed, or gave no answer in time: what was kept was used. Absent: none. */
        readonly failed?: number;
      }
    >
  >;
  /** Kinesis records and their bytes. */
  readonly records: number;
  /** Events that their producer sends again, to another shard; in none of the counters. */
  readonly resentElsewhere: number;
  /** With `deduplicate` of the source: events that came before; in none of the counters. */
  readonly repeated?: number;
  /** With `deduplicate`: events without an identity, which are read as they come. */
  readonly unidentified?: number;
  readonly bytes: number;
  readonly failedTasks: number;
  /** How far the slowest shard is behind its tip. */
  readonly millisBehindLatest: number;
  /** Of the stream, as it is known: what is further behind is lost. */
  readonly retentionMs?: number;
  /** Calls that Kinesis refused because of its limits. */
  readonly throttles: number;
  /** Executors that stored something: how many, how long all of them worked, and the longest. Absent: none did, or nobody knows. */
  readonly executors?: { readonly count: number; readonly workMs: number; readonly longestMs: number };
  /** Rows of windows that closed or were given out. Absent without aggregation. */
  readonly results?: number;
  /** Null before the first event time. */
  readonly watermark: number | null;
  /** Its steps in their order, each of which ends where the next begins. Absent: another driver has read the batch. */
  readonly steps?: readonly {
    readonly step: 'plan' | 'process' | 'seal' | 'reduce' | 'commit';
    /** Epoch milliseconds. */
    readonly at: number;
    readonly ms: number;
    /** How often its state ran; of the reduce, in how many rounds. Absent: once, or nobody knows. */
    readonly tries?: number;
  }[];
  /** Of what the batch has stored. */
  readonly sizes: BatchSizes;
  /** Of the limits the one of which it has used most, however little. */
  readonly nearestLimit?: Omit<LimitWarning, 'message'>;
  /** Limits that it has come near to: from 70 % of each. */
  readonly warnings: readonly LimitWarning[];
};

/** Of the state of a key group, or of several. */
export type StateFigures = {
  /** Windows of keys; one that was changed since it was last merged counts more than once. */
  readonly entries: number;
  /** Of segments, as they lie there. */
  readonly bytes: number;
  readonly segments: number;
  readonly runs: number;
  /** Characters of entries that are too few for a segment. */
  readonly inlineChars: number;
  /** Characters of all that says which segments there are. */
  readonly manifestChars: number;
  /** In which the results of the batch lie. */
  readonly steps: number;
};

export type BatchSizes = {
  /** Of the key groups whose state has changed: how many, all of them together, and of each figure the largest. Absent: none has. */
  readonly states?: { readonly groups: number; readonly total: StateFigures; readonly most: StateFigures };
  /** What executors have stored for reducers: how many, their bytes, and the most that one key group has of them. */
  readonly blocks: { readonly blocks: number; readonly bytes: number; readonly mostOfGroup: number };
  /**
   * Of the reducer that came nearest to the end of its function's memory: the most that its process has had, since it began. Absent: nothing
   * was reduced, or not in functions of their own.
   */
  readonly reducerMemory?: { readonly peakBytes: number; readonly limitBytes: number };
  /** Characters of what the batch is made of, without its shards. */
  readonly bodyChars: number;
};

export type LimitWarning = {
  readonly limit: 'state-entries' | 'state-segments' | 'partial-aggregates' | 'payload' | 'reducer-memory';
  readonly size: number;
  readonly most: number;
  /** What is so large, and what to do. */
  readonly message: string;
};

/**
 * Is told of each batch after its commit. What it throws or rejects with is logged, and what takes longer than a second is
 * not waited for: no batch fails because of it. A batch may be reported twice where an answer was lost, or not at all where
 * the function ended right after the commit.
 */
export type Reporter = (report: BatchReport) => Promise<void> | void;
