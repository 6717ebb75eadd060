/** A pipeline on AWS: five functions, the state machine that drives them, its schedule, and what they need. */
import { resolve } from 'node:path';
import { Lazy, RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { CfnStreamConsumer, IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Schedule } from 'aws-cdk-lib/aws-scheduler';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { MetricSet } from '../functions/pipeline/metrics.ts';
import { mainOutput } from '../functions/pipeline/outputs.ts';
import { consumerNameOf, type KinesisSource } from '../functions/pipeline/pipeline.ts';
import { defaultSchedule, makeDriver, makeSchedule } from './driver.ts';
import { type FunctionOptions, functionOptions, timeoutsOf } from './function-options.ts';
import { type Access, grantAccess } from './grants.ts';
import { allowLogs } from './log-key.ts';
import { networkOf } from './network.ts';
import { noteFiles } from './note-files.ts';
import { noteZod } from './note-zod.ts';
import { type MadeAlarms, makeAlarms } from './observability/make-alarms.ts';
import { MeasuredPipeline } from './observability/measured-pipeline.ts';
import { SluiceDashboard } from './observability/sluice-dashboard.ts';
import { noteSource } from './other-accounts.ts';
import { resolveStream, withKey } from './pipeline-streams.ts';
import { type ReadPipeline, readPipeline } from './read-pipeline.ts';
import { placeOutputs } from './sinks/index.ts';
import type { StackSink } from './sinks/stack-sink.ts';
import { SluiceBucket } from './sluice-bucket.ts';
import type { SluicePipelineProps } from './sluice-pipeline-props.ts';
import { SluiceTable } from './sluice-table.ts';
import { StepFunction } from './step-function.ts';
import { type PerStep, perStep } from './steps.ts';
import { makeStreamConsumer } from './stream-consumer.ts';

/**
 * A pipeline on AWS: five functions with the pipeline bundled in, the state machine that drives them, its schedule, a table and a bucket if none
 * is given, log groups, and a role for each function with the rights that it uses.
 *
 * @throws `Error` if the pipeline's file is missing or wrong, naming every wrong option; if source and sink are one stream; or if
 *   the sink can't be deployed
 * @example
 * ```ts
 * import { App, Stack } from 'aws-cdk-lib';
 * import { Stream } from 'aws-cdk-lib/aws-kinesis';
 * import { SluicePipeline } from 'kinesis-sluice/cdk';
 *
 * const stack = new Stack(new App(), 'Flights');
 *
 * new SluicePipeline(stack, 'Departures', {
 *   pipeline: 'examples/departures.ts',
 *   source: Stream.fromStreamArn(stack, 'Source', 'arn:aws:kinesis:eu-west-1:123456789012:stream/flights'),
 *   sink: { shardCount: 2 },
 * });
 * ```
 */
export class SluicePipeline extends MeasuredPipeline {
  /** The name that `pipeline(…)` was given in the file. */
  readonly pipelineName: string;
  protected readonly fixedMetrics: MetricSet | undefined;
  /** Those that were asked for, by the names of their options. */
  readonly alarms: MadeAlarms;
  /** With `dashboard: true`. */
  readonly dashboard: SluiceDashboard | undefined;
  /** The stream that is read: given, made here, or the one that the file names. */
  readonly source: IStream;
  /** What holds checkpoints and state: given, or made here. */
  readonly table: ITable;
  /** What holds large values: given, or made here. Undefined with `stateBucket: false`. */
  readonly stateBucket: IBucket | undefined;
  /** The five functions, each under the name of its step. */
  readonly functions: PerStep<StepFunction>;
  /** What drives the functions. Its ARN is what `sluice start` takes. */
  readonly stateMachine: StateMachine;
  /** What starts the pipeline if it does not run. Undefined with `schedule: false`. */
  readonly schedule: Schedule | undefined;
  /** The enhanced fan-out consumer of a pipeline that reads by SubscribeToShard, unless it adopts one that exists. */
  readonly consumer: CfnStreamConsumer | undefined;
  private readonly outputs: readonly StackSink[];

  constructor(scope: Construct, id: string, props: SluicePipelineProps) {
    super(scope, id);
    const pipelineFile = resolve(props.pipeline);
    const read = readPipeline(pipelineFile, replacesStreams(props));
    const { pipeline } = read;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.DESTROY;
    const logRetention = props.logRetention ?? RetentionDays.ONE_MONTH;
    this.pipelineName = pipeline.name;
    this.fixedMetrics = props.metrics ?? (props.dashboard === true ? 'all' : undefined);
    const tracing = props.tracing === true;
    const source = { ...pipeline.source, role: roleOf(props.sourceRole, pipeline.source) };
    const type = props.stateMachineType ?? 'EXPRESS';
    const functions = functionOptions(props, { ...pipeline, type });
    const network = networkOf(props);
    this.source = resolveStream(this, 'Source', withKey(props.source, props.key), source);
    this.outputs = placeOutputs(this, pipeline, pipelineFile, { ...sinksWithKey(props), source: this.source });
    noteFiles(this, pipeline);
    if (read.bringsAllOfZod) noteZod(this);
    noteSource(this, { pipeline, source: this.source, role: source.role });
    this.table = props.table ?? ownTable(this, props, removalPolicy);
    this.stateBucket =
      props.stateBucket === false
        ? undefined
        : (props.stateBucket ?? new SluiceBucket(this, 'State', { removalPolicy, ...encryptedWith(props.key) }));
    if (props.key !== undefined) allowLogs(this, props.key);
    // With a role the first plan registers it, in the role's account.
    this.consumer = source.role === undefined ? makeStreamConsumer(this, pipeline, this.source) : undefined;
    const common = { tracing, removalPolicy, logRetention, ...encryptedWith(props.key) };
    this.functions = this.makeFunctions({ props, ...read, ...common, pipelineFile, functions, network });
    this.stateMachine = makeDriver(this, {
      pipelineName: pipeline.name,
      functions: this.functions,
      functionTimeoutSeconds: timeoutsOf(functions),
      type,
      width: { tasks: pipeline.maxTasks, keyGroups: pipeline.parallelism },
      ...common,
    });
    // Or the first plan would register it, and the stack would find it there already.
    if (this.consumer !== undefined) this.stateMachine.node.addDependency(this.consumer);
    this.schedule =
      props.schedule === false
        ? undefined
        : makeSchedule(this, this.stateMachine, props.schedule ?? defaultSchedule(pipeline.trigger.everyMs));
    const watched = { pipeline: this, stateMachine: this.stateMachine, triggerMs: pipeline.trigger.everyMs };
    this.alarms = makeAlarms(watched, { ...props, isStartedByTrigger: props.schedule === undefined });
    this.dashboard =
      props.dashboard === true ? new SluiceDashboard(this, 'Dashboard', { pipelines: [this] }) : undefined;
  }

  /**
   * The stream that the first output writes: given, made here, or the one that the file names.
   *
   * @throws `Error` if it is no stream
   */
  get sink(): IStream {
    return this.sinkOf(mainOutput);
  }

  /**
   * The stream that an output writes, by the name of the output; 'main' is the first one's.
   *
   * @throws `Error` if there is no such output, or it is no stream
   * @example
   * ```ts
   * import { App, Stack } from 'aws-cdk-lib';
   * import { SluicePipeline } from 'kinesis-sluice/cdk';
   *
   * const stack = new Stack(new App(), 'Flights');
   * const departures = new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts' });
   *
   * departures.sinkOf('main').metricPutRecordsBytes();
   * ```
   */
  sinkOf(output: string): IStream {
    const stream = this.outputs.find(({ id }) => id === output)?.stream;
    if (stream !== undefined) return stream;
    const what = output === mainOutput ? '' : `, as the output ${output},`;
    throw new Error(`the pipeline ${this.pipelineName} writes${what} to no Kinesis stream`);
  }

  /**
   * Lets a role start and stop the pipeline: `sluice start` and `sluice stop`.
   *
   * @example
   * ```ts
   * import { App, Stack } from 'aws-cdk-lib';
   * import { Role } from 'aws-cdk-lib/aws-iam';
   * import { SluicePipeline } from 'kinesis-sluice/cdk';
   *
   * const stack = new Stack(new App(), 'Flights');
   * const departures = new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts' });
   *
   * departures.grantStart(Role.fromRoleName(stack, 'OnDuty', 'on-duty'));
   * ```
   */
  grantStart(grantee: IGrantable): Grant {
    return this.grant('start', grantee);
  }

  /**
   * Lets a role see the pipeline, its state and its dead letters, and change nothing: `sluice status`, `state`, `page`, `dead-letters list` and `show`.
   * Payloads of dead letters and the keys of windows are among it.
   *
   * @example
   * ```ts
   * import { App, Stack } from 'aws-cdk-lib';
   * import { Role } from 'aws-cdk-lib/aws-iam';
   * import { SluicePipeline } from 'kinesis-sluice/cdk';
   *
   * const stack = new Stack(new App(), 'Flights');
   * const departures = new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts' });
   *
   * departures.grantRead(Role.fromRoleName(stack, 'Analysts', 'analysts'));
   * ```
   */
  grantRead(grantee: IGrantable): Grant {
    return this.grant('read', grantee);
  }

  /**
   * Lets a role do with the pipeline what the commands do that change it, `sluice rewind`, `fork`, `repartition` and `savepoint` among them, and all that
   * `grantStart` and `grantRead` give. A fork is another pipeline: it needs the same of that one.
   *
   * @example
   * ```ts
   * import { App, Stack } from 'aws-cdk-lib';
   * import { Role } from 'aws-cdk-lib/aws-iam';
   * import { SluicePipeline } from 'kinesis-sluice/cdk';
   *
   * const stack = new Stack(new App(), 'Flights');
   * const departures = new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts' });
   *
   * departures.grantOperate(Role.fromRoleName(stack, 'Operators', 'operators'));
   * ```
   */
  grantOperate(grantee: IGrantable): Grant {
    return this.grant('operate', grantee);
  }

  private grant(access: Access, grantee: IGrantable): Grant {
    const { pipelineName, table, stateBucket } = this;
    const { stateMachineArn } = this.stateMachine;
    return grantAccess(access, grantee, { pipelineName, table, stateBucket, stateMachineArn });
  }

  private makeFunctions(from: Parts): PerStep<StepFunction> {
    const { props, pipeline, functions, ...rest } = from;
    const { table, stateBucket, source, outputs } = this;
    const subscribes = pipeline.source.consumerType === 'SubscribeToShard';
    const resources = {
      pipelineName: pipeline.name,
      consumerName: subscribes ? consumerNameOf(pipeline) : undefined,
      consumerOfStack: this.consumer?.attrConsumerArn,
      givenConsumer: subscribes ? pipeline.source.subscribeToShard.consumerArn : undefined,
      table,
      stateBucket,
      source,
      sourceRole: roleOf(props.sourceRole, pipeline.source),
      outputs,
      // What is asked for is known when the template is made.
      metrics: Lazy.string({ produce: () => this.metricSet }),
    };
    return perStep((step) => {
      const architecture = props.architecture ?? Architecture.ARM_64;
      return new StepFunction(this, { ...rest, step, resources, architecture, options: functions[step.key] });
    });
  }
}

type Parts = ReadPipeline & {
  readonly props: SluicePipelineProps;
  readonly pipelineFile: string;
  readonly functions: PerStep<FunctionOptions>;
  readonly network: ReturnType<typeof networkOf>;
  readonly encryptionKey?: IKey;
  readonly tracing: boolean;
  readonly removalPolicy: RemovalPolicy;
  readonly logRetention: RetentionDays;
};

const encryptedWith = (key: IKey | undefined) => (key === undefined ? {} : { encryptionKey: key });

const replacesStreams = ({ source, sink, sinks }: SluicePipelineProps): boolean =>
  source !== undefined || sink !== undefined || sinks !== undefined;

function sinksWithKey(props: SluicePipelineProps): SluicePipelineProps {
  const { sink, sinks, key } = props;
  const further = Object.entries(sinks ?? {}).map(([name, place]) => [name, withKey(place, key)] as const);
  return {
    ...props,
    ...(sink === undefined ? {} : { sink: withKey(sink, key) }),
    ...(sinks === undefined ? {} : { sinks: Object.fromEntries(further) }),
  };
}

function roleOf(asked: string | false | undefined, { role }: Pick<KinesisSource, 'role'>): string | undefined {
  return asked === false ? undefined : (asked ?? role?.arn);
}

function ownTable(scope: Construct, { tableKey, key }: SluicePipelineProps, removalPolicy: RemovalPolicy): SluiceTable {
  return new SluiceTable(scope, 'Table', { removalPolicy, ...encryptedWith(tableKey ?? key) });
}
