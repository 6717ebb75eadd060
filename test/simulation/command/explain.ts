/** Why a run failed: the promise it broke, and the command that shows it again with the fewest faults. */
import type { Violation } from '../checks/violation.ts';
import { describeScript, type Fault } from '../faults/fault.ts';
import { drawRun, type Profile, shrink } from '../run-seed.ts';
import type { RunResult } from '../world/run-result.ts';

export type Failure = Violation & { readonly seed: number; readonly faults: string; readonly replay: string };

export async function explain(
  { seed, violations }: RunResult,
  options: {
    readonly faults?: readonly Fault[];
    readonly shrink: boolean;
    readonly sdk?: true;
    readonly profile: Profile;
  },
): Promise<Failure> {
  const drawn = options.faults ?? drawRun(seed, options.profile).faults;
  const faults = options.shrink
    ? await shrink(seed, drawn, { throughSdk: options.sdk === true, profile: options.profile })
    : drawn;
  const script = describeScript(faults);
  const flags = `${options.sdk ? ' --sdk' : ''}${options.profile === 'usual' ? '' : ` --profile ${options.profile}`}`;
  const replay = `npm run simulate -- --seed ${seed}${flags} --faults '${script}'`;
  return { seed, ...violations[0]!, faults: script, replay };
}
