/** The construct in apps with rules of their own: a VPC, keys, boundaries, tags, concurrency, and what others may do with a pipeline. */
import { Duration, type Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, ManagedPolicy, PermissionsBoundary, Role } from 'aws-cdk-lib/aws-iam';
import { StreamEncryption } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import { SluiceBucket, SluicePipeline, type SluicePipelineProps, SluiceTable } from '../../infra/index.ts';
import { actionsOf, examples, newStack, resources, statements } from './stack.ts';

function departuresIn(stack: Stack, props: Partial<SluicePipelineProps> = {}): SluicePipeline {
  return new SluicePipeline(stack, 'Departures', { pipeline: examples.departures, source: {}, sink: {}, ...props });
}

const functionsOf = (template: Template) =>
  resources(template, 'AWS::Lambda::Function').filter(({ id }) => id.startsWith('Departures'));

describe('in a VPC', () => {
  const stack = newStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
  const securityGroups = [new SecurityGroup(stack, 'Group', { vpc })];
  departuresIn(stack, { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS }, securityGroups });
  const template = Template.fromStack(stack);

  test('all five functions have its subnets and the security group', () => {
    const places = functionsOf(template).map(({ properties }) => properties.VpcConfig as Record<string, unknown[]>);
    expect(places).toHaveLength(5);
    for (const { SubnetIds, SecurityGroupIds } of places) {
      expect(SubnetIds).toHaveLength(2);
      expect(SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^Group/), 'GroupId'] }]);
    }
  });

  test('Lambda may make interfaces with their roles, and their code may not', () => {
    const ofInterfaces = statements(template).filter(({ statement }) =>
      actionsOf(statement).includes('ec2:CreateNetworkInterface'),
    );
    expect(ofInterfaces.map(({ statement }) => statement.Effect).toSorted()).toEqual([
      ...Array.from({ length: 5 }, () => 'Allow'),
      ...Array.from({ length: 5 }, () => 'Deny'),
    ]);
    for (const { statement } of ofInterfaces.filter(({ statement }) => statement.Effect === 'Deny'))
      expect(statement.Condition).toEqual({ ArnLike: { 'lambda:SourceFunctionArn': expect.anything() } });
  });

  test('parts of one without it are refused by name', () => {
    expect(() => departuresIn(newStack(), { securityGroups: [] })).toThrow('securityGroups is given without vpc');
    expect(() => departuresIn(newStack(), { vpcSubnets: {} })).toThrow('vpcSubnets is given without vpc');
  });
});

describe('with a key for all', () => {
  const stack = newStack();
  const key = new Key(stack, 'Key');
  const own = new Key(stack, 'Own');
  departuresIn(stack, { key, sink: { encryption: StreamEncryption.KMS, encryptionKey: own } });
  new SluicePipeline(stack, 'Republish', { pipeline: examples.republish, source: {}, sink: {}, key });
  const template = Template.fromStack(stack);
  const arn = { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] };

  test('table, bucket, logs, environment and streams have it, and what says one of its own keeps that', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      SSESpecification: { SSEType: 'KMS', KMSMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } },
    });
    const [bucket] = resources(template, 'AWS::S3::Bucket');
    expect(JSON.stringify(bucket?.properties.BucketEncryption)).toContain('aws:kms');
    const logs = resources(template, 'AWS::Logs::LogGroup').map(({ properties }) => properties.KmsKeyId);
    expect(logs).toHaveLength(12);
    for (const log of logs) expect(log).toEqual(arn);
    for (const { properties } of functionsOf(template)) expect(properties.KmsKeyArn).toEqual(arn);
    const streams = resources(template, 'AWS::Kinesis::Stream').map(({ id, properties }) => [id, properties] as const);
    const keyOf = (part: string) =>
      JSON.stringify(streams.find(([id]) => id.includes(part))?.[1].StreamEncryption).match(/\["(Key|Own)/)?.[1];
    const names = ['DeparturesSource', 'DeparturesSink', 'RepublishSource', 'RepublishSink'];
    expect(names.map(keyOf)).toEqual(['Key', 'Own', 'Key', 'Key']);
  });

  test('the key lets the log service use it, for logs of this account', () => {
    const policy = resources(template, 'AWS::KMS::Key').find(({ id }) => id.startsWith('Key'))?.properties.KeyPolicy;
    const { Statement: all } = policy as { Statement: { Sid?: string; Principal: object; Condition?: object }[] };
    expect(all.map(({ Sid }) => Sid)).toEqual([undefined, 'EncryptLogs', 'DeliverLogs']);
    expect(all[1]?.Condition).toEqual({ ArnLike: { 'kms:EncryptionContext:aws:logs:arn': expect.anything() } });
  });

  test('each function may decrypt its environment, through Lambda only', () => {
    const ofEnvironment = statements(template).filter(({ statement }) => statement.Sid === 'EnvironmentKey');
    expect(ofEnvironment).toHaveLength(10);
    for (const { statement } of ofEnvironment) {
      expect(statement.Action).toBe('kms:Decrypt');
      expect(JSON.stringify(statement.Condition)).toContain('lambda.');
    }
  });
});

