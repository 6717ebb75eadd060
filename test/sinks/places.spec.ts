/** Where sinks write that are named outside of the file, and the roles they are reached with: tables, delivery streams, functions. */
import { describe, expect, it } from 'vitest';
import {
  bytes,
  count,
  dynamodb,
  firehose,
  kinesis,
  lambda,
  perMicroBatch,
  pipeline,
  type Sink,
} from '../../functions/index.ts';
import { checkPipeline, type PipelineOverrides, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import type { CheckedDynamodbSink } from '../../functions/sinks/dynamodb.ts';
import type { NamedThing } from '../../functions/sinks/named-thing.ts';
import type { SinkSpec } from '../../functions/sinks/sink-kind.ts';

const definition = (sink: Sink<unknown>) =>
  pipeline('test')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .groupBy({ key: (_, meta) => meta.partitionKey })
    .window(perMicroBatch())
    .aggregate({ events: count() })
    .writeStream(sink);
const messages = (sink: Sink<unknown>, overrides: PipelineOverrides = {}) => {
  const checked = checkPipeline(definition(sink), overrides);
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};
const sinkOf = (sink: Sink<unknown>, overrides: PipelineOverrides = {}): SinkSpec =>
  requirePipeline(definition(sink), overrides).outputs[0]!.sink;

const role = { arn: 'arn:aws:iam::222222222222:role/writer' };
const arnAt = (resource: string, account = '222222222222') =>
  `arn:aws:${resource.replace(':', `:eu-north-1:${account}:`)}`;
const kinds = [
  {
    name: 'dynamodb',
    make: (options: object) => dynamodb({ tableName: 'board', ...options }),
    arn: arnAt('dynamodb:table/other'),
    named: 'other-one',
    at: ({ options }: SinkSpec) => (options as CheckedDynamodbSink).table,
    fromArn: arnAt('dynamodb:table/other'),
  },
  {
    name: 'firehose',
    make: (options: object) => firehose({ deliveryStreamName: 'archive', ...options }),
    arn: arnAt('firehose:deliverystream/other'),
    named: 'other.one',
    at: ({ options }: SinkSpec) => (options as NamedThing).name,
    fromArn: 'other',
  },
  {
    name: 'lambda',
    make: (options: object) => lambda({ functionName: 'alert', ...options }),
    arn: arnAt('lambda:function:other:live'),
    named: 'other:live',
    at: ({ options }: SinkSpec) => (options as NamedThing).name,
    fromArn: 'other:live',
  },
] as const;

describe.each(kinds)('$name', ({ make, arn, named, at, fromArn, name }) => {
  it('writes to what is named outside, by ARN with its region, or by name', () => {
    const byArn = sinkOf(make({}), { sink: arn });
    expect([at(byArn), (byArn.options as NamedThing).region]).toEqual([fromArn, 'eu-north-1']);
    expect(at(sinkOf(make({}), { sink: named }))).toBe(named);
    // Acknowledged there says nothing of here.
    expect(byArn.kind.destination(byArn.options)).not.toBe(sinkOf(make({})).kind.destination(sinkOf(make({})).options));
  });

  it('is refused a name that it could not have', () => {
    expect(messages(make({}), { sink: 'no such:/name' })).toEqual([
      expect.stringMatching(
        /^override of sink: 'no such:\/name' is not allowed; use a .* or a .* ARN such as arn:aws:/,
      ),
    ]);
  });

  it('is reached with its role, with another one, or with none', () => {
    const roleOf = (overrides: PipelineOverrides) => (sinkOf(make({ role }), overrides).options as NamedThing).role;
    expect(roleOf({})).toMatchObject({ arn: role.arn, durationMs: 3_600_000 });
    expect(roleOf({ sinkRole: 'arn:aws:iam::333333333333:role/other' })?.arn).toBe(
      'arn:aws:iam::333333333333:role/other',
    );
    expect(roleOf({ sinkRole: 'none' })).toBeUndefined();
  });

  it('with a role is granted to assume it, and nothing else', () => {
    const sink = sinkOf(make({ role }));
    const here = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
    expect(sink.kind.grants(sink.options, here)).toEqual([
      { sid: 'AssumeSinkRole', actions: ['sts:AssumeRole'], resources: [role.arn] },
    ]);
    const plain = sinkOf(make({}));
    expect(sink.kind.destination(sink.options)).not.toBe(plain.kind.destination(plain.options));
  });

  it.each([
    [{ role: { arn: 'writer' } }, /^sink\.role\.arn: 'writer' is not allowed; use the ARN of a role such as/],
    [{ role: {} }, /^sink\.role\.arn: nothing is given/],
    [{ role: 'arn' }, /^sink\.role: 'arn' is not allowed/],
  ])('refuses %o, with one problem', (options, message) => {
    const [problem, ...others] = messages(make(options));
    expect(problem).toMatch(message);
    expect(others).toEqual([]);
  });

  it('of the role’s account takes its name alone', () => {
    const elsewhere = messages(make({ role: { arn: role.arn.replace(/2/g, '3') } }), { sink: arn });
    const refused = [
      "sink.role.arn: 'arn:aws:iam::333333333333:role/writer' is not allowed; use a role of 222222222222, the account of the delivery stream",
    ];
    // The others are asked for by their ARN, which may allow a role of a third account.
    expect(elsewhere).toEqual(name === 'firehose' ? refused : []);
    expect(messages(make({ role }), { sink: arn })).toEqual([]);
  });
});
