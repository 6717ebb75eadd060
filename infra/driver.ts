/** The state machine that drives a pipeline, with a role of its own, and the schedule that starts it. */
import { Duration, Names, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Schedule, ScheduleExpression, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { microBatch } from '../state-machine/micro-batch.ts';
import type { FunctionTimeouts } from '../state-machine/timing.ts';
import { acknowledge, acknowledgeWildcards } from './acknowledgements.ts';
import type { StepFunction } from './step-function.ts';
import { type PerStep, perStep } from './steps.ts';

export type DriverProps = {
  readonly pipelineName: string;
  readonly functions: PerStep<StepFunction>;
  readonly functionTimeoutSeconds: FunctionTimeouts;
  readonly type: 'EXPRESS' | 'STANDARD';
  /** Of its log. */
  readonly encryptionKey?: IKey;
  readonly tracing: boolean;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
};

export function makeDriver(scope: Construct, props: DriverProps): StateMachine {
  const { functions, functionTimeoutSeconds, type } = props;
  const versions = perStep(({ key }) => functions[key].currentVersion.functionArn);
  const invoking = invokeStatement(functions);
  const role = new Role(scope, 'DriverRole', {
    assumedBy: stateMachinesHere(Stack.of(scope)),
    inlinePolicies: { InvokeSteps: new PolicyDocument({ statements: [invoking] }) },
  });
  const driver = new StateMachine(scope, 'Driver', {
    comment: `Drives the pipeline ${props.pipelineName}`,
    definitionBody: DefinitionBody.fromString(
      definitionText(scope, microBatch({ functions: versions, type, functionTimeoutSeconds }).definition),
    ),
    stateMachineType: StateMachineType[type],
    role,
    ...(props.tracing ? { tracingEnabled: true } : {}),
    ...(type === 'EXPRESS' ? { logs: expressLog(scope, props) } : {}),
  });
  acknowledgeWildcards(role, [invoking, new PolicyStatement({ resources: ['*'] })]);
  const untraced = ['AwsSolutions-SF2', 'Serverless-StepFunctionStateMachineXray'] as const;
  acknowledge(driver, ['AwsSolutions-SF1', ...(props.tracing ? [] : untraced)]);
  // Not in the role's own policy: the machine depends on that, and this names the machine.
  new Policy(scope, 'StartSuccessor', {
    roles: [role],
    statements: [
      new PolicyStatement({
        sid: 'StartSuccessor',
        actions: ['states:StartExecution'],
        resources: [driver.stateMachineArn],
      }),
    ],
  });
  return driver;
}

/**
 * Step Functions on behalf of this account only: nobody else's machine can be handed the role. Which machine of the
 * account can't be said, since the machine is made after its role.
 */
function stateMachinesHere({ partition, region, account }: Stack): ServicePrincipal {
  return new ServicePrincipal('states.amazonaws.com', {
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:${partition}:states:${region}:${account}:stateMachine:*` },
    },
  });
}

/** Step Functions names its integrations by partition: `arn:aws:states:::lambda:invoke` is elsewhere `arn:aws-cn:…`. */
function definitionText(scope: Construct, definition: object): string {
  const stack = Stack.of(scope);
  const text = JSON.stringify(definition).replaceAll('arn:aws:states:::', `arn:${stack.partition}:states:::`);
  // Through an object, so that what is not known yet (the partition, the versions) is put into the text as a string.
  return stack.toJsonString(JSON.parse(text));
}

/** Any version, not only today's: an execution goes on with the versions it began with while new ones are deployed. */
function invokeStatement(functions: PerStep<StepFunction>): PolicyStatement {
  return new PolicyStatement({
    sid: 'InvokeSteps',
    actions: ['lambda:InvokeFunction'],
    resources: Object.values(functions).map((fn) => `${fn.functionArn}:*`),
  });
}

/**
 * Express executions can be seen in a log only. Names that begin with /aws/vendedlogs share one entry of the log
 * service's resource policy, which is short. Payloads stay out.
 */
function expressLog(scope: Construct, { logRetention, removalPolicy, encryptionKey }: DriverProps) {
  const destination = new LogGroup(scope, 'DriverLog', {
    logGroupName: `/aws/vendedlogs/states/${Names.uniqueResourceName(scope, { maxLength: 200, separator: '-', allowedSpecialCharacters: '-' })}`,
    retention: logRetention,
    removalPolicy,
    ...(encryptionKey === undefined ? {} : { encryptionKey }),
  });
  return { destination, level: LogLevel.ERROR, includeExecutionData: false };
}

/**
 * A start that finds the pipeline running ends at once, so one a minute keeps it alive. From a trigger of a minute on,
 * each start is one batch.
 */
export function defaultSchedule(everyMs: number): ScheduleExpression {
  const minuteMs = 60_000;
  if (everyMs <= minuteMs) return ScheduleExpression.rate(Duration.minutes(1));
  if (everyMs % minuteMs === 0) return ScheduleExpression.rate(Duration.minutes(everyMs / minuteMs));
  throw new Error(
    `The trigger of ${everyMs / 1000} seconds can't be scheduled: above a minute, EventBridge Scheduler starts each ` +
      'batch, and it counts whole minutes. Change the trigger, or give a `schedule`.',
  );
}

export function makeSchedule(scope: Construct, driver: StateMachine, schedule: ScheduleExpression): Schedule {
  return new Schedule(scope, 'Schedule', {
    description: 'Starts the pipeline if it does not run',
    schedule,
    timeWindow: TimeWindow.off(),
    // A missed start needs no second try: the next one comes soon, and does the same.
    target: new StepFunctionsStartExecution(driver, {
      input: ScheduleTargetInput.fromObject({}),
      retryAttempts: 0,
      maxEventAge: Duration.seconds(60),
    }),
  });
}
