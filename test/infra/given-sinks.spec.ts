/** Tables, functions, delivery streams and buckets that the construct is given for sinks, and the roles that they are reached with. */
import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table, TableEncryption, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { DeliveryStream, KinesisStreamSource, S3Bucket } from 'aws-cdk-lib/aws-kinesisfirehose';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Alias, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { type PipelineSink, SluicePipeline, type SluicePipelineProps } from '../../infra/index.ts';
import { assumesRole } from '../../infra/step-function.ts';
import { steps } from '../../infra/steps.ts';
import { actionsOf, newStack, resources, statements } from './stack.ts';

const files = {
  dynamodb: 'examples/live-dashboard.ts',
  firehose: 'test/infra/pipelines/firehose.ts',
  lambda: 'test/infra/pipelines/lambda.ts',
  s3: 'test/infra/pipelines/files.ts',
};
const role = 'arn:aws:iam::222222222222:role/writer';
const text = (name: string) => ({ name, type: AttributeType.STRING });
const viewTable = (stack: Stack, keys: readonly [string, string] = ['pk', 'sk'], encryptionKey?: Key) =>
  new Table(stack, 'Board', {
    partitionKey: text(keys[0]),
    sortKey: text(keys[1]),
    ...(encryptionKey && { encryptionKey, encryption: TableEncryption.CUSTOMER_MANAGED }),
  });
const aFunction = (stack: Stack) =>
  new LambdaFunction(stack, 'Alert', {
    ...{ runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('exports.handler = () => {};') },
  });
const deliveryStream = (stack: Stack) =>
  new DeliveryStream(stack, 'Archive', { destination: new S3Bucket(new Bucket(stack, 'Bucket')) });

function deploy(
  file: string,
  given: (stack: Stack) => Partial<SluicePipelineProps>,
  stack = newStack({ account: '123456789012', region: 'eu-west-1' }),
) {
  new SluicePipeline(stack, 'Any', { stateBucket: false, pipeline: file, source: {}, ...given(stack) });
  const template = Template.fromStack(stack);
  const environment = resources(template, 'AWS::Lambda::Function')
    .map(({ properties }) => (properties.Environment as { Variables: Record<string, unknown> } | undefined)?.Variables)
    .find((variables) => variables !== undefined)!;
  /** Of the sink, as the functions of the pipeline have them. */
  const granted = (step: string) =>
    statements(template)
      .filter(({ role: of }) => of.includes(`${step}Role`))
      .filter(({ statement: { Sid } }) =>
        /^(WriteView|ViewKey|WriteFile|FilesKey|FileListsKey|WriteFirehose|CallFunction|AssumeSinkRole)/.test(
          Sid ?? '',
        ),
      )
      .map(({ statement }) => [actionsOf(statement), statement.Resource] as const);
  return { template, environment, granted, stack };
}

