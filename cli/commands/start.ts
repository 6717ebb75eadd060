/** `sluice start`: through Step Functions. */
import { DescribeStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { createRequestHandler } from '../../functions/adapters/aws-client.ts';
import { isNamed } from '../../functions/adapters/aws-errors.ts';
import { type HeldLease, heldAt } from '../../functions/core/head.ts';
import { LocalProblem } from '../../local/local-problem.ts';
import { drivenPipeline } from '../../state-machine/driven-pipeline.ts';
import type { AddCommand } from '../command.ts';
import type { Flags } from '../flags.ts';
import { examples } from '../help-examples.ts';
import { textOf } from '../option-values.ts';
import { print } from '../print.ts';
import { clientSettings, openStores, requestTimeoutMs } from '../table-access.ts';
import { atTable, verbose } from '../table-options.ts';

export const addStart: AddCommand = (program) => {
  atTable(program.command('start').description('start a deployed pipeline'))
    .option(...verbose)
    .option('--state-machine <arn>', "the pipeline's state machine")
    .addHelpText(
      'after',
      examples('npx sluice start --pipeline departures --table <TableName> --state-machine <StateMachineArn>'),
    )
    .action(async (options: Flags) => start(options));
};

async function start(options: Flags): Promise<void> {
  const stateMachineArn = textOf(options, 'stateMachine');
  const pipeline = textOf(options, 'pipeline');
  const problems = [
    ...(stateMachineArn === undefined
      ? ['--state-machine: its ARN is needed (a local pipeline has one with `npx sluice dev --step-functions`)']
      : []),
    ...(pipeline === undefined ? ['--pipeline: its name is needed'] : []),
  ];
  if (problems.length > 0) throw new LocalProblem('usage', problems.join('\n'));
  const { head } = openStores(options, pipeline!);
  // A pipeline that was told to stop would end at once.
  const before = await head.load();
  const held = before && heldAt(before, Date.now());
  if (held !== undefined) throw leaseHeld(before!.pipeline, held);
  const client = new SFNClient({ requestHandler: createRequestHandler(requestTimeoutMs), ...clientSettings(options) });
  const driven = await pipelineOf(client, stateMachineArn!);
  if (driven !== undefined && driven !== pipeline) throw drivesAnother(stateMachineArn!, driven, pipeline!);
  if (before?.control === 'stop') await head.setControl('run');
  const answer = await client.send(new StartExecutionCommand({ stateMachineArn: stateMachineArn!, input: '{}' }));
  const execution = answer.executionArn ?? '';
  print(options.json === true ? JSON.stringify({ pipeline, execution }) : `${pipeline} was started: ${execution}`);
}

/** Undefined: it does not say, or who starts may not look: at any definition, or at one that a key of the account encrypts. */
async function pipelineOf(client: SFNClient, stateMachineArn: string): Promise<string | undefined> {
  try {
    const { definition } = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    return definition === undefined ? undefined : drivenPipeline(definition);
  } catch (error) {
    if (isNamed(error, 'AccessDeniedException') || isNamed(error, 'KmsAccessDeniedException')) return undefined;
    throw error;
  }
}

const drivesAnother = (stateMachineArn: string, driven: string, pipeline: string): LocalProblem =>
  new LocalProblem(
    'usage',
    `--state-machine ${stateMachineArn}: it drives the pipeline ${driven}; use that of ${pipeline}, or --pipeline ${driven}. Nothing was started.`,
  );

/** An execution started now would end at once, with success: nobody would notice that it did nothing. */
function leaseHeld(pipeline: string, { execution, until }: HeldLease): LocalProblem {
  return new LocalProblem(
    'another-driver',
    `Pipeline ${pipeline} is held by ${execution} until ${new Date(until).toISOString()}. If that driver is gone, start again after this time.`,
  );
}
