import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Stream, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { describe, expect, test } from 'vitest';
import { SluicePipeline, SluiceTable } from '../../infra/index.ts';
import { functionTimeoutSeconds } from '../../state-machine/micro-batch.ts';
import { actionsOf, examples, newStack, resources, statements, synthesise } from './stack.ts';

describe('the functions', () => {
  const { template, pipeline } = synthesise();

  test('are five, on arm64 and Node 24, each with its own log group', () => {
    const functions = resources(template, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(5);
    const logs = functions.map(({ properties }) => JSON.stringify(properties.LoggingConfig));
    expect(new Set(logs).size).toBe(5);
    for (const { properties } of functions) {
      expect(properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x', Handler: 'index.handler' });
      expect(properties.TracingConfig).toBeUndefined();
    }
  });

  test('have the time that the state machine counts with, and most memory where the work is', () => {
    for (const [key, seconds] of Object.entries(functionTimeoutSeconds)) {
      const works = key === 'processShards' || key === 'reduceKeyGroup';
      const id = Stack.of(pipeline).getLogicalId(
        pipeline.functions[key as keyof typeof functionTimeoutSeconds].node.defaultChild as never,
      );
      const [fn] = resources(template, 'AWS::Lambda::Function').filter((found) => found.id === id);
      expect(fn?.properties).toMatchObject({ Timeout: seconds, MemorySize: works ? 1769 : 512 });
    }
  });

  test('know the table, both streams, and endpoints that SAM can set', () => {
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          SLUICE_TABLE: { Ref: Match.anyValue() },
          SLUICE_SOURCE: { 'Fn::GetAtt': Match.anyValue() },
          SLUICE_SINK: { 'Fn::GetAtt': Match.anyValue() },
          SLUICE_KINESIS_ENDPOINT: '',
          SLUICE_DYNAMODB_ENDPOINT: '',
          POWERTOOLS_SERVICE_NAME: 'departures',
          POWERTOOLS_LOG_LEVEL: 'INFO',
        }),
      },
    });
  });

  test('are called by version, and old versions stay for the batches that run', () => {
    const versions = template.findResources('AWS::Lambda::Version');
    expect(Object.keys(versions)).toHaveLength(5);
    for (const version of Object.values(versions)) {
      expect(version).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
    const [machine] = resources(template, 'AWS::StepFunctions::StateMachine');
    const definition = JSON.stringify(machine?.properties.DefinitionString);
    for (const id of Object.keys(versions)) expect(definition).toContain(`{"Ref":"${id}"}`);
    for (const { id } of resources(template, 'AWS::Lambda::Function')) expect(definition).not.toContain(`"${id}"`);
  });

  test('can be called by their plain names in SAM', () => {
    const names = Object.values(template.findResources('AWS::Lambda::Function')).map((fn) => fn.Metadata.SamResourceId);
    expect(names.sort()).toEqual(['CommitBatch', 'PlanBatch', 'ProcessShards', 'ReduceKeyGroup', 'SealBatch']);
  });

  test('take the architecture and the memory that are asked for', () => {
    const asked = synthesise({ architecture: Architecture.X86_64, memorySize: 3008 });
    asked.template.allResourcesProperties('AWS::Lambda::Function', { Architectures: ['x86_64'] });
    asked.template.resourcePropertiesCountIs('AWS::Lambda::Function', { MemorySize: 3008 }, 2);
  });
});