test('a permissions boundary of the app is on every role', () => {
  const stack = newStack();
  departuresIn(stack);
  PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'team-boundary'));
  const roles = resources(Template.fromStack(stack), 'AWS::IAM::Role');
  // Five functions, the state machine, the schedule, and what empties the bucket.
  expect(roles).toHaveLength(8);
  for (const { properties } of roles)
    expect(JSON.stringify(properties.PermissionsBoundary)).toContain('policy/team-boundary');
});

test('tags of the app are on what it makes, but not on the consumer, which would be replaced', () => {
  const stack = newStack();
  new SluicePipeline(stack, 'FanOut', { pipeline: examples.fanOut, source: {}, sink: {} });
  Tags.of(stack).add('team', 'flights');
  const template = Template.fromStack(stack);
  const tags = [{ Key: 'team', Value: 'flights' }];
  for (const type of ['AWS::Lambda::Function', 'AWS::DynamoDB::Table', 'AWS::Kinesis::Stream', 'AWS::IAM::Role'])
    for (const { properties } of resources(template, type).filter(({ id }) => id.startsWith('FanOut')))
      expect(properties.Tags, type).toEqual(tags);
  const [machine] = resources(template, 'AWS::StepFunctions::StateMachine');
  expect(machine?.properties.Tags).toEqual(tags);
  const [consumer] = resources(template, 'AWS::Kinesis::StreamConsumer');
  expect(Object.keys(consumer!.properties).toSorted()).toEqual(['ConsumerName', 'StreamARN']);
});

