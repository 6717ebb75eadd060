/** The commands of other programs that are run, word by word: those that are printed are those that are run. */
import type { Names } from './names.ts';
import type { Settings } from './settings.ts';

export type Command = readonly string[];

/** Output is JSON; the region and the profile are in the environment of each. */
const aws = (...words: readonly string[]): Command => ['aws', ...words, '--output', 'json'];
const cdk = (...words: readonly string[]): Command => ['npx', 'cdk', ...words];
const sluice = (...words: readonly string[]): Command => [
  'node',
  '--conditions=sluice-source',
  'cli/main.ts',
  ...words,
];

const contextOf = ({ stack }: Settings): readonly string[] =>
  [`stack=${stack}`, 'sourceShards=2', 'sinkShards=1', 'stateMachineType=STANDARD', 'schedule=off'].flatMap((pair) => [
    '-c',
    pair,
  ]);

export const outputsFile = 'cdk.out/verify-outputs.json';

export const commands = {
  who: (): Command => aws('sts', 'get-caller-identity'),
  stackThere: ({ stack }: Settings): Command => aws('cloudformation', 'describe-stacks', '--stack-name', stack),
  deploy: (settings: Settings): Command =>
    cdk('deploy', settings.stack, ...contextOf(settings), '--require-approval', 'never', '--outputs-file', outputsFile),
  destroy: (settings: Settings): Command => cdk('destroy', settings.stack, ...contextOf(settings), '--force'),
  resources: ({ stack }: Settings): Command => aws('cloudformation', 'describe-stack-resources', '--stack-name', stack),
  stop: ({ pipeline, table }: Names): Command => sluice('stop', '--pipeline', pipeline, '--table', table, '--json'),
  /** The lease of an execution that was stopped in the middle would last for minutes. */
  fence: ({ pipeline, table }: Names): Command =>
    sluice('stop', '--now', '--yes', '--pipeline', pipeline, '--table', table, '--json'),
  start: ({ pipeline, table, stateMachineArn }: Names): Command =>
    sluice('start', '--pipeline', pipeline, '--table', table, '--state-machine', stateMachineArn, '--json'),
  reckon: ({ pipeline, table }: Names): Command =>
    sluice('cost', '--pipeline', pipeline, '--table', table, '--machine', 'STANDARD', '--json'),
  metrics: (input: object): Command => aws('cloudwatch', 'get-metric-data', '--cli-input-json', JSON.stringify(input)),
  createExperiment: (template: object): Command =>
    aws('fis', 'create-experiment-template', '--cli-input-json', JSON.stringify(template)),
  startExperiment: (template: string): Command => aws('fis', 'start-experiment', '--experiment-template-id', template),
  experiment: (id: string): Command => aws('fis', 'get-experiment', '--id', id),
  stopExperiment: (id: string): Command => aws('fis', 'stop-experiment', '--id', id),
  deleteExperiment: (template: string): Command => aws('fis', 'delete-experiment-template', '--id', template),
} as const;
