/** Every keyed operator there is, and what it makes of the keys of a group. */
import type { Aggregation } from '../pipeline/pipeline.ts';
import { distinctAggregate } from './distinct-aggregate.ts';
import type { KeyChange, Watermarks } from './key-change.ts';
import type { KeyedOperator } from './keyed-operator.ts';
import { keysInOrder } from './keys-in-order.ts';
import { passingEvents } from './passing-events.ts';
import type { SavedKey } from './saved-windows.ts';
import { withoutUserCode } from './unmerged.ts';
import { windowAggregate } from './window-changes.ts';

export function operatorOf({ operator, distinct }: Pick<Aggregation, 'operator' | 'distinct'>): KeyedOperator {
  if (globalThis.SLUICE_DROP_DUPLICATES !== false) {
    if (operator === 'dropDuplicates') return passingEvents;
    if (distinct !== undefined) return distinctAggregate;
  }
  return windowAggregate;
}

/** Keys by canonical text. */
export type KeysOfGroup = {
  readonly before: Iterable<SavedKey>;
  readonly blocks: readonly Iterable<SavedKey>[];
};

/** One pass over what was there before and over the blocks. Of keys without a change nothing. */
export function keyChanges(
  aggregation: Aggregation,
  { batchId, ...watermarks }: Watermarks & { readonly batchId: number },
  { before, blocks }: KeysOfGroup,
): Iterable<KeyChange> {
  const rules = { aggregation, watermarks, batchId, functions: withoutUserCode(aggregation) };
  return operatorOf(aggregation).changesOf(keysInOrder([before, ...blocks]), rules);
}
