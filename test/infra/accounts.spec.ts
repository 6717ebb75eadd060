/** Streams of other accounts and roles to assume: what the template grants, and what it leaves to others. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { afterAll, describe, expect, test } from 'vitest';
import { SluicePipeline } from '../../infra/index.ts';
import { reasons } from '../../infra/permissions.ts';
import { actionsOf, examples, newStack, resources, statements, synthesise } from './stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-accounts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reader = 'arn:aws:iam::222222222222:role/reader';
const writer = 'arn:aws:iam::333333333333:role/writer';

function pipelineFile(
  name: string,
  options: { readonly source?: string; readonly sink?: string; readonly groups?: boolean },
) {
  const file = join(folder, `${name}.ts`);
  const grouping =
    '.groupBy({ key: (_, meta) => meta.partitionKey }).window(perMicroBatch()).aggregate({ events: count() })';
  writeFileSync(
    file,
    `import { bytes, count, kinesis, perMicroBatch, pipeline } from 'kinesis-sluice';
    export default pipeline('copy')
      .readStream(kinesis({ streamName: 'in', ${options.source ?? ''} }))
      .decode(bytes())
      ${options.groups === true ? grouping : ''}
      .writeStream(kinesis({ streamName: 'out', ${options.sink ?? ''} }));`,
  );
  return file;
}

const named = { source: undefined, sink: undefined } as const;
/** Of one function: service's actions with their resources. */
const granted = (template: Template, step: string) =>
  statements(template)
    .filter(
      ({ role, statement }) => role.includes(`${step}Role`) && /^(kinesis|sts|kms):/.test(actionsOf(statement)[0]!),
    )
    .map(({ statement }) => [actionsOf(statement), statement.Resource]);

const environmentOf = (template: Template) =>
  resources(template, 'AWS::Lambda::Function').map(
    ({ properties }) => (properties.Environment as { Variables: Record<string, unknown> }).Variables,
  )[0]!;

describe('a pipeline that reads and writes with roles', () => {
  const file = pipelineFile('roles', { source: `role: { arn: '${reader}' }`, sink: `role: { arn: '${writer}' }` });
  const { template } = synthesise({ pipeline: file, ...named });

  test('may assume exactly these roles, each where it is used, and nothing with the streams', () => {
    expect(granted(template, 'PlanBatch')).toEqual([[['sts:AssumeRole'], reader]]);
    expect(granted(template, 'ProcessShards')).toEqual([
      [['sts:AssumeRole'], reader],
      [['sts:AssumeRole'], writer],
    ]);
    expect(granted(template, 'SealBatch')).toEqual([[['sts:AssumeRole'], reader]]);
    for (const step of ['ReduceKeyGroup', 'CommitBatch']) expect(granted(template, step)).toEqual([]);
  });

  test('names the streams of the roles’ accounts', () => {
    const inAccount = (account: string, stream: string) => ({
      'Fn::Join': [
        '',
        ['arn:', { Ref: 'AWS::Partition' }, ':kinesis:', { Ref: 'AWS::Region' }, `:${account}:stream/${stream}`],
      ],
    });
    expect(environmentOf(template)).toMatchObject({
      SLUICE_SOURCE: inAccount('222222222222', 'in'),
      SLUICE_SINK: inAccount('333333333333', 'out'),
    });
  });
});

describe('the construct', () => {
  const file = pipelineFile('overridden', { source: `role: { arn: '${reader}' }` });

  test('hands the role of the file to the functions, or another one, or none', () => {
    const sourceRole = (props: Parameters<typeof synthesise>[0]) =>
      environmentOf(synthesise({ pipeline: file, sink: {}, ...props }).template).SLUICE_SOURCE_ROLE;
    expect(sourceRole({})).toBe(reader);
    expect(sourceRole({ sourceRole: writer })).toBe(writer);
    expect(sourceRole({ sourceRole: false })).toBe('none');
  });

  test('grants what it hands over', () => {
    const other = synthesise({ pipeline: file, source: undefined, sink: {}, sourceRole: writer }).template;
    expect(granted(other, 'PlanBatch')).toEqual([[['sts:AssumeRole'], writer]]);
    expect(JSON.stringify(environmentOf(other).SLUICE_SOURCE)).toContain(':333333333333:stream/in');
    const none = synthesise({ pipeline: file, source: {}, sink: {}, sourceRole: false }).template;
    expect(granted(none, 'PlanBatch').flatMap(([actions]) => actions)).toContain('kinesis:ListShards');
  });

  test('takes a role whose ARN is known on deploy only', () => {
    const stack = newStack();
    const role = new Role(stack, 'Reader', { assumedBy: new AccountRootPrincipal() });
    new SluicePipeline(stack, 'Copy', { stateBucket: false, pipeline: file, sourceRole: role.roleArn, sink: {} });
    const template = Template.fromStack(stack);
    const arn = { 'Fn::GetAtt': [expect.stringContaining('Reader'), 'Arn'] };
    expect(granted(template, 'PlanBatch')).toEqual([[['sts:AssumeRole'], arn]]);
    expect(environmentOf(template).SLUICE_SOURCE_ROLE).toEqual(arn);
    expect(JSON.stringify(environmentOf(template).SLUICE_SOURCE)).toContain('"Fn::Select":[4,');
  });
});

