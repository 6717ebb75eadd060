/**
 * The stream that is read. Failures are `SluiceError`s: TemporaryFailure where another try can help. A cursor reads its
 * shard in order and leaves nothing out; what a page does not prove, it does not say.
 */
import type { Reservation } from '../concurrency/byte-budget.ts';
import type { StreamIdentity } from '../core/model.ts';
import type { Position } from '../core/position.ts';
import type { Page, ReadUsage } from '../core/record.ts';
import type { ListedShard } from '../core/shard-checkpoint.ts';
import type { StopReason } from '../core/shard-result.ts';

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

/** How a shard is read. */
export type ReadOptions = {
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

export type StreamListing = {
  /** Also says the Kinesis time of the answer. */
  describe(): Promise<{ readonly stream: StreamIdentity; readonly serverTime: number }>;
  /** All pages. Refuses (StreamRecreated) where Kinesis can tell that the stream is another one than `createdAt` says. */
  listShards(filter: ShardFilter, stream: StreamIdentity): Promise<readonly ListedShard[]>;
};

export type Source = StreamListing & {
  open(shardId: string, position: Position, reading?: ReadOptions): Promise<ShardCursor>;
  /** Set where shards are read by enhanced fan-out. */
  readonly consumer?: StreamConsumer;
};
