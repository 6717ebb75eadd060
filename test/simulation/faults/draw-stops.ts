/** Stops and restarts, and nothing else that goes wrong. */
import type { Random } from '../random.ts';
import type { Scenario } from '../world/scenario.ts';
import { drawStrike, drawSwitches } from './draw-faults.ts';
import type { CallFaultKind, Fault, SpanFault } from './fault.ts';

const stops: readonly CallFaultKind[] = ['halt', 'abort', 'restart', 'deploy', 'crash'];
/** Far from what retention takes. */
const longestOutageMs = 4 * 3_600_000;

export function drawStops(random: Random, scenario: Scenario): Fault[] {
  const switches = drawSwitches(random, scenario);
  if (random.chance(0.1)) return switches;
  const strikes = Array.from({ length: random.int(2, 10) }, () => drawStrike(random, scenario, random.pick(stops)));
  return [...strikes.filter((strike) => strike !== undefined), ...outagesOf(random, scenario), ...switches];
}

function outagesOf(random: Random, { durationMs }: Scenario): SpanFault[] {
  if (!random.chance(0.3)) return [];
  const forMs = random.span(20_000, longestOutageMs);
  return [{ kind: 'time-jump', size: 1, from: random.int(5_000, durationMs), forMs }];
}
