/**
 * What each function may do: the calls it makes, on the things it makes them on, and nothing else.
 *
 * CDK's grants are wider (`grantRead` of a stream lets list all streams, `grantReadWriteData` of a table lets scan it),
 * so the actions are named here. A table can serve many pipelines: `dynamodb:LeadingKeys` confines a function to the
 * items of its own, since all their partition keys begin with the pipeline's name.
 *
 * A stream that is reached with a role is the role's business: the function may assume that one role, and nothing with the
 * stream itself. A stream of another account has to allow the functions in its resource policy, too.
 */
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { isSentWhileReading } from '../functions/pipeline/outputs.ts';
import { consumerTag } from '../functions/pipeline/pipeline.ts';
import type { Grant } from '../functions/sinks/sink-kind.ts';
import { bucketStatements } from './bucket-statements.ts';
import { keyStatement, tableKeyStatement } from './key-statement.ts';
import type { StackSink } from './sinks/stack-sink.ts';
import type { StepKey } from './steps.ts';

export type Resources = {
  readonly pipelineName: string;
  /** The enhanced fan-out consumer by which it reads; undefined: it polls. */
  readonly consumerName: string | undefined;
  /** ARN of the one that the stack made. */
  readonly consumerOfStack: string | undefined;
  /** ARN of the one that the pipeline file names: its owner's, who registers it. */
  readonly givenConsumer: string | undefined;
  readonly table: ITable;
  /** Undefined: large values lie in the table. */
  readonly stateBucket: IBucket | undefined;
  readonly source: IStream;
  /** ARN of the role that the source is reached with. Undefined: the functions' own. */
  readonly sourceRole: string | undefined;
  readonly outputs: readonly StackSink[];
  /** Which set of metrics is given out. */
  readonly metrics: string;
};

/** Every action that a function may be given, and what for. */
export const reasons: Readonly<Record<string, string>> = {
  'dynamodb:GetItem': 'reads the head, plans, tasks, bodies, blocks and state by key',
  'dynamodb:PutItem': 'stores what a step decided or made',
  'dynamodb:UpdateItem': 'moves the head, on condition',
  'dynamodb:Query':
    'reads partial aggregates of a key group, and notes of what was sent; finds batches that rows are kept of, and what the purge deletes',
  'dynamodb:BatchWriteItem': 'stores chunks and dead letters; deletes what was purged',
  'kinesis:ListShards': 'finds the shards of the source, and whether one that says no more has ended',
  'kinesis:DescribeStreamSummary':
    'knows a stream that was created again, and the retention; how large a record the sink takes',
  'kinesis:GetShardIterator': 'opens a shard where the last batch ended',
  'kinesis:GetRecords': 'reads it',
  'kinesis:DescribeStreamConsumer': 'finds the enhanced fan-out consumer, and whether it is active',
  'kinesis:ListTagsForResource': 'checks whose the consumer is',
  'kinesis:RegisterStreamConsumer': 'registers it where somebody deregistered it',
  'kinesis:TagResource': 'registers it with the tag that says whose it is',
  'kinesis:SubscribeToShard': 'reads by enhanced fan-out',
  'kinesis:PutRecords': 'writes the output',
  'firehose:PutRecordBatch': 'writes the output to a delivery stream',
  'lambda:InvokeFunction': 'gives the output to a function',
  'kms:Decrypt': "reads a stream, a table or a bucket that is encrypted with the user's key",
  'kms:GenerateDataKey': "writes a stream, a table or a bucket that is encrypted with the user's key",
  'kms:DescribeKey': 'DynamoDB looks at the key on behalf of who calls it',
  'kms:Encrypt': 'DynamoDB encrypts the keys of the table on behalf of who calls it',
  'kms:ReEncryptFrom': 'DynamoDB changes the keys of the table on behalf of who calls it',
  'kms:ReEncryptTo': 'DynamoDB changes the keys of the table on behalf of who calls it',
  'logs:CreateLogStream': 'each execution environment logs to a stream of its own',
  'logs:PutLogEvents': 'writes to it',
  's3:PutObject': 'writes large values of the state, files of the output, and the lists of them',
  's3:GetObject': 'reads large values',
  's3:DeleteObject': 'deletes large values that were purged',
  's3:ListBucket':
    'tells an object that is missing from one that may not be read; finds large values that nothing names',
  'sts:AssumeRole': 'reads a stream or writes a sink with the role that the pipeline file names for it',
};

