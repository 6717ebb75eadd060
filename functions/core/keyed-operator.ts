/**
 * What a keyed operator is: a file with what it makes of the keys of a group, and a line in `keyed-operators.ts`. How it is written and
 * checked stands in `pipeline/`; blocks, state, ends and outbox are the same for all.
 *
 * OPERATOR-1 What it makes of a key follows from what the state has of it, what the blocks have, and the batch.
 * OPERATOR-2 Where nothing has come for a key it changes something only when the watermark reaches an end of what is saved of it, or in
 *    mode 'complete': in other batches it may not be asked.
 * OPERATOR-3 Changes come in the order of keys.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import type { Aggregation } from '../pipeline/pipeline.ts';
import type { KeyChange, Watermarks } from './key-change.ts';
import type { KeyOfSources } from './keys-in-order.ts';

export type OperatorRules = {
  readonly aggregation: Aggregation;
  readonly watermarks: Watermarks;
  readonly batchId: number;
  /** Of the aggregates, without user code. */
  readonly functions: readonly AggregateFunction[];
};

export type KeyedOperator = {
  /** Of keys without a change nothing. */
  changesOf(keys: Iterable<KeyOfSources>, rules: OperatorRules): Iterable<KeyChange>;
  /** The row of a result is the value of its only aggregate, as it is. Absent: it has keys, window, and each aggregate by its name. */
  readonly givesValues?: true;
};

/** Of an operator that decides of each key alone. Undefined: nothing changes. */
export const keyByKey = (
  changeOf: (key: KeyOfSources, rules: OperatorRules) => KeyChange | undefined,
): KeyedOperator['changesOf'] =>
  function* changesOf(keys, rules) {
    for (const key of keys) {
      const change = changeOf(key, rules);
      if (change !== undefined) yield change;
    }
  };
