/** S1 to S5, and whether a lease was taken from a driver that lives: at every change of the head. */
import { isDeepStrictEqual } from 'node:util';
import type { BatchName, Head } from '../../../functions/core/model.ts';
import type { Invocation } from '../world/invocation.ts';
import { operateStep } from '../world/operations.ts';
import type { Report } from './violation.ts';

const idOf = (batch: BatchName | undefined): number => batch?.batchId ?? -1;

const isSame = (one: BatchName | undefined, other: BatchName | undefined): boolean => idOf(one) === idOf(other);

const isFenceCommand = (invocation: Invocation | undefined): boolean =>
  invocation?.step === operateStep && (invocation.payload as { readonly kind?: string }).kind === 'fence';

export class HeadChecks {
  readonly #report: Report;
  readonly #now: () => number;
  readonly #maxClockSkewMs: number;
  readonly #plannedBy = new Map<string, string>();
  /** Undefined while nobody has stopped the pipeline. */
  #sealsSinceStop: number | undefined;
  #stoppedAt = 0;
  /** By the epoch that a command has claimed from whoever had it. Undefined: started since. */
  #fencedBy: number | undefined;
  /** Which execution holds the lease. */
  #holder: Invocation | undefined;

  constructor(parts: { readonly report: Report; readonly now: () => number; readonly maxClockSkewMs: number }) {
    this.#report = parts.report;
    this.#now = parts.now;
    this.#maxClockSkewMs = parts.maxClockSkewMs;
  }

  /** S1: the items of an epoch's plan come from one invocation. */
  planRequested(sk: string, invocation: Invocation): void {
    const ref = sk.split('#')[1] ?? '';
    const first = this.#plannedBy.get(ref) ?? invocation.id;
    this.#plannedBy.set(ref, first);
    if (first !== invocation.id)
      this.#report('S1', `${first} and ${invocation.id} both plan with epoch ${Number(ref)}`);
  }

