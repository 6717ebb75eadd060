/** What all state machines of a pipeline have: whom their role is for, their text, their log, and what the rules of cdk-nag say of them. */
import { Names, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { LogLevel, type LogOptions, type StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledgements.ts';
import type { StepFunction } from './step-function.ts';

export type MachineProps = {
  readonly pipelineName: string;
  /** Of its log. */
  readonly encryptionKey?: IKey;
  readonly tracing: boolean;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
};

/**
 * Step Functions on behalf of this account only: nobody else's machine can be handed the role. Which machine of the
 * account can't be said, since the machine is made after its role.
 */
export function stateMachinesHere({ partition, region, account }: Stack): ServicePrincipal {
  return new ServicePrincipal('states.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:${partition}:states:${region}:${account}:stateMachine:*` },
    },
  });
}

/** Step Functions names its integrations by partition: `arn:aws:states:::lambda:invoke` is elsewhere `arn:aws-cn:…`. */
export function definitionText(scope: Construct, definition: object): string {
  const stack = Stack.of(scope);
  const text = JSON.stringify(definition).replaceAll('arn:aws:states:::', `arn:${stack.partition}:states:::`);
  // Through an object, so that what is not known yet (the partition, the versions) is put into the text as a string.
  return stack.toJsonString(JSON.parse(text));
}

/** Any version, not only today's: an execution goes on with the versions it began with while new ones are deployed. */
export function invokeStatement(functions: readonly StepFunction[]): PolicyStatement {
  return new PolicyStatement({
    sid: 'InvokeSteps',
    actions: ['lambda:InvokeFunction'],
    resources: functions.map((fn) => `${fn.functionArn}:*`),
  });
}

/**
 * Express executions can be seen in a log only. Names that begin with /aws/vendedlogs share one entry of the log
 * service's resource policy, which is short. Payloads stay out.
 */
export function expressLog(scope: Construct, { logRetention, removalPolicy, encryptionKey }: MachineProps): LogOptions {
  const destination = new LogGroup(scope, 'DriverLog', {
    logGroupName: `/aws/vendedlogs/states/${Names.uniqueResourceName(scope, { maxLength: 200, separator: '-', allowedSpecialCharacters: '-' })}`,
    retention: logRetention,
    removalPolicy,
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
  });
  return { destination, level: LogLevel.ERROR, includeExecutionData: false };
}

export function acknowledgeMachine(machine: StateMachine, { tracing }: MachineProps): void {
  const untraced = ['AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray'] as const;
  acknowledge(machine, ['AwsSolutions-SF1', ...(tracing ? [] : untraced)]);
}
