/** What becomes of a row, from its key and from how many events it has. */
import { deadlyRowKey } from '../world/deadly-code.ts';
import { rowsIn } from '../world/elements.ts';
import { furtherName, isAudited, isRefused } from '../world/further-output.ts';
import { filteredKey } from '../world/odd-values.ts';
import { poisonKey } from '../world/pipelines.ts';
import { isLeftOut } from '../world/row-rules.ts';
import type { Scenario } from '../world/scenario.ts';

export type RowFate = 'sent' | 'filtered' | 'refused' | 'deadly';

/** The filter is asked before the callback, and that throws at some numbers before it looks at the key. */
export function fateOfRow(scenario: Scenario, key: string, events: number): RowFate {
  if (isFiltered(scenario, key, events)) return 'filtered';
  if (rowsOfResult(scenario, events) === 0) return 'filtered';
  if (scenario.rowRule !== undefined && isLeftOut(events)) return scenario.rowRule;
  if (key === deadlyRowKey) return 'deadly';
  return scenario.hasPoison && key === poisonKey ? 'refused' : 'sent';
}

/** Before anything else is asked. */
export const isFiltered = ({ oddValues, rowRule }: Scenario, key: string, events: number): boolean =>
  (oddValues !== undefined && key === filteredKey) || (rowRule === 'filtered' && isLeftOut(events));

/** Rows that the result of so many events becomes, if it is not left out as a whole. */
export const rowsOfResult = ({ hasSeveralRows }: Scenario, events: number): number =>
  hasSeveralRows === true ? rowsIn(events) : 1;

export function outputsOfRow(scenario: Scenario, key: string, events: number): readonly string[] {
  if (fateOfRow(scenario, key, events) !== 'sent') return [];
  const { further } = scenario;
  const isFurther = further !== undefined && !isRefused(scenario, key) && isAudited(scenario, { key, events });
  return isFurther ? ['main', furtherName] : ['main'];
}
