/**
 * What a function behind a Lambda event source mapping does: the runtime parses the text of the invocation, the handler decodes and parses each
 * record of it. Receiving the text is left out, which favours this one. An invocation has at most 6 MB, so 5,000 records of this size.
 */
import { eventOf, sequenceNumberOf } from '../side-by-side/answers.ts';
import type { AnswerShape, Variant } from '../side-by-side/scenario.ts';
import { CountByHand } from './count-by-hand.ts';

type KinesisEvent = { readonly Records: readonly { readonly kinesis: { readonly data: string } }[] };

const mostRecords = 5_000;

const variant: Variant = async (_, settings) => {
  const shape = settings.answers as AnswerShape;
  const invocations: Buffer[] = [];
  for (let from = 0; from < shape.records; from += mostRecords)
    invocations.push(invocationOf(shape, from, Math.min(shape.records, from + mostRecords)));
  const handler = (event: KinesisEvent, counts: CountByHand): void => {
    for (const { kinesis } of event.Records) {
      const { country, at, amount } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8'));
      counts.add(country, at, amount);
    }
  };
  return {
    run: async (calls) => {
      const counts = new CountByHand();
      for (let call = 0; call < calls; call++)
        for (const body of invocations) handler(JSON.parse(body.toString('utf8')), counts);
      return counts.answer();
    },
  };
};

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

export default variant;
