import { Template } from 'aws-cdk-lib/assertions';
import { Stream, StreamEncryption } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import { createPollingSource } from '../../functions/adapters/kinesis/polling-source.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { SluicePipeline } from '../../infra/index.ts';
import { sourceActions } from '../../infra/permissions.ts';
import { mapped } from '../support/pipelines.ts';
import { actionsOf, examples, newStack, statements, synthesise } from './stack.ts';

/** Why a statement may name no resource. Anything else on `*` fails the test. */
const withoutResourceLevel: Readonly<Record<string, string>> = {
  'logs:CreateLogDelivery': 'IAM knows no resource for log deliveries',
  'logs:GetLogDelivery': 'IAM knows no resource for log deliveries',
  'logs:UpdateLogDelivery': 'IAM knows no resource for log deliveries',
  'logs:DeleteLogDelivery': 'IAM knows no resource for log deliveries',
  'logs:ListLogDeliveries': 'IAM knows no resource for log deliveries',
  'logs:PutResourcePolicy': 'the resource policy that lets the delivery write belongs to the account, not to a group',
  'logs:DescribeResourcePolicies': 'IAM knows no resource for resource policies',
  'logs:DescribeLogGroups': 'Step Functions looks for the group among all of them',
};

const express = synthesise();
const variants = {
  express: express.template,
  standard: synthesise({ stateMachineType: 'STANDARD' }).template,
  'without aggregation': synthesise({ pipeline: examples.republish }).template,
  'with keys': withKeys(),
  'with enhanced fan-out': synthesise({ pipeline: examples.fanOut }).template,
};

