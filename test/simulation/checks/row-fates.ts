/** What becomes of a row, from its key and from how many events it has. */
import { deadlyRowKey } from '../world/deadly-code.ts';
import { furtherName, isAudited, isRefused } from '../world/further-output.ts';
import { filteredKey } from '../world/odd-values.ts';
import { poisonKey } from '../world/pipelines.ts';
import { isLeftOut } from '../world/row-rules.ts';
import type { Scenario } from '../world/scenario.ts';

export type RowFate = 'sent' | 'filtered' | 'refused' | 'deadly';

/** The filter is asked before the callback, and that throws at some numbers before it looks at the key. */
export function fateOfRow(scenario: Scenario, key: string, events: number): RowFate {
  if (scenario.oddValues !== undefined && key === filteredKey) return 'filtered';
  if (scenario.rowRule !== undefined && isLeftOut(events)) return scenario.rowRule;
  if (key === deadlyRowKey) return 'deadly';
  return scenario.hasPoison && key === poisonKey ? 'refused' : 'sent';
}

export function outputsOfRow(scenario: Scenario, key: string, events: number): readonly string[] {
  if (fateOfRow(scenario, key, events) !== 'sent') return [];
  const { further } = scenario;
  const isFurther = further !== undefined && !isRefused(scenario, key) && isAudited(scenario, { key, events });
  return isFurther ? ['main', furtherName] : ['main'];
}
