/** `sluice cost`: what a pipeline costs a day, by what its last batches did. */
import type { Pipeline } from '../../functions/pipeline/pipeline.ts';
import { type Bill, billOf } from '../../local/cost/bill.ts';
import { type Estimate, estimateOf } from '../../local/cost/estimate.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { plainTable } from '../../local/report/text-table.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { loadPipeline, textOf, wholeNumber } from '../option-values.ts';
import { lastReports, openKnown } from '../pipeline-facts.ts';
import { print } from '../print.ts';
import { openTable, requireHead } from '../table-access.ts';
import { atTable, verbose } from '../table-options.ts';

const defaultLast = 60;
const machines = ['EXPRESS', 'STANDARD'] as const;

export const addCost: AddCommand = (program) => {
  const description =
    'reckon what a pipeline costs a day, by the reports of its last batches and list prices; its streams are no part of it';
  atTable(program.command('cost').description(description))
    .argument('[file]', "the pipeline's module: its trigger says how many turns find nothing")
    .option('--last <n>', `by the last so many batches, 2 at least (default: ${defaultLast})`)
    .option('--machine <type>', 'EXPRESS (default) or STANDARD')
    .option(...verbose)
    .addHelpText(
      'after',
      `
Examples:
  sluice cost --pipeline departures --table <TableName>
  sluice cost departures.ts --table <TableName> --last 600 --json`,
    )
    .action(async (file: string | undefined, options: Flags) => cost(file, options));
};

async function cost(file: string | undefined, options: Flags): Promise<void> {
  const { name, everyMs, last, machine } = await settingsOf(file, options);
  const known = openKnown(openTable(options), undefined, name);
  const { committed } = await requireHead(known.head, name);
  const reports = (await lastReports(known.storage, { committed }, last)).toReversed();
  if (reports.length < 2)
    throw new LocalProblem('usage', `Pipeline ${name} has ${reports.length} batches with a report; 2 are needed.`);
  const estimate = estimateOf(reports, { everyMs, machine });
  const dollars = billOf(estimate.usage);
  print(
    options.json === true
      ? JSON.stringify({ pipeline: name, machine, ...estimate, idleTurnsADay: estimate.idleTurnsADay ?? null, dollars })
      : costText(name, estimate, dollars),
  );
}

type Settings = {
  readonly name: string;
  readonly everyMs: number | undefined;
  readonly last: number;
  readonly machine: (typeof machines)[number];
};

async function settingsOf(file: string | undefined, options: Flags): Promise<Settings> {
  const problems: string[] = [];
  const pipeline: Pipeline | undefined = file === undefined ? undefined : await loadPipeline(file, options, problems);
  const last = wholeNumber('last', options, problems, { from: 2, upTo: 10_000 }) ?? defaultLast;
  const asked = textOf(options, 'machine') ?? machines[0];
  const machine = machines.find((each) => each === asked);
  if (machine === undefined) problems.push(`--machine ${asked}: use ${machines.join(' or ')}`);
  const named = textOf(options, 'pipeline');
  const name = pipeline?.name ?? named;
  if (file === undefined && named === undefined) problems.push('--pipeline: its name is needed, or its file');
  if (pipeline !== undefined && named !== undefined && named !== pipeline.name)
    problems.push(`--pipeline ${named}: ${file} is the pipeline ${pipeline.name}`);
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
  return { name: name!, everyMs: pipeline?.trigger.everyMs, last, machine: machine! };
}

const titles: Readonly<Record<keyof Bill, string>> = {
  ...{ stepFunctions: 'Step Functions', schedule: 'schedule', lambda: 'Lambda', dynamodb: 'DynamoDB', s3: 'S3' },
  total: 'in all',
};

function costText(name: string, estimate: Estimate, dollars: Bill): string {
  const { batches, batchesADay, idleTurnsADay, usage } = estimate;
  const table = plainTable(['part', '$ a day']);
  for (const [part, title] of Object.entries(titles)) table.push([title, dollars[part as keyof Bill].toFixed(3)]);
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const idle =
    idleTurnsADay === undefined
      ? 'turns that find nothing are not counted: name the file'
      : `${whole(idleTurnsADay)} turns that find nothing`;
  return [
    `${name}, as its last ${batches} batches were: ${whole(batchesADay)} batches a day; ${idle}`,
    table.toString(),
    `A day: ${whole(usage.lambdaRequests)} calls of functions, ${whole(usage.workSeconds)} s of executors and reducers, ` +
      `${whole(usage.writeUnits)} write units, ${whole(usage.readUnits)} read units, ${whole(usage.s3Puts)} PUTs.`,
    'Reckoned by list prices of us-east-1 and the usual memory, without streams, logs and metrics; not a bill.',
  ].join('\n');
}
