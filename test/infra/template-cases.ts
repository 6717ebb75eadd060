/** Stacks of every kind that the construct makes, by name: what judges templates is given all of them. */
import { RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { StreamEncryption } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { SluiceBucket, SluicePipeline, SluiceTable } from '../../infra/index.ts';

export const templateCases: Readonly<Record<string, (stack: Stack) => void>> = {
  Plain: (stack) => {
    new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts' });
  },
  Standard: (stack) => {
    new SluicePipeline(stack, 'Departures', {
      ...{ pipeline: 'examples/departures.ts', source: {}, sink: { shardCount: 2 }, stateMachineType: 'STANDARD' },
      ...{ stateBucket: false, schedule: false, removalPolicy: RemovalPolicy.RETAIN },
    });
  },
  Observed: (stack) => {
    const observed = { alarms: true, dashboard: true, tracing: true };
    new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts', source: {}, sink: {}, ...observed });
  },
  WithoutAggregation: (stack) => {
    new SluicePipeline(stack, 'Republish', { pipeline: 'examples/republish.ts', source: {}, sink: {} });
  },
  FanOut: (stack) => {
    new SluicePipeline(stack, 'FanOut', { pipeline: 'test/infra/pipelines/fan-out.ts', source: {}, sink: {} });
  },
  Keys: (stack) => {
    const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
    const stream = { encryption: StreamEncryption.KMS, encryptionKey };
    const [pipeline, source, sink] = ['examples/departures.ts', stream, stream];
    new SluicePipeline(stack, 'Departures', { pipeline, source, sink, tableKey: encryptionKey });
  },
  OwnRules: (stack) => {
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      ...{
        vpcId: 'vpc-0123456789abcdef0',
        availabilityZones: ['a', 'b'],
        privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      },
    });
    const key = new Key(stack, 'Key', { enableKeyRotation: true });
    const functions = { reduceKeyGroup: { reservedConcurrentExecutions: 10 } };
    const [source, sink] = [{}, { shardCount: 1 }];
    const pipeline = 'examples/departures.ts';
    const departures = new SluicePipeline(stack, 'Departures', { pipeline, source, sink, vpc, key, functions });
    const role = new Role(stack, 'Operators', { assumedBy: new AccountRootPrincipal() });
    departures.grantOperate(role);
  },
  Wide: (stack) => {
    const key = new Key(stack, 'Key', { enableKeyRotation: true });
    new SluicePipeline(stack, 'Wide', { pipeline: 'test/infra/pipelines/wide.ts', source: {}, sink: {}, key });
  },
  TwoPipelines: (stack) => {
    const shared = { table: new SluiceTable(stack, 'Checkpoints'), stateBucket: new SluiceBucket(stack, 'State') };
    new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts', source: {}, sink: {}, ...shared });
    new SluicePipeline(stack, 'Republish', { pipeline: 'examples/republish.ts', source: {}, sink: {}, ...shared });
  },
  SinkTable: (stack) => {
    const [partitionKey, sortKey] = ['pk', 'sk'].map((name) => ({ name, type: AttributeType.STRING }));
    const keys = { partitionKey: partitionKey!, sortKey: sortKey! };
    const sink = new Table(stack, 'Board', {
      ...keys,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    new SluicePipeline(stack, 'Board1', { pipeline: 'examples/live-dashboard.ts', source: {}, sink });
  },
  SinkFunction: (stack) => {
    const sink = LambdaFunction.fromFunctionName(stack, 'Sink', 'sink');
    new SluicePipeline(stack, 'Calls', { pipeline: 'test/infra/pipelines/lambda.ts', source: {}, sink });
  },
  SinkBucket: (stack) => {
    const serverAccessLogsBucket = Bucket.fromBucketName(stack, 'Logs', 'access-logs');
    const sink = new Bucket(stack, 'Files', { enforceSSL: true, serverAccessLogsBucket });
    new SluicePipeline(stack, 'Files1', { pipeline: 'test/infra/pipelines/files.ts', source: {}, sink });
  },
};
