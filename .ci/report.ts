/** Prints what Vitest's JSON reporter counted, tier by tier, and the line that sums it up. */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

type File = {
  readonly name: string;
  readonly status: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly { readonly status: string }[];
};
type Tier = { readonly name: string; readonly budgetSeconds: number; has(path: string): boolean };

/** As in vitest.config.ts; the first that fits. A budget is for the time in which any file of the tier ran. */
const tiers: readonly Tier[] = [
  { name: 'package', budgetSeconds: 240, has: (path) => path.startsWith('test/package/') },
  { name: 'timed', budgetSeconds: 150, has: (path) => path.endsWith('.timed.ts') },
  { name: 'http', budgetSeconds: 450, has: (path) => path.endsWith('.http.ts') },
  { name: 'simulation', budgetSeconds: 460, has: (path) => path.endsWith('.simulation.ts') },
  { name: 'infra', budgetSeconds: 240, has: (path) => path.startsWith('test/infra/') },
  { name: 'property', budgetSeconds: 240, has: (path) => path.endsWith('.property.ts') },
  { name: 'slow', budgetSeconds: 150, has: (path) => path.endsWith('.slow.ts') },
  { name: 'spec', budgetSeconds: 120, has: (path) => path.endsWith('.spec.ts') },
];

const [resultsFile = '', failedSteps = '0'] = process.argv.slice(2);
const files: readonly File[] = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')).testResults : [];
let passed = 0;
let failed = Number(failedSteps);

say('\n=== tests');
for (const tier of tiers) {
  const own = files.filter((file) => tierOf(file) === tier);
  const results = own.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const ownPassed = results.filter((status) => status === 'passed').length;
  // A file that could not be loaded has no results, but has failed.
  const unloaded = own.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  const ownFailed = results.filter((status) => status === 'failed').length + unloaded.length;
  const seconds = secondsOf(own);
  const isSlow = seconds > tier.budgetSeconds;
  const time = `${seconds.toFixed(0).padStart(5)} s of ${String(tier.budgetSeconds).padStart(4)} s${isSlow ? '  too slow' : ''}`;
  say(
    `${tier.name.padEnd(10)} ${String(ownPassed).padStart(5)} passed ${String(ownFailed).padStart(4)} failed ${time}`,
  );
  passed += ownPassed;
  failed += ownFailed + (isSlow ? 1 : 0);
}
if (passed === 0 && failed === 0) failed = 1;
say(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function tierOf({ name }: File): Tier | undefined {
  const path = relative(process.cwd(), name);
  return tiers.find((tier) => tier.has(path));
}

/** Files that ran side by side count once. */
function secondsOf(own: readonly File[]): number {
  let total = 0;
  let until = 0;
  for (const { startTime, endTime } of own.toSorted((one, other) => one.startTime - other.startTime)) {
    total += Math.max(0, endTime - Math.max(startTime, until));
    until = Math.max(until, endTime);
  }
  return total / 1000;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
