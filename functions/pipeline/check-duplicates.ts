/** What passes of a key: the keys, for how long others of it are kept out, and what happens to what passes. */
import { passedEvent } from '../aggregates/passed-event.ts';
import { passingKind } from '../windows/passing.ts';
import type { WindowSpec } from '../windows/window-kind.ts';
import { checkKey, checkNames, checkRowOperations, maxKeys } from './check-grouping.ts';
import type { GroupingDefinition, PipelineDefinition } from './definition.ts';
import type { RawOptions } from './options.ts';
import type { Aggregation, GroupKey } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';

const step = 'dropDuplicates';

/** What passes is given out as it is. */
export const isOfEvents = ({ duplicates }: GroupingDefinition): boolean =>
  duplicates !== undefined && duplicates.isGrouped !== true;

/** The chain has it behind `withWatermark` only. */
export function checkDuplicates(given: GroupingDefinition, problems: Problem[]): Aggregation {
  return {
    operator: step,
    keys: checkKeys(given.keys, problems),
    window: windowOf(given, problems),
    aggregates: [{ name: 'event', ...passedEvent(step) }],
    rowOperations: checkRowOperations(given.rowOperations, problems),
  };
}

/** What `dropDuplicates` before `groupBy` makes of the grouping. */
export function checkDistinct(given: GroupingDefinition, grouped: Aggregation, problems: Problem[]): Aggregation {
  const { duplicates, keys: groupKeys = {}, lateness } = given;
  if (duplicates === undefined) return grouped;
  const keys = checkKeys(duplicates.keys, problems);
  for (const [name, selector] of Object.entries(groupKeys))
    if (duplicates.keys?.[name] !== selector) problems.push(notAllowed(`groupBy.${name}`, name, ofBoth));
  if (lateness !== undefined && grouped.window.latenessMs !== undefined)
    problems.push(
      notAllowed(
        'allowedLateness',
        lateness.value,
        `none with ${step}(…): what comes late does not pass; use a longer delay`,
      ),
    );
  const others = keys.filter(({ name }) => !Object.hasOwn(groupKeys, name));
  return {
    ...grouped,
    window: { ...grouped.window, endsAnytime: true },
    distinct: { keys: [...grouped.keys, mark, ...others], window: windowOf(given, problems) },
  };
}

const ofBoth =
  `a key of ${step}(…) under its name and with the very same function, since duplicates must meet in one group; or two pipelines: ` +
  `one with ${step}(…) that writes to a stream, and one with groupBy(…) that reads it (docs/guides/duplicates.md)`;

/** It tells keys of events from those of groups. */
const mark: GroupKey = { name: '', selector: () => 0 };

function checkKeys(given: RawOptions | undefined, problems: Problem[]): readonly GroupKey[] {
  if (given === undefined) problems.push(missing(step, 'an object of named keys such as { id: (event) => event.id }'));
  else checkNames(Object.keys(given), { step, atLeast: 1, atMost: maxKeys, reserved: [], taken: [] }, problems);
  return Object.entries(given ?? {}).flatMap(([name, selector]) => checkKey(step, name, selector, problems));
}

const windowOf = ({ duplicates }: GroupingDefinition, problems: Problem[]): WindowSpec => ({
  kind: passingKind,
  options: passingKind.read(duplicates?.options ?? {}, problems),
});

/** What passes is given out once, and is never another. */
export function refuseVersionsOfPassed({ mode, grouping }: PipelineDefinition, problems: Problem[]): void {
  if (grouping === undefined || !isOfEvents(grouping)) return;
  const once = `with ${step}(…): an event that passes never changes`;
  if (mode !== undefined && mode.value !== undefined && mode.value !== 'append')
    problems.push(notAllowed('outputMode', mode.value, `'append' ${once}`));
  if (mode?.options.accumulation === 'discarding')
    problems.push(notAllowed('accumulation', 'discarding', `'accumulating' ${once}`));
  if (grouping.topRows !== undefined)
    problems.push(notAllowed('topRows', `behind ${step}`, 'it behind aggregate(…): there are no windows to rank'));
}
