/** The texts of a function's invocations by a Lambda event source mapping. One has at most 6 MB, so 5,000 records of this size. */
import { eventOf, sequenceNumberOf } from '../side-by-side/answers.ts';
import type { AnswerShape } from '../side-by-side/scenario.ts';

export type KinesisEvent = { readonly Records: readonly { readonly kinesis: { readonly data: string } }[] };

const mostRecords = 5_000;

/** Those that bring the records of an answer. */
export function invocationsOf(shape: AnswerShape): readonly Buffer[] {
  const invocations: Buffer[] = [];
  for (let from = 0; from < shape.records; from += mostRecords)
    invocations.push(invocationOf(shape, from, Math.min(shape.records, from + mostRecords)));
  return invocations;
}

function invocationOf(shape: AnswerShape, from: number, to: number): Buffer {
  const records = Array.from({ length: to - from }, (_, index) => ({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: `key-${(from + index) % 1_000}`,
      sequenceNumber: sequenceNumberOf(from + index),
      data: Buffer.from(eventOf(from + index, shape)).toString('base64'),
      approximateArrivalTimestamp: 1_767_229_200.123,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `shardId-000000000000:${sequenceNumberOf(from + index)}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
    awsRegion: 'us-east-1',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/in',
  }));
  return Buffer.from(JSON.stringify({ Records: records }));
}
