/** What a pipeline writes to, in a stack: any kind of sinks, and any number of outputs. */
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { expect, test } from 'vitest';
import { SluicePipeline } from '../../infra/index.ts';
import { actionsOf, newStack, resources, type Statement, statements, synthesise } from './stack.ts';

const writing = (template: Parameters<typeof statements>[0], step: string, actions: RegExp): readonly Statement[] =>
  statements(template)
    .filter(({ role }) => role.includes(`${step}Role`))
    .map(({ statement }) => statement)
    .filter((statement) => actionsOf(statement).some((action) => actions.test(action)));
const environments = (template: Parameters<typeof statements>[0]) =>
  resources(template, 'AWS::Lambda::Function').map(
    ({ properties }) => (properties.Environment as { Variables: Record<string, unknown> }).Variables,
  );

test('a kind that Sluice does not have is granted what it says, where rows are written, and nothing elsewhere', () => {
  const { template, pipeline } = synthesise({ pipeline: 'test/toys/shelf-pipeline.ts', sink: undefined });
  const partition = { Ref: 'AWS::Partition' };
  const [region, account] = [{ Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }];
  expect(writing(template, 'ReduceKeyGroup', /PutRecords/)).toEqual([]);
  const filling = statements(template).filter(({ statement }) => statement.Sid === 'FillShelf');
  expect(filling.map(({ role }) => role)).toEqual([expect.stringContaining('ReduceKeyGroupRole')]);
  expect(filling[0]?.statement).toMatchObject({
    Action: 'dynamodb:PutItem',
    Resource: { 'Fn::Join': ['', ['arn:', partition, ':dynamodb:', region, ':', account, ':table/visits']] },
  });
  // There is no stream to name in its place.
  for (const variables of environments(template)) expect(Object.keys(variables)).not.toContain('SLUICE_SINK');
  expect(() => pipeline.sink).toThrow(/shelved writes to no Kinesis stream/);
});

test('delivery streams are written by the function that has the events, each by its ARN', () => {
  const { template } = synthesise({ pipeline: 'test/infra/pipelines/firehose.ts', sink: undefined });
  const written = writing(template, 'ProcessShards', /^firehose:/);
  expect(written.map(({ Sid, Action }) => [Sid, Action])).toEqual([
    ['WriteFirehose', 'firehose:PutRecordBatch'],
    ['WriteFirehose2', 'firehose:PutRecordBatch'],
  ]);
  expect(JSON.stringify(written[0]?.Resource)).toContain(':deliverystream/flights-archive');
  expect(written[1]?.Resource).toBe('arn:aws:firehose:eu-west-1:123456789012:deliverystream/origins');
  expect(writing(template, 'ReduceKeyGroup', /^firehose:/)).toEqual([]);
});

test('a live view is put into by who writes rows, and nobody may do anything else with its table', () => {
  const { template } = synthesise({ pipeline: 'examples/live-dashboard.ts', sink: undefined });
  const ofView = statements(template).filter(({ statement }) => JSON.stringify(statement).includes('table/dashboard'));
  expect(ofView.map(({ role }) => role)).toEqual([expect.stringContaining('ReduceKeyGroupRole')]);
  expect(ofView[0]?.statement).toMatchObject({ Sid: 'WriteView', Action: 'dynamodb:PutItem' });
  expect(writing(template, 'ReduceKeyGroup', /^kinesis:/)).toEqual([]);
});

test('files are put by who writes rows, and their lists by who commits, below the prefix', () => {
  const { template, pipeline } = synthesise({ pipeline: 'test/infra/pipelines/files.ts', sink: undefined });
  expect(pipeline.node.metadata.map(({ data }) => String(data))).toContainEqual(
    expect.stringContaining('Output main makes up to 24 files a day'),
  );
  const granted = (step: string) =>
    writing(template, step, /^s3:/).map(({ Sid, Action, Resource }) => [Sid, Action, JSON.stringify(Resource)]);
  expect(granted('ReduceKeyGroup')).toEqual([
    ['WriteFiles', 's3:PutObject', expect.stringContaining(':s3:::flights/hourly/*"')],
  ]);
  expect(granted('CommitBatch')).toEqual([
    ['WriteFileLists', 's3:PutObject', expect.stringContaining(':s3:::flights/hourly/_sluice/*"')],
  ]);
  expect(granted('ProcessShards')).toEqual([]);
  expect(granted('SealBatch')).toEqual([]);
});

test('a function is called by the one that has the results', () => {
  const { template } = synthesise({ pipeline: 'test/infra/pipelines/lambda.ts', sink: undefined });
  const calling = writing(template, 'ReduceKeyGroup', /^lambda:/);
  expect(calling.map(({ Sid, Action }) => [Sid, Action])).toEqual([['CallFunction', 'lambda:InvokeFunction']]);
  expect(JSON.stringify(calling[0]?.Resource)).toContain(':function:send-alert:live');
  expect(writing(template, 'ProcessShards', /^lambda:/)).toEqual([]);
});

test('events for a sink that is sent to after the seal are written by the function that has them then, and by no other', () => {
  const { template } = synthesise({ pipeline: 'test/infra/pipelines/after-seal.ts' });
  const filling = statements(template).filter(({ statement }) => statement.Sid === 'FillShelf');
  expect(filling.map(({ role }) => role)).toEqual([expect.stringContaining('ReduceKeyGroupRole')]);
  expect(writing(template, 'ProcessShards', /PutRecords/)).toHaveLength(1);
  expect(writing(template, 'ReduceKeyGroup', /PutRecords/)).toEqual([]);
  // Who sends looks for what was sent before.
  expect(writing(template, 'ProcessShards', /dynamodb:Query/)).toHaveLength(1);
});