const tableActions: { readonly [Key in StepKey]: readonly string[] } = {
  // Which batches have rows that were kept for an output.
  planBatch: ['GetItem', 'Query', 'PutItem', 'UpdateItem'],
  processShards: ['GetItem', 'PutItem', 'BatchWriteItem'],
  sealBatch: ['GetItem', 'PutItem', 'UpdateItem'],
  reduceKeyGroup: ['GetItem', 'Query', 'PutItem', 'BatchWriteItem'],
  // The purge looks for items below the horizon and deletes them in batches.
  commitBatch: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'BatchWriteItem'],
};

/**
 * A consumer's ARN ends with the time of its registration, so one that was registered again would be another resource.
 * Plans find it, register it where it is missing (the stack makes it, but somebody may deregister it), and check by its
 * tag whose it is; executors subscribe. The rights to poll stay: executions that began before the change still do.
 */
const consumerActions: { readonly [Key in StepKey]?: readonly string[] } = {
  planBatch: ['DescribeStreamConsumer', 'ListTagsForResource'],
  processShards: ['SubscribeToShard'],
};

/** Who did not register it has no business with its tags. */
export const givenConsumerActions: { readonly [Key in StepKey]?: readonly string[] } = {
  planBatch: ['DescribeStreamConsumer'],
  processShards: ['SubscribeToShard'],
};

/** Decrypting what lies in the stream is the reader's need, making data keys the writer's. */
export const sourceActions: { readonly [Key in StepKey]?: readonly string[] } = {
  planBatch: ['ListShards', 'DescribeStreamSummary'],
  // Where an answer does not say whether a shard has ended, the listing does.
  processShards: ['GetShardIterator', 'GetRecords', 'ListShards'],
  // Before it fixes what was read where Kinesis can't tell a stream that was created again.
  sealBatch: ['DescribeStreamSummary'],
};

/** While shards are read, or from what is stored, once the batch is sealed. */
const writerOf = ({ sent }: StackSink): StepKey => (sent === 'while-reading' ? 'processShards' : 'reduceKeyGroup');

export function stepStatements(step: StepKey, resources: Resources): PolicyStatement[] {
  const written = resources.outputs.filter((output) => step === writerOf(output));
  return [
    ...tableStatements(step, resources),
    ...bucketStatements(step, resources.pipelineName, resources.stateBucket),
    ...sourceStatements(step, resources),
    ...consumerStatements(step, resources),
    ...written.flatMap(sinkStatements),
    ...(step === 'commitBatch' ? resources.outputs.flatMap(listStatements) : []),
  ];
}

export function logStatement(logGroup: ILogGroup): PolicyStatement {
  return new PolicyStatement({
    sid: 'WriteOwnLog',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  });
}

function tableStatements(step: StepKey, { table, pipelineName, outputs }: Resources): PolicyStatement[] {
  // Executors that send look for what an earlier try has sent.
  const sends = step === 'processShards' && outputs.some(isSentWhileReading);
  const tableCalls = sends ? [...tableActions[step], 'Query'] : tableActions[step];
  const items = new PolicyStatement({
    sid: 'OwnItems',
    actions: tableCalls.map((action) => `dynamodb:${action}`),
    resources: [table.tableArn],
    conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [pipelineName, `${pipelineName}/*`] } },
  });
  if (table.encryptionKey === undefined) return [items];
  return [items, tableKeyStatement({ sid: 'TableKey', key: table.encryptionKey, region: table.env.region })];
}

