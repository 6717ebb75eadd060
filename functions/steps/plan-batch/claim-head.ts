/** The epoch of a plan, by a conditional write of the head. */
import type { Head, RunBound } from '../../core/model.ts';
import { mainSource } from '../../pipeline/sources.ts';
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
    const runBound = boundOf(before)?.timestamp === boundOf(seen)?.timestamp ? claim.source.runBound : undefined;
    const source = { ...claim.source, runBound };
    const claimed = await ports.head.claim(before, { ...claim, source, claim: ports.newId() });
    if (claimed.kind === 'updated') return claimed.head;
    if (claimed.head?.holder?.owner !== claim.owner) return undefined;
    before = claimed.head;
  }
  return undefined;
}

const boundOf = (head: Head): RunBound | undefined => head.sources[mainSource].runBound;