describe('the table', () => {
  test('is billed on demand, encrypted, restorable, and lets items expire', () => {
    synthesise().template.hasResourceProperties('AWS::DynamoDB::Table', {
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
  });

  test('is encrypted with the key that is given', () => {
    const stack = newStack();
    const tableKey = new Key(stack, 'Key');
    new SluicePipeline(stack, 'Departures', {
      stateBucket: false,
      pipeline: examples.departures,
      source: {},
      sink: {},
      tableKey,
    });
    Template.fromStack(stack).hasResourceProperties('AWS::DynamoDB::Table', {
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: { 'Fn::GetAtt': Match.anyValue() } },
    });
  });

  test('can be one for two pipelines', () => {
    const stack = newStack();
    const table = new SluiceTable(stack, 'Table', { warmThroughput: { writeUnitsPerSecond: 10_000 } });
    const source = new Stream(stack, 'Flights');
    new SluicePipeline(stack, 'Departures', {
      stateBucket: false,
      pipeline: examples.departures,
      source,
      sink: {},
      table,
    });
    new SluicePipeline(stack, 'Republish', {
      stateBucket: false,
      pipeline: examples.republish,
      source,
      sink: {},
      table,
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    template.resourceCountIs('AWS::Lambda::Function', 10);
    template.resourceCountIs('AWS::Kinesis::Stream', 3);
    const names = Object.values(template.findResources('AWS::Lambda::Function')).map((fn) => fn.Metadata.SamResourceId);
    expect(new Set(names).size).toBe(10);
    expect(names).toContain('RepublishPlanBatch');
  });
});

describe('the streams', () => {
  test('are made on demand and encrypted, or provisioned when shards are counted', () => {
    const { template } = synthesise({ sink: { shardCount: 3, retentionPeriod: Duration.hours(48) } });
    const encrypted = { StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' } };
    template.hasResourceProperties('AWS::Kinesis::Stream', {
      StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      ...encrypted,
    });
    template.hasResourceProperties('AWS::Kinesis::Stream', {
      ShardCount: 3,
      RetentionPeriodHours: 48,
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      ...encrypted,
    });
  });

  test.each([
    ['on demand', { streamMode: StreamMode.ON_DEMAND }, { StreamModeDetails: { StreamMode: 'ON_DEMAND' } }],
    ['provisioned', { shardCount: 4 }, { ShardCount: 4, StreamModeDetails: { StreamMode: 'PROVISIONED' } }],
  ])('are both %s where that is asked for, and the functions may read and write them', (_, asked, expected) => {
    const { template } = synthesise({ source: asked, sink: asked });
    const streams = template.findResources('AWS::Kinesis::Stream', { Properties: expected });
    expect(Object.keys(streams)).toHaveLength(2);
    const arns = Object.keys(streams).map((id) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
    const resourcesOf = (action: string) =>
      statements(template).flatMap(({ statement }) =>
        actionsOf(statement).includes(action) ? statement.Resource : [],
      );
    const [read, written] = [resourcesOf('kinesis:GetRecords'), resourcesOf('kinesis:PutRecords')];
    expect([read.length, written.length]).toEqual([1, 1]);
    expect(arns).toEqual(expect.arrayContaining([...read, ...written]));
    expect(read).not.toEqual(written);
  });

  test('are the given ones', () => {
    const stack = newStack();
    const source = new Stream(stack, 'Given', { streamMode: StreamMode.PROVISIONED });
    const sink = Stream.fromStreamArn(stack, 'Elsewhere', 'arn:aws:kinesis:eu-west-1:111122223333:stream/elsewhere');
    new SluicePipeline(stack, 'Departures', { stateBucket: false, pipeline: examples.departures, source, sink });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Kinesis::Stream', 1);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({ SLUICE_SINK: 'arn:aws:kinesis:eu-west-1:111122223333:stream/elsewhere' }),
      },
    });
  });

  test('are the existing ones of the pipeline file when none are given', () => {
    const stack = newStack();
    const { source, sink } = new SluicePipeline(stack, 'Departures', {
      stateBucket: false,
      pipeline: examples.departures,
    });
    Template.fromStack(stack).resourceCountIs('AWS::Kinesis::Stream', 0);
    expect(source.streamName).toBe('flights');
    expect(sink.streamName).toBe('departures');
  });
});

describe('the consumer', () => {
  test.each([
    ['on demand', {}],
    ['provisioned', { shardCount: 2 }],
  ])(
    'is made for the stream (%s) of a pipeline with enhanced fan-out, which its functions know by its ARN',
    (_, source) => {
      const { stack, template, pipeline } = synthesise({ pipeline: examples.fanOut, source });
      template.resourceCountIs('AWS::Kinesis::StreamConsumer', 1);
      template.hasResourceProperties('AWS::Kinesis::StreamConsumer', {
        ConsumerName: 'sluice-fanned-out',
        StreamARN: { 'Fn::GetAtt': [Match.stringLikeRegexp('Source'), 'Arn'] },
      });
      const consumerId = stack.getLogicalId(pipeline.consumer!);
      template.allResourcesProperties('AWS::Lambda::Function', {
        Environment: {
          Variables: Match.objectLike({ SLUICE_CONSUMER: { 'Fn::GetAtt': [consumerId, 'ConsumerARN'] } }),
        },
      });
      const [driver] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
      expect(driver!.DependsOn).toContain(consumerId);
      template.hasResource('AWS::Kinesis::StreamConsumer', { DeletionPolicy: Match.absent() });
    },
  );

  test.each([
    ['in another region', 'arn:aws:kinesis:eu-west-1:111122223333:stream/in', 0],
    ['of another account', 'arn:aws:kinesis:us-east-1:444455556666:stream/in', 0],
    ['of its own region and account', 'arn:aws:kinesis:us-east-1:111122223333:stream/in', 1],
  ])('is made for a stream %s, or left to the first plan', (_, arn, expected) => {
    const stack = newStack({ region: 'us-east-1', account: '111122223333' });
    const source = Stream.fromStreamArn(stack, 'In', arn);
    new SluicePipeline(stack, 'FannedOut', { stateBucket: false, pipeline: examples.fanOut, source, sink: {} });
    Template.fromStack(stack).resourceCountIs('AWS::Kinesis::StreamConsumer', expected);
  });

  test('stays as it is when its pipeline is renamed: a replacement would find its own name taken', () => {
    const consumer = (pipeline: string) =>
      Object.entries(synthesise({ pipeline }).template.findResources('AWS::Kinesis::StreamConsumer'));
    expect(consumer(examples.fixedNameRenamed)).toEqual(consumer(examples.fixedName));
    expect(consumer(examples.fixedName)).toHaveLength(1);
  });

  test('is none for a pipeline that polls, that adopts one that exists, or that is given one by its ARN', () => {
    synthesise().template.resourceCountIs('AWS::Kinesis::StreamConsumer', 0);
    const { template, pipeline } = synthesise({ pipeline: examples.adopting });
    template.resourceCountIs('AWS::Kinesis::StreamConsumer', 0);
    expect(pipeline.consumer).toBeUndefined();
    expect(JSON.stringify(template.toJSON())).toContain('/consumer/shared:*');
    const given = synthesise({ pipeline: examples.givenConsumer, source: undefined }).template;
    given.resourceCountIs('AWS::Kinesis::StreamConsumer', 0);
    expect(JSON.stringify(given.toJSON())).not.toContain('SLUICE_CONSUMER');
  });
});

describe('the state machine', () => {
  test('is Express, with errors and no payloads in a log group for vended logs', () => {
    const { template } = synthesise();
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'EXPRESS',
      LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/states/[A-Za-z0-9-]+$'),
    });
  });

  test('has a role that only state machines of this account and region are given', () => {
    const [role] = resources(synthesise().template, 'AWS::IAM::Role').filter(({ id }) => id.includes('DriverRole'));
    const { Statement } = role!.properties.AssumeRolePolicyDocument as { readonly Statement: readonly unknown[] };
    const ofAccount = ['arn:', { Ref: 'AWS::Partition' }, ':states:', { Ref: 'AWS::Region' }, ':'];
    expect(Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'states.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: {
            'aws:SourceArn': { 'Fn::Join': ['', [...ofAccount, { Ref: 'AWS::AccountId' }, ':stateMachine:*']] },
          },
        },
      },
    ]);
  });

  test('is Standard on request, without a log group, since its executions can be seen', () => {
    const { template } = synthesise({ stateMachineType: 'STANDARD' });
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'STANDARD',
      LoggingConfiguration: Match.absent(),
    });
    template.resourceCountIs('AWS::Logs::LogGroup', 5);
  });
});