describe.each(Object.entries(variants))('the policies of a pipeline (%s)', (_, template) => {
  const all = statements(template);

  test('name their actions', () => {
    for (const { statement } of all) {
      expect(statement.Effect).toBe('Allow');
      for (const action of actionsOf(statement)) expect(action).toMatch(/^[a-z]+:[A-Za-z]+$/);
    }
  });

  test('name their resources, except where IAM has none to name', () => {
    for (const { statement } of all) {
      const named = [statement.Resource].flat();
      if (!named.includes('*')) continue;
      for (const action of actionsOf(statement)) expect(Object.keys(withoutResourceLevel)).toContain(action);
    }
  });

  test('use no policy that AWS wrote', () => {
    for (const role of Object.values(template.findResources('AWS::IAM::Role'))) {
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  test('confine every function to the items of its own pipeline', () => {
    const ofTable = all.filter(({ statement }) =>
      actionsOf(statement).some((action) => action.startsWith('dynamodb:')),
    );
    expect(ofTable).toHaveLength(5);
    for (const { statement } of ofTable) {
      const [name, below] = (
        statement.Condition as { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': string[] } }
      )['ForAllValues:StringLike']['dynamodb:LeadingKeys'];
      expect(['departures', 'republish', 'fanned-out']).toContain(name);
      expect(below).toBe(`${name}/*`);
    }
  });
});

describe('each function may do', () => {
  const granted = (template: Template, step: string, service: string) =>
    statements(template)
      .filter(({ role }) => role.includes(`${step}Role`))
      .flatMap(({ statement }) => actionsOf(statement))
      .filter((action) => action.startsWith(`${service}:`))
      .sort();

  test('with Kinesis what it does there', () => {
    const { template } = express;
    expect(granted(template, 'PlanBatch', 'kinesis')).toEqual(['kinesis:DescribeStreamSummary', 'kinesis:ListShards']);
    expect(granted(template, 'ProcessShards', 'kinesis')).toEqual([
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
    ]);
    // How large a record the sink takes is asked when there is a large one.
    expect(granted(template, 'ReduceKeyGroup', 'kinesis')).toEqual([
      'kinesis:DescribeStreamSummary',
      'kinesis:PutRecords',
    ]);
    expect(granted(template, 'SealBatch', 'kinesis')).toEqual(['kinesis:DescribeStreamSummary']);
    expect(granted(template, 'CommitBatch', 'kinesis')).toEqual([]);
  });

  test('with its consumer what it does there, and with no other of the stream', () => {
    const template = variants['with enhanced fan-out'];
    expect(granted(template, 'PlanBatch', 'kinesis')).toEqual([
      'kinesis:DescribeStreamConsumer',
      'kinesis:DescribeStreamSummary',
      'kinesis:ListShards',
      'kinesis:ListTagsForResource',
      'kinesis:RegisterStreamConsumer',
      'kinesis:TagResource',
    ]);
    expect(granted(template, 'ProcessShards', 'kinesis')).toEqual([
      'kinesis:DescribeStreamSummary',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
      // It aggregates nothing.
      'kinesis:PutRecords',
      'kinesis:SubscribeToShard',
    ]);
    const stream = { 'Fn::GetAtt': [expect.stringContaining('Source'), 'Arn'] };
    const consumer = (rest: string) => ({ 'Fn::Join': ['', [stream, `/consumer/sluice-fanned-out${rest}`]] });
    // A consumer that is not registered yet has no time behind its name.
    const consumers = [consumer(''), consumer(':*')];
    const resourceOf = (action: string) =>
      statements(template)
        .filter(({ statement }) => actionsOf(statement).includes(action))
        .map(({ statement }) => statement.Resource);
    expect(resourceOf('kinesis:SubscribeToShard')).toEqual([consumer(':*')]);
    expect(resourceOf('kinesis:DescribeStreamConsumer')).toEqual([consumers]);
    expect(resourceOf('kinesis:RegisterStreamConsumer')).toEqual([stream]);
    const tagging = statements(template).filter(({ statement }) =>
      actionsOf(statement).includes('kinesis:TagResource'),
    );
    expect(tagging.map(({ statement }) => [statement.Resource, statement.Condition])).toEqual([
      [consumers, { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['sluice:pipeline'] } }],
    ]);
  });

  test('writing to the sink while reading only when nothing is aggregated', () => {
    const template = variants['without aggregation'];
    expect(granted(template, 'ProcessShards', 'kinesis')).toContain('kinesis:PutRecords');
    expect(granted(template, 'ReduceKeyGroup', 'kinesis')).toEqual([]);
  });

  test('with its log what it does there, and nothing with the logs of the others', () => {
    const { template } = express;
    for (const step of ['PlanBatch', 'ProcessShards', 'SealBatch', 'ReduceKeyGroup', 'CommitBatch']) {
      expect(granted(template, step, 'logs')).toEqual(['logs:CreateLogStream', 'logs:PutLogEvents']);
      const [own] = statements(template).filter(
        ({ role, statement }) => role.includes(`${step}Role`) && statement.Sid === 'WriteOwnLog',
      );
      expect(JSON.stringify(own?.statement.Resource)).toContain(`${step}Log`);
    }
  });

  test('with the keys of streams and table what reading and writing take, through these services only', () => {
    const template = variants['with keys'];
    expect(granted(template, 'ProcessShards', 'kms')).toContain('kms:Decrypt');
    const ofKeys = statements(template).filter(({ statement }) => actionsOf(statement)[0]?.startsWith('kms:'));
    const bySid = Map.groupBy(ofKeys, ({ statement }) => statement.Sid);
    expect(bySid.get('TableKey')).toHaveLength(5);
    expect(bySid.get('SourceKey')?.map(({ statement }) => statement.Action)).toEqual(['kms:Decrypt']);
    expect(bySid.get('SinkKey')?.map(({ statement }) => statement.Action)).toEqual(['kms:GenerateDataKey']);
    for (const { statement } of ofKeys) expect(JSON.stringify(statement.Condition)).toContain('kms:ViaService');
    expect(statements(express.template).some(({ statement }) => actionsOf(statement)[0]?.startsWith('kms:'))).toBe(
      false,
    );
  });
});

describe('an executor is granted all that it asks of the source', () => {
  /** Answers like a shard that has ended and does not name its children, so that the executor has to look for them. */
  const ended = {
    ShardId: 's',
    HashKeyRange: { StartingHashKey: '0', EndingHashKey: '1' },
    SequenceNumberRange: { StartingSequenceNumber: '1', EndingSequenceNumber: '2' },
  };
  const answers: Readonly<Record<string, object>> = {
    GetShardIterator: { ShardIterator: 'i' },
    GetRecords: { Records: [], MillisBehindLatest: 0 },
    ListShards: { Shards: [ended] },
  };

  test('from opening a shard to its end', async () => {
    const asked = new Set<string>();
    const send = async (command: object) => {
      const action = command.constructor.name.replace(/Command$/, '');
      asked.add(action);
      return answers[action];
    };
    const source = createPollingSource({ send } as never, mapped().source, { ...systemClock, sleep: async () => {} });
    const cursor = await source.open('s', { kind: 'trim-horizon' });
    await cursor.next(10, Date.now() + 60_000);
    expect([...asked].toSorted()).toEqual(sourceActions.processShards?.toSorted());
  });
});

describe('the state machine may', () => {
  const ofDriver = statements(express.template).filter(({ role }) => role.includes('DriverRole'));

  test('invoke any version of its five functions, and start itself', () => {
    const invoke = ofDriver.find(({ statement }) => statement.Action === 'lambda:InvokeFunction');
    expect(invoke?.statement.Resource).toHaveLength(5);
    for (const resource of (invoke?.statement.Resource ?? []) as object[]) {
      expect(resource).toEqual({ 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.any(String), 'Arn'] }, ':*']] });
    }
    const start = ofDriver.find(({ statement }) => statement.Action === 'states:StartExecution');
    expect(start?.statement.Resource).toEqual({ Ref: expect.stringContaining('Driver') });
  });

  test('and the schedule may only start it', () => {
    const ofSchedule = statements(express.template).filter(({ role }) => role.includes('Scheduler'));
    expect(ofSchedule.map(({ statement }) => statement.Action)).toEqual(['states:StartExecution']);
  });
});

function withKeys(): Template {
  const stack = newStack();
  const stream = (id: string) =>
    new Stream(stack, id, { encryption: StreamEncryption.KMS, encryptionKey: new Key(stack, `${id}Key`) });
  new SluicePipeline(stack, 'Departures', {
    stateBucket: false,
    pipeline: examples.departures,
    source: stream('Source'),
    sink: stream('Sink'),
    tableKey: new Key(stack, 'TableKey'),
  });
  return Template.fromStack(stack);
}
