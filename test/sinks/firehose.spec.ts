/** A delivery stream as a sink: its options, its records, and what may be done with it. */
import { describe, expect, it } from 'vitest';
import {
  bytes,
  count,
  type FirehoseSinkOptions,
  firehose,
  kinesis,
  perMicroBatch,
  pipeline,
} from '../../functions/index.ts';
import { checkPipeline, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { outlineOf } from '../../functions/pipeline/outline.ts';
import { type CheckedFirehoseSink, firehoseKind } from '../../functions/sinks/firehose.ts';
import { resultIdentity } from '../support/builders.ts';

const arn = 'arn:aws:firehose:eu-central-1:123456789012:deliverystream/flights';
const events = () =>
  pipeline('test')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes());
const rows = (options: FirehoseSinkOptions) =>
  events()
    .groupBy({ key: (_, meta) => meta.partitionKey })
    .window(perMicroBatch())
    .aggregate({ events: count() })
    .writeStream(firehose(options));
const messages = (options: object) => {
  const checked = checkPipeline(rows(options as FirehoseSinkOptions));
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};
const optionsOf = (options: FirehoseSinkOptions) =>
  requirePipeline(rows(options)).outputs[0]!.sink.options as CheckedFirehoseSink;

describe('options', () => {
  it('name a delivery stream by name or by ARN, which says where it is', () => {
    expect(optionsOf({ deliveryStreamName: 'flights' })).toEqual({
      name: 'flights',
      region: undefined,
      endpointUrl: undefined,
      delimiter: 'newline',
      identity: 'field',
      identityField: '_sluice',
    });
    expect(optionsOf({ deliveryStreamArn: arn })).toMatchObject({
      name: 'flights',
      region: 'eu-central-1',
      account: '123456789012',
    });
  });

  it.each([
    [{}, /^sink\.deliveryStreamName: nothing is given; use a delivery stream name .* \(or deliveryStreamArn\)$/],
    [{ deliveryStreamName: 'a b' }, /^sink\.deliveryStreamName: 'a b' is not allowed/],
    [
      { deliveryStreamArn: arn.replace('firehose', 'kinesis') },
      /^sink\.deliveryStreamArn: .* use a delivery stream ARN such as/,
    ],
    [
      { deliveryStreamName: 'a', deliveryStreamArn: arn },
      /^sink\.deliveryStreamArn: .* use either deliveryStreamName or/,
    ],
    [
      { deliveryStreamArn: arn, region: 'us-east-1' },
      /^sink\.region: 'us-east-1' .* 'eu-central-1', the region of deliver/,
    ],
    [{ deliveryStreamName: 'a', delimiter: ',' }, /^sink\.delimiter: ',' is not allowed; use 'newline' or 'none'/],
    [
      { deliveryStreamName: 'a', identityField: 'events' },
      /^sink\.identityField: 'events' .* not a column of the result/,
    ],
    [{ deliveryStreamName: 'a', partition: 'b' }, /^sink\.partition/],
  ])('%o is refused, and with one problem', (options, message) => {
    const [problem, ...others] = messages(options);
    expect(problem).toMatch(message);
    expect(others).toEqual([]);
  });

  it('of bytes that pass through have no identity, and none may be asked for', () => {
    const written = (options: object) => events().writeStream(firehose({ deliveryStreamName: 'a', ...options }));
    expect(requirePipeline(written({})).outputs[0]!.sink.options).toMatchObject({ identity: 'none' });
    expect(checkPipeline(written({ identity: 'field' })).kind).toBe('invalid');
  });

  it('two of them to one delivery stream need a map, as for any sink', () => {
    const twice = rows({ deliveryStreamName: 'a' }).writeStream(firehose({ deliveryStreamName: 'a' }), { name: 'b' });
    expect(checkPipeline(twice).kind).toBe('invalid');
  });
});

describe('records', () => {
  const sink = optionsOf({ deliveryStreamName: 'flights' });

  it('carry their identity, and are without the delimiter until they are sent', () => {
    const identity = resultIdentity();
    const { data } = firehoseKind.encode(sink, { a: 1 }, { identity, defaultKey: 'k' });
    expect(data).toBe(`{"a":1,"_sluice":${JSON.stringify(identity)}}`);
  });

  it('have 1,000 KiB at most, of which the delimiter is a byte', () => {
    expect(firehoseKind.limits(sink)).toMatchObject({ always: 1_023_999, atMost: 1_023_999, said: 1_023_999 });
    expect(firehoseKind.limits({ ...sink, delimiter: 'none' }).atMost).toBe(1_024_000);
    expect(firehoseKind.bytesOf({ partitionKey: 'key', explicitHashKey: undefined, data: 'ü' })).toBe(2);
  });

  it('can take back earlier ones where they have an identity', () => {
    expect(firehoseKind.takesRetractions(sink)).toBe(true);
    expect(firehoseKind.takesRetractions({ ...sink, identity: 'none' })).toBe(false);
  });
});

it('one call is granted, on the delivery stream alone', () => {
  const here = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
  const granted = (options: FirehoseSinkOptions) => firehoseKind.grants(optionsOf(options), here);
  expect(granted({ deliveryStreamName: 'flights' })).toEqual([
    {
      sid: 'WriteFirehose',
      actions: ['firehose:PutRecordBatch'],
      resources: ['arn:aws:firehose:eu-west-1:111122223333:deliverystream/flights'],
    },
  ]);
  expect(granted({ deliveryStreamArn: arn })[0]?.resources).toEqual([arn]);
});

it('the outline names the kinds of sinks, by which bundles have their adapters', () => {
  const definition = rows({ deliveryStreamName: 'a' }).writeStream(kinesis({ streamName: 'out' }), { name: 'b' });
  expect(outlineOf(definition, requirePipeline(definition)).used.sinks).toEqual(['firehose', 'kinesis']);
});