test("a function of the user's own may do what its role is granted from outside, and nothing else", () => {
  const stack = newStack();
  const { functions } = new SluicePipeline(stack, 'Saved', {
    stateBucket: false,
    pipeline: 'test/infra/pipelines/for-each-batch.ts',
    source: {},
  });
  const elsewhere = 'arn:aws:kinesis:eu-west-1:123456789012:stream/else';
  Stream.fromStreamArn(stack, 'Else', elsewhere).grantWrite(functions.reduceKeyGroup);
  const reducing = statements(Template.fromStack(stack)).filter(({ role }) => role.includes('ReduceKeyGroupRole'));
  const others = reducing.filter(({ statement }) =>
    actionsOf(statement).some((action) => !/^(dynamodb|logs):/.test(action)),
  );
  expect(others.map(({ statement }) => statement.Resource)).toEqual([elsewhere]);
});

test('a stream for a sink that is none is refused', () => {
  expect(() => synthesise({ pipeline: 'test/toys/shelf-pipeline.ts', sink: {} })).toThrow(
    /^sink is the properties of a Kinesis stream: the sink is shelf, for which it takes nothing$/,
  );
});

test('each output is written by the function that has what it takes, under statements of its own', () => {
  const { template, pipeline } = synthesise({ pipeline: 'test/infra/pipelines/two-outputs.ts' });
  const written = writing(template, 'ProcessShards', /PutRecords/);
  expect(written.map(({ Sid, Resource }) => [Sid, JSON.stringify(Resource)])).toEqual([
    // The stack's own stream takes the place of the one that the chain names, and of no other.
    ['WriteSink', expect.stringMatching(/Fn::GetAtt.*Sink/)],
    ['WriteSink2', expect.stringMatching(/stream\/copied/)],
  ]);
  expect(writing(template, 'ReduceKeyGroup', /PutRecords/)).toEqual([]);
  for (const variables of environments(template))
    expect(variables).toMatchObject({
      SLUICE_SINK: { 'Fn::GetAtt': [expect.stringContaining('Sink'), 'Arn'] },
      SLUICE_SINKS: {
        'Fn::Join': [
          '',
          ['copy=arn:', expect.anything(), ':kinesis:', expect.anything(), ':', expect.anything(), ':stream/copied'],
        ],
      },
      SLUICE_SINK_ROLES: 'copy=none',
    });
  expect(pipeline.sink.streamArn).toBeDefined();
});

test('streams and roles of further outputs are given by their names', () => {
  const role = 'arn:aws:iam::123456789012:role/writer';
  const { template, pipeline } = synthesise({
    ...{
      pipeline: 'test/infra/pipelines/two-outputs.ts',
      sinks: { copy: { shardCount: 3 } },
      sinkRoles: { copy: role },
    },
  });
  expect(resources(template, 'AWS::Kinesis::Stream').map(({ properties }) => properties.ShardCount)).toContain(3);
  expect(writing(template, 'ProcessShards', /AssumeRole/).map(({ Resource }) => Resource)).toEqual([role]);
  for (const variables of environments(template))
    expect(variables).toMatchObject({
      SLUICE_SINKS: { 'Fn::Join': ['', ['copy=', { 'Fn::GetAtt': [expect.stringContaining('Sinkcopy'), 'Arn'] }]] },
      SLUICE_SINK_ROLES: `copy=${role}`,
    });
  expect(pipeline.sinkOf('copy')).not.toBe(pipeline.sink);
  expect(pipeline.sinkOf('main')).toBe(pipeline.sink);
  expect(() => pipeline.sinkOf('none')).toThrow(/two-outputs writes, as the output none, to no Kinesis stream/);
});

test('a name that no output has is refused, and so is one stream for two outputs that write the same', () => {
  const file = 'test/infra/pipelines/two-outputs.ts';
  expect(() => synthesise({ pipeline: file, sinks: { copi: {} } })).toThrow(/two-outputs has no copi, but copy/);
  const stack = new Stack();
  const stream = Stream.fromStreamArn(stack, 'S', 'arn:aws:kinesis:eu-west-1:123456789012:stream/one');
  expect(() => synthesise({ pipeline: file, sink: stream, sinks: { copy: stream } })).toThrow(
    /the outputs main and copy write the same to one place/,
  );
});

test('late events and letters of a pipeline that groups are written by the function that writes rows', () => {
  const { template } = synthesise({ pipeline: 'test/infra/pipelines/side-outputs.ts' });
  expect(writing(template, 'ProcessShards', /PutRecords/)).toEqual([]);
  expect(
    writing(template, 'ReduceKeyGroup', /PutRecords/).map(({ Sid, Resource }) => [Sid, JSON.stringify(Resource)]),
  ).toEqual([
    ['WriteSink', expect.stringMatching(/Fn::GetAtt.*Sink/)],
    ['WriteSink2', expect.stringMatching(/stream\/late-events/)],
    ['WriteSink3', expect.stringMatching(/stream\/letters/)],
  ]);
});

test('letters of one that does not are written where events are', () => {
  const { template } = synthesise({ pipeline: 'test/infra/pipelines/letters.ts' });
  expect(writing(template, 'ReduceKeyGroup', /PutRecords/)).toEqual([]);
  expect(writing(template, 'ProcessShards', /PutRecords/).map(({ Resource }) => JSON.stringify(Resource))).toEqual([
    expect.stringMatching(/Fn::GetAtt.*Sink/),
    expect.stringMatching(/stream\/letters/),
  ]);
});
