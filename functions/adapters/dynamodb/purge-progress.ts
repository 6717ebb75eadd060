/**
 * What purges of this process have gone through of batches that none of them has finished. Of four hundred key groups a batch has eight hundred
 * partitions, and a purge has no time for so many queries: without this each would begin with the first of them, and none would come to the end.
 *
 * PROGRESS-1 It is never needed: a process that knows nothing begins anew, and nothing is taken that would not be without it.
 * PROGRESS-2 Of a group whose states were gone through further than the batches behind it, nothing is asked until these have caught up.
 */
import type { Purge } from '../../ports/purge.ts';

type Layout = Pick<Parameters<Purge>[0], 'createdAt' | 'parallelism' | 'formerGroups' | 'givenUp'>;

export class PurgeProgress {
  #layout = '';
  /** By batch, the key groups of which nothing is left in the folder of partial aggregates. */
  readonly #cleared = new Map<number, Set<number>>();
  /** By key group, the batch up to which replaced states are gone. */
  readonly #states = new Map<number, number>();

  /** Of another layout of key groups, or another set of tries that do not count, it is no progress. */
  begin({ createdAt, parallelism, formerGroups, givenUp }: Layout, from: number): void {
    const layout = JSON.stringify([createdAt, parallelism, formerGroups, givenUp]);
    if (layout !== this.#layout) {
      this.#cleared.clear();
      this.#states.clear();
    }
    this.#layout = layout;
    for (const batchId of this.#cleared.keys()) if (batchId < from) this.#cleared.delete(batchId);
  }

  isCleared(batchId: number, group: number): boolean {
    return this.#cleared.get(batchId)?.has(group) === true;
  }

  cleared(batchId: number, group: number): void {
    const groups = this.#cleared.get(batchId) ?? new Set();
    this.#cleared.set(batchId, groups.add(group));
  }

  statesUpTo(group: number): number {
    return this.#states.get(group) ?? 0;
  }

  haveStatesUpTo(group: number, batchId: number): void {
    this.#states.set(group, batchId);
  }
}
