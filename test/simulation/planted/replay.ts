/** One seed with these faults, without the command around it: `replayBroken` starts it. */
import { parseScript } from '../faults/fault.ts';
import { type Profile, runSeed } from '../run-seed.ts';

export type Replay = {
  readonly seed: number;
  readonly faults: string;
  readonly profile: Profile;
  readonly throughSdk: boolean;
};

const { seed, faults, ...options } = JSON.parse(process.argv[2]!) as Replay;
const { violations } = await runSeed(seed, { ...options, faults: parseScript(faults) });
process.stdout.write(JSON.stringify({ failures: violations.slice(0, 1).map((first) => ({ seed, ...first })) }));
