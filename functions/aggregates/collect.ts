/**
 * COLLECT-1 What is kept are the `limit` values of the least rank, and how many there are in all: whatever the order of
 *    merging, since a value that is left out of a part has that many before it in the whole.
 */
import { oneOf, wholeNumber } from '../pipeline/option-rules.ts';
import { FailedAggregate } from '../user-code/callback-failure.ts';
import type { JsonOf } from '../user-code/json-of.ts';
import {
  type Aggregate,
  type AggregateFunction,
  aggregateFunction,
  defineAggregate,
  withHeldValues,
} from './aggregate-function.ts';
import { readAggregateOptions } from './aggregate-options.ts';
import { compareRanks, type Ranked, restoreRank, type SavedRank, saveRank } from './event-rank.ts';
import { type HeldSelector, refusesHeld, restored } from './held-value.ts';

/** How many values are kept, and what becomes of more: the second argument of `collect`. */
export type CollectOptions = {
  /**
   * Values that are kept, of each key and window: 1 to 1000.
   * @default 100
   */
  readonly limit?: number | undefined;
  /**
   * 'truncate': the earliest are kept, and the result says how many there are beside them. 'refuse': the row becomes a dead
   * letter.
   * @default 'truncate'
   */
  readonly beyond?: 'truncate' | 'refuse' | undefined;
};

/** What `collect` puts into a row. */
export type Collected<Value> = {
  /** In the order of their events. */
  readonly values: Value[];
  /** How many later ones were left out. */
  readonly truncated: number;
};

/**
 * A list of the values that the selector returns, in the order of their events: by event time, as `first` says. No more than
 * `limit` are kept, the earliest; the rest is counted as `truncated`, or makes the row a dead letter (`beyond: 'refuse'`).
 * Null and undefined are left out. A value is anything that JSON can write in up to 4,096 characters; an event with another
 * becomes a dead letter.
 *
 * @example
 * ```ts
 * pipeline('departures')
 *   .readStream(kinesis({ streamName: 'flights' }))
 *   .decode(json(Flight))
 *   .withWatermark((flight) => flight.date, { delay: '30 minutes' })
 *   .groupBy({ origin: (flight) => flight.origin })
 *   .window(tumbling('1 hour'))
 *   .aggregate({ destinations: collect((flight) => flight.destination, { limit: 20 }) });
 * ```
 */
export function collect<Event, Value>(
  selector: HeldSelector<Event, Value>,
  options?: CollectOptions,
): Aggregate<Event, Collected<JsonOf<NonNullable<Value>>>> {
  return defineAggregate('collect', selector, { options });
}

/** `all`: also of those that were left out. */
type Kept = { all: number; values: Ranked<string>[] };
type Saved = readonly [all: number, ...values: (readonly [...SavedRank, text: string])[]];

export const collectKind = withHeldValues('collect', (option, given, problems) => {
  const { limit, beyond } = readAggregateOptions(option, given, rules, problems);
  return collecting(limit, beyond);
});
const rules = {
  limit: wholeNumber({ atLeast: 1, atMost: 1_000 }, 100),
  beyond: oneOf(['truncate', 'refuse'], 'truncate'),
};

function collecting(limit: number, beyond: 'truncate' | 'refuse'): AggregateFunction {
  /** Not at each value: to put a list in order costs more than to let it grow. */
  const keep = (kept: Kept): Kept => (kept.values.length < 2 * limit ? kept : inOrder(kept, limit));
  return aggregateFunction<Ranked<string> | undefined, Kept, Saved, Collected<unknown>>({
    kind: 'collect',
    version: 1,
    // With another limit it would have gaps.
    fingerprint: ['collect', limit],
    isRanked: true,
    empty: () => ({ all: 0, values: [] }),
    add(kept, given) {
      if (given === undefined) return kept;
      kept.all += 1;
      kept.values.push(given);
      return keep(kept);
    },
    merge(kept, [all, ...values]) {
      kept.all += all;
      for (const [time, sequence, sub, shard, value] of values)
        kept.values.push({ value, rank: restoreRank([time, sequence, sub, shard]) });
      return keep(kept);
    },
    save(kept) {
      const { all, values } = inOrder(kept, limit);
      return [all, ...values.map(({ value, rank }) => [...saveRank(rank), value] as const)];
    },
    result(kept) {
      const { all, values } = inOrder(kept, limit);
      if (all > limit && beyond === 'refuse')
        throw new FailedAggregate('invalid-result', `${all} values are more than ${limit}, which is its limit`);
      return { values: values.map(({ value }) => restored(value)), truncated: all - values.length };
    },
    refuses: refusesHeld,
  }) as AggregateFunction;
}

/** Changes what it is given. */
function inOrder(kept: Kept, limit: number): Kept {
  kept.values.sort((one, other) => compareRanks(one.rank, other.rank));
  kept.values.length = Math.min(limit, kept.values.length);
  return kept;
}
