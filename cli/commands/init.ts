/** `sluice init`: a project of one's own, that runs, is tested and is deployed. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { createProject } from '../init/create-project.ts';
import { print, say } from '../print.ts';

export const addInit: AddCommand = (program) => {
  program
    .command('init')
    .description('make a new project: a pipeline, events, a test, an app of the AWS CDK')
    .argument('[folder]', 'empty, or not there yet; what npm has installed may lie in it (default: this folder)')
    .option('--json', 'print one JSON object')
    .option('--verbose', 'show where an error came from')
    .addHelpText(
      'after',
      `
Examples:
  npm install ../sluice/kinesis-sluice-0.1.0.tgz && npx sluice init
  npx --package=./kinesis-sluice-0.1.0.tgz sluice init flights`,
    )
    .action((folder: string | undefined, options: Flags) => init(folder ?? '.', options));
};

function init(folder: string, options: Flags): void {
  const project = createProject(folder);
  const enter = path.resolve(folder) === process.cwd() ? [] : [`cd ${folder}`];
  const tries = ['npx sluice dev', 'npm test', 'npx cdk synth'];
  // What brought this command here brought what `dev` needs as well.
  const isThere = existsSync(path.join(folder, 'node_modules', 'kinesis-sluice'));
  const next = [...enter, ...(isThere ? [tries[0]!, 'npm install', ...tries.slice(1)] : ['npm install', ...tries])];
  if (options.json === true) {
    print(JSON.stringify({ ...project, next }));
    return;
  }
  print(`${project.name}: ${project.files.join(', ')}`);
  say(['Next:', ...next.map((command) => `  ${command}`)].join('\n'));
}
