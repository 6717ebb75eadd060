/** What an app says of a pipeline that it deploys. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { MetricSet } from '../functions/pipeline/metrics.ts';
import type { SluiceFunctionProps } from './function-options.ts';
import type { SluiceAlarms } from './observability/make-alarms.ts';
import type { PipelineStream } from './pipeline-streams.ts';
import type { PipelineSink } from './sinks/stack-sink.ts';
import type { StepKey } from './steps.ts';

/** The pipeline, its streams, and how it is run: the third argument of `new SluicePipeline`. */
export interface SluicePipelineProps {
  /** The file whose default export is the pipeline, TypeScript or JavaScript; relative to the working directory. */
  readonly pipeline: string;
  /**
   * The stream to read: one that exists in your app or account, or the properties of one to make (`{}` is enough:
   * on demand; `{ shardCount: 4 }` is provisioned).
   * @default the existing stream that the pipeline file names
   */
  readonly source?: PipelineStream;
  /**
   * What the first output writes to: for `kinesis` a stream, as `source`; for `dynamodb` a table, for `firehose` a delivery stream, for
   * `lambda` a function, its version or its alias, for `s3` a bucket. @default what the pipeline file names, which must exist
   */
  readonly sink?: PipelineSink;
  /**
   * What further outputs write to, by the names of the outputs: `{ audit: stream, board: table }`.
   * @default what the pipeline file names, which must exist
   */
  readonly sinks?: Readonly<Record<string, PipelineSink>>;
  /**
   * ARN of the role to assume for the source, instead of the one in the pipeline file, whose other options stay; `false`:
   * none. @default the role that the pipeline file names, if it does
   */
  readonly sourceRole?: string | false;
  /** As `sourceRole`, for the sink. @default the role that the pipeline file names, if it does */
  readonly sinkRole?: string | false;
  /** As `sinkRole`, for the sinks of further outputs, by the names of the outputs. @default the roles that the pipeline file names */
  readonly sinkRoles?: Readonly<Record<string, string | false>>;
  /** Checkpoints and state; many pipelines may share one. @default a `SluiceTable` of its own */
  readonly table?: ITable;
  /**
   * A key of your own for all that is made here: the table, the bucket, streams, logs, and the environment of the functions. What is given, or says a key
   * of its own, keeps it. An imported key's policy has to allow the logs themselves: see the guide. @default keys that AWS manages
   */
  readonly key?: IKey;
  /** A key for the table made here. @default `key`, or the one that AWS manages for DynamoDB in your account */
  readonly tableKey?: IKey;
  /**
   * What large values of checkpoints, blocks and state lie in, instead of the table, where they cost more; many pipelines may share one. `false`: none.
   * A pipeline keeps the bucket that it began with: what lies there is not copied.
   * @default a `SluiceBucket` of its own
   */
  readonly stateBucket?: IBucket | false;
  /** STANDARD shows each execution and can be stopped, but bills every state. @default 'EXPRESS' */
  readonly stateMachineType?: 'EXPRESS' | 'STANDARD';
  /**
   * When to start the pipeline, if it doesn't run. `false`: only on request.
   * @default each minute, or at the pipeline's own trigger if that is longer
   */
  readonly schedule?: ScheduleExpression | false;
  /** MB of the functions that read shards and reduce windows. @default 1769, which is one full processor */
  readonly memorySize?: number;
  /** What single functions have other than the rest: `{ reduceKeyGroup: { memorySize: 3008 } }`. @default nothing */
  readonly functions?: Readonly<Partial<Record<StepKey, SluiceFunctionProps>>>;
  /** The VPC that the functions run in. They need its endpoints, or a way out: see the guide. @default none: they reach AWS as any function does */
  readonly vpc?: IVpc;
  /** The subnets of `vpc`. @default the private ones with a way out, as for any function */
  readonly vpcSubnets?: SubnetSelection;
  /** Of the functions in `vpc`. @default one for each function, which lets all out and nothing in */
  readonly securityGroups?: readonly ISecurityGroup[];
  /** Processor of the functions. @default Architecture.ARM_64 */
  readonly architecture?: Architecture;
  /** How long the logs are kept. @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /**
   * Which metrics the pipeline gives out; CloudWatch bills each of them. 'essential': those that alarms watch. 'none': none.
   * @default 'all' with `dashboard`, otherwise what alarms, dashboards and `metric…()` ask for: without them none
   */
  readonly metrics?: MetricSet;
  /**
   * Alarms on the metrics, each of which is billed; an object: what differs from their defaults, `false` leaves one out.
   * @default with `alarmActions` all of them (with a `schedule` all but `stalled`), otherwise none
   */
  readonly alarms?: boolean | SluiceAlarms;
  /** What the alarms do, `new SnsAction(topic)` for one. @default nothing */
  readonly alarmActions?: readonly IAlarmAction[];
  /** A dashboard of its own, which is billed; for several pipelines on one see `SluiceDashboard`. @default false */
  readonly dashboard?: boolean;
  /** Traces of X-Ray, by the functions and the state machine; each trace is billed. @default false */
  readonly tracing?: boolean;
  /** Of the table, the bucket and the log groups made here; streams take theirs from their own properties. @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
}
