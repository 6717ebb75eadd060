/** The sink for Firehose against a server that has the documented shapes of PutRecordBatch. */
import { describe, expect, it } from 'vitest';
import { createFirehoseClient, createFirehoseSink } from '../../functions/adapters/firehose/firehose-sink.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { type StubAnswer, type StubRequest, startStub, stubSettings } from '../support/service-stub.ts';
import { manualClock } from './fake-kinesis.ts';

type Body = { readonly DeliveryStreamName: string; readonly Records: readonly { readonly Data: string }[] };
const bodyOf = ({ body }: StubRequest): Body => body as Body;
const textsIn = (request: StubRequest): readonly string[] =>
  bodyOf(request).Records.map(({ Data }) => Buffer.from(Data, 'base64').toString());

const taken = { RecordId: 'r' };
const unavailable = { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' };
const internal = { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal service failure.' };

const answering =
  (...entries: readonly object[]) =>
  (): StubAnswer => ({
    body: {
      FailedPutCount: entries.filter((entry) => 'ErrorCode' in entry).length,
      Encrypted: false,
      RequestResponses: entries,
    },
  });
const takesAll = (request: StubRequest): StubAnswer => answering(...bodyOf(request).Records.map(() => taken))();
const refusing =
  (type: string, status = 400) =>
  (): StubAnswer => ({
    status,
    body: { __type: type, message: 'no' },
  });

const record = (data: string | Uint8Array): OutputRecord => ({ partitionKey: 'k', explicitHashKey: undefined, data });

async function sending(
  records: readonly OutputRecord[],
  answers: Parameters<typeof startStub>[0],
  { delimiter = 'newline', deadline = 10_000 }: { delimiter?: 'newline' | 'none'; deadline?: number } = {},
) {
  await using stub = await startStub(answers);
  const client = createFirehoseClient(stubSettings(stub.endpointUrl));
  const { clock, slept } = manualClock();
  const sink = createFirehoseSink(client, { name: 'flights', delimiter }, { clock, random: () => 1 });
  const undelivered = await sink.send(records, deadline);
  client.destroy();
  return { undelivered, slept, requests: stub.requests };
}

describe('records', () => {
  it('are lines of the delivery stream, and come in order', async () => {
    const { requests, undelivered } = await sending(['{"a":1}', '{"a":2}'].map(record), [takesAll]);
    expect(undelivered).toBeUndefined();
    expect(requests.map(({ headers }) => headers['x-amz-target'])).toEqual(['Firehose_20150804.PutRecordBatch']);
    expect(bodyOf(requests[0]!).DeliveryStreamName).toBe('flights');
    expect(requests.map(textsIn)).toEqual([['{"a":1}\n', '{"a":2}\n']]);
  });

  it('that are lines already stay as they are, and all do where no delimiter is asked for', async () => {
    const given = ['a\n', 'b', Buffer.from('c\n'), Buffer.from('d')].map(record);
    expect((await sending(given, [takesAll])).requests.map(textsIn)).toEqual([['a\n', 'b\n', 'c\n', 'd\n']]);
    const { requests } = await sending(given, [takesAll], { delimiter: 'none' });
    expect(requests.map(textsIn)).toEqual([['a\n', 'b', 'c\n', 'd']]);
  });

  it('go 500 at a time, and 4 MB at a time, the largest one included', async () => {
    const many = await sending(
      Array.from({ length: 1_100 }, (_, at) => record(String(at))),
      [takesAll],
    );
    expect(many.requests.map((request) => bodyOf(request).Records.length)).toEqual([500, 500, 100]);
    const largest = record('x'.repeat(1_023_999));
    const large = await sending(Array(5).fill(largest), [takesAll]);
    expect(large.undelivered).toBeUndefined();
    expect(large.requests.map((request) => bodyOf(request).Records.length)).toEqual([3, 2]);
  });
});

describe('what was refused', () => {
  it('is sent again, that alone and in its order, until all is acknowledged', async () => {
    const { requests, slept, undelivered } = await sending(['a', 'b', 'c'].map(record), [
      answering(unavailable, taken, internal),
      answering(unavailable, taken),
      takesAll,
    ]);
    expect(undelivered).toBeUndefined();
    expect(requests.map(textsIn)).toEqual([['a\n', 'b\n', 'c\n'], ['a\n', 'c\n'], ['a\n']]);
    expect(slept).toEqual([50, 50]);
  });

  it('goes before what was not sent yet', async () => {
    const records = Array.from({ length: 501 }, (_, at) => record(String(at)));
    const rest = Array.from({ length: 499 }, () => taken);
    const { requests } = await sending(records, [answering(unavailable, ...rest), takesAll]);
    expect(requests.slice(1).map(textsIn)).toEqual([['0\n', '500\n']]);
  });

  it('is sent again where the answer is short of it', async () => {
    const { requests } = await sending(['a', 'b'].map(record), [answering(taken), takesAll]);
    expect(requests.map(textsIn)).toEqual([['a\n', 'b\n'], ['b\n']]);
  });

  it('is told at the deadline, with why, and as slow where only a limit is in the way', async () => {
    const slow = await sending(['a', 'b'].map(record), [answering(taken, unavailable), answering(unavailable)], {
      deadline: 400,
    });
    expect(slow.undelivered).toMatchObject({ places: [1], isOnlySlow: true });
    expect(slow.undelivered?.error.message).toBe(
      'delivery stream flights: put records: 1 of 2 were not acknowledged in time (ServiceUnavailableException)',
    );
    expect(slow.slept).toEqual([50, 100, 200]);
    const failing = await sending(['a', 'b'].map(record), [answering(taken, internal), answering(internal)], {
      deadline: 100,
    });
    expect(failing.undelivered).toMatchObject({ places: [1], isOnlySlow: false });
  });

  it('as a whole, by a limit, is sent again in smaller requests', async () => {
    const records = Array.from({ length: 400 }, (_, at) => record(String(at)));
    // The SDK's own tries are three.
    const limited = refusing('ServiceUnavailableException', 500);
    const { requests, undelivered } = await sending(records, [limited, limited, limited, takesAll]);
    expect(undelivered).toBeUndefined();
    expect(requests.map((request) => bodyOf(request).Records.length)).toEqual([400, 400, 400, 250, 150]);
  });
});

describe('without an answer', () => {
  it('the same is sent again: at least once', async () => {
    const { requests, undelivered } = await sending([record('a')], [() => 'lost', takesAll]);
    expect(undelivered).toBeUndefined();
    expect(requests.map(textsIn)).toEqual([['a\n'], ['a\n']]);
  });

  it('for long, nothing counts as acknowledged, and another try helps', async () => {
    const { undelivered } = await sending(['a', 'b'].map(record), [() => 'lost']);
    expect(undelivered).toMatchObject({ places: [0, 1], isOnlySlow: false, error: { name: 'TemporaryFailure' } });
  });
});

it.each([
  ['ResourceNotFoundException', 'NotAllowed'],
  ['AccessDeniedException', 'NotAllowed'],
  ['InvalidKMSResourceException', 'NotAllowed'],
])('%s is for people: no try helps', async (type, name) => {
  const { undelivered } = await sending([record('a')], [refusing(type)]);
  expect(undelivered).toMatchObject({ places: [0], error: { name, canRetry: false } });
  expect(undelivered?.error.message).toContain('delivery stream flights: put records');
});
