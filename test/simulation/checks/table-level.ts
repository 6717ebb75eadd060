/**
 * The table stays level: what lies below the oldest retained batch is a few batches at most, and all else is gone, in however many chunks it lay,
 * but for states that nothing has replaced. What a
 * driver writes below it, because it was superseded long ago, is garbage that nobody looks for.
 */

import type { Head } from '../../../functions/core/model.ts';
import { batchesAtOnce } from '../../../functions/core/purge-pace.ts';
import type { Change } from '../services/dynamodb/simulated-dynamodb.ts';
import { nameOfItem } from '../world/calls.ts';
import type { Dimensions } from '../world/dimensions.ts';
import { batchOf, type LiveStates } from './purge-checks.ts';
import type { Report } from './violation.ts';

/** Not the first one. */
const isPartOfBlock = /\/blocks\/\d+\/\d+ \/ \d+#\d+#[^#]+#\d+#\d+$/;
const isSegment = /\/segments\/\d{5} /;

/**
 * Of key groups that there are no more all goes at once. What a command that died had put for more groups than there came to be goes with them,
 * if there ever are so many.
 */
export function mayBeFormer(pk: string, { formerGroups, purgedBelow, parallelism }: Head): boolean {
  const [, kind, text = '-1'] = /\/(state|segments)\/(\d{5})$/.exec(pk) ?? [];
  const group = Number(text);
  if (kind === 'segments' && group >= parallelism) return true;
  return formerGroups !== undefined && purgedBelow <= formerGroups.until && group >= formerGroups.least;
}

export class TableLevel {
  /** Names by batch, of what no expiry takes. */
  readonly #kept = new Map<number, Set<string>>();
  readonly #dimensions: Dimensions;
  readonly #live: LiveStates;

  constructor(dimensions: Dimensions, live: LiveStates) {
    this.#dimensions = dimensions;
    this.#live = live;
  }

  changed({ pk, sk, before, after }: Change, oldestRetainedBatch: number): void {
    const batchId = batchOf(pk, sk);
    if (batchId === undefined || (after ?? before)?.expires !== undefined) return;
    const name = `${pk} / ${sk}`;
    if (after === undefined) this.#kept.get(batchId)?.delete(name);
    else if (before === undefined && batchId >= oldestRetainedBatch) {
      const kept = this.#kept.get(batchId) ?? new Set();
      this.#kept.set(batchId, kept.add(name));
      if (after.chunks !== undefined) this.#dimensions.count('values in chunks');
      if (isPartOfBlock.test(name)) this.#dimensions.count('blocks of several parts');
      if (nameOfItem({ pk: { S: pk }, sk: { S: sk } }) === 'rows') this.#dimensions.count('rows in steps');
    }
  }

  /** A commit that follows one which left the head as `before` has it, with nothing that went wrong. */
  committed(before: Head, minBatchesToRetain: number, report: Report): void {
    const { oldestRetainedBatch, purgedBelow } = before;
    if (oldestRetainedBatch - purgedBelow >= batchesAtOnce(minBatchesToRetain))
      report(
        'level',
        `the oldest retained batch was ${oldestRetainedBatch}, and what lies below ${purgedBelow} was purged`,
      );
    for (const [batchId, names] of this.#kept) {
      if (names.size === 0 || batchId >= purgedBelow) {
        if (names.size === 0) this.#kept.delete(batchId);
        continue;
      }
      const left = [...names].find((name) => {
        const [pk = '', sk = ''] = name.split(' / ');
        return !(this.#live.isNeeded(pk, sk, purgedBelow) || mayBeFormer(pk, before));
      });
      if (left !== undefined)
        report('level', `${left} is still there; what lies below batch ${purgedBelow} was purged at the last commit`);
    }
  }

  /** Whatever goes wrong: a purge that says that it is through has taken segments that were let go, and those of lost tries. */
  purged(head: Head, report: Report): void {
    const { purgedBelow } = head;
    for (const [batchId, names] of this.#kept) {
      if (batchId >= purgedBelow) continue;
      for (const name of names) {
        if (!isSegment.test(name)) continue;
        const [pk = '', sk = ''] = name.split(' / ');
        if (this.#live.isNeeded(pk, sk, purgedBelow) || mayBeFormer(pk, head)) continue;
        report('level', `${name} is still there, though all below batch ${purgedBelow} is said to be purged`);
      }
    }
  }
}
