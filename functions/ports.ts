/**
 * What the steps need from outside, and what an implementation must guarantee. No decision is made behind a port, and
 * no type of an SDK passes through one.
 *
 * Reads of the store are consistent. "First write wins" means: exactly one of concurrent writers is told 'stored', all
 * others 'exists', and readers see that one's value for ever. Failures are `SluiceError`s: TemporaryFailure where
 * another try can help.
 */

import type { Reservation } from './core/byte-budget.ts';
import type { SluiceError } from './core/errors.ts';
import type { DeadLetterReason } from './core/evaluate-event.ts';
import type { EvaluatedRow } from './core/evaluate-row.ts';
import type { IsolatedCode, IsolatedKind } from './core/isolated-code.ts';
import type {
  BatchBody,
  BlockSummary,
  Head,
  ListedShard,
  PlannedTask,
  PlanRecord,
  Progress,
  RunEnd,
  StopReason,
  StreamIdentity,
} from './core/model.ts';
import type { OutputRecord } from './core/output.ts';
import type { Position } from './core/position.ts';
import type { KeyGroupState } from './core/reduce-key-group.ts';
import type { RowTrial } from './core/row-trial.ts';
import type { SentNote } from './core/sent-note.ts';
import type { SentOutbox } from './core/sent-outbox.ts';
import type { DeathNote, Suspicions } from './core/suspicions.ts';
import type { SavedWindows } from './core/window-table.ts';

export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
  /** Ends early, without an error, when `cut` is aborted. */
  sleep(ms: number, cut?: AbortSignal): Promise<void>;
};

/** Chance comes through here: a text that no other call, process or machine returns. */
export type NewId = () => string;

/** For pauses only: from 0 to less than 1. */
export type Random = () => number;

export type KinesisRecord = {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivalTime: Date;
};

export type Page = {
  /** In the order of the shard. */
  readonly records: readonly KinesisRecord[];
  readonly millisBehindLatest: number;
  /** Kinesis's own clock when it answered, never ahead of it. */
  readonly serverTime: number;
  /** Set exactly when the shard has ended: nothing follows. */
  readonly end: { readonly children: readonly ListedShard[] } | undefined;
  /** An event of a subscription: it holds what there was, however much was asked for. */
  readonly isEvent?: true;
};

/** Why a cursor has no page; the read stops for the same reason. */
export type CursorStop = Extract<StopReason, 'deadline' | 'throttled'>;

/** One shard, read page by page. Polling and fan-out look the same from here. */
export type ShardCursor = {
  /**
   * The next page, of at most `maxRecords` records, or why the read ends here. 'throttled' if the limits of Kinesis left
   * nothing for this read, or it refused a call again and again; 'deadline' if waiting for the next call is not worth its
   * price, or if a page stands there and found no room in time. Nothing is waited for past `deadline`, in epoch milliseconds. A page
   * is done with when the next one is asked for.
   */
  next(maxRecords: number, deadline?: number): Promise<Page | CursorStop>;
  /** What the read has cost so far. Absent: not counted. */
  readonly usage?: ReadUsage;
  /** When its last subscription began; a cursor that polls has none. */
  readonly subscribedAt?: number | undefined;
  /** Lets go of its connection, if it has one of its own. */
  close?(): void;
};

export type ReadUsage = {
  readonly calls: number;
  /** Of all calls to the shard, those that Kinesis refused because of its limits. */
  readonly throttles: number;
  /** Epoch milliseconds until which it would refuse the next one, after a large answer. Absent: it would not. */
  readonly readableAt?: number;
};

/** How a shard is read. */
export type Reading = {
  /** When the read should end. */
  readonly until: number;
  /** When all reads of the task end. */
  readonly deadline: number;
  /** The enhanced fan-out consumer; null: by polling. */
  readonly consumerArn: string | null;
  /** Before this Kinesis is not asked for records: an earlier reader's answer was large. */
  readonly readableAt?: number | undefined;
  /** Memory for what comes unasked, as large as it is. Absent: unlimited. */
  readonly takeRoom?: (bytes: number) => Promise<Reservation>;
};

export type ConsumerState =
  | { readonly kind: 'active'; readonly arn: string }
  /** On its way in or out: to be asked for again in a later turn. */
  | { readonly kind: 'not-ready'; readonly status: string }
  /** There is none, none can be registered, and the pipeline reads by polling then. */
  | { readonly kind: 'fall-back'; readonly reason: string };

/** The enhanced fan-out consumer of a pipeline. */
export type StreamConsumer = {
  /**
   * Registers it if it is missing. Refuses one that is another's (ConsumerNotOwned). What was active a moment ago is taken
   * to be so still, unless `isDoubted`.
   */
  ensure(streamArn: string, isDoubted: boolean): Promise<ConsumerState>;
  /** Only if this very object registered it. */
  deregisterOwn(): Promise<void>;
};

