/** The sink for Lambda against a server that has the documented shapes of Invoke. */
import { describe, expect, it } from 'vitest';
import { createLambdaClient, createLambdaSink } from '../../functions/adapters/lambda/lambda-sink.ts';
import type { OutputRecord } from '../../functions/sinks/output-sink.ts';
import { type StubAnswer, type StubRequest, startStub, stubSettings } from '../support/service-stub.ts';
import { manualClock } from './fake-kinesis.ts';

type Item = { readonly itemIdentifier: string; readonly key: string; readonly value?: unknown; readonly data?: string };
const itemsIn = ({ body }: StubRequest): readonly Item[] => (body as { readonly records: readonly Item[] }).records;
const valuesIn = (request: StubRequest): readonly unknown[] => itemsIn(request).map(({ value }) => value);

const returning = (body: unknown) => (): StubAnswer => ({ body });
const takesAll = returning('null');
const refuses = (...identifiers: readonly unknown[]) =>
  returning({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });
const throwing = (): StubAnswer => ({
  headers: { 'x-amz-function-error': 'Unhandled' },
  body: { errorType: 'TypeError', errorMessage: 'can not read 4711 of undefined', trace: [] },
});
const failing = (type: string, status: number) => (): StubAnswer => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { Type: 'User', message: 'no' },
});

const record = (data: string | Uint8Array, partitionKey = 'k'): OutputRecord => ({
  partitionKey,
  explicitHashKey: undefined,
  data,
});

async function sending(
  records: readonly OutputRecord[],
  answers: Parameters<typeof startStub>[0],
  { batchSize = 100, deadline = 10_000 }: { batchSize?: number; deadline?: number } = {},
) {
  await using stub = await startStub(answers);
  const client = createLambdaClient(stubSettings(stub.endpointUrl));
  const { clock, slept } = manualClock();
  const place = { name: 'alert:live', account: undefined, partition: undefined, region: undefined, batchSize };
  const undelivered = await createLambdaSink(client, place, { clock, random: () => 1 }).send(records, deadline);
  client.destroy();
  return { undelivered, slept, requests: stub.requests };
}

describe('a call', () => {
  it('has records with their keys, and waits for the answer', async () => {
    const given = [record('{"a":1}', 'é"'), record(Buffer.from('bytes'))];
    const { requests, undelivered } = await sending(given, [takesAll]);
    expect(undelivered).toBeUndefined();
    expect(requests.map(({ path }) => decodeURIComponent(path))).toEqual([
      '/2015-03-31/functions/alert:live/invocations',
    ]);
    expect(requests[0]!.headers['x-amz-invocation-type']).toBe('RequestResponse');
    expect(requests.map(itemsIn)).toEqual([
      [
        { itemIdentifier: '0', key: 'é"', value: { a: 1 } },
        { itemIdentifier: '1', key: 'k', data: Buffer.from('bytes').toString('base64') },
      ],
    ]);
  });

  it('has no more records than were asked for, and no more than 6 MB', async () => {
    const small = await sending(
      ['1', '2', '3'].map((one) => record(one)),
      [takesAll],
      { batchSize: 2 },
    );
    expect(small.requests.map(valuesIn)).toEqual([[1, 2], [3]]);
    const large = record(JSON.stringify('x'.repeat(2_500_000)));
    const { requests } = await sending([large, large, large], [takesAll]);
    expect(requests.map((request) => itemsIn(request).length)).toEqual([2, 1]);
    for (const { headers } of requests) expect(Number(headers['content-length'])).toBeLessThan(6_000_000);
  });
});

