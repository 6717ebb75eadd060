/** Every keyed operator there is, and what it makes of the keys of a group. */
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { KeyChange, Watermarks } from './key-change.ts';
import type { KeyedOperator } from './keyed-operator.ts';
import { keysInOrder } from './keys-in-order.ts';
import { passingEvents } from './passing-events.ts';
import type { SavedKey } from './saved-windows.ts';
import { withoutUserCode } from './unmerged.ts';
import { windowAggregate } from './window-changes.ts';

const operators = { aggregate: windowAggregate, dropDuplicates: passingEvents } as const satisfies Readonly<
  Record<'aggregate' | NonNullable<Aggregation['operator']>, KeyedOperator>
>;

export const operatorOf = ({ operator }: Pick<Aggregation, 'operator'>): KeyedOperator =>
  operators[operator ?? 'aggregate'];

/** Keys by canonical text. */
export type KeysOfGroup = {
  readonly before: Iterable<SavedKey>;
  readonly blocks: readonly Iterable<SavedKey>[];
};

/** One pass over what was there before and over the blocks. Of keys without a change nothing. */
export function* keyChanges(
  aggregation: Aggregation,
  watermarks: Watermarks,
  { before, blocks }: KeysOfGroup,
): Generator<KeyChange> {
  const rules = { aggregation, watermarks, functions: withoutUserCode(aggregation) };
  const operator = operatorOf(aggregation);
  for (const key of keysInOrder([before, ...blocks])) {
    const change = operator.changesOf(key, rules);
    if (change !== undefined) yield change;
  }
}