test('a pipeline that groups writes with its role where it reduces', () => {
  const file = pipelineFile('groups', { sink: `role: { arn: '${writer}' }`, groups: true });
  const { template } = synthesise({ pipeline: file, source: {}, sink: undefined });
  expect(granted(template, 'ReduceKeyGroup')).toEqual([[['sts:AssumeRole'], writer]]);
  expect(granted(template, 'ProcessShards').map(([actions]) => actions)).toEqual([
    ['kinesis:GetShardIterator', 'kinesis:GetRecords', 'kinesis:ListShards'],
  ]);
});

test('the key of a stream that is read with a role is the role’s business, too', () => {
  const stack = newStack();
  const source = Stream.fromStreamAttributes(stack, 'Theirs', {
    streamArn: 'arn:aws:kinesis:eu-west-1:222222222222:stream/in',
    encryptionKey: Key.fromKeyArn(stack, 'TheirKey', 'arn:aws:kms:eu-west-1:222222222222:key/1'),
  });
  const make = (id: string, options: Parameters<typeof pipelineFile>[1]) =>
    new SluicePipeline(stack, id, { stateBucket: false, pipeline: pipelineFile(id, options), source, sink: {} });
  make('Own', {});
  make('Assumed', { source: `role: { arn: '${reader}' }` });
  const template = Template.fromStack(stack);
  expect(granted(template, 'OwnProcessShards').flatMap(([actions]) => actions)).toContain('kms:Decrypt');
  expect(granted(template, 'AssumedProcessShards').flatMap(([actions]) => actions)).toEqual([
    'sts:AssumeRole',
    'kinesis:PutRecords',
    'kinesis:DescribeStreamSummary',
  ]);
});

/** Those that the synthesis tells the owner of a stream to attach. */
const policiesOf = (stack: Stack): object[] =>
  Annotations.fromStack(stack)
    .findInfo('*', Match.stringLikeRegexp('resource policy'))
    .map(({ entry }) => JSON.parse(/\{.*\}/s.exec(String(entry.data))![0]));

describe('a stream of another account, by its ARN', () => {
  const theirs = 'arn:aws:kinesis:eu-west-1:222222222222:stream/in';
  const file = pipelineFile('arn', {});
  const stackIn = (account: string | undefined) => {
    const context = { 'aws:cdk:bundling-stacks': [] };
    const env = account === undefined ? {} : { env: { account, region: 'eu-west-1' } };
    const stack = new Stack(new App({ context, analyticsReporting: false }), 'Test', env);
    new SluicePipeline(stack, 'Copy', {
      stateBucket: false,
      pipeline: file,
      source: Stream.fromStreamArn(stack, 'Theirs', theirs),
      sink: {},
    });
    return stack;
  };

  test('is granted by that ARN', () => {
    const template = Template.fromStack(stackIn('111111111111'));
    expect(granted(template, 'PlanBatch')).toEqual([[['kinesis:ListShards', 'kinesis:DescribeStreamSummary'], theirs]]);
    expect(granted(template, 'ProcessShards')[0]).toEqual([
      ['kinesis:GetShardIterator', 'kinesis:GetRecords', 'kinesis:ListShards'],
      theirs,
    ]);
  });

  test('needs a resource policy, and the synthesis prints it', () => {
    expect(policiesOf(stackIn('111111111111'))).toEqual([
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: 'arn:aws:iam::111111111111:root' },
            Action: [
              'kinesis:ListShards',
              'kinesis:DescribeStreamSummary',
              'kinesis:GetShardIterator',
              'kinesis:GetRecords',
            ],
            Resource: theirs,
            Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/Test-*' } },
          },
        ],
      },
    ]);
    expect(JSON.stringify(policiesOf(stackIn(undefined)))).toContain('iam::<account of this stack>:role/Test-*');
    expect(policiesOf(stackIn('222222222222'))).toEqual([]);
  });

  test('as a sink needs one that lets write', () => {
    const stack = newStack({ account: '111111111111', region: 'eu-west-1' });
    const sink = Stream.fromStreamArn(stack, 'Theirs', theirs);
    new SluicePipeline(stack, 'Copy', { stateBucket: false, pipeline: file, source: {}, sink });
    expect(policiesOf(stack)).toMatchObject([
      { Statement: [{ Action: ['kinesis:PutRecords', 'kinesis:DescribeStreamSummary'], Resource: theirs }] },
    ]);
  });

  test('needs none where a role reads it, or where the stream is made here', () => {
    const { stack } = synthesise({
      pipeline: pipelineFile('both', { source: `role: { arn: '${reader}' }` }),
      ...named,
    });
    expect(Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp('resource policy'))).toEqual([]);
    expect(Annotations.fromStack(synthesise().stack).findInfo('*', Match.stringLikeRegexp('resource policy'))).toEqual(
      [],
    );
  });
});

