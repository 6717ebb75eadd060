/**
 * Windows that only events count in which pass (`dropDuplicates` before `groupBy`): first what passes of each key of events, then the
 * windows of their group.
 *
 * ONCE-3 What passes counts in the windows of its group in the batch in which it does, as if blocks had brought it there. None of them is late: they end
 *    behind the event, and the watermark is not past that.
 * ONCE-4 One pass: events of a group come before it (ONCE-2), so what passes waits for its group only, in the order of keys.
 */
import type { AggregateFunction } from '../aggregates/aggregate-function.ts';
import type { KeyValue } from '../pipeline/pipeline.ts';
import type { AssignWindows } from '../windows/window-kind.ts';
import { groupIn, isOfEvents } from './distinct-keys.ts';
import type { KeyChange, ResultWindow } from './key-change.ts';
import { canonicalKey } from './key-group.ts';
import type { KeyedOperator, OperatorRules } from './keyed-operator.ts';
import type { KeyOfSources } from './keys-in-order.ts';
import { passingOf } from './passing-events.ts';
import { savedOf } from './saved-table.ts';
import { windowAggregate } from './window-changes.ts';
import { WindowsOfKey } from './windows-of-key.ts';

export const distinctAggregate: KeyedOperator = {
  changesOf: (keys, rules) => windowAggregateOf(changesAndGroups(keys, rules), rules),
};

type Step = { readonly change: KeyChange } | { readonly group: KeyOfSources };

/** Of events what changes, of groups what is known before their windows are. */
function* changesAndGroups(keys: Iterable<KeyOfSources>, rules: OperatorRules): Generator<Step> {
  const { aggregation } = rules;
  const eventRules = { ...rules, aggregation: { ...aggregation, window: aggregation.distinct!.window } };
  const waiting = new WaitingGroups(rules);
  for (const key of keys) {
    for (const group of waiting.before(key.canonical)) yield { group };
    if (isOfEvents(aggregation, key.keyValues)) {
      const change = passingOf(key, eventRules);
      if (change === undefined) continue;
      waiting.add(groupIn(aggregation, key.keyValues), change.results);
      yield { change: { ...change, results: [] } };
    } else yield { group: waiting.joined(key) };
  }
  for (const group of waiting.before(undefined)) yield { group };
}

function* windowAggregateOf(steps: Iterable<Step>, rules: OperatorRules): Generator<KeyChange> {
  for (const step of steps) {
    if ('change' in step) yield step.change;
    else yield* windowAggregate.changesOf([step.group], rules);
  }
}

type Waiting = { readonly canonical: string; readonly keyValues: readonly KeyValue[]; readonly windows: WindowsOfKey };

/** Groups that something has passed for, and that have not come yet. */
class WaitingGroups {
  readonly #rules: OperatorRules;
  readonly #assign: AssignWindows;
  /** In the order of keys. */
  readonly #groups: Waiting[] = [];

  constructor(rules: OperatorRules) {
    this.#rules = rules;
    const { kind, options } = rules.aggregation.window;
    this.#assign = kind.assigner(options);
  }

  add(keyValues: readonly KeyValue[], passed: readonly ResultWindow[]): void {
    if (passed.length === 0) return;
    const { functions, aggregation, batchId } = this.#rules;
    const { windows } = this.#groupOf(keyValues);
    for (const { start: eventTime, accumulators } of passed) {
      for (const { start, end } of this.#assign(eventTime, batchId)) {
        const open = windows.open(start, end, functions);
        open.events += 1;
        merge(functions, open.accumulators, accumulators);
      }
      if (aggregation.window.kind.merge !== undefined) windows.mergeMany(aggregation.window.kind, functions);
    }
  }

  /** Those that come before this text, and are no more waiting. Undefined: all. */
  *before(canonical: string | undefined): Generator<KeyOfSources> {
    while (this.#groups.length > 0 && (canonical === undefined || this.#groups[0]!.canonical < canonical)) {
      const group = this.#groups.shift()!;
      yield { canonical: group.canonical, keyValues: group.keyValues, found: [this.#found(group)] };
    }
  }

  joined(key: KeyOfSources): KeyOfSources {
    if (this.#groups[0]?.canonical !== key.canonical) return key;
    return { ...key, found: [...key.found, this.#found(this.#groups.shift()!)] };
  }

  /** As a block would bring it. */
  #found({ windows }: Waiting): KeyOfSources['found'][number] {
    const { aggregation, functions } = this.#rules;
    const inOrder = windows.inOrder(aggregation.window.kind, functions);
    return {
      source: 1,
      windows: inOrder.map((window) => savedOf(window, { aggregation, functions })),
      given: undefined,
    };
  }

  #groupOf(keyValues: readonly KeyValue[]): Waiting {
    const canonical = canonicalKey(keyValues);
    // What comes next is mostly of the group that came last.
    let at = this.#groups.length;
    while (at > 0 && this.#groups[at - 1]!.canonical > canonical) at--;
    const known = this.#groups[at - 1];
    if (known?.canonical === canonical) return known;
    const group = { canonical, keyValues, windows: new WindowsOfKey() };
    this.#groups.splice(at, 0, group);
    return group;
  }
}

/** What is merged may be saved or not: an accumulator goes through its saved form. */
function merge(functions: readonly AggregateFunction[], into: unknown[], given: readonly unknown[]): void {
  for (const [at, fn] of functions.entries()) into[at] = fn.merge(into[at], fn.save(given[at]));
}
