/** What is kept of dead letters, and for how long, where the pipeline says it. */
import type { Duration } from '../../../functions/index.ts';
import type { Random } from '../random.ts';
import type { Scenario } from './scenario.ts';

export type KeptLetters = { readonly payload?: 'none'; readonly hours?: number };

const hourMs = 3_600_000;
const usualHours = 30 * 24;

export const letterRetentionMs = ({ keptLetters }: Pick<Scenario, 'keptLetters'>): number =>
  (keptLetters?.hours ?? usualHours) * hourMs;

export const letterOptions = ({ keptLetters: { payload, hours } = {} }: Pick<Scenario, 'keptLetters'>) => ({
  ...(payload === undefined ? {} : { deadLetterPayload: payload }),
  ...(hours === undefined ? {} : { deadLetterRetention: `${hours} hours` as Duration }),
});

/** Of pipelines whose letters nobody redrives. */
export function drawKeptLetters(random: Random, scenario: Scenario): Partial<Scenario> {
  if (scenario.brokenShare !== undefined || scenario.operations !== undefined) return {};
  const payload = random.chance(0.7) ? { payload: 'none' as const } : {};
  const hours = random.chance(0.6) || payload.payload === undefined ? { hours: random.pick([2, 24, 2_000]) } : {};
  return { keptLetters: { ...payload, ...hours }, oddShare: Math.max(scenario.oddShare, 0.08) };
}
