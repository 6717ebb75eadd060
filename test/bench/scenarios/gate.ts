/**
 * `npm run bench -- gate [--rounds 3]`: whether Sluice still takes so much less than others as it did. Only ratios of two and more are asked
 * for, and of them 70 %: what a loaded machine blurs fails nothing. Its peers need no package that the project does not have.
 * What falls short is asked again in new processes: compilers make other code of the same functions, and less where they have to wait for a processor.
 */
import { parseArgs } from 'node:util';
import { alternate } from '../../../bench/side-by-side/alternate.ts';
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { compare } from '../../../bench/side-by-side/summary.ts';
import { scenarios } from './index.ts';

const share = 0.7;
const defaultRounds = 3;
/** Of a turn: ratios of fewer calls are the same. */
const part = 0.5;
const mostTries = 3;

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
  let asked = peers.filter((peer) => (ratios[peer.name] ?? 0) >= 2);
  const leastOf = (peer: string): number => ratios[peer]! * share;
  for (let tries = mostTries; tries > 0 && asked.length > 0; tries--) {
    const callsATurn = Math.ceil(scenario.callsATurn * part);
    const turns = await alternate({ ...scenario, callsATurn, variants: [sluice!, ...asked] }, rounds);
    const compared = compare(name, turns);
    for (const { peer, ratio } of compared) {
      const verdict = ratio >= leastOf(peer) ? 'ok    ' : tries > 1 ? 'again ' : 'FAILED';
      process.stdout.write(`${verdict} ${name} ${peer}: ${ratio.toFixed(2)} of at least ${leastOf(peer).toFixed(2)}\n`);
    }
    const short = new Set(compared.filter(({ peer, ratio }) => ratio < leastOf(peer)).map(({ peer }) => peer));
    asked = asked.filter((peer) => short.has(peer.name));
  }
  return asked.length;
}