describe('an answer', () => {
  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['an object of its own', { done: true }],
    ['a text', '"done"'],
    ['no failures', { batchItemFailures: [] }],
    ['null in their place', { batchItemFailures: null }],
  ])('of %s takes all', async (_, body) => {
    const { requests, undelivered } = await sending([record('1')], [returning(body)]);
    expect([requests.length, undelivered]).toEqual([1, undefined]);
  });

  it.each([
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['null as identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['another name of the field', { batchItemFailures: [{ item: '0' }] }],
    ['an identifier that is not there', { batchItemFailures: [{ itemIdentifier: '0' }, { itemIdentifier: '2' }] }],
    ['a number', { batchItemFailures: [{ itemIdentifier: 0 }] }],
    ['no list', { batchItemFailures: 'all' }],
    ['no JSON', 'done'],
  ])('with %s refuses all', async (_, body) => {
    const { requests } = await sending([record('1', 'a'), record('2', 'b')], [returning(body), takesAll]);
    expect(requests.flatMap(valuesIn)).toEqual([1, 2, 1, 2]);
  });

  it('that names a record has it again, and what stands behind it with its key, in order', async () => {
    const given = ['a', 'b', 'a', 'b', 'a'].map((key, at) => record(String(at), key));
    const { requests, slept, undelivered } = await sending(given, [refuses('2'), takesAll]);
    expect(undelivered).toBeUndefined();
    expect(requests.map(valuesIn)).toEqual([
      [0, 1, 2, 3, 4],
      [2, 4],
    ]);
    expect(slept).toEqual([50]);
  });
});

describe('a function that fails', () => {
  it('is called again, with fewer records, and longer pauses', async () => {
    const given = Array.from({ length: 4 }, (_, at) => record(String(at), String(at)));
    const answers = [throwing, throwing, takesAll];
    const { requests, slept, undelivered } = await sending(given, answers, { batchSize: 4 });
    expect(undelivered).toBeUndefined();
    expect(requests.map(valuesIn)).toEqual([[0, 1, 2, 3], [0, 1], [0], [1, 2], [3]]);
    expect(slept).toEqual([100, 200]);
  });

  it('until time is over is told by the name of its error, with nothing of what it said', async () => {
    const { undelivered } = await sending([record('1')], [throwing], { deadline: 500 });
    expect(undelivered).toMatchObject({ places: [0], isOnlySlow: false, error: { name: 'TemporaryFailure' } });
    expect(undelivered?.error.message).toBe(
      'function alert:live: invoke: 1 of 1 were not acknowledged in time (TypeError)',
    );
  });

  it('for one record holds no other one up, and is no slowness', async () => {
    const always = (request: StubRequest): StubAnswer =>
      refuses(...itemsIn(request).flatMap(({ itemIdentifier, value }) => (value === 13 ? [itemIdentifier] : [])))();
    const given = [13, 14, 15].map((one) => record(String(one), String(one)));
    const { undelivered } = await sending(given, [always], { deadline: 500 });
    expect(undelivered).toMatchObject({ places: [0], isOnlySlow: false });
    expect(undelivered?.error.message).toContain('1 of 3 were not acknowledged in time (batchItemFailures)');
  });
});

it('a throttled call is slow, and no failure', async () => {
  const throttled = failing('TooManyRequestsException', 429);
  const { undelivered, slept } = await sending([record('1')], [throttled], { deadline: 500 });
  expect(undelivered).toMatchObject({ places: [0], isOnlySlow: true });
  expect(slept).toEqual([100, 200]);
  expect((await sending([record('1')], [throttled, takesAll])).undelivered).toBeUndefined();
});

it('without an answer nothing is taken, though the function ran: another try of the step calls again', async () => {
  const { undelivered, requests } = await sending(
    ['1', '2'].map((one) => record(one)),
    [() => 'lost'],
  );
  expect(requests).toHaveLength(1);
  expect(undelivered).toMatchObject({ places: [0, 1], isOnlySlow: false, error: { name: 'TemporaryFailure' } });
});

it.each([
  ['ResourceNotFoundException', 404, 'NotAllowed'],
  ['AccessDeniedException', 403, 'NotAllowed'],
  ['ServiceException', 500, 'TemporaryFailure'],
])('%s is %i, and here %s', async (type, status, name) => {
  const { undelivered } = await sending([record('1')], [failing(type, status)]);
  expect(undelivered).toMatchObject({ places: [0], isOnlySlow: false, error: { name } });
});
