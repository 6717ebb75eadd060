/** Nested state machines, where a batch may have more tasks or key groups than one Map runs at once. */
import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, type LogOptions, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type WaveKind, type Width, wavesOf } from '../state-machine/micro-batch.ts';
import type { FunctionTimeouts } from '../state-machine/timing.ts';
import { acknowledgeWildcards } from './acknowledgements.ts';
import {
  acknowledgeMachine,
  definitionText,
  expressLog,
  invokeStatement,
  type MachineProps,
  stateMachinesHere,
} from './state-machine.ts';
import type { StepFunction } from './step-function.ts';
import type { PerStep } from './steps.ts';

export type WaveProps = MachineProps & {
  readonly functions: PerStep<StepFunction>;
  readonly functionTimeoutSeconds: FunctionTimeouts;
  /** Most tasks and key groups of a batch. */
  readonly width: Width;
};

type Waves = { readonly arns: Partial<Record<WaveKind, string>>; readonly log?: LogOptions };

/**
 * Express machines, whatever the driver is, that log where it does. The driver's definition names them, so they have roles of their own, each of which
 * may invoke the one function that it is for.
 */
export function makeWaves(scope: Construct, props: WaveProps, driverRole: Role): Waves {
  const waves = wavesOf(props.width, props.functionTimeoutSeconds);
  if (waves.length === 0) return { arns: {} };
  const logs = expressLog(scope, props);
  const made = waves.map(({ kind, definition }) => {
    const { id, invokes } = waveNames[kind];
    const invoking = invokeStatement([props.functions[invokes]]);
    const role = new Role(scope, `${id}Role`, {
      assumedBy: stateMachinesHere(Stack.of(scope)),
      inlinePolicies: { InvokeSteps: new PolicyDocument({ statements: [invoking] }) },
    });
    const machine = new StateMachine(scope, id, {
      comment: `Runs a wave of ${invokes} for the pipeline ${props.pipelineName}`,
      definitionBody: DefinitionBody.fromString(definitionText(scope, definition)),
      stateMachineType: StateMachineType.EXPRESS,
      ...{ role, logs },
      ...(props.tracing ? { tracingEnabled: true } : {}),
    });
    acknowledgeWildcards(role, [invoking, new PolicyStatement({ resources: ['*'] })]);
    acknowledgeMachine(machine, props);
    return [kind, machine.stateMachineArn] as const;
  });
  driverRole.addToPolicy(
    new PolicyStatement({
      sid: 'RunWaves',
      actions: ['states:StartSyncExecution'],
      resources: made.map(([, arn]) => arn),
    }),
  );
  return { arns: Object.fromEntries(made), log: logs };
}

const waveNames = {
  tasks: { id: 'TasksWave', invokes: 'processShards' },
  keyGroups: { id: 'GroupsWave', invokes: 'reduceKeyGroup' },
} as const;
