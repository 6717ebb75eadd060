/** The epoch of a plan, by a conditional write of the head. */
import type { Head } from '../../core/model.ts';
import type { Claim } from '../../ports/head-store.ts';
import type { PlanRuntime } from './plan-runtime.ts';

const maxClaims = 3;

/**
 * Takes the next epoch. If another try of this very run was quicker (a repeated invocation while the first still runs),
 * this one takes the epoch after that: its answer is the one that the state machine waits for.
 */
export async function claimHead(
  { ports }: PlanRuntime,
  seen: Head,
  claim: Omit<Claim, 'claim'>,
): Promise<Head | undefined> {
  let before = seen;
  for (let attempt = 0; attempt < maxClaims; attempt++) {
    // The other try has given the run its end already.
    const runEnd = before.runEnd?.timestamp === seen.runEnd?.timestamp ? claim.runEnd : undefined;
    const claimed = await ports.head.claim(before, { ...claim, runEnd, claim: ports.newId() });
    if (claimed.kind === 'updated') return claimed.head;
    if (claimed.head?.owner !== claim.owner) return undefined;
    before = claimed.head;
  }
  return undefined;
}