describe('single functions', () => {
  const of = (template: Template, id: string) =>
    functionsOf(template).find((fn) => fn.id.startsWith(`Departures${id}`))?.properties;

  test('have the memory, time and concurrency that are asked for, and the machine counts with the time', () => {
    const stack = newStack();
    const functions = {
      reduceKeyGroup: { memorySize: 3008, timeout: Duration.seconds(30), reservedConcurrentExecutions: 10 },
      planBatch: { reservedConcurrentExecutions: 2 },
    };
    departuresIn(stack, { functions });
    const template = Template.fromStack(stack);
    expect(of(template, 'ReduceKeyGroup')).toMatchObject({
      ...{ MemorySize: 3008, Timeout: 30, ReservedConcurrentExecutions: 10 },
    });
    expect(of(template, 'ProcessShards')).toMatchObject({ MemorySize: 1769, Timeout: 22 });
    expect(of(template, 'PlanBatch')).toMatchObject({ MemorySize: 512, ReservedConcurrentExecutions: 2 });
    expect(of(template, 'CommitBatch')).not.toHaveProperty('ReservedConcurrentExecutions');
    const [machine] = resources(template, 'AWS::StepFunctions::StateMachine');
    const definition = JSON.stringify(machine?.properties.DefinitionString);
    // A task waits three seconds longer than its function runs, and the reduce has two tries.
    expect(definition.match(/\\"TimeoutSeconds\\":33/g)).toHaveLength(1);
  });

  test.each([
    [{ reduceKeyGroup: { timeout: Duration.seconds(60) } }, /^functions: with these timeouts .* is too long/],
    [
      { processShards: { timeout: Duration.seconds(10) } },
      /^functions: with these timeouts .*executors have 0 s to read/,
    ],
    [{ sealBatch: { timeout: Duration.millis(1500) } }, /^functions.sealBatch.timeout is 1.5 s: whole seconds/],
    [
      { planBatch: { memorySize: 128 } },
      /^functions.planBatch.memorySize is 128: a whole number of MB from 256 to 10240/,
    ],
    [{ commitBatch: { reservedConcurrentExecutions: 1 } }, /^functions.commitBatch.reservedConcurrentExecutions is 1/],
    [{ processShards: { reservedConcurrentExecutions: 5 } }, /a batch may have 40 tasks at once.*smaller maxTasks/],
    [
      { reduceKeyGroup: { reservedConcurrentExecutions: 0 } },
      /reservedConcurrentExecutions is 0: a batch reduces \d+ key groups/,
    ],
    [{ planBatches: {} } as never, /^functions.planBatches: there is no such function: one of planBatch, /],
  ])('%j is refused by name', (functions, message) => {
    expect(() => departuresIn(newStack(), { functions })).toThrow(message);
  });

  test('a memory for all that no function can have is refused by name', () => {
    expect(() => departuresIn(newStack(), { memorySize: 20_000 })).toThrow(/^memorySize is 20000: /);
  });
});

describe('a role that is let', () => {
  const stack = newStack();
  const table = new SluiceTable(stack, 'Checkpoints', { encryptionKey: new Key(stack, 'Key') });
  const stateBucket = new SluiceBucket(stack, 'State');
  const departures = departuresIn(stack, { table, stateBucket });
  const roleOf = (id: string) => new Role(stack, id, { assumedBy: new AccountRootPrincipal() });
  departures.grantStart(roleOf('Starter'));
  departures.grantRead(roleOf('Reader'));
  departures.grantOperate(roleOf('Operator'));
  const all = statements(Template.fromStack(stack));
  const of = (id: string) => all.filter(({ role }) => role.startsWith(id)).map(({ statement }) => statement);
  const actionsOfRole = (id: string) => of(id).flatMap(actionsOf).toSorted();
  const ofKey = [
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ];

  test('start may start and stop it, and read nothing of its bucket', () => {
    expect(actionsOfRole('Starter')).toEqual([
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
      ...ofKey,
      ...['states:DescribeStateMachine', 'states:StartExecution'],
    ]);
  });

  test('read may change nothing', () => {
    const read = ['dynamodb:GetItem', 'dynamodb:Query', ...ofKey, 's3:GetObject', 's3:ListBucket'];
    expect(actionsOfRole('Reader')).toEqual(read);
  });

  test('operate may do what commands do', () => {
    expect(actionsOfRole('Operator')).toEqual([
      ...['dynamodb:BatchWriteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      ...[...ofKey, 's3:DeleteObject', 's3:GetObject', 's3:ListBucket', 's3:PutObject'],
      ...['states:DescribeStateMachine', 'states:StartExecution'],
    ]);
  });

  test('reaches items and objects of this pipeline only', () => {
    for (const statement of ['Starter', 'Reader', 'Operator'].flatMap(of)) {
      const [action = ''] = actionsOf(statement);
      const condition = JSON.stringify(statement.Condition);
      if (action.startsWith('dynamodb:'))
        expect(condition).toMatch(/\["departures","departures\/\*"(,"departures@\*")?\]/);
      if (action.startsWith('s3:') && !action.startsWith('s3:List'))
        expect(JSON.stringify(statement.Resource)).toContain('/departures/*');
      if (action === 's3:ListBucket') expect(condition).toContain('departures/*');
    }
  });
});