describe('the schedule', () => {
  test('starts the pipeline each minute, and never tries a missed start again', () => {
    synthesise().template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: { Input: '{}', RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } },
    });
  });

  test('is the one that is asked for, or none', () => {
    const schedule = ScheduleExpression.rate(Duration.minutes(15));
    synthesise({ schedule }).template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(15 minutes)',
    });
    const off = synthesise({ schedule: false });
    off.template.resourceCountIs('AWS::Scheduler::Schedule', 0);
    expect(off.pipeline.schedule).toBeUndefined();
  });
});

describe('what is left when the stack is gone', () => {
  const kept = new Set(['AWS::Lambda::Version']);

  test('is nothing: a kept version goes with its function', () => {
    for (const [id, resource] of Object.entries(
      synthesise().template.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>,
    )) {
      if (!kept.has(resource.Type)) expect([id, resource.DeletionPolicy ?? 'Delete']).toEqual([id, 'Delete']);
    }
  });

  test('is the table and the logs, if that was asked for', () => {
    const { template } = synthesise({ removalPolicy: RemovalPolicy.RETAIN, logRetention: RetentionDays.ONE_YEAR });
    for (const type of ['AWS::DynamoDB::Table', 'AWS::Logs::LogGroup']) {
      for (const found of Object.values(template.findResources(type))) expect(found.DeletionPolicy).toBe('Retain');
    }
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
  });

  test('every log group forgets after a month', () => {
    synthesise().template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });
});
