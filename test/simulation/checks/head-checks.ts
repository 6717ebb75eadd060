/** S1 to S5, and whether a lease was taken from a driver that lives: at every change of the head. */
import type { Head } from '../../../functions/core/model.ts';
import type { Invocation } from '../world/invocation.ts';
import type { Report } from './violation.ts';

export class HeadChecks {
  readonly #report: Report;
  readonly #now: () => number;
  readonly #maxClockSkewMs: number;
  readonly #plannedBy = new Map<string, string>();
  /** Undefined while nobody has stopped the pipeline. */
  #sealsSinceStop: number | undefined;
  #stoppedAt = 0;
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
    if (after.horizon < before.horizon) this.#report('S5', `horizon ${before.horizon} → ${after.horizon}`);
    if (call === 'claim') this.#claimed(before, after, invocation);
    if (call === 'seal') this.#sealed(before, after, invocation);
    if (call === 'renew') this.#renewed(before, after, invocation);
    if (call === 'suspect') this.#suspected(before, after, invocation);
    if (call === 'commit') this.#committed(before, after, invocation);
    const isAhead = after.sealedBatch - after.committedBatch;
    if (isAhead !== 0 && isAhead !== 1) {
      this.#report('S4', `sealed ${after.sealedBatch}, committed ${after.committedBatch}`);
    }
    if (isAhead === 0 && after.sealedRef !== after.committedRef) {
      this.#report('S4', `sealed with ref ${after.sealedRef}, committed with ${after.committedRef}`);
    }
    if (after.horizon > Math.max(-1, after.committedBatch - 1)) {
      this.#report('P1', `horizon ${after.horizon} at committed batch ${after.committedBatch}: the last two must stay`);
    }
  }

  /** The operator has written it; from `stop` on the running batch may be sealed, and no other. */
  controlled(control: Head['control']): void {
    this.#sealsSinceStop = control === 'stop' ? (this.#sealsSinceStop ?? 0) : undefined;
    this.#stoppedAt = this.#now();
  }

  #claimed(before: Head, after: Head, invocation: Invocation | undefined): void {
    if (after.epoch !== before.epoch + 1) this.#report('S1', `claim: epoch ${before.epoch} → ${after.epoch}`);
    if (after.sealedBatch !== before.sealedBatch || after.committedBatch !== before.committedBatch) {
      this.#report('S3', 'a claim moved sealed or committed');
    }
    const isNothingLeft = before.sealedBatch === before.committedBatch;
    // Who had read the head before does not know yet; he ends with what the claim tells him.
    const knew = (invocation?.startedAt ?? 0) > this.#stoppedAt;
    if (this.#sealsSinceStop !== undefined && before.owner !== after.owner && isNothingLeft && knew)
      this.#report('stop', 'a stopped pipeline was claimed, and nothing of it was left to be committed');
    if (before.owner !== after.owner && before.owner !== 'none') {
      const isAlive = this.#holder?.execution.status === 'RUNNING';
      const left = before.leaseUntil - this.#now();
      if (left > 2 * this.#maxClockSkewMs) this.#report('lease', `taken with ${left} ms left`);
      else if (isAlive && before.leaseUntil !== 0 && this.#maxClockSkewMs < 1_000) {
        this.#report('L3', `the lease of ${this.#holder?.execution.id} ran out while it runs`);
      }
    }
    this.#holder = invocation;
  }

  #sealed(before: Head, after: Head, invocation: Invocation | undefined): void {
    this.#heldBy(before, invocation, 'seal');
    if (this.#sealsSinceStop !== undefined && ++this.#sealsSinceStop > 1)
      this.#report('stop', `batch ${after.sealedBatch} is the second that was sealed since the pipeline was stopped`);
    if (after.sealedBatch !== before.sealedBatch + 1) {
      this.#report('S3', `sealed ${before.sealedBatch} → ${after.sealedBatch}`);
    }
    if (after.committedBatch !== before.committedBatch) this.#report('S3', 'a seal moved committed');
    if (after.sealedRef !== before.epoch) {
      this.#report('S2', `sealed with ref ${after.sealedRef} in epoch ${before.epoch}`);
    }
  }

  #renewed(before: Head, after: Head, invocation: Invocation | undefined): void {
    this.#heldBy(before, invocation, 'renewal');
    if (after.sealedBatch !== before.sealedBatch || after.committedBatch !== before.committedBatch) {
      this.#report('S3', 'a renewal moved sealed or committed');
    }
    if (before.sealedBatch === before.committedBatch) this.#report('S2', 'a renewal without a sealed batch');
    if (before.leaseUntil === 0) this.#report('lease', 'renewed after it was released');
    if (after.leaseUntil < before.leaseUntil) this.#report('L3', 'a renewal made the lease shorter');
  }

  /** Under the epoch of the plan that writes it, and nothing else is touched. */
  #suspected(before: Head, after: Head, invocation: Invocation | undefined): void {
    const { run } = (invocation?.payload ?? {}) as { readonly run?: string };
    if (run !== before.owner) this.#report('S2', 'suspicions written by a run that does not hold the lease');
    if (JSON.stringify({ ...before, suspicions: 0 }) !== JSON.stringify({ ...after, suspicions: 0 }))
      this.#report('S3', 'suspicions moved something else');
    const { shards = [], letters = [] } = after.suspicions ?? {};
    if (shards.length > 100 || letters.length > 6) this.#report('limits', 'the suspicions grow without bounds');
  }

  #committed(before: Head, after: Head, invocation: Invocation | undefined): void {
    this.#heldBy(before, invocation, 'commit');
    if (after.committedBatch !== before.committedBatch + 1) {
      this.#report('S3', `committed ${before.committedBatch} → ${after.committedBatch}`);
    }
    if (after.sealedBatch !== before.sealedBatch) this.#report('S3', 'a commit moved sealed');
  }

  #heldBy(before: Head, invocation: Invocation | undefined, what: string): void {
    const { run, epoch } = (invocation?.payload ?? {}) as { readonly run?: string; readonly epoch?: number };
    if (run !== before.owner || epoch !== before.epoch) {
      this.#report(
        'S2',
        `${what} by epoch ${epoch} of ${run}; the head is at epoch ${before.epoch} of ${before.owner}`,
      );
    }
  }
}
