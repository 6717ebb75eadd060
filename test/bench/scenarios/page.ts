/** The ratios as the page on performance shows them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withGenerated } from '../../docs/documents.ts';
import { scenarios } from './index.ts';
import { type Result, readResults } from './results.ts';

export const page = 'docs/performance.md';

/** As it is to be, from what lies in `bench/results/`. */
export function pageFromResults(): string {
  const results = readResults(scenarios);
  const text = readFileSync(page, 'utf8');
  const withRatios = withGenerated(text, 'ratios', ratiosOf(results));
  const withFaster = withGenerated(withRatios, 'faster peers', fasterPeersOf(results));
  return withGenerated(withFaster, 'scenarios', scenariosOf(results));
}

export const writePage = (): void => writeFileSync(page, pageFromResults());

type Cells = readonly (string | number)[];
const row = (cells: Cells): string => `| ${cells.join(' | ')} |`;
const tableOf = (head: Cells, rows: readonly Cells[]): string =>
  [head, head.map(() => '---'), ...rows].map(row).join('\n');

export function ratiosOf(results: readonly Result[]): string {
  const head = ['Scenario', 'Peer', 'Ratio', 'Half of the rounds', 'Peer', 'Sluice', 'MB, peer', 'Sluice'];
  const rows = results.flatMap(({ scenario, peers }) =>
    peers.map(({ peer, ratio, spread, peerUs, sluiceUs, peerMb, sluiceMb }) => {
      const shown = ratio < 1 ? `**${ratio}**` : ratio;
      return [scenario, peer, shown, `${spread[0]} to ${spread[1]}`, peerUs, sluiceUs, peerMb, sluiceMb];
    }),
  );
  return tableOf(head, rows);
}

export function fasterPeersOf(results: readonly Result[]): string {
  const faster = results.flatMap(({ scenario, peers }) =>
    peers
      .filter(({ ratio }) => ratio < 1)
      .map(({ peer, ratio }) => `- \`${scenario}\`: \`${peer}\` takes ${ratio} of what Sluice takes.`),
  );
  return faster.length === 0 ? 'None of them.' : faster.join('\n');
}

function scenariosOf(results: readonly Result[]): string {
  const measured = results.map(({ scenario, what, measure, command }) => {
    const unit = measure === 'CPU us' ? '' : ` Compared: ${measure.replace('CPU us', 'CPU µs')}.`;
    return `- \`${scenario}\`: ${what}.${unit} \`${command}\``;
  });
  const circumstances = Map.groupBy(
    results,
    ({ machine, node, date, loadAverage }) =>
      `${machine}, Node ${node}, ${date}, ${loadAverage > 1.5 ? 'with other work on the machine' : 'nothing else on the machine'}`,
  );
  const on = [...circumstances].map(([where, those]) => `- ${where}: ${those.map((one) => one.scenario).join(', ')}.`);
  return [...measured, '', 'Measured on:', '', ...on].join('\n');
}
