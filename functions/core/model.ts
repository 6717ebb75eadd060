/**
 * The values that plan, seal, reduce and commit decide on, as they are saved. Times are epoch milliseconds; `ref` is the
 * epoch of the plan that sealed a batch.
 */
import type { ConsumerType } from '../pipeline/pipeline.ts';
import type { mainSource } from '../pipeline/sources.ts';
import type { Counters } from './counters.ts';
import type { Tally } from './dead-letter-tally.ts';
import type { Attaching, DetachedOutputs, KnownOutput } from './detached.ts';
import type { FormerGroups } from './former-groups.ts';
import type { BlockGroup, KeptOfBlocks, NamedPartials } from './group-partials.ts';
import type { GroupState, GroupStates } from './group-state.ts';
import type { IsolatedReading } from './isolated-reading.ts';
import type { Origin } from './origin.ts';
import type { OutputCounts } from './output-counts.ts';
import type { ShardEnding } from './position.ts';
import type { BlockOfLetters, PlanOfLetters, RedriveOfBody, RedriveRequest, TaskOfLetters } from './redrive.ts';
import type { ReferenceUses } from './references.ts';
import type { RepeatsOfBatch } from './repeats/named-memory.ts';
import type { VersionRules } from './sealed-versions.ts';
import type { OpenCheckpoint, ShardCheckpoint } from './shard-checkpoint.ts';
import type { ShardName } from './shard-name.ts';
import type { PartsOfBody } from './shard-parts.ts';
import type { DataLoss, ShardResult } from './shard-result.ts';
import type { SourceState } from './source-state.ts';
import type { Suspicions } from './suspicions.ts';

export { endOfTime } from './end-of-time.ts';
export type { RunBound, SourceState, StreamIdentity } from './source-state.ts';
export type { FormerGroups, GroupState, GroupStates, Origin };

/** The only item that is ever changed: what is the truth, and who may change it. */
export type Head = {
  readonly pipeline: string;
  /** When the pipeline was planned first, or forked: its refs are no lower, and those of what had its name before are. */
  readonly createdAt: number;
  /** In identities of output. Begins as `createdAt`; whoever goes back to an earlier batch makes another. */
  readonly generation: number;
  readonly epoch: number;
  /** Who claimed the epoch. Undefined: nobody has yet. */
  readonly holder: Holder | undefined;
  /** Undefined: none is. */
  readonly committed: BatchName | undefined;
  /** The committed one, or the one after it. Undefined: none is. */
  readonly sealed: BatchName | undefined;
  /** Batches below this one may be deleted. Raised by commit only. */
  readonly oldestRetainedBatch: number;
  /** Batches below this one were purged: where the next purge starts. */
  readonly purgedBelow: number;
  readonly control: 'run' | 'stop';
  readonly fingerprint: string;
  readonly parallelism: number;
  /** What is read, by the source's id. */
  readonly sources: { readonly [mainSource]: SourceState };
  /** Shards whose executors died, and what is known of why. */
  readonly suspicions?: Suspicions;
  /** Absent: there always were as many key groups as now. */
  readonly formerGroups?: FormerGroups;
  /** Tries of batches that do not count, though states of them may be there. Absent: there are none. */
  readonly givenUp?: readonly BatchName[];
  /** Those that batches commit without. Absent: there are none. */
  readonly detached?: DetachedOutputs;
  /** Of the pipeline that has claimed last. Absent: none has. */
  readonly outputs?: readonly KnownOutput[];
  /** Dead letters that are to go through the pipeline again. Absent: none ever were. */
  readonly redrive?: RedriveRequest;
};

/** One of the tries of a batch: the one that the plan of this epoch sealed. */
export type BatchName = { readonly batchId: number; readonly ref: number };

/** Whoever released the lease is named still: while nobody else claims, he may plan again. */
export type Holder = {
  /** A run: what the state machine gives each of its executions. */
  readonly owner: string;
  /** Made anew by each try of a claim: two tries of one run must not both take the epoch for theirs (S1). */
  readonly claim: string;
  /** For people: which execution it is. Fences nothing. */
  readonly execution: string;
  readonly lease: Lease;
};

/** Others don't claim while it is held and not run out. */
export type Lease = { readonly kind: 'held'; readonly until: number } | { readonly kind: 'released' };

/**
 * read           of an executor's reads
 * close-windows  a batch without tasks that only moves the watermark to the end: the stream was declared finished
 * restored       reads and gives out nothing: what comes behind it goes on from `origin`
 * attach         reads nothing, and sends what was kept for an output: `attach`
 */
export type BatchKind = 'read' | 'close-windows' | 'restored' | 'attach';

/** `PLAN#<ref>`: what the plan of one epoch decided, beside its tasks. Expires. */
export type PlanRecord = PlanOfLetters & {
  readonly ref: number;
  readonly generation: number;
  readonly batchId: number;
  readonly kind: BatchKind;
  readonly consumerType: ConsumerType;
  /** Null: this is the first. */
  readonly previous: BatchName | null;
  readonly taskCount: number;
  readonly newShards: readonly ShardCheckpoint[];
  readonly expiredShards: readonly ShardName[];
  /** Parents that left the stream before they were known: their children don't wait for them. */
  readonly unknownParents: readonly ShardName[];
  /** Shards that left the stream unread: their position is the end, and the loss is recorded. */
  readonly expiredUnread: readonly DataLoss[];
  /** Shards that could be read and have no task in this turn, if there are any. */
  readonly postponed?: number;
  /** Some of them were not read in the turns before either: the next turn is theirs, at once. */
  readonly leavesUnread?: true;
  readonly parallelism: number;
  readonly fingerprint: string;
  /** Windows that close by then were over under a shorter lateness. Absent: none that is not over anyway. */
  readonly overUpTo?: number;
  /** Of a batch of that kind. */
  readonly attach?: Attaching;
};