export type ShardFilter = { readonly kind: 'all' } | { readonly kind: 'open-at'; readonly timestamp: number };

export type Source = {
  /** Also says the Kinesis time of the answer. */
  describe(): Promise<{ readonly stream: StreamIdentity; readonly serverTime: number }>;
  /** All pages. Refuses (StreamRecreated) where Kinesis can tell that the stream is another one than `createdAt` says. */
  listShards(filter: ShardFilter, stream: StreamIdentity): Promise<readonly ListedShard[]>;
  open(shardId: string, position: Position, reading?: Reading): Promise<ShardCursor>;
  /** Set where shards are read by enhanced fan-out. */
  readonly consumer?: StreamConsumer;
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

export type HeadUpdate =
  | { readonly kind: 'updated'; readonly head: Head }
  | { readonly kind: 'lost'; readonly head: Head | undefined };

/**
 * The head item: every change is one conditional write. On a failed condition the item is read again, so that a write
 * whose answer was lost is recognised as one's own ('updated'); `lost` carries what is there instead.
 */
export type HeadStore = {
  load(): Promise<Head | undefined>;
  /** If absent. Returns what is stored then. */
  create(head: Head): Promise<Head>;
  /** epoch + 1, owner, claim, lease; only if the epoch is still `seen.epoch`. */
  claim(seen: Head, claim: Claim): Promise<HeadUpdate>;
  /** sealed = (batchId, ref); only if epoch = ref and committed = sealed = batchId - 1. */
  seal(
    batch: { readonly batchId: number; readonly ref: number },
    owner: string,
    leaseUntil: number,
  ): Promise<HeadUpdate>;
  /**
   * The lease, never shorter than it is, for another round of a sealed batch's reduce; only if the epoch is mine,
   * (batchId, ref) is sealed and not committed, and the lease was not released.
   */
  renew(
    batch: { readonly batchId: number; readonly ref: number },
    holder: { readonly epoch: number; readonly owner: string },
    leaseUntil: number,
  ): Promise<HeadUpdate>;
  /** committed = (batchId, ref); only if the epoch is mine, sealed = (batchId, ref) and committed = batchId - 1. */
  commit(commit: Commit): Promise<HeadUpdate>;
  /** leaseUntil = 0; only if epoch and owner are still these. */
  release(epoch: number, owner: string): Promise<HeadUpdate>;
  /** What is known of shards whose executors died; only if epoch and owner are still these. */
  suspect(epoch: number, owner: string, suspicions: Suspicions): Promise<HeadUpdate>;
  setControl(control: Head['control']): Promise<void>;
  /** Where the next purge starts. Never lowers. */
  setPurgedBelow(batchId: number): Promise<void>;
};

export type Claim = {
  readonly owner: string;
  /** From `NewId`, once per try. */
  readonly claim: string;
  readonly execution: string;
  readonly leaseUntil: number;
  /** Undefined: shards are not listed in this turn. */
  readonly listedAt: number | undefined;
  /** Retention of the stream as last described: it can be changed. */
  readonly retentionMs: number;
  /** Undefined: what is saved, if anything is. */
  readonly keptFrom?: number | undefined;
  /** Undefined: that of the run before goes on. */
  readonly runEnd?: RunEnd | undefined;
};

export type Commit = {
  readonly batchId: number;
  readonly ref: number;
  readonly epoch: number;
  readonly owner: string;
  readonly leaseUntil: number;
  readonly horizon: number;
};

export type Stored = 'stored' | 'exists';

/** The immutable items. Every load of a named item throws MissingItem if it is absent: absent is never empty. */
export type BatchStore = {
  putPlan(plan: PlanRecord, tasks: readonly PlannedTask[]): Promise<void>;
  loadPlan(ref: number): Promise<PlanRecord>;
  loadTask(ref: number, task: number): Promise<PlannedTask>;
  /** Beside the task; the last one stays. */
  putNote(ref: number, task: number, note: DeathNote): Promise<void>;
  loadNote(ref: number, task: number): Promise<DeathNote | undefined>;

  /** First write wins. `partials` go into chunks of their own, before the summary that names them. */
  putBlock(summary: Omit<BlockSummary, 'groups'>, partials: ReadonlyMap<number, SavedWindows>): Promise<Stored>;
  /** Those that exist, of tasks 0 to taskCount - 1: a task without a block read nothing or failed. */
  loadBlocks(batchId: number, ref: number, taskCount: number): Promise<readonly BlockSummary[]>;
  /** Partials of one key group, in the order of the body's blocks. */
  loadPartials(body: BatchBody, keyGroup: number): Promise<readonly SavedWindows[]>;

  /** First write wins; returns the one that is stored. */
  putBody(body: BatchBody): Promise<BatchBody>;
  loadBody(batchId: number, ref: number): Promise<BatchBody>;

  /** First write wins; returns the one that is stored. */
  putState(state: KeyGroupState): Promise<KeyGroupState>;
  loadState(keyGroup: number, batchId: number, ref: number): Promise<KeyGroupState>;
  /** Undefined: nobody has put one yet. */
  findState(keyGroup: number, batchId: number, ref: number): Promise<KeyGroupState | undefined>;
  /** What of the stored outbox is known to be acknowledged: nothing if nothing was noted. */
  loadSent(state: StateName): Promise<SentOutbox>;
  putSent(state: StateName, sent: SentOutbox): Promise<void>;
  /** How many of its refused rows, from the first, are stored as dead letters. 0 if nothing was noted. */
  loadBuried(state: StateName): Promise<number>;
  putBuried(state: StateName, count: number): Promise<void>;

  /** Beside what was noted by others; the last one of a task stays. Expires. */
  putSentNote(note: SentNote): Promise<void>;
  /** Of this generation, by plans from `from` on. */
  loadSentNotes(of: { readonly generation: number; readonly from: number }): Promise<readonly SentNote[]>;

  /**
   * What user code made of the rows of a state that is not put yet, from row `from` on. First write wins. At least one.
   */
  putRows(state: StateName, from: number, rows: readonly EvaluatedRow[]): Promise<void>;
  /** Of the first rows, as far as they were put without a gap. */
  loadRows(state: StateName): Promise<readonly EvaluatedRow[]>;
  /** What user code of rows has done to the reducers of a state that is not put yet. Undefined: nothing is known. */
  loadTrial(state: StateName): Promise<RowTrial | undefined>;
  /** The last one stays. */
  putTrial(state: StateName, trial: RowTrial): Promise<void>;

  putProgress(progress: Progress): Promise<void>;
  loadProgress(batchId: number, ref: number): Promise<Progress | undefined>;
};

export type StateName = { readonly keyGroup: number; readonly batchId: number; readonly ref: number };

export type DeadLetter = {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly subSequenceNumber: number;
  readonly partitionKey: string;
  readonly arrivalTime: number | null;
  readonly reason: DeadLetterReason;
  readonly message: string;
  readonly payload: Uint8Array;
};

/** Keyed by the record they hold, so that a repeat overwrites itself. */
export type DeadLetterStore = {
  /** Until `deadline`; undefined: every letter is stored. What can't be is told by the answer, not thrown. */
  put(letters: readonly DeadLetter[], deadline: number): Promise<Undelivered | undefined>;
};

/** Deletes items of batches below `horizon`, as many as there is time for; idempotent, by anyone, at any time. */
export type Purge = (purge: {
  readonly horizon: number;
  /** Batches below were purged already. */
  readonly from: number;
  readonly parallelism: number;
  /** Tasks that a batch has at most. */
  readonly tasks: number;
  /** Epoch ms after which nothing more is looked for. */
  readonly deadline: number;
}) => Promise<{ readonly deleted: number; readonly purgedBelow: number }>;

/**
 * How a call into an isolate ended. A death is the call's own: the isolate had answered until then, and now it is gone or
 * silent. What the engine throws there, as for a callback that returns a promise, is no death: `run` throws it too.
 */
export type IsolateAnswer<Output> =
  | { readonly kind: 'answered'; readonly output: Output }
  | { readonly kind: 'died'; readonly message: string };

/**
 * User code that runs apart and can be ended: one that never answers, takes all memory or ends its thread harms nobody
 * else. A call is one synchronous step. After a death there are no more calls.
 */
export type Isolate<Input, Output> = {
  run(input: Input): IsolateAnswer<Output>;
  /** What schemas promised instead of answering, of an isolate that does not wait for it itself. */
  readonly promises?: readonly Promise<unknown>[];
  close(): void;
};

/**
 * Opens isolates, with limits of time (for each call) and memory. Fails (TemporaryFailure) where one can't be started,
 * which says nothing about any call.
 */
export type Isolation = {
  open<Kind extends IsolatedKind>(
    kind: Kind,
    setup: IsolatedCode[Kind]['setup'],
  ): Isolate<IsolatedCode[Kind]['input'], IsolatedCode[Kind]['output']>;
};

export type Ports = {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly source: Source;
  readonly sink: OutputSink;
  readonly head: HeadStore;
  readonly batches: BatchStore;
  readonly deadLetters: DeadLetterStore;
  readonly purge: Purge;
  readonly isolation: Isolation;
};
