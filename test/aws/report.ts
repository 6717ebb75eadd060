/** What a run says, before (`--dry-run`) and after. */
import type { Bill } from '../../local/cost/bill.ts';
import type { Comparison } from './compare.ts';
import type { Latency } from './latency.ts';
import type { StepOutcome } from './run-steps.ts';
import type { Settings } from './settings.ts';
import type { Call, Step } from './steps.ts';

export type Findings = {
  comparison?: Comparison;
  latency?: Latency;
  cost?: {
    readonly counted: Bill;
    /** What the reports of the batches make of it, in dollars a day. */
    readonly reckonedADay: number;
    readonly troubles: Readonly<Record<string, number>>;
  };
};

const mostDifferences = 20;

export function planText({ account, region, stack }: Settings, steps: readonly Step[]): string {
  const lines = steps.flatMap(({ title, calls, always, makes }, at) => [
    `${at + 1}. ${title}${makes ? ' (from here on all is destroyed at the end, also after Ctrl-C)' : ''}${always ? ' (in any case)' : ''}`,
    ...calls.map((call) => `     ${callText(call)}`),
  ]);
  return [`Account ${account}, ${region}, stack ${stack}: nothing of this was done.`, ...lines].join('\n');
}

export const callText = (call: Call): string => {
  const what = call.kind === 'command' ? call.command.map(quoted).join(' ') : `${call.operation} (${call.of})`;
  return call.often ? `${what}, until it is so` : what;
};

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Right only if all was done, and nothing differs. */
export const isRight = (outcomes: readonly StepOutcome[], { comparison }: Findings): boolean =>
  outcomes.every(({ outcome }) => outcome === 'done') && comparison?.differences.length === 0;

export function reportText(settings: Settings, outcomes: readonly StepOutcome[], findings: Findings): string {
  const steps = outcomes.map(
    ({ step, outcome, seconds, problem }) =>
      `${outcome.padEnd(8)} ${seconds.toFixed(0).padStart(5)} s  ${step.title}${problem === undefined ? '' : `: ${problem}`}`,
  );
  const destroyed = outcomes.find(({ step }) => step.kind === 'destroy');
  return [
    ...steps,
    ...comparisonLines(findings.comparison),
    ...latencyLines(findings.latency),
    ...costLines(findings.cost),
    ...(destroyed?.outcome === 'failed'
      ? [`Stack ${settings.stack} may still be there, and costs money: destroy it.`]
      : []),
    isRight(outcomes, findings) ? 'Exactly once.' : 'Not shown.',
  ].join('\n');
}

function comparisonLines(comparison: Comparison | undefined): readonly string[] {
  if (comparison === undefined) return [];
  const { rows, expected, repeats, differences } = comparison;
  return [
    `rows      ${rows} of ${expected}, ${repeats} of them sent again as they were`,
    ...differences.slice(0, mostDifferences).map((difference) => `  differs: ${difference}`),
    ...(differences.length > mostDifferences ? [`  and ${differences.length - mostDifferences} more`] : []),
  ];
}

function latencyLines(latency: Latency | undefined): readonly string[] {
  if (latency === undefined) return [];
  const { rows, without, half, most95, longest } = latency;
  const seconds = (ms: number | undefined): string => (ms === undefined ? '?' : `${(ms / 1_000).toFixed(1)} s`);
  return [
    `latency   of ${rows} rows, from the event that closed their window: half within ${seconds(half)}, 95 % within ` +
      `${seconds(most95)}, all within ${seconds(longest)} (disturbances included; ${without} were closed by the end)`,
  ];
}

function costLines(cost: Findings['cost']): readonly string[] {
  if (cost === undefined) return [];
  const { counted, reckonedADay, troubles } = cost;
  const of = Object.entries(troubles).map(([name, count]) => `${name} ${count}`);
  return [
    `cost      $${counted.total.toFixed(4)} for this run by what CloudWatch counted and list prices of us-east-1, without streams, ` +
      `logs and objects; $${reckonedADay.toFixed(2)} a day by the reports of its batches`,
    `troubles  ${of.join(', ')}`,
  ];
}
