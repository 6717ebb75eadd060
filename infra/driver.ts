/** The state machine that drives a pipeline, with a role of its own, and the schedule that starts it. */
import { Duration, Stack } from 'aws-cdk-lib';
import { Policy, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import { DefinitionBody, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { ofPipeline } from '../state-machine/driven-pipeline.ts';
import { microBatch } from '../state-machine/micro-batch.ts';
import { acknowledgeWildcards } from './acknowledgements.ts';
import { acknowledgeMachine, definitionText, expressLog, invokeStatement, stateMachinesHere } from './state-machine.ts';
import { perStep } from './steps.ts';
import { makeWaves, type WaveProps } from './waves.ts';

export type DriverProps = WaveProps & { readonly type: 'EXPRESS' | 'STANDARD' };

export function makeDriver(scope: Construct, props: DriverProps): StateMachine {
  const { functions, functionTimeoutSeconds, type } = props;
  const versions = perStep(({ key }) => functions[key].currentVersion.functionArn);
  const invoking = invokeStatement(Object.values(functions));
  const role = new Role(scope, 'DriverRole', {
    assumedBy: stateMachinesHere(Stack.of(scope)),
    inlinePolicies: { InvokeSteps: new PolicyDocument({ statements: [invoking] }) },
  });
  const waves = makeWaves(scope, props, role);
  const machine = { functions: versions, type, functionTimeoutSeconds, width: props.width, waves: waves.arns };
  const definition = ofPipeline(microBatch(machine).definition, props.pipelineName);
  const driver = new StateMachine(scope, 'Driver', {
    definitionBody: DefinitionBody.fromString(definitionText(scope, definition)),
    stateMachineType: StateMachineType[type],
    role,
    ...(props.tracing ? { tracingEnabled: true } : {}),
    ...(type === 'EXPRESS' ? { logs: waves.log ?? expressLog(scope, props) } : {}),
  });
  acknowledgeWildcards(role, [invoking, new PolicyStatement({ resources: ['*'] })]);
  acknowledgeMachine(driver, props);
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
