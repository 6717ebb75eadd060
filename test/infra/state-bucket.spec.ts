/** The bucket of large values: how it is made, who may do what with it, and that it can be left out. */
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { SluiceBucket, SluicePipeline, type SluicePipelineProps } from '../../infra/index.ts';
import { reasons } from '../../infra/permissions.ts';
import { steps } from '../../infra/steps.ts';
import { actionsOf, examples, newStack, resources, statements, synthesise } from './stack.ts';

const withBucket = (stateBucket?: (stack: Stack) => NonNullable<SluicePipelineProps['stateBucket']>) => {
  const stack = newStack();
  const given = stateBucket === undefined ? {} : { stateBucket: stateBucket(stack) };
  const props = { pipeline: examples.departures, source: {}, sink: {}, ...given };
  const pipeline = new SluicePipeline(stack, 'Departures', props);
  return { stack, pipeline, template: Template.fromStack(stack) };
};

const ofStep = (template: Template, id: string) =>
  statements(template).flatMap(({ role, statement }) => (role.includes(`${id}Role`) ? [statement] : []));

const environments = (template: Template) =>
  resources(template, 'AWS::Lambda::Function').flatMap(({ properties }) => {
    const { Variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
    return 'SLUICE_TABLE' in Variables ? [Variables] : [];
  });

describe('by default', () => {
  let template: Template;
  beforeAll(() => {
    template = withBucket().template;
  });

  test('one is made: encrypted, without public access, versioned', () => {
    template.resourceCountIs('AWS::S3::Bucket', 1);
    template.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  test('nothing that is current expires', () => {
    const [bucket] = resources(template, 'AWS::S3::Bucket');
    expect(bucket!.properties.LifecycleConfiguration).toEqual({
      Rules: [
        {
          Status: 'Enabled',
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          ExpiredObjectDeleteMarker: true,
          NoncurrentVersionExpiration: { NoncurrentDays: 35 },
        },
      ],
    });
  });

  test('it is reached by TLS only', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
  });

  test('all functions know its name, and where it is', () => {
    const found = environments(template);
    expect(found).toHaveLength(5);
    for (const { SLUICE_STATE_BUCKET, SLUICE_S3_ENDPOINT } of found) {
      expect(SLUICE_STATE_BUCKET).toEqual({ Ref: expect.stringContaining('State') });
      expect(SLUICE_S3_ENDPOINT).toBe('');
    }
  });

  test.each([
    ['PlanBatch', ['s3:GetObject']],
    ['ProcessShards', ['s3:GetObject', 's3:PutObject']],
    ['SealBatch', ['s3:GetObject', 's3:PutObject']],
    ['ReduceKeyGroup', ['s3:GetObject', 's3:PutObject']],
    ['CommitBatch', ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']],
  ])('%s may %j its own objects, and list their names', (id, actions) => {
    const own = ofStep(template, id).filter((statement) => actionsOf(statement).some((action) => /^s3:/.test(action)));
    expect(own.map(({ Sid }) => Sid)).toEqual(['OwnObjects', 'OwnNames']);
    const [objects, names] = own;
    expect(actionsOf(objects!)).toEqual(actions);
    expect(JSON.stringify(objects!.Resource)).toMatch(/"\/departures\/\*"/);
    expect(names).toMatchObject({
      Action: 's3:ListBucket',
      Condition: { StringLikeIfExists: { 's3:prefix': ['departures/*'] } },
    });
    for (const action of own.flatMap(actionsOf)) expect(reasons[action]).toBeDefined();
  });
});

test('false: there is none, and no function knows of one', () => {
  const { template, pipeline } = synthesise({ stateBucket: false });
  expect(pipeline.stateBucket).toBeUndefined();
  template.resourceCountIs('AWS::S3::Bucket', 0);
  expect(environments(template).map((variables) => 'SLUICE_STATE_BUCKET' in variables)).toEqual(Array(5).fill(false));
  for (const { id } of steps) expect(JSON.stringify(ofStep(template, id))).not.toContain('s3:');
});

test('one that is given is used, and none is made', () => {
  const { template, pipeline } = withBucket((stack) => Bucket.fromBucketName(stack, 'Given', 'my-state'));
  expect(pipeline.stateBucket!.bucketName).toBe('my-state');
  template.resourceCountIs('AWS::S3::Bucket', 0);
  expect(environments(template).map(({ SLUICE_STATE_BUCKET }) => SLUICE_STATE_BUCKET)).toEqual(
    Array(5).fill('my-state'),
  );
});

test('one with a key of the user’s own may be used with that key, through S3 alone', () => {
  const { template } = withBucket((stack) => new SluiceBucket(stack, 'Own', { encryptionKey: new Key(stack, 'Key') }));
  const ofKey = (id: string) => ofStep(template, id).find(({ Sid }) => Sid === 'BucketKey');
  expect(ofKey('PlanBatch')).toMatchObject({ Action: 'kms:Decrypt' });
  expect(ofKey('ReduceKeyGroup')).toMatchObject({
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Condition: { StringEquals: { 'kms:ViaService': expect.anything() } },
  });
});

test('one for two pipelines: each reaches its own objects', () => {
  const stack = newStack();
  const stateBucket = new SluiceBucket(stack, 'State');
  for (const [id, pipeline] of [['A', examples.departures] as const, ['B', examples.republish] as const])
    new SluicePipeline(stack, id, { pipeline, source: {}, sink: {}, stateBucket });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::S3::Bucket', 1);
  const own = statements(template).filter(({ statement }) => statement.Sid === 'OwnObjects');
  expect(own).toHaveLength(10);
  for (const { role, statement } of own)
    expect(JSON.stringify(statement.Resource)).toContain(role.startsWith('A') ? '/departures/*' : '/republish/*');
});