/** This role and no other, which also has the rights to the stream and its key. */
function assumeStatement(sid: string, role: string): PolicyStatement {
  return new PolicyStatement({ sid, actions: ['sts:AssumeRole'], resources: [role] });
}

function sourceStatements(step: StepKey, { source, sourceRole }: Resources): PolicyStatement[] {
  const actions = sourceActions[step];
  if (actions === undefined) return [];
  if (sourceRole !== undefined) return [assumeStatement('AssumeSourceRole', sourceRole)];
  const statements = [
    new PolicyStatement({
      sid: 'ReadSource',
      actions: actions.map((action) => `kinesis:${action}`),
      resources: [source.streamArn],
    }),
  ];
  if (step === 'processShards' && source.encryptionKey !== undefined) {
    const { encryptionKey: key, env } = source;
    statements.push(
      keyStatement({ sid: 'SourceKey', key, service: 'kinesis', actions: ['Decrypt'], region: env.region }),
    );
  }
  return statements;
}

/** With a role they are the role's, like all rights to the stream. */
function consumerStatements(step: StepKey, resources: Resources): PolicyStatement[] {
  const { source, sourceRole, consumerName, givenConsumer } = resources;
  if (givenConsumer !== undefined && sourceRole === undefined) return givenConsumerStatements(step, givenConsumer);
  const actions = consumerActions[step];
  if (actions === undefined || consumerName === undefined || sourceRole !== undefined) return [];
  // Before it exists it has no time of registration either: then AWS asks for the right to the name alone.
  const consumer = `${source.streamArn}/consumer/${consumerName}`;
  const consumers = step === 'planBatch' ? [consumer, `${consumer}:*`] : [`${consumer}:*`];
  const statements = [
    new PolicyStatement({
      sid: 'OwnConsumer',
      actions: actions.map((action) => `kinesis:${action}`),
      resources: consumers,
    }),
  ];
  if (step !== 'planBatch') return statements;
  return [
    ...statements,
    new PolicyStatement({
      sid: 'RegisterConsumer',
      actions: ['kinesis:RegisterStreamConsumer'],
      resources: [source.streamArn],
    }),
    // Registering with a tag is tagging, too. No other tag can be set by this.
    new PolicyStatement({
      sid: 'TagConsumer',
      actions: ['kinesis:TagResource'],
      resources: consumers,
      conditions: { 'ForAllValues:StringEquals': { 'aws:TagKeys': [consumerTag] } },
    }),
  ];
}

function givenConsumerStatements(step: StepKey, consumer: string): PolicyStatement[] {
  const actions = givenConsumerActions[step];
  if (actions === undefined) return [];
  return [
    new PolicyStatement({
      sid: 'GivenConsumer',
      actions: actions.map((action) => `kinesis:${action}`),
      resources: [consumer],
    }),
  ];
}

/** A policy has each `Sid` once, and a function may write to several outputs. */
const suffixOf = (number: number): string => (number === 0 ? '' : String(number + 1));

const statementsOf = (grants: readonly Grant[], suffix: string): PolicyStatement[] =>
  grants.map(
    ({ sid, actions, resources }) =>
      new PolicyStatement({ sid: `${sid}${suffix}`, actions: [...actions], resources: [...resources] }),
  );

type Granted = Pick<StackSink, 'grants' | 'statements'>;

/** Of outputs that write files. */
const listStatements = ({ listGrants = [], listStatements: statements = [] }: StackSink, number: number) =>
  sinkStatements({ grants: listGrants, statements }, number);

function sinkStatements({ grants, statements }: Granted, number: number): PolicyStatement[] {
  const suffix = suffixOf(number);
  const ofKind = statementsOf(grants, suffix);
  for (const statement of statements) statement.sid = `${statement.sid}${suffix}`;
  return [...ofKind, ...statements];
}
