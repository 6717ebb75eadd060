/**
 * The steps of a run, in order, and every call of each.
 *
 * VERIFY-1 Nothing is made before the account is known to be the one that was named, and the stack known not to be there.
 * VERIFY-2 What was made is destroyed, whatever happens: steps that are `always` run from the moment at which the first thing is made.
 */
import { type Command, commands } from './commands.ts';
import { experimentTemplate } from './fis.ts';
import { metricsInput } from './metrics.ts';
import { type Names, placeholders } from './names.ts';
import type { Settings } from './settings.ts';

export type StepKind =
  | 'who'
  | 'absent'
  | 'deploy'
  | 'start'
  | 'put'
  | 'split'
  | 'kill'
  | 'merge'
  | 'fis'
  | 'burst'
  | 'settle'
  | 'compare'
  | 'measure'
  | 'cost'
  | 'end-fis'
  | 'destroy';

export type Call =
  | { readonly kind: 'command'; readonly command: Command; readonly often?: true }
  /** An operation of the SDK; `often`: until something is so. */
  | { readonly kind: 'api'; readonly operation: string; readonly of: string; readonly often?: true };

export type Step = {
  readonly kind: StepKind;
  readonly title: string;
  readonly calls: readonly Call[];
  /** Which part of the events is put, from 0. */
  readonly part?: number;
  /** Makes something that costs: from here on all that is `always` is run. */
  readonly makes?: true;
  readonly always?: true;
};

const command = (words: Command): Call => ({ kind: 'command', command: words });
const api = (of: string, ...operations: readonly string[]): readonly Call[] =>
  operations.map((operation) => ({ kind: 'api', operation, of }));
const often = (call: Call): Call => ({ ...call, often: true });

/** `names`: what the stack is called by; before it is there, placeholders. */
export function stepsOf(settings: Settings, names: Names = placeholders): readonly Step[] {
  const { source, sink, stateMachineArn: machine } = names;
  const puts = [...api(source, 'Kinesis ListShards'), ...api(source, 'Kinesis PutRecords').map(often)];
  const active = api(source, 'Kinesis DescribeStreamSummary').map(often);
  const reads = ['ListShards', 'GetShardIterator', 'GetRecords'].flatMap((each) =>
    api(sink, `Kinesis ${each}`).map(often),
  );
  const running = api(machine, 'StepFunctions ListExecutions').map(often);
  const described = api(machine, 'StepFunctions DescribeExecution');
  const experiment: readonly Omit<Step, 'part'>[] =
    settings.fisRole === undefined
      ? []
      : [{ kind: 'fis', title: 'AWS FIS makes a share of the calls to Kinesis fail', calls: fisCalls(settings) }];
  const middle: readonly Omit<Step, 'part'>[] = [
    {
      kind: 'split',
      title: 'a shard is split',
      calls: [...api(source, 'Kinesis ListShards', 'Kinesis SplitShard'), ...active],
    },
    {
      kind: 'kill',
      title: 'the execution is stopped in the middle, and another one started',
      calls: [
        ...[...running, ...api(machine, 'StepFunctions StopExecution'), ...described],
        ...[command(commands.fence(names)), command(commands.start(names))],
      ],
    },
    {
      kind: 'merge',
      title: 'two shards are merged',
      calls: [...api(source, 'Kinesis ListShards', 'Kinesis MergeShards'), ...active],
    },
    ...experiment,
  ];
  const put = (part: number): Step => ({ kind: 'put', title: `part ${part + 1} of the events`, calls: puts, part });
  return [
    { kind: 'who', title: 'the account is the one that was named', calls: [command(commands.who())] },
    { kind: 'absent', title: 'there is no such stack yet', calls: [command(commands.stackThere(settings))] },
    { kind: 'deploy', title: 'the example is deployed', calls: [command(commands.deploy(settings))], makes: true },
    { kind: 'start', title: 'the pipeline is started', calls: [command(commands.start(names))] },
    ...middle.flatMap((step, part) => [put(part), step]),
    {
      kind: 'burst',
      title: 'the rest of the events lies there when the pipeline starts again: a sink of one shard is throttled',
      calls: [command(commands.stop(names)), ...running, ...puts, ...burstCalls(names)],
      part: middle.length,
    },
    { kind: 'settle', title: 'the pipeline has caught up, and closed its windows', calls: [...running, ...described] },
    { kind: 'compare', title: 'what came out is compared with what was put', calls: reads },
    { kind: 'measure', title: 'how long rows took', calls: [] },
    {
      kind: 'cost',
      title: 'what it cost, once CloudWatch has counted: three minutes',
      calls: [
        ...[command(commands.reckon(names)), command(commands.resources(settings))],
        ...[...running, ...api(machine, 'StepFunctions GetExecutionHistory').map(often)],
        command(commands.metrics(metricsInput({ functions: ['<functions>'], table: names.table, sink }, placeTimes))),
      ],
    },
    ...(settings.fisRole === undefined ? [] : [endFis]),
    { kind: 'destroy', title: 'the stack is destroyed', calls: [command(commands.destroy(settings))], always: true },
  ];
}

/** How many parts the events are put in. */
export const partsOf = (steps: readonly Step[]): number => steps.filter(({ part }) => part !== undefined).length;

const placeTimes = { from: '<start>', to: '<end>' };

/** Its request closes the windows that are open, which no command asks for. */
const burstCalls = ({ table, stateMachineArn }: Names): readonly Call[] => [
  ...api(table, 'DynamoDB UpdateItem'),
  ...api(stateMachineArn, 'StepFunctions StartExecution'),
];

const fisCalls = (settings: Settings): readonly Call[] => [
  command(commands.resources(settings)),
  command(
    commands.createExperiment(experimentTemplate(settings, ['<role of ProcessShards>', '<role of ReduceKeyGroup>'])),
  ),
  command(commands.startExperiment('<template>')),
  often(command(commands.experiment('<experiment>'))),
];

const endFis: Step = {
  kind: 'end-fis',
  title: 'the experiment and its template are gone',
  calls: [command(commands.stopExperiment('<experiment>')), command(commands.deleteExperiment('<template>'))],
  always: true,
};
