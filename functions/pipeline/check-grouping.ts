/** What results are made of: keys, window, aggregates, and what happens to their rows. */
import type { GroupingDefinition, OperationDefinition } from './definition.ts';
import { duration, readCallback, readOption, readOptions } from './option-rules.ts';
import { isPlainObject } from './options.ts';
import type {
  AggregateKind,
  AggregateSpec,
  Aggregation,
  Callback,
  GroupKey,
  KeyValue,
  RowOperation,
  WindowSpec,
} from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';
import { reservedNames } from './windows.ts';

const maxKeys = 16;
const maxAggregates = 64;
const aggregateKinds: readonly AggregateKind[] = ['count', 'sum', 'min', 'max', 'avg'];

export function checkGrouping(given: GroupingDefinition, hasWatermark: boolean, problems: Problem[]): Aggregation {
  const window = checkWindow(given.window, problems);
  if (window.kind === 'tumbling' && !hasWatermark) {
    problems.push(notAllowed('window', 'tumbling', 'withWatermark(…) before groupBy(…), or perMicroBatch()'));
  }
  const { keys } = given;
  if (keys === undefined) {
    problems.push(
      missing('groupBy', 'an object of named keys such as { origin: (event) => event.origin }, or {} for one group'),
    );
  }
  const keyNames = Object.keys(keys ?? {});
  checkNames('groupBy', keyNames, { atLeast: 0, atMost: maxKeys }, [], problems);
  checkNames('aggregate', Object.keys(given.aggregates), { atLeast: 1, atMost: maxAggregates }, keyNames, problems);
  return {
    keys: Object.entries(keys ?? {}).flatMap(([name, selector]) => checkKey(name, selector, problems)),
    window,
    aggregates: Object.entries(given.aggregates).flatMap(([name, aggregate]) =>
      checkAggregate(name, aggregate, problems),
    ),
    rowOperations: checkRowOperations(given.rowOperations, problems),
  };
}

function checkWindow(given: unknown, problems: Problem[]): WindowSpec {
  const window = isPlainObject(given) ? given : {};
  if (window.kind === 'per-micro-batch') return { kind: 'per-micro-batch' };
  if (window.kind !== 'tumbling' || !isPlainObject(window.options)) {
    problems.push(notAllowed('window', given, "tumbling('1 hour') or perMicroBatch()"));
    return { kind: 'per-micro-batch' };
  }
  const sizeRule = duration({ atLeastMs: 1 }, undefined);
  const sizeMs = readOption('window.size', window.size, sizeRule, problems);
  if (window.size === undefined) problems.push(missing('window.size', sizeRule.allowed));
  const { offset } = readOptions('window', window.options, { offset: duration({ atLeastMs: 0 }, 0) }, problems);
  if (sizeMs !== undefined && offset >= sizeMs) {
    problems.push(
      notAllowed(
        'window.offset',
        window.options.offset,
        `a duration shorter than the window, which is '${window.size}'`,
      ),
    );
  }
  return { kind: 'tumbling', sizeMs: sizeMs ?? 1, offsetMs: offset };
}

function checkNames(
  step: string,
  names: readonly string[],
  { atLeast, atMost }: { readonly atLeast: number; readonly atMost: number },
  taken: readonly string[],
  problems: Problem[],
): void {
  if (names.length < atLeast || names.length > atMost) {
    const named = step === 'groupBy' ? 'keys' : 'aggregates';
    problems.push(notAllowed(step, `${names.length} names`, `${atLeast} to ${atMost} named ${named}`));
  }
  for (const name of names) {
    const option = `${step}.${name}`;
    if ((reservedNames as readonly string[]).includes(name))
      problems.push(notAllowed(option, name, 'a name that Sluice does not write itself'));
    else if (taken.includes(name)) problems.push(notAllowed(option, name, 'a name that is not a key as well'));
    else if (!isFieldName(name))
      problems.push(notAllowed(option, name, 'a name of 1 to 64 characters that is not a number'));
  }
}

/** Objects move names that are whole numbers to the front, so their order would not be the one written. */
function isFieldName(name: string): boolean {
  return name.length >= 1 && name.length <= 64 && name !== '__proto__' && !/^\d+$/.test(name);
}

function checkKey(name: string, given: unknown, problems: Problem[]): GroupKey[] {
  const selector = readCallback<Callback<KeyValue>>(`groupBy.${name}`, given, problems);
  return selector === undefined ? [] : [{ name, selector }];
}

function checkAggregate(name: string, given: unknown, problems: Problem[]): AggregateSpec[] {
  const kind = isPlainObject(given) ? aggregateKinds.find((known) => known === given.kind) : undefined;
  if (!isPlainObject(given) || kind === undefined) {
    problems.push(notAllowed(`aggregate.${name}`, given, 'count(), sum(…), min(…), max(…) or avg(…)'));
    return [];
  }
  if (kind === 'count') return [{ name, kind, selector: undefined }];
  const selector = readCallback<Callback<number | null | undefined>>(`aggregate.${name}`, given.selector, problems);
  return selector === undefined ? [] : [{ name, kind, selector }];
}

function checkRowOperations(given: readonly OperationDefinition[], problems: Problem[]): RowOperation[] {
  return given.flatMap((operation): RowOperation[] => {
    if (operation.kind === 'filter') {
      const predicate = readCallback<(row: never) => boolean>('filter of rows', operation.predicate, problems);
      return predicate === undefined ? [] : [{ kind: 'filter', predicate }];
    }
    if (operation.kind === 'map') {
      const mapper = readCallback<(row: never) => unknown>('map of rows', operation.mapper, problems);
      return mapper === undefined ? [] : [{ kind: 'map', mapper }];
    }
    return [];
  });
}