describe('a stream of another account, by fan-out', () => {
  const theirs = 'arn:aws:kinesis:eu-west-1:222222222222:stream/in';
  const consumer = `${theirs}/consumer/for-us:1764288000`;
  const here = { account: '111111111111', region: 'eu-west-1' };
  const consumerActions = /Consumer|Subscribe|Tag/;

  test('is read through a consumer that its owner registered: its ARN alone is granted, and its policy printed', () => {
    const stack = newStack(here);
    new SluicePipeline(stack, 'Shared', { stateBucket: false, pipeline: examples.givenConsumer, sink: {} });
    const template = Template.fromStack(stack);
    expect(granted(template, 'PlanBatch').filter(([actions]) => consumerActions.test(String(actions)))).toEqual([
      [['kinesis:DescribeStreamConsumer'], consumer],
    ]);
    expect(granted(template, 'ProcessShards').filter(([actions]) => consumerActions.test(String(actions)))).toEqual([
      [['kinesis:SubscribeToShard'], consumer],
    ]);
    expect(policiesOf(stack)).toMatchObject([
      { Statement: [{ Resource: theirs }] },
      {
        Statement: [
          {
            Principal: { AWS: 'arn:aws:iam::111111111111:root' },
            Action: ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'],
            Resource: consumer,
          },
        ],
      },
    ]);
  });

  test('can not be read by one that the functions would have to register, and the synthesis warns of it', () => {
    const stack = newStack(here);
    const source = Stream.fromStreamArn(stack, 'Theirs', theirs);
    new SluicePipeline(stack, 'Shared', { stateBucket: false, pipeline: examples.fanOut, source, sink: {} });
    const [warning] = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('register a consumer'));
    expect(String(warning?.entry.data)).toContain('subscribeToShard.consumerArn');
  });
});

test("a consumer of a stream that a role reads is the role's: the stack makes none, and the functions may only assume it", () => {
  const pipeline = pipelineFile('subscribing', {
    source: `consumerType: 'SubscribeToShard', role: { arn: '${reader}' }`,
  });
  const { template } = synthesise({ pipeline, source: undefined, sink: {} });
  template.resourceCountIs('AWS::Kinesis::StreamConsumer', 0);
  const granted = statements(template).flatMap(({ statement }) => actionsOf(statement));
  expect(granted.filter((action) => /Consumer|Subscribe|Tag/.test(action))).toEqual([]);
  expect(granted).toContain('sts:AssumeRole');
});

test('every action that a function is granted has a reason, and every reason an action', () => {
  const roles = pipelineFile('all', { source: `role: { arn: '${reader}' }` });
  const stack = newStack();
  const key = (id: string) => new Key(stack, id);
  new SluicePipeline(stack, 'Keys', {
    pipeline: pipelineFile('plain', { groups: true }),
    source: { encryptionKey: key('SourceKey') },
    sink: { encryptionKey: key('SinkKey') },
    tableKey: key('TableKey'),
  });
  new SluicePipeline(stack, 'Roles', { stateBucket: false, pipeline: roles, sink: {} });
  new SluicePipeline(stack, 'FanOut', { stateBucket: false, pipeline: examples.fanOut, source: {}, sink: {} });
  for (const kind of ['files', 'firehose', 'lambda'])
    new SluicePipeline(stack, kind, { stateBucket: false, pipeline: `test/infra/pipelines/${kind}.ts`, source: {} });
  const steps = /(PlanBatch|ProcessShards|SealBatch|ReduceKeyGroup|CommitBatch)Role/;
  const actions = statements(Template.fromStack(stack))
    .filter(({ role }) => steps.test(role))
    .flatMap(({ statement }) => actionsOf(statement));
  expect([...new Set(actions)].toSorted()).toEqual(Object.keys(reasons).toSorted());
});