  changed(
    { before, after }: { readonly before: Head; readonly after: Head },
    call: string,
    invocation: Invocation | undefined,
  ): void {
    if (after.epoch < before.epoch) this.#report('S5', `epoch ${before.epoch} → ${after.epoch}`);
    if (after.oldestRetainedBatch < before.oldestRetainedBatch)
      this.#report('S5', `oldestRetainedBatch ${before.oldestRetainedBatch} → ${after.oldestRetainedBatch}`);
    if (call === 'control') this.controlled(after.control);
    if (call === 'claim') this.#claimed(before, after, invocation);
    if (call === 'seal') this.#sealed(before, after, invocation);
    if (call === 'restore') this.#restored(before, after);
    if (call === 'renew') this.#renewed(before, after, invocation);
    if (call === 'suspect') this.#suspected(before, after, invocation);
    if (call === 'commit') this.#committed(before, after, invocation);
    if (call === 'detach' && !isDeepStrictEqual({ ...before, detached: 0 }, { ...after, detached: 0 }))
      this.#report('S3', 'a command that detaches or attaches moved something else');
    const { sealed, committed } = after;
    const isAhead = idOf(sealed) - idOf(committed);
    if (isAhead !== 0 && isAhead !== 1) {
      this.#report('S4', `sealed ${idOf(sealed)}, committed ${idOf(committed)}`);
    }
    if (isAhead === 0 && sealed?.ref !== committed?.ref) {
      this.#report('S4', `sealed with ref ${sealed?.ref}, committed with ${committed?.ref}`);
    }
    if (after.oldestRetainedBatch > Math.max(0, idOf(committed) - 1)) {
      this.#report(
        'P1',
        `oldestRetainedBatch ${after.oldestRetainedBatch} at committed batch ${idOf(committed)}: the last two must stay`,
      );
    }
  }

  /** The operator has written it; from `stop` on the running batch may be sealed, and no other. */
  controlled(control: Head['control']): void {
    this.#sealsSinceStop = control === 'stop' ? (this.#sealsSinceStop ?? 0) : undefined;
    this.#stoppedAt = this.#now();
    if (control === 'run') this.#fencedBy = undefined;
  }

  fenced(): void {
    // Who starts it at once is another operator.
    if (this.#fencedBy === undefined && this.#sealsSinceStop !== undefined)
      this.#report('fence', 'the command has ended, and has claimed nothing behind its stop');
  }

  #claimed(before: Head, after: Head, invocation: Invocation | undefined): void {
    if (after.epoch !== before.epoch + 1) this.#report('S1', `claim: epoch ${before.epoch} → ${after.epoch}`);
    if (!isSame(after.sealed, before.sealed) || !isSame(after.committed, before.committed)) {
      this.#report('S3', 'a claim moved sealed or committed');
    }
    const isNothingLeft = isSame(before.sealed, before.committed);
    const left = before.holder;
    const isFence = isFenceCommand(invocation);
    // One that was taken for dead, and wakes up behind the start, ends a driver and stops nothing.
    if (isFence && after.control === 'stop') this.#fencedBy = after.epoch;
    const isAnother = left?.owner !== after.holder?.owner;
    // Who had read the head before does not know yet; he ends with what the claim tells him.
    const knew = (invocation?.startedAt ?? 0) > this.#stoppedAt && invocation?.step !== operateStep;
    if (this.#sealsSinceStop !== undefined && isAnother && isNothingLeft && knew)
      this.#report('stop', 'a stopped pipeline was claimed, and nothing of it was left to be committed');
    if (isAnother && !isFence && left?.lease.kind === 'held') {
      const isAlive = this.#holder?.execution.status === 'RUNNING';
      const leftMs = left.lease.until - this.#now();
      if (leftMs > 2 * this.#maxClockSkewMs) this.#report('lease', `taken with ${leftMs} ms left`);
      else if (isAlive && this.#maxClockSkewMs < 1_000) {
        this.#report('L3', `the lease of ${this.#holder?.execution.id} ran out while it runs`);
      }
    }
    this.#holder = invocation;
  }

  #sealed(before: Head, after: Head, invocation: Invocation | undefined): void {
    this.#heldBy(before, invocation, 'seal');
    if (this.#fencedBy !== undefined)
      this.#report(
        'fence',
        `batch ${idOf(after.sealed)} is sealed behind epoch ${this.#fencedBy}, which was to end that`,
      );
    if (this.#sealsSinceStop !== undefined && ++this.#sealsSinceStop > 1)
      this.#report('stop', `batch ${idOf(after.sealed)} is the second that was sealed since the pipeline was stopped`);
    if (idOf(after.sealed) !== idOf(before.sealed) + 1) {
      this.#report('S3', `sealed ${idOf(before.sealed)} → ${idOf(after.sealed)}`);
    }
    if (!isSame(after.committed, before.committed)) this.#report('S3', 'a seal moved committed');
    if (after.sealed?.ref !== before.epoch) {
      this.#report('S2', `sealed with ref ${after.sealed?.ref} in epoch ${before.epoch}`);
    }
  }

  /** By whoever has claimed the epoch; a batch that was sealed there is given up. */
  #restored(before: Head, after: Head): void {
    if (idOf(after.sealed) !== idOf(before.committed) + 1)
      this.#report('S3', `restored ${idOf(before.committed)} → ${idOf(after.sealed)}`);
    if (!isSame(after.committed, before.committed)) this.#report('S3', 'a restored batch moved committed');
    if (after.sealed?.ref !== before.epoch || after.epoch !== before.epoch)
      this.#report('S2', `restored with ref ${after.sealed?.ref} in epoch ${before.epoch}`);
    if (after.holder?.lease.kind !== 'released') this.#report('lease', 'a restored batch is held');
  }

  #renewed(before: Head, after: Head, invocation: Invocation | undefined): void {
    this.#heldBy(before, invocation, 'renewal');
    if (!isSame(after.sealed, before.sealed) || !isSame(after.committed, before.committed)) {
      this.#report('S3', 'a renewal moved sealed or committed');
    }
    if (isSame(before.sealed, before.committed)) this.#report('S2', 'a renewal without a sealed batch');
    const [had, has] = [before, after].map(({ holder }) => holder?.lease);
    if (had?.kind !== 'held' || has?.kind !== 'held') this.#report('lease', 'renewed after it was released');
    else if (has.until < had.until) this.#report('L3', 'a renewal made the lease shorter');
  }

  /** Under the epoch of the plan that writes it, and nothing else is touched. */
  #suspected(before: Head, after: Head, invocation: Invocation | undefined): void {
    const { run } = (invocation?.payload ?? {}) as { readonly run?: string };
    if (run !== before.holder?.owner) this.#report('S2', 'suspicions written by a run that does not hold the lease');
    if (!isDeepStrictEqual({ ...before, suspicions: 0 }, { ...after, suspicions: 0 }))
      this.#report('S3', 'suspicions moved something else');
    const { shards = [], letters = [] } = after.suspicions ?? {};
    if (shards.length > 100 || letters.length > 6) this.#report('limits', 'the suspicions grow without bounds');
  }

  #committed(before: Head, after: Head, invocation: Invocation | undefined): void {
    this.#heldBy(before, invocation, 'commit');
    if (idOf(after.committed) !== idOf(before.committed) + 1) {
      this.#report('S3', `committed ${idOf(before.committed)} → ${idOf(after.committed)}`);
    }
    if (!isSame(after.sealed, before.sealed)) this.#report('S3', 'a commit moved sealed');
  }

  #heldBy(before: Head, invocation: Invocation | undefined, what: string): void {
    const { run, epoch } = (invocation?.payload ?? {}) as { readonly run?: string; readonly epoch?: number };
    if (run !== before.holder?.owner || epoch !== before.epoch) {
      this.#report(
        'S2',
        `${what} by epoch ${epoch} of ${run}; the head is at epoch ${before.epoch} of ${before.holder?.owner}`,
      );
    }
  }
}
