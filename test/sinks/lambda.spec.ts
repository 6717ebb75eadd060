/** A function as a sink: its options, its records, and what may be done with it. */
import { describe, expect, it } from 'vitest';
import {
  bytes,
  count,
  kinesis,
  type LambdaSinkOptions,
  lambda,
  perMicroBatch,
  pipeline,
} from '../../functions/index.ts';
import { checkPipeline, requirePipeline } from '../../functions/pipeline/check-pipeline.ts';
import { type CheckedLambdaSink, lambdaItem, lambdaKind } from '../../functions/sinks/lambda.ts';

const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:alert:live';
const rows = (options: LambdaSinkOptions) =>
  pipeline('test')
    .readStream(kinesis({ streamName: 'in' }))
    .decode(bytes())
    .groupBy({ key: (_, meta) => meta.partitionKey })
    .window(perMicroBatch())
    .aggregate({ events: count() })
    .writeStream(lambda(options));
const messages = (options: object) => {
  const checked = checkPipeline(rows(options as LambdaSinkOptions));
  return checked.kind === 'valid' ? [] : checked.problems.map(({ message }) => message);
};
const optionsOf = (options: LambdaSinkOptions) =>
  requirePipeline(rows(options)).outputs[0]!.sink.options as CheckedLambdaSink;

describe('options', () => {
  it('name a function by name or by ARN, with its alias', () => {
    expect(optionsOf({ functionName: 'alert' })).toMatchObject({ name: 'alert', batchSize: 100, identity: 'field' });
    expect(optionsOf({ functionArn: arn })).toMatchObject({ name: 'alert:live', account: '123456789012' });
  });

  it.each([
    [{}, /^sink\.functionName: nothing is given; use a function name .* \(or functionArn\)$/],
    [{ functionName: 'a b' }, /^sink\.functionName: 'a b' is not allowed/],
    [{ functionArn: 'alert' }, /^sink\.functionArn: .* use a function ARN such as/],
    [{ functionName: 'a', batchSize: 0 }, /^sink\.batchSize: 0 is not allowed; use a whole number from 1 to 10000/],
  ])('%o is refused, and with one problem', (options, message) => {
    const [problem, ...others] = messages(options);
    expect(problem).toMatch(message);
    expect(others).toEqual([]);
  });
});

it('a record counts as it stands in a call, and has room in one', () => {
  const record = { partitionKey: 'é"', explicitHashKey: undefined, data: new Uint8Array(3_000) };
  expect(lambdaKind.bytesOf(record)).toBeGreaterThan(Buffer.byteLength(lambdaItem(record, 0)));
  expect(lambdaKind.bytesOf(record)).toBeGreaterThan(4_000);
  expect(lambdaKind.limits(optionsOf({ functionName: 'alert' })).atMost).toBe(5_999_900);
});

it('one call is granted, on the function alone, and of its alias alone', () => {
  const here = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
  const granted = (options: LambdaSinkOptions) => lambdaKind.grants(optionsOf(options), here);
  expect(granted({ functionName: 'alert' })).toEqual([
    {
      sid: 'CallFunction',
      actions: ['lambda:InvokeFunction'],
      resources: ['arn:aws:lambda:eu-west-1:111122223333:function:alert'],
    },
  ]);
  expect(granted({ functionArn: arn })[0]?.resources).toEqual([arn]);
});
