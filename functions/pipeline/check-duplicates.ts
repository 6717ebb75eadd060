/** What passes of a key: the keys, for how long others of it are kept out, and what happens to what passes. */
import { passedEvent } from '../aggregates/passed-event.ts';
import { passingKind } from '../windows/passing.ts';
import { checkKey, checkNames, checkRowOperations, maxKeys } from './check-grouping.ts';
import type { GroupingDefinition, PipelineDefinition } from './definition.ts';
import type { Aggregation } from './pipeline.ts';
import { missing, notAllowed, type Problem } from './problems.ts';

const step = 'dropDuplicates';

/** The chain has it behind `withWatermark` only. */
export function checkDuplicates(given: GroupingDefinition, problems: Problem[]): Aggregation {
  const { keys, duplicates } = given;
  if (keys === undefined) problems.push(missing(step, 'an object of named keys such as { id: (event) => event.id }'));
  else checkNames(Object.keys(keys), { step, atLeast: 1, atMost: maxKeys, reserved: [], taken: [] }, problems);
  return {
    operator: step,
    keys: Object.entries(keys ?? {}).flatMap(([name, selector]) => checkKey(step, name, selector, problems)),
    window: { kind: passingKind, options: passingKind.read(duplicates?.options ?? {}, problems) },
    aggregates: [{ name: 'event', ...passedEvent(step) }],
    rowOperations: checkRowOperations(given.rowOperations, problems),
  };
}

/** What passes is given out once, and is never another. */
export function refuseVersionsOfPassed({ mode, grouping }: PipelineDefinition, problems: Problem[]): void {
  if (grouping?.duplicates === undefined) return;
  const once = `with ${step}(…): an event that passes never changes`;
  if (mode !== undefined && mode.value !== undefined && mode.value !== 'append')
    problems.push(notAllowed('outputMode', mode.value, `'append' ${once}`));
  if (mode?.options.accumulation === 'discarding')
    problems.push(notAllowed('accumulation', 'discarding', `'accumulating' ${once}`));
  if (grouping.topRows !== undefined)
    problems.push(notAllowed('topRows', `behind ${step}`, 'it behind aggregate(…): there are no windows to rank'));
}
