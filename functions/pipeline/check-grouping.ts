/** What results are made of: keys, window, aggregates, and what happens to their rows. */
import type { AggregateKind } from '../aggregates/aggregate-function.ts';
import { reservedNamesOf } from '../windows/index.ts';
import { perMicroBatchKind } from '../windows/per-micro-batch.ts';
import type { WindowKind, WindowSpec } from '../windows/window-kind.ts';
import type { Callback } from './callback.ts';
import { checkLateness } from './check-modes.ts';
import { checkFlatMap } from './check-operations.ts';
import { checkTopRows } from './check-top-rows.ts';
import type { GroupingDefinition, OperationDefinition } from './definition.ts';
import type { Kinds } from './kinds.ts';
import { readCallback } from './option-rules.ts';
import { isPlainObject } from './options.ts';
import type { AggregateSpec, Aggregation, GroupKey, KeyValue, RowOperation } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';
import type { Registry } from './registry.ts';

export const maxKeys = 16;
const maxAggregates = 64;

export function checkGrouping(
  given: GroupingDefinition,
  { windows, aggregates }: Pick<Kinds, 'windows' | 'aggregates'>,
  hasWatermark: boolean,
  problems: Problem[],
): Aggregation {
  const window = checkWindow(given.window, windows, problems);
  if (window.kind.of === 'event-time' && !hasWatermark) {
    problems.push(notAllowed('window', window.kind.kind, 'withWatermark(…) before groupBy(…), or perMicroBatch()'));
  }
  if (given.lateSink !== undefined && window.kind.of !== 'event-time')
    problems.push(
      notAllowed('sideOutputLate', window.kind.kind, 'it after windows of event time: no event is late in these'),
    );
  const { keys } = given;
  if (keys === undefined) {
    problems.push(
      missing('groupBy', 'an object of named keys such as { origin: (event) => event.origin }, or {} for one group'),
    );
  }
  const keyNames = Object.keys(keys ?? {});
  const reserved = reservedNamesOf(windows);
  checkNames(keyNames, { step: 'groupBy', atLeast: 0, atMost: maxKeys, reserved, taken: [] }, problems);
  checkNames(
    Object.keys(given.aggregates),
    { step: 'aggregate', atLeast: 1, atMost: maxAggregates, reserved, taken: keyNames },
    problems,
  );
  const checked = {
    keys: Object.entries(keys ?? {}).flatMap(([name, selector]) => checkKey('groupBy', name, selector, problems)),
    window: { ...window, ...checkLateness(given, window, problems) },
    aggregates: Object.entries(given.aggregates).flatMap(([name, aggregate]) =>
      checkAggregate(name, aggregate, aggregates, problems),
    ),
    rowOperations: checkRowOperations(given.rowOperations, problems),
  };
  return globalThis.SLUICE_TOP_ROWS === false
    ? checked
    : { ...checked, ...checkTopRows(given, { ...checked, reserved }, problems) };
}

function checkWindow(given: unknown, windows: Registry<WindowKind>, problems: Problem[]): WindowSpec {
  const kind = isPlainObject(given) ? windows.of(given) : undefined;
  const options = isPlainObject(given) ? kind?.read(given, problems) : undefined;
  if (kind !== undefined && options !== undefined) return { kind, options };
  problems.push(notAllowed('window', given, windows.usages()));
  return { kind: perMicroBatchKind, options: {} };
}

export function checkNames(
  names: readonly string[],
  {
    step,
    atLeast,
    atMost,
    reserved,
    taken,
  }: {
    readonly step: string;
    readonly atLeast: number;
    readonly atMost: number;
    readonly reserved: readonly string[];
    readonly taken: readonly string[];
  },
  problems: Problem[],
): void {
  if (names.length < atLeast || names.length > atMost) {
    const named = step === 'aggregate' ? 'aggregates' : 'keys';
    problems.push(notAllowed(step, `${names.length} names`, `${atLeast} to ${atMost} named ${named}`));
  }
  for (const name of names) {
    const option = `${step}.${name}`;
    if (reserved.includes(name)) problems.push(notAllowed(option, name, 'a name that Sluice does not write itself'));
    else if (taken.includes(name)) problems.push(notAllowed(option, name, 'a name that is not a key as well'));
    else if (!isFieldName(name))
      problems.push(notAllowed(option, name, 'a name of 1 to 64 characters that is not a number'));
  }
}

/** Objects move names that are whole numbers to the front, so their order would not be the one written. */
function isFieldName(name: string): boolean {
  return name.length >= 1 && name.length <= 64 && name !== '__proto__' && !/^\d+$/.test(name);
}

export function checkKey(step: string, name: string, given: unknown, problems: Problem[]): GroupKey[] {
  const selector = readCallback<Callback<KeyValue>>(`${step}.${name}`, given, problems);
  return selector === undefined ? [] : [{ name, selector }];
}

function checkAggregate(
  name: string,
  given: unknown,
  aggregates: Registry<AggregateKind>,
  problems: Problem[],
): AggregateSpec[] {
  const option = `aggregate.${name}`;
  const kind = isPlainObject(given) ? aggregates.of(given) : undefined;
  if (!isPlainObject(given) || kind === undefined) {
    problems.push(notAllowed(option, given, aggregates.usages()));
    return [];
  }
  const read = kind.read(option, given, problems);
  return read === undefined ? [] : [{ name, ...read }];
}

export function checkRowOperations(given: readonly OperationDefinition[], problems: Problem[]): RowOperation[] {
  return given.flatMap((operation): RowOperation[] => {
    if (operation.kind === 'filter') {
      const predicate = readCallback<(row: never) => boolean>('filter of rows', operation.predicate, problems);
      return predicate === undefined ? [] : [{ kind: 'filter', predicate }];
    }
    if (operation.kind === 'map') {
      const mapper = readCallback<(row: never) => unknown>('map of rows', operation.mapper, problems);
      return mapper === undefined ? [] : [{ kind: 'map', mapper }];
    }
    if (operation.kind === 'flatMap')
      return checkFlatMap<(row: never) => Iterable<unknown>>(
        'flatMap of rows',
        operation.mapper,
        operation.options,
        problems,
      );
    return [];
  });
}
