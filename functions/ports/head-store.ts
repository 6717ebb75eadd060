/** The one item that changes. */
import type { DetachedOutputs, KnownOutput } from '../core/detached.ts';
import type { SourceNews } from '../core/head.ts';
import type { BatchName, Head, Holder, Lease } from '../core/model.ts';
import type { RedriveRequest } from '../core/redrive.ts';
import type { Suspicions } from '../core/suspicions.ts';

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
  /** epoch + 1, holder, lease, what is known of the source; only if the epoch is still `seen.epoch`. */
  claim(seen: Head, claim: Claim): Promise<HeadUpdate>;
  /**
   * sealed = (batchId, ref); only if epoch = ref and committed = sealed = batchId - 1. With `redrive`, whose letters the batch has taken: only if it
   * is still the head's (REDRIVE-4).
   */
  seal(batch: BatchName, owner: string, leaseUntil: number, redrive?: RedriveRequest): Promise<HeadUpdate>;
  /**
   * sealed = (batchId, ref), with what goes on by it, and the lease released; only if epoch = ref, committed = batchId - 1, and sealed is
   * `replaces`. Suspicions are of the batches behind: there are none any more.
   */
  restore(restored: Restored, owner: string): Promise<HeadUpdate>;
  /**
   * The lease, never shorter than it is, for another round of a sealed batch's reduce; only if the epoch is mine,
   * (batchId, ref) is sealed and not committed, and the lease was not released.
   */
  renew(
    batch: BatchName,
    holder: { readonly epoch: number; readonly owner: string },
    leaseUntil: number,
  ): Promise<HeadUpdate>;
  /**
   * committed = (batchId, ref), and what is detached behind it; only if the epoch is mine, sealed = (batchId, ref), committed = batchId - 1, and
   * detached is what was seen.
   */
  commit(commit: Commit): Promise<HeadUpdate>;
  /** The lease; only if epoch and owner are still these. */
  release(epoch: number, owner: string): Promise<HeadUpdate>;
  /** What is known of shards whose executors died; only if epoch and owner are still these. */
  suspect(epoch: number, owner: string, suspicions: Suspicions): Promise<HeadUpdate>;
  setControl(control: Head['control']): Promise<void>;
  /** What is detached; only if that, and which batches are sealed and committed, are as they were seen. */
  setDetached(seen: Head, detached: DetachedOutputs | undefined): Promise<HeadUpdate>;
  /** The dead letters to be taken next; only if the head's request and its generation are those that were seen. */
  setRedrive(seen: Head, redrive: RedriveRequest): Promise<HeadUpdate>;
  /** The same request, which ends elsewhere; only if that, the generation, and which batches are sealed and committed, are as they were seen. */
  endRedrive(seen: Head, redrive: RedriveRequest): Promise<HeadUpdate>;
  /** Where the next purge starts. Never lowers. */
  setPurgedBelow(batchId: number): Promise<void>;
};

/** `claim` from `NewId`, once per try. */
export type Claim = Omit<Holder, 'lease'> & {
  readonly leaseUntil: number;
  readonly source: SourceNews;
  /** Of the pipeline. Absent: those that are there. */
  readonly outputs?: readonly KnownOutput[];
  /** Of a definition that goes on with what another one has saved. Absent: it is the same. */
  readonly fingerprint?: string;
  /** Of a command: with its own try, from `seen`; nothing is claimed then if that was sealed or committed meanwhile. Absent: as they are. */
  readonly givenUp?: readonly BatchName[];
};

export type Restored = BatchName &
  Pick<Head, 'generation' | 'parallelism' | 'fingerprint' | 'formerGroups' | 'givenUp'> & {
    /** Absent: as it is by then. */
    readonly control?: Head['control'];
    /** The committed batch, or one that was sealed and is given up. Undefined: none is. */
    readonly replaces: BatchName | undefined;
  };

export type Commit = BatchName & {
  readonly epoch: number;
  readonly owner: string;
  readonly lease: Lease;
  readonly oldestRetainedBatch: number;
  /** Absent: nothing is detached. */
  readonly detached?: { readonly seen: DetachedOutputs; readonly after: DetachedOutputs | undefined };
};
