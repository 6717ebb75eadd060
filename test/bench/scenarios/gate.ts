/**
 * `npm run bench -- gate [--rounds 5]`: whether Sluice still takes so much less than others as it did. Only ratios of two and more are asked
 * for, and of them 70 %: what a loaded machine blurs fails nothing.
 */
import { parseArgs } from 'node:util';
import { alternate } from '../../../bench/side-by-side/alternate.ts';
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { compare } from '../../../bench/side-by-side/summary.ts';
import { scenarios } from './index.ts';

const share = 0.7;
const defaultRounds = 5;

export async function benchGate(flags: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...flags],
    options: { rounds: { type: 'string', default: String(defaultRounds) } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1_000) {
    process.stderr.write(`bench gate: --rounds ${values.rounds}: use a whole number from 1 to 1,000\n`);
    return 2;
  }
  let failed = 0;
  for (const scenario of scenarios) failed += await judge(scenario, rounds);
  return failed === 0 ? 0 : 1;
}

async function judge(scenario: Scenario, rounds: number): Promise<number> {
  const { name, variants, ratios = {} } = scenario;
  const [sluice, ...peers] = variants;
  const asked = peers.filter((peer) => (ratios[peer.name] ?? 0) >= 2);
  if (asked.length === 0) return 0;
  let failed = 0;
  for (const { peer, ratio } of compare(
    name,
    await alternate({ ...scenario, variants: [sluice!, ...asked] }, rounds),
  )) {
    const least = ratios[peer]! * share;
    const isMet = ratio >= least;
    if (!isMet) failed += 1;
    process.stdout.write(
      `${isMet ? 'ok    ' : 'FAILED'} ${name} ${peer}: ${ratio.toFixed(2)} of at least ${least.toFixed(2)}\n`,
    );
  }
  return failed;
}