const refusal = (file: string, given: (stack: Stack) => Partial<SluicePipelineProps>, stack?: Stack): string => {
  try {
    deploy(file, given, stack);
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};
const arnOf = (id: string) => ({ 'Fn::GetAtt': [expect.stringMatching(`^${id}`), 'Arn'] });

describe('what the stack has takes the place of what the file names', () => {
  test('a table, with one right, of the function that writes rows', () => {
    const { granted, environment } = deploy(files.dynamodb, (stack) => ({ sink: viewTable(stack) }));
    expect(granted('ReduceKeyGroup')).toEqual([[['dynamodb:PutItem'], arnOf('Board')]]);
    for (const step of ['PlanBatch', 'ProcessShards', 'SealBatch', 'CommitBatch']) expect(granted(step)).toEqual([]);
    expect(environment).toMatchObject({ SLUICE_SINK: arnOf('Board'), SLUICE_SINK_ROLE: 'none' });
  });

  test('a function, or its alias and then nothing but that', () => {
    const whole = deploy(files.lambda, (stack) => ({ sink: aFunction(stack) }));
    expect(whole.granted('ReduceKeyGroup')).toEqual([[['lambda:InvokeFunction'], arnOf('Alert')]]);
    const { granted, environment } = deploy(files.lambda, (stack) => {
      const called = aFunction(stack);
      return { sink: new Alias(stack, 'Live', { aliasName: 'live', version: called.currentVersion }) };
    });
    const alias = { Ref: expect.stringMatching('^Live') };
    expect(granted('ReduceKeyGroup')).toEqual([[['lambda:InvokeFunction'], alias]]);
    expect(environment).toMatchObject({ SLUICE_SINK: alias });
  });

  test('a delivery stream of a further output, and of the others what the file says', () => {
    const { granted, environment } = deploy(files.firehose, (stack) => ({ sinks: { origins: deliveryStream(stack) } }));
    expect(granted('ProcessShards')).toEqual([
      [
        ['firehose:PutRecordBatch'],
        { 'Fn::Join': ['', expect.arrayContaining([expect.stringContaining('flights-archive')])] },
      ],
      [['firehose:PutRecordBatch'], arnOf('Archive')],
    ]);
    expect(environment).toMatchObject({
      SLUICE_SINK_ROLE: 'none',
      SLUICE_SINKS: { 'Fn::Join': ['', ['origins=', arnOf('Archive')]] },
      SLUICE_SINK_ROLES: 'origins=none',
    });
    expect(Object.keys(environment)).not.toContain('SLUICE_SINK');
  });
});

test("a table's key is used through DynamoDB alone, and by who writes it", () => {
  const { template, granted } = deploy(files.dynamodb, (stack) => ({
    sink: viewTable(stack, ['pk', 'sk'], new Key(stack, 'TheKey')),
  }));
  const [, [actions, key] = []] = granted('ReduceKeyGroup');
  expect(actions).toEqual(expect.arrayContaining(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey']));
  expect(key).toEqual(arnOf('TheKey'));
  const [used] = statements(template).filter(({ statement }) => statement.Sid === 'ViewKey');
  expect(JSON.stringify(used?.statement.Condition)).toContain('"kms:ViaService"');
  expect(granted('ProcessShards')).toEqual([]);
});

describe('with a role', () => {
  test.each(Object.entries(files))('of a %s sink the functions may assume it, and nothing else', (kind, file) => {
    const { granted, environment } = deploy(file, () => ({ sinkRole: role }));
    const step = kind === 'firehose' ? 'ProcessShards' : 'ReduceKeyGroup';
    expect(granted(step)[0]).toEqual([['sts:AssumeRole'], role]);
    expect(
      granted(step)
        .flat(2)
        .filter((action) => /^(dynamodb:PutItem|lambda:|s3:)/.test(String(action))),
    ).toEqual([]);
    expect(environment).toMatchObject({ SLUICE_SINK_ROLE: role });
  });

  test('the table that is given is told, and its key is the business of the role', () => {
    const { granted, environment } = deploy(files.dynamodb, (stack) => ({
      sink: viewTable(stack, ['pk', 'sk'], new Key(stack, 'TheKey')),
      sinkRole: new Role(stack, 'Writer', { assumedBy: new AccountRootPrincipal() }).roleArn,
    }));
    expect(granted('ReduceKeyGroup')).toEqual([[['sts:AssumeRole'], arnOf('Writer')]]);
    expect(environment).toMatchObject({ SLUICE_SINK: arnOf('Board'), SLUICE_SINK_ROLE: arnOf('Writer') });
  });
});

const elsewhere = {
  table: (stack: Stack) =>
    Table.fromTableArn(stack, 'Theirs', 'arn:aws:dynamodb:eu-west-1:222222222222:table/dashboard'),
  lambda: (stack: Stack) =>
    LambdaFunction.fromFunctionArn(stack, 'Theirs', 'arn:aws:lambda:eu-west-1:222222222222:function:alert'),
  firehose: (stack: Stack) =>
    DeliveryStream.fromDeliveryStreamArn(
      ...([stack, 'Theirs', 'arn:aws:firehose:eu-west-1:222222222222:deliverystream/archive'] as const),
    ),
};
const infosOf = (stack: Stack): string =>
  Annotations.fromStack(stack)
    .findInfo('*', Match.anyValue())
    .map(({ entry }) => String(entry.data))
    .join('\n');

const objectsOf = (id: string, objects: string) => ({
  'Fn::Join': [
    '',
    ['arn:', { Ref: 'AWS::Partition' }, ':s3:::', { Ref: expect.stringMatching(`^${id}`) }, `/${objects}`],
  ],
});

describe('a bucket', () => {
  test('is written below the prefix by who writes rows, and its lists by who commits', () => {
    const { granted, environment } = deploy(files.s3, (stack) => ({ sink: new Bucket(stack, 'Files') }));
    expect(granted('ReduceKeyGroup')).toEqual([[['s3:PutObject'], objectsOf('Files', 'hourly/*')]]);
    expect(granted('CommitBatch')).toEqual([[['s3:PutObject'], objectsOf('Files', 'hourly/_sluice/*')]]);
    for (const step of ['PlanBatch', 'ProcessShards', 'SealBatch']) expect(granted(step)).toEqual([]);
    expect(environment).toMatchObject({ SLUICE_SINK: arnOf('Files'), SLUICE_SINK_ROLE: 'none' });
  });

  test('that has a key is written with data keys of it, through S3 alone', () => {
    const { granted, template } = deploy(files.s3, (stack) => ({
      sink: new Bucket(stack, 'Files', { encryptionKey: new Key(stack, 'TheKey') }),
    }));
    for (const step of ['ReduceKeyGroup', 'CommitBatch'])
      expect(granted(step)[1]).toEqual([['kms:GenerateDataKey'], arnOf('TheKey')]);
    const used = statements(template).filter(({ statement }) => /^File(s|Lists)Key$/.test(statement.Sid ?? ''));
    expect(used.map(({ statement }) => JSON.stringify(statement.Condition))).toEqual([
      expect.stringContaining('"kms:ViaService":{"Fn::Join":["",["s3.eu-west-1.'),
      expect.stringContaining('"kms:ViaService":{"Fn::Join":["",["s3.eu-west-1.'),
    ]);
  });

  test('is reached with the role by who commits as well, and no other function that writes nothing has a client of STS', () => {
    const { granted, environment } = deploy(files.s3, (stack) => ({
      sink: new Bucket(stack, 'Files', { encryptionKey: new Key(stack, 'TheKey') }),
      sinkRole: role,
    }));
    for (const step of ['ReduceKeyGroup', 'CommitBatch']) expect(granted(step)).toEqual([[['sts:AssumeRole'], role]]);
    expect(environment).toMatchObject({ SLUICE_SINK: arnOf('Files'), SLUICE_SINK_ROLE: role });
    const stepsWith = (outputs: readonly object[]) =>
      steps.filter(({ key }) => assumesRole(key, { sourceRole: undefined, outputs: outputs as never }));
    const listGrants = [{ sid: 'AssumeSinkRole', actions: [], resources: [] }];
    expect(stepsWith([{ role, listGrants }]).map(({ id }) => id)).toContain('CommitBatch');
    expect(stepsWith([{ role, listGrants: [] }, { listGrants }]).map(({ id }) => id)).not.toContain('CommitBatch');
  });

  test('of two outputs is one place with one prefix, and two with two', () => {
    const two = 'test/infra/pipelines/two-folders.ts';
    const { granted } = deploy(two, (stack) => {
      const sink = new Bucket(stack, 'Files');
      return { sink, sinks: { copy: sink } };
    });
    expect(granted('ReduceKeyGroup').map(([, resource]) => resource)).toEqual([
      objectsOf('Files', 'one/*'),
      objectsOf('Files', 'other/*'),
    ]);
    expect(granted('CommitBatch')).toHaveLength(2);
  });

  test("of another account: its owner is told the statement that the bucket's policy takes", () => {
    const theirs = (own: Stack) =>
      Bucket.fromBucketAttributes(own, 'Theirs', { bucketName: 'theirs', account: '222222222222' });
    const { stack } = deploy(files.s3, (own) => ({ sink: theirs(own) }));
    expect(infosOf(stack)).toMatch(/aws s3api put-bucket-policy --bucket theirs --policy/);
    expect(infosOf(stack)).toMatch(/"Resource": "arn:[^"]*:s3:::theirs\/hourly\/\*"/);
    expect(infosOf(stack)).toContain('"s3:PutObject"');
    expect(infosOf(deploy(files.s3, (own) => ({ sink: theirs(own), sinkRole: role })).stack)).not.toContain('theirs');
  });
});

describe('of another account', () => {
  test("a table's owner is told the policy that it takes, and nobody where a role opens it", () => {
    const { stack } = deploy(files.dynamodb, (own) => ({ sink: elsewhere.table(own) }));
    expect(infosOf(stack)).toMatch(/aws dynamodb put-resource-policy --resource-arn arn:aws:dynamodb:[^ ]+ --policy/);
    expect(infosOf(stack)).toContain('"dynamodb:PutItem"');
    expect(infosOf(stack)).toContain('arn:aws:iam::123456789012:role/Test-*');
    const opened = deploy(files.dynamodb, (own) => ({ sink: elsewhere.table(own), sinkRole: role }));
    expect(infosOf(opened.stack)).toBe('');
  });

  test("a function's owner is told the permission that it takes", () => {
    const { stack, granted } = deploy(files.lambda, (own) => ({ sink: elsewhere.lambda(own) }));
    expect(infosOf(stack)).toMatch(
      /aws lambda add-permission --function-name arn:[^ ]+:function:alert .*--principal 123456789012/,
    );
    expect(granted('ReduceKeyGroup')[0]?.[1]).toBe('arn:aws:lambda:eu-west-1:222222222222:function:alert');
  });

  test('a delivery stream opens to a role alone: without one it stops the synthesis', () => {
    const given = (own: Stack): Partial<SluicePipelineProps> => ({ sinks: { origins: elsewhere.firehose(own) } });
    const why =
      /sinks\.origins is arn:.*of the account 222222222222.*name a role of that account as sinkRoles\.origins/;
    expect(refusal(files.firehose, given)).toMatch(why);
    expect(refusal(files.firehose, (own) => ({ ...given(own), sinkRoles: { origins: role } }))).toBe('nothing');
    // Nobody knows yet where this stack goes.
    const { stack } = deploy(files.firehose, given, newStack());
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(why.source))).toHaveLength(1);
  });

  test('so does one that the file names', () => {
    expect(refusal(files.firehose, () => ({}), newStack({ account: '111111111111' }))).toMatch(
      /sinks\.origins is arn:.*:123456789012:deliverystream\/origins/,
    );
    expect(refusal(files.firehose, () => ({}), newStack())).toBe('nothing');
  });
});

describe('what the sink can not write to stops the synthesis', () => {
  const cases: readonly (readonly [string, (stack: Stack) => PipelineSink, RegExp])[] = [
    [files.dynamodb, aFunction, /^sink is a function: the sink is dynamodb, for which it takes a DynamoDB table$/],
    [files.lambda, viewTable, /^sink is a DynamoDB table: the sink is lambda, for which it takes a function$/],
    [
      files.firehose,
      (stack) => new Stream(stack, 'S'),
      /^sink is a Kinesis stream: .* takes a delivery stream of Firehose$/,
    ],
    [files.lambda, () => ({}), /^sink is the properties of a Kinesis stream: .* takes a function$/],
    ['examples/departures.ts', deliveryStream, /^sink is a delivery stream: the sink is kinesis, .* a Kinesis stream$/],
    [
      files.firehose,
      (stack) =>
        new DeliveryStream(stack, 'Archive', {
          source: new KinesisStreamSource(new Stream(stack, 'Read')),
          destination: new S3Bucket(new Bucket(stack, 'Bucket')),
        }),
      /^sink is a delivery stream that reads \(KinesisStreamAsSource\), and takes no records/,
    ],
    [files.s3, viewTable, /^sink is a DynamoDB table: the sink is s3, for which it takes a bucket$/],
    [
      files.lambda,
      (stack) => new Bucket(stack, 'B'),
      /^sink is a bucket: the sink is lambda, for which it takes a function$/,
    ],
    [
      files.s3,
      (stack) => Bucket.fromBucketAttributes(stack, 'B', { bucketName: 'theirs', region: 'eu-north-1' }),
      /^sink is a bucket in eu-north-1: the sink writes in eu-west-1\. Say region: 'eu-north-1' in the sink$/,
    ],
    [
      files.dynamodb,
      (stack) => viewTable(stack, ['id', 'at']),
      /^sink is a table with the keys id \(S\) and at \(S\): the sink writes pk \(S\) and sk \(S\)\./,
    ],
    [
      files.dynamodb,
      (stack) => new TableV2(stack, 'Board', { partitionKey: { name: 'pk', type: AttributeType.NUMBER } }),
      /^sink is a table with the keys pk \(N\): the sink writes/,
    ],
  ];
  test.each(cases)('%s %#', (file, sink, why) => {
    expect(refusal(file, (stack) => ({ sink: sink(stack) }))).toMatch(why);
  });

  test('a role for a sink that takes none', () => {
    expect(refusal('test/toys/shelf-pipeline.ts', () => ({ sinkRole: role }))).toMatch(
      /^sinkRole: the sink is shelf, and takes no role$/,
    );
  });
});

test('a table of the second kind is as good', () => {
  const { granted } = deploy(files.dynamodb, (stack) => ({
    sink: new TableV2(stack, 'Board', { partitionKey: text('pk'), sortKey: text('sk') }),
  }));
  expect(granted('ReduceKeyGroup')).toEqual([[['dynamodb:PutItem'], arnOf('Board')]]);
});
