/**
 * Ends whoever drives a pipeline, at once.
 *
 * FENCE-1 It claims the epoch, as a plan does, and gives the lease back: nothing that the driver writes after that moves the head. What it had
 *    sealed is finished by the next start, what it had not is read again, so nothing is lost and nothing counts twice.
 */
import { SluiceError } from '../core/errors.ts';
import { type HeldLease, heldAt, unfinished } from '../core/head.ts';
import type { BatchName } from '../core/model.ts';
import { mainSource } from '../pipeline/sources.ts';
import type { OperatedPipeline } from './operated-pipeline.ts';
import { OperationRefused } from './refused.ts';

export type Fenced = {
  /** Who held the pipeline. Undefined: nobody did, and nobody does. */
  readonly driver: HeldLease | undefined;
  /** Sealed and not committed: the next start finishes it. */
  readonly open: BatchName | undefined;
};

/** A driver claims once a turn, which takes longer than this does. */
const mostTries = 5;

/** @throws SluiceError MissingItem if it has never run; OperationRefused if others claim again and again */
export async function fence({
  name,
  head,
  newId,
  clock,
}: Pick<OperatedPipeline, 'name' | 'head' | 'newId' | 'clock'>): Promise<Fenced> {
  // No start begins behind it.
  await head.setControl('stop');
  const owner = newId();
  for (let tried = 0; tried < mostTries; tried++) {
    const seen = await head.load();
    if (seen === undefined) throw new SluiceError('MissingItem', `pipeline ${name} has never run on this table`);
    const driver = heldAt(seen, clock.now());
    const claimed = await head.claim(seen, {
      ...{ owner, claim: newId(), execution: 'sluice stop --now', leaseUntil: clock.now() },
      source: { listedAt: undefined, retentionMs: seen.sources[mainSource].stream.retentionMs },
    });
    if (claimed.kind === 'lost') continue;
    await head.release(claimed.head.epoch, owner);
    return { driver, open: unfinished(claimed.head) };
  }
  throw new OperationRefused(
    'held',
    `others claim ${name} again and again: it is set to stop, and ends after its batch`,
  );
}