/**
 * How a read goes on from a shard's position.
 *
 * continue         behind what was read last, or from where a new shard begins
 * after-gap        retention passed what was read through: something may be missing before the first record
 * from-checkpoint  the position is a record that another reader read last; nobody knows yet whether it is still there
 */
export type ReadStart = 'continue' | 'after-gap' | 'from-checkpoint';

export type PlannedShard = OpenCheckpoint & {
  /** Not in a committed batch yet. */
  readonly isNew: boolean;
  readonly start: ReadStart;
  /** Where to stop; absent: nowhere. */
  readonly endsAt?: ShardEnding;
};

/** `PLAN#<ref>#<task>`: all that one executor needs to know. Expires. */
export type PlannedTask = TaskOfLetters & {
  readonly ref: number;
  readonly generation: number;
  readonly batchId: number;
  readonly task: number;
  readonly shards: readonly PlannedShard[];
  readonly parallelism: number;
  readonly fingerprint: string;
  readonly watermark: number | null;
  readonly overUpTo?: number;
  /** An idle shard whose watermark could pass this time must say so: a window could close. Null: nothing is open. */
  readonly nextWindowClose: number | null;
  /** An idle shard read through no further than this long ago is written down again. */
  readonly refreshAfterMs: number;
  /** The enhanced fan-out consumer to read by; null: by polling. */
  readonly consumerArn: string | null;
  /** When the next turn begins if this one finds nothing; null: at once, or never. */
  readonly nextTurnAt: number | null;
  /** Where executors send: from this plan on, what its shards' earlier tries left as notes may be news. */
  readonly notesFrom?: number;
  /** Its one shard is read with user code in a thread of its own. */
  readonly isolation?: IsolatedReading;
};

type Counted = {
  readonly counters: Counters;
  /** Those counted as `deadLettered`, by reason; absent if there are none. */
  readonly letters?: Tally;
  /** Of events that came to the outputs, where there are several. */
  readonly outputs?: OutputCounts;
  readonly references?: ReferenceUses;
};

/** The root of a block: what one task read. Its partial aggregates lie beside it in chunks. */
export type BlockSummary = Counted &
  BlockOfLetters & {
    readonly ref: number;
    readonly batchId: number;
    readonly task: number;
    /** Chunks of another try of the same task carry another nonce, so they can never mix. */
    readonly nonce: string;
    readonly shards: readonly ShardResult[];
    readonly failedShards: readonly (ShardName & { readonly error: string })[];
    readonly groups: readonly BlockGroup[];
    /** The executor's time, from its start until it had read and delivered everything. */
    readonly workMs?: number;
  };

/** `BATCH#<N>#<ref>`: what batch N contains, for ever. The checkpoints of many shards lie in parts beside it. */
export type BatchBody = SealedBatch & PartsOfBody & { readonly shards: readonly ShardCheckpoint[] };

/** What its reducers need of it: no more of it grows with the stream than the tasks that it was read by. */
export type SealedBatch = RepeatsOfBatch &
  RedriveOfBody &
  KeptOfBlocks &
  Counted & {
    readonly batchId: number;
    readonly ref: number;
    readonly generation: number;
    readonly kind: BatchKind;
    /** Of a restored batch. */
    readonly origin?: Origin;
    /** Of one that sends what was kept. */
    readonly attach?: Attaching;
    /** By which its shards were read. */
    readonly consumerType: ConsumerType;
    /** Null: this is the first. */
    readonly previous: BatchName | null;
    readonly parallelism: number;
    readonly fingerprint: string;
    /** By which it is decided what is late. */
    readonly watermarkIn: number | null;
    readonly watermarkOut: number | null;
    /** As its plan has it. */
    readonly overUpTo?: number;
    /** Empty without aggregation. */
    readonly states: GroupStates;
    readonly blocks: readonly {
      readonly task: number;
      readonly nonce: string;
      readonly groups: readonly NamedPartials[];
    }[];
    /** How its results are given out. Absent without aggregation. */
    readonly gives?: VersionRules;
    /** Every open shard was read to its tip, none failed and none waits for a parent. */
    readonly caughtUp: boolean;
    /** More can be read at once: a read ended short of its tip, or shards have become readable. */
    readonly backlog: boolean;
    /** Shards, and whole tasks, that the limits of Kinesis kept from being read, if any: they are asked again after a pause. */
    readonly throttled?: number;
    /** When Kinesis gives out the first of what is left. Absent: at once, or nobody knows. */
    readonly readableFrom?: number;
    readonly shardsRead: number;
    readonly failedShards: readonly (ShardName & { readonly error: string })[];
    /** Tasks that failed as a whole; their shards stay where they were. */
    readonly failedTasks: number;
    /** Those of them whose function died, if any did. */
    readonly diedTasks?: readonly number[];
    /** Tasks that failed as a whole or found nothing. */
    readonly tasksWithoutBlock: number;
    /** From this plan on, notes of what was sent may be news to the next one. */
    readonly notesFrom: number;
    readonly records: number;
    readonly resentElsewhere: number;
    readonly bytes: number;
    readonly millisBehindLatest: number;
    readonly dataLoss: readonly DataLoss[];
    /** Kinesis time of the last batch that delivered an event; null if none did. */
    readonly lastDeliveryAt: number | null;
  };
