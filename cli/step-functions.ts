/** The endpoint of Step Functions that `sluice dev` serves, if it is asked to. */
import { systemClock } from '../functions/steps/runtime.ts';
import { widthOf } from '../local/driver/loop-definition.ts';
import type { Services } from '../local/services/services.ts';
import { ExecutionLog } from '../local/step-functions/execution-log.ts';
import { createLocalMachine, type LocalMachine } from '../local/step-functions/local-machine.ts';
import { type Endpoint, serveStepFunctions } from '../local/step-functions/server.ts';
import type { DevSettings } from './dev-settings.ts';
import { say } from './print.ts';

export type DevEndpoint = Endpoint & { readonly machine: LocalMachine };

export async function openDevEndpoint(
  { region, kinesisEndpoint: kinesis, dynamodbEndpoint: dynamodb }: Services,
  { pipeline, stepFunctions }: DevSettings,
): Promise<DevEndpoint | undefined> {
  if (stepFunctions === undefined) return undefined;
  const machine = createLocalMachine(
    new ExecutionLog({ region, pipeline: pipeline.name, width: widthOf(pipeline), now: systemClock.now }),
  );
  const endpoint = await serveStepFunctions({ machine, kinesis, dynamodb, port: stepFunctions.port });
  say(`Step Functions, Kinesis and DynamoDB: ${endpoint.address}, ${machine.log.stateMachineArn}`);
  return { ...endpoint, machine };
}

export function sayIdle(problem: unknown): void {
  const why = problem === undefined ? 'The run has ended' : `The run has failed: ${String((problem as Error).message)}`;
  say(`${why.replace(/\.$/, '')}. Executions can still be started; Ctrl-C ends.`);
}
