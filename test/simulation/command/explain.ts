/** Why a run failed: the promise it broke, and the command that shows it again with the fewest faults. */
import type { Violation } from '../checks/violation.ts';
import { describeScript, type Fault } from '../faults/fault.ts';
import { drawRun, shrink } from '../run-seed.ts';
import type { RunResult } from '../world/world.ts';

export type Failure = Violation & { readonly seed: number; readonly faults: string; readonly replay: string };

export async function explain(
  { seed, violations }: RunResult,
  options: { readonly faults?: readonly Fault[]; readonly shrink: boolean; readonly sdk?: true },
): Promise<Failure> {
  const drawn = options.faults ?? drawRun(seed).faults;
  const faults = options.shrink ? await shrink(seed, drawn, { throughSdk: options.sdk === true }) : drawn;
  const script = describeScript(faults);
  const replay = `npm run simulate -- --seed ${seed}${options.sdk ? ' --sdk' : ''} --faults '${script}'`;
  return { seed, ...violations[0]!, faults: script, replay };
}
