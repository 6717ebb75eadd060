/** `npm run bench -- <scenario> [--rounds 9] [--peer NAME] [--json]` */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { alternate } from '../../../bench/side-by-side/alternate.ts';
import type { Scenario } from '../../../bench/side-by-side/scenario.ts';
import { type Comparison, compare } from '../../../bench/side-by-side/summary.ts';

const defaultRounds = 9;
const peersFolder = path.resolve(import.meta.dirname, '../../../bench/node_modules');

export async function benchScenario(scenario: Scenario, flags: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...flags],
    options: {
      rounds: { type: 'string', default: String(defaultRounds) },
      peer: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  const [sluice, ...peers] = scenario.variants;
  const asked = peers.filter(({ name }) => values.peer?.includes(name) ?? true);
  const problem = problemOf({ rounds, asked: asked.length, wanted: values.peer?.length });
  if (problem !== undefined) {
    process.stderr.write(`bench: ${problem}\n`);
    return 2;
  }
  const turns = await alternate({ ...scenario, variants: [sluice!, ...asked] }, rounds);
  const comparisons = compare(scenario.name, turns);
  process.stdout.write(values.json ? comparisons.map(lineOf).join('') : tableOf(scenario, comparisons));
  return 0;
}

type Asked = { readonly rounds: number; readonly asked: number; readonly wanted: number | undefined };

function problemOf({ rounds, asked, wanted }: Asked): string | undefined {
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 1_000))
    return '--rounds: give a whole number from 1 to 1,000';
  if (wanted !== undefined && asked !== wanted) return '--peer: not one of this scenario';
  return existsSync(peersFolder) ? undefined : 'the peers are not installed; run npm ci --prefix bench';
}

const lineOf = (comparison: Comparison): string => `${JSON.stringify(rounded(comparison))}\n`;

const rounded = ({ ratio, spread, peerUs, sluiceUs, peerMb, sluiceMb, ...names }: Comparison) => ({
  ...names,
  ratio: round(ratio),
  spread: spread.map(round),
  peerUs: round(peerUs),
  sluiceUs: round(sluiceUs),
  peerMb: Math.round(peerMb),
  sluiceMb: Math.round(sluiceMb),
});

const round = (value: number): number => Number(value.toFixed(value < 10 ? 2 : 1));

function tableOf({ what, measure = 'CPU us' }: Scenario, comparisons: readonly Comparison[]): string {
  const table = new Table({
    head: ['peer', 'ratio', 'half of the rounds', `${measure}, peer`, 'Sluice', 'peak MB, peer', 'Sluice'],
    style: { head: [], border: [] },
  });
  for (const { peer, ratio, spread, peerUs, sluiceUs, peerMb, sluiceMb } of comparisons.map(rounded))
    table.push([peer, ratio, `${spread[0]} to ${spread[1]}`, peerUs, sluiceUs, peerMb, sluiceMb]);
  return `${what}
${table}
ratio: ${measure} of the peer over Sluice's
`;
}
