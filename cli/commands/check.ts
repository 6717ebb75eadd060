/** `sluice check`: what is wrong with a pipeline file, all of it; and what it will do. Nothing is run, and no server is asked. */
import { Console } from 'node:console';
import { exitCodes } from '../../local/local-problem.ts';
import { type CheckedTypes, checkTypes } from '../check/check-types.ts';
import { type PlanLine, planOf } from '../check/pipeline-plan.ts';
import type { AddCommand, CommandResult } from '../command.ts';
import type { Flags } from '../flags.ts';
import { loadPipeline } from '../option-values.ts';
import { print, say } from '../print.ts';
import { pipelineFile } from '../project-settings.ts';

export const addCheck: AddCommand = (program, result) => {
  program
    .command('check')
    .description('look for mistakes in a pipeline file, its types included, and say in words what it will do')
    .argument('[file]', 'module whose default export is a pipeline (default: what package.json says under `sluice`)')
    .option('--no-types', 'do not run the TypeScript compiler of the project')
    .option('--json', 'print one JSON object')
    .option('--verbose', 'show where an error came from')
    .addHelpText(
      'after',
      `
Examples:
  npx sluice check
  npx sluice check departures.ts
  npx sluice check departures.ts --json | jq -r '.problems[]'

Exit code 2: there are mistakes.`,
    )
    .action((file: string | undefined, options: Flags) => check(pipelineFile(file), options, result));
};

async function check(file: string, options: Flags, result: CommandResult): Promise<void> {
  // Whatever the file itself prints must not come between.
  globalThis.console = new Console(process.stderr, process.stderr);
  const found = await look(file, options);
  if (found.problems.length > 0) result.exitCode = exitCodes.usage;
  if (options.json === true) print(JSON.stringify(found));
  else show(found);
}

type Found = {
  readonly file: string;
  readonly pipeline: string | null;
  readonly problems: readonly string[];
  /** Why types were not checked; null: they were. */
  readonly typesNotChecked: string | null;
  readonly plan: readonly PlanLine[];
  readonly fingerprint: string | null;
};

async function look(file: string, options: Flags): Promise<Found> {
  const problems: string[] = [];
  const pipeline = await loadPipeline(file, options, problems);
  const types: CheckedTypes =
    options.types === false ? { kind: 'not-checked', why: '--no-types' } : await checkTypes(file);
  if (types.kind === 'checked') problems.push(...types.problems);
  return {
    file,
    pipeline: pipeline?.name ?? null,
    problems,
    typesNotChecked: types.kind === 'checked' ? null : types.why,
    plan: pipeline === undefined ? [] : planOf(pipeline),
    fingerprint: pipeline?.fingerprint ?? null,
  };
}

function show({ file, pipeline, problems, typesNotChecked, plan }: Found): void {
  const width = Math.max(...['pipeline', ...plan.map(({ about }) => about)].map(({ length }) => length)) + 2;
  if (pipeline !== null) print(`${'pipeline'.padEnd(width)}${pipeline}`);
  for (const { about, text } of plan) print(`${about.padEnd(width)}${text}`);
  for (const problem of problems) say(problem);
  if (typesNotChecked !== null) say(`Types were not checked: ${typesNotChecked}.`);
  if (problems.length === 0) say(`No mistakes in ${file}.`);
  else say(problems.length === 1 ? 'One mistake.' : `${problems.length} mistakes.`);
}
