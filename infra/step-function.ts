/** One of a pipeline's five functions, with a log group of its own and a role that allows what it does and no more. */
import { Annotations, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type Architecture, type CfnFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { BundledOutline } from '../functions/pipeline/outline.ts';
import { mainOutput } from '../functions/pipeline/outputs.ts';
import { acknowledge, acknowledgeWildcards } from './acknowledgements.ts';
import { bundleStep } from './bundle-step.ts';
import type { FunctionOptions } from './function-options.ts';
import { keyStatement } from './key-statement.ts';
import { type networkOf, networkStatements } from './network.ts';
import { nodeOptions } from './node-options.ts';
import { logStatement, type Resources, sourceActions, stepStatements } from './permissions.ts';
import type { StackSink } from './sinks/stack-sink.ts';
import type { Step, StepKey } from './steps.ts';

export type StepFunctionProps = {
  readonly step: Step;
  readonly pipelineFile: string;
  readonly outline: BundledOutline;
  readonly bringsSdk: boolean;
  readonly resources: Resources;
  readonly architecture: Architecture;
  readonly options: FunctionOptions;
  readonly network: ReturnType<typeof networkOf>;
  /** Of its log and its environment. */
  readonly encryptionKey?: IKey;
  readonly tracing: boolean;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
};

export class StepFunction extends NodejsFunction {
  constructor(scope: Construct, props: StepFunctionProps) {
    const { step, resources, options, network, encryptionKey, tracing } = props;
    const logGroup = new LogGroup(scope, `${step.id}Log`, {
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
      ...(encryptionKey === undefined ? {} : { encryptionKey }),
    });
    const ofPlace = [...networkStatements(scope, network), ...environmentKeyStatements(scope, encryptionKey)];
    const statements = [...stepStatements(step.key, resources), logStatement(logGroup), ...ofPlace];
    const role = new Role(scope, `${step.id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { Step: new PolicyDocument({ statements }) },
    });
    const warn = (text: string) => Annotations.of(scope).addWarningV2(`kinesis-sluice:bundle-${step.folder}`, text);
    super(scope, step.id, {
      description: `${step.id} of the pipeline ${resources.pipelineName}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture,
      code: bundleStep({
        step: step.folder,
        pipelineFile: props.pipelineFile,
        outline: props.outline,
        assumesRole: assumesRole(step.key, resources),
        hasStateBucket: resources.stateBucket !== undefined,
        bringsSdk: props.bringsSdk,
        warn,
      }),
      handler: 'index.handler',
      memorySize: options.memorySize,
      timeout: Duration.seconds(options.timeoutSeconds),
      ...(options.reservedConcurrentExecutions === undefined
        ? {}
        : { reservedConcurrentExecutions: options.reservedConcurrentExecutions }),
      ...network,
      ...(encryptionKey === undefined ? {} : { environmentEncryption: encryptionKey }),
      environment: environment(step.key, resources),
      ...(tracing ? { tracing: Tracing.ACTIVE } : {}),
      logGroup,
      role,
      // A batch that runs while a new version is deployed ends under the version that planned it. A kept version is
      // part of its function: deleting the function, as destroying the stack does, deletes all its versions.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    nameForSam(this, step);
    acknowledge(this, ['Serverless-LambdaDLQ', ...(tracing ? [] : (['Serverless-LambdaTracing'] as const))]);
    // X-Ray has no resources: the CDK allows the function to send traces on *.
    if (tracing) acknowledgeWildcards(role, [new PolicyStatement({ resources: ['*'] })]);
    acknowledgeWildcards(role, statements);
    if (network !== undefined) acknowledge(role, ['Serverless-LambdaStarPermissions']);
  }
}

/** Lambda decrypts the environment on behalf of the function. */
function environmentKeyStatements(scope: Construct, key: IKey | undefined): PolicyStatement[] {
  if (key === undefined) return [];
  const { region } = Stack.of(scope);
  return [keyStatement({ sid: 'EnvironmentKey', key, service: 'lambda', actions: ['Decrypt'], region })];
}

/** Who never reaches anything with a role has no need of a client of STS. */
export function assumesRole(
  step: StepKey,
  { sourceRole, outputs }: Pick<Resources, 'sourceRole' | 'outputs'>,
): boolean {
  const sends = step === 'processShards' || step === 'reduceKeyGroup';
  const lists = ({ listGrants = [] }: StackSink): boolean => step === 'commitBatch' && listGrants.length > 0;
  return (
    (sourceRole !== undefined && sourceActions[step] !== undefined) ||
    outputs.some((output) => output.role !== undefined && (sends || lists(output)))
  );
}

function environment(step: StepKey, resources: Resources): Record<string, string> {
  const { pipelineName, table, stateBucket, source, sourceRole, outputs, consumerOfStack } = resources;
  const sink = outputs.find(({ id }) => id === mainOutput);
  return {
    SLUICE_TABLE: table.tableName,
    SLUICE_SOURCE: source.streamArn,
    ...(sink?.told?.arn !== undefined && { SLUICE_SINK: sink.told.arn }),
    SLUICE_SOURCE_ROLE: sourceRole ?? 'none',
    ...(sink?.told && { SLUICE_SINK_ROLE: sink.role ?? 'none' }),
    ...ofFurther(outputs),
    ...(consumerOfStack === undefined ? {} : { SLUICE_CONSUMER: consumerOfStack }),
    // Empty: the service's own. Declared, since `sam local invoke` can only replace variables that a template has.
    SLUICE_KINESIS_ENDPOINT: '',
    SLUICE_DYNAMODB_ENDPOINT: '',
    ...(stateBucket === undefined ? {} : { SLUICE_STATE_BUCKET: stateBucket.bucketName, SLUICE_S3_ENDPOINT: '' }),
    ...(step === 'planBatch' || step === 'commitBatch' ? { SLUICE_METRICS: resources.metrics } : {}),
    POWERTOOLS_SERVICE_NAME: pipelineName,
    POWERTOOLS_LOG_LEVEL: 'INFO',
    NODE_OPTIONS: nodeOptions,
  };
}

/** Where further outputs go, and with which roles, by their names. */
function ofFurther(outputs: Resources['outputs']): Record<string, string> {
  const told = outputs.filter((output) => output.id !== mainOutput && output.told !== undefined);
  const places = told.flatMap((output) => (output.told?.arn === undefined ? [] : [`${output.id}=${output.told.arn}`]));
  return {
    ...(places.length === 0 ? {} : { SLUICE_SINKS: places.join(' ') }),
    ...(told.length === 0
      ? {}
      : { SLUICE_SINK_ROLES: told.map(({ id, role }) => `${id}=${role ?? 'none'}`).join(' ') }),
  };
}

/** SAM would otherwise know a function inside a construct by its hashed logical id only. */
function nameForSam(fn: NodejsFunction, step: Step): void {
  const stack = Stack.of(fn);
  const name = Lazy.string({
    produce: () => {
      const others = stack.node.findAll().filter((node) => node instanceof StepFunction && node.node.id === step.id);
      return others.length === 1 ? step.id : `${fn.node.scope?.node.id}${step.id}`;
    },
  });
  (fn.node.defaultChild as CfnFunction).addMetadata('SamResourceId', name);
}
