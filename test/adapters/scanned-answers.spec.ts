/**
 * That the product's clients scan what they read, and what they leave to the SDK. If an SDK of another version goes past
 * the scan, answers are still right: then this says so.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetRecordsCommand, KinesisClient, PutRecordsCommand, SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { createReadingClient } from '../../functions/adapters/kinesis/reading-client.ts';
import { recordsIn, scanEvents } from '../../functions/adapters/kinesis/scanned-answers.ts';
import { takenIn } from '../../functions/adapters/kinesis/taken-results.ts';
import { createWritingClient } from '../../functions/adapters/kinesis/writing-client.ts';
import { framesOf } from '../simulation/world/event-frames.ts';

const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const region = 'us-east-1';
const ConsumerARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1';
const record = (at: number) => ({
  SequenceNumber: `${at}`,
  ApproximateArrivalTimestamp: 1_767_229_200.5,
  Data: Buffer.from(`é${at}`).toString('base64'),
  PartitionKey: `k-${at}`,
});
const asRead = (at: number) => ({
  ...{ sequenceNumber: `${at}`, arrivalMs: 1_767_229_200_500 },
  ...{ data: new Uint8Array(Buffer.from(`é${at}`)), partitionKey: `k-${at}` },
});
const page = { Records: [record(7), record(8)], NextShardIterator: 'next', MillisBehindLatest: 5 };
const text = JSON.stringify(page);
/** Beside the body, of two records. */
const besideBody = 2 * 80;

type Answer = (response: ServerResponse) => void;

/** A server that answers each call in its own way, and the product's client of it. */
const getRecords = (...answers: readonly Answer[]) =>
  answered(answers, createReadingClient, (client) => client.send(new GetRecordsCommand({ ShardIterator: 'i' })));

async function answered<Output>(
  answers: readonly Answer[],
  create: typeof createReadingClient,
  ask: (client: KinesisClient) => Promise<Output>,
) {
  let calls = 0;
  const server = createServer((_, response) => answers[Math.min(calls++, answers.length - 1)]!(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = create({ region, endpointUrl, credentials });
  try {
    const answer = await ask(client);
    return { answer, calls };
  } finally {
    client.destroy();
    server.close();
  }
}

const whole =
  (body: string, status = 200) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body);

describe('an answer of GetRecords', () => {
  it('as Kinesis writes it is scanned, and what it has beside records is what it was', async () => {
    const { answer } = await getRecords(whole(text));
    const { records, countedBytes, heldBytes } = recordsIn(answer);
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject(asRead(7));
    expect(records[1]).toMatchObject(asRead(8));
    expect(answer).toMatchObject({ NextShardIterator: 'next', MillisBehindLatest: 5 });
    // `é7` and `k-7`, twice.
    expect(countedBytes).toBe(12);
    expect(heldBytes).toBe(text.length + besideBody);
  });

  it('has the same records by the names of the SDK, for who looks at those', async () => {
    const { answer } = await getRecords(whole(text));
    expect(answer.Records![1]).toMatchObject({
      ...{ SequenceNumber: '8', PartitionKey: 'k-8', Data: new Uint8Array(Buffer.from('é8')) },
      ApproximateArrivalTimestamp: new Date(1_767_229_200_500),
    });
  });

  it('is scanned in pieces, without a length, and with members in another order', async () => {
    const turned = JSON.stringify(
      { MillisBehindLatest: 5, Records: [{ EncryptionType: 'KMS', ...record(7) }] },
      null,
      1,
    );
    const { answer } = await getRecords((response) => {
      response.writeHead(200);
      response.write(turned.slice(0, 40));
      setImmediate(() => response.end(turned.slice(40)));
    });
    const { records, heldBytes } = recordsIn(answer);
    expect(records).toMatchObject([asRead(7)]);
    expect(heldBytes).toBe(turned.length + besideBody / 2);
  });

  it('with an escape in it is the same, by the SDK', async () => {
    const { answer } = await getRecords(whole(text.replaceAll('k-8', 'k\\u002d8')));
    const { records, countedBytes, heldBytes } = recordsIn(answer);
    expect(records).toMatchObject([asRead(7), asRead(8)]);
    expect({ countedBytes, heldBytes }).toEqual({ countedBytes: 12, heldBytes: 6 });
  });

  describe('of 8 KiB and more', () => {
    const numbers = Array.from({ length: 200 }, (_, at) => at);
    const large = JSON.stringify({ ...page, Records: numbers.map(record) });

    it('is held without what stands between its records', async () => {
      const { answer } = await getRecords(whole(large));
      const { records, countedBytes, heldBytes } = recordsIn(answer);
      expect(records).toMatchObject(numbers.map(asRead));
      const textsOf = (at: number): number => 2 * `${at}`.length + 'k-'.length + Buffer.byteLength(`é${at}`);
      const texts = numbers.reduce((sum, at) => sum + textsOf(at), 0);
      expect(heldBytes).toBe(texts + 200 * 80);
      expect(countedBytes).toBe(texts - numbers.reduce((sum, at) => sum + `${at}`.length, 0));
      expect(answer).toMatchObject({ NextShardIterator: 'next', MillisBehindLatest: 5 });
    });

    it('is read record by record where one is laid out in another way', async () => {
      const odd = large.replace('"PartitionKey":"k-150"', '"PartitionKey": "k-150"');
      const { records, heldBytes } = recordsIn((await getRecords(whole(odd))).answer);
      expect(records).toMatchObject(numbers.map(asRead));
      expect(heldBytes).toBe(Buffer.byteLength(odd) + 200 * 80);
    });

    it('is left to the SDK where one has an escape', async () => {
      const odd = large.replace('"k-150"', '"k\\u002d150"');
      const { records, heldBytes } = recordsIn((await getRecords(whole(odd))).answer);
      expect(records).toMatchObject(numbers.map(asRead));
      expect(heldBytes).toBeLessThan(2_000);
    });

    it('keeps its records when another one was scanned after it', async () => {
      const first = recordsIn((await getRecords(whole(large))).answer);
      const others = large.replaceAll('"k-', '"other-');
      recordsIn((await getRecords(whole(others))).answer);
      expect(first.records).toMatchObject(numbers.map(asRead));
    });
  });

  it('counts the bytes of keys, whoever decodes it', async () => {
    const countedIn = async (of: string) => recordsIn((await getRecords(whole(of))).answer).countedBytes;
    const keyed = text.replaceAll('k-8', 'é-8');
    const escaped = text.replaceAll('k-8', '\\u00e9-8');
    expect([await countedIn(keyed), await countedIn(escaped)]).toEqual([13, 13]);
  });

  it('that is cut off is asked for again', async () => {
    const { answer, calls } = await getRecords((response) => {
      response.writeHead(200, { 'content-length': text.length });
      response.write(text.slice(0, 50), () => response.destroy());
    }, whole(text));
    expect(calls).toBe(2);
    expect(recordsIn(answer).records).toMatchObject([asRead(7), asRead(8)]);
  });

  it('that is an error stays that error', async () => {
    const refused = getRecords(whole(JSON.stringify({ __type: 'ExpiredIteratorException', message: 'old' }), 400));
    await expect(refused).rejects.toMatchObject({ name: 'ExpiredIteratorException', message: 'old' });
  });

  it('keeps nothing of the body in a copy of a payload', async () => {
    const { records } = recordsIn((await getRecords(whole(text))).answer);
    expect(records[0]!.data.slice().buffer.byteLength).toBe(3);
  });
});

describe('an answer of PutRecords', () => {
  const results = [
    { SequenceNumber: '49', ShardId: 'shardId-0' },
    { SequenceNumber: '50', ShardId: 'shardId-1' },
  ];
  const records = ['a', 'b'].map((data) => ({ PartitionKey: 'k', Data: Buffer.from(data) }));
  const putRecords = (...answers: readonly Answer[]) =>
    answered(answers, createWritingClient, (client) =>
      client.send(new PutRecordsCommand({ StreamName: 's', Records: records })),
    );
  const body = { FailedRecordCount: 0, Records: results, EncryptionType: 'KMS' };

  it('that took all is counted, and has the same results for who looks at them', async () => {
    const { answer } = await putRecords(whole(JSON.stringify(body)));
    expect(takenIn(answer)).toBe(2);
    expect(answer).toMatchObject(body);
    expect({ ...answer }).toMatchObject({ Records: results });
  });

  it.each([
    ['refused a record', { ...body, FailedRecordCount: 1, Records: [results[0], { ErrorCode: 'InternalFailure' }] }],
    ['has no sequence number', { ...body, Records: [results[0], { ShardId: 'shardId-1' }] }],
    ['has an empty result', { ...body, Records: [{}, results[1]] }],
    ['has no results', { FailedRecordCount: 0 }],
    ['has an empty list', { ...body, Records: [] }],
  ])('that %s is the one of the SDK', async (_, incomplete) => {
    const { answer } = await putRecords(whole(JSON.stringify(incomplete)));
    expect(takenIn(answer)).toBeUndefined();
    expect(answer).toMatchObject(incomplete);
  });

  it('that is an error stays that error', async () => {
    const refused = putRecords(whole(JSON.stringify({ __type: 'ResourceNotFoundException', message: 'no' }), 400));
    await expect(refused).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: 'no' });
  });
});

describe('an event of a subscription', () => {
  const event = { Records: page.Records, ContinuationSequenceNumber: '8', MillisBehindLatest: 5 };
  const eventText = JSON.stringify(event);

  async function subscribed(damage: (frame: Uint8Array) => Uint8Array = (frame) => frame) {
    const events = async function* () {
      yield { SubscribeToShardEvent: event as never };
    };
    const frames = async function* () {
      for await (const frame of framesOf(events(), JSON.stringify)) yield frame.length > 200 ? damage(frame) : frame;
    };
    const response = { statusCode: 200, headers: {}, body: frames() };
    const requestHandler = { handle: async () => ({ response }), destroy: () => {} } as never;
    const client = new KinesisClient({ region, credentials, requestHandler, maxAttempts: 1 });
    scanEvents(client);
    const { EventStream } = await client.send(
      new SubscribeToShardCommand({ ConsumerARN, ShardId: 's', StartingPosition: { Type: 'LATEST' } }),
    );
    const all = [];
    for await (const each of EventStream!) all.push(each.SubscribeToShardEvent!);
    return all;
  }

  it('is scanned, and what it has beside records is what it was', async () => {
    const [got] = await subscribed();
    expect(got).toMatchObject({ ContinuationSequenceNumber: '8', MillisBehindLatest: 5 });
    const { records, heldBytes } = recordsIn(got!);
    expect(records).toMatchObject([asRead(7), asRead(8)]);
    expect(heldBytes).toBe(eventText.length + besideBody);
  });

  const [beforePayload, behindPayload] = [12, 4];
  const messageBytes = beforePayload + eventText.length + behindPayload;
  /** The message as it came, so many bytes from the start of its memory. */
  const inMemory = (bytes: number, from = 0): Uint8Array => {
    const memory = new Uint8Array(bytes);
    new DataView(memory.buffer).setUint32(from, messageBytes);
    memory.set(new TextEncoder().encode(eventText), from + beforePayload);
    return memory;
  };

  /** As the SDK's marshaller hands it on: what it names until it has the next one. */
  async function handedOn(memory: Uint8Array, from = 0) {
    const start = from + beforePayload;
    const message = { headers: {}, body: memory.subarray(start, start + eventText.length) };
    const eventStreamMarshaller = {
      deserialize: (_: unknown, read: (messages: object) => Promise<object>) =>
        read({ SubscribeToShardEvent: message }),
    };
    const config = { eventStreamMarshaller };
    scanEvents({ config } as never);
    const parse = async ({ SubscribeToShardEvent: { body } }: { SubscribeToShardEvent: { body: Uint8Array } }) => ({
      SubscribeToShardEvent: JSON.parse(new TextDecoder().decode(body)),
    });
    const given = (await config.eventStreamMarshaller.deserialize(undefined, parse as never)) as {
      readonly SubscribeToShardEvent: Parameters<typeof recordsIn>[0];
    };
    return { message, records: recordsIn(given.SubscribeToShardEvent).records };
  }

  it('is held by nobody but its records: the message of the SDK that it came in is empty', async () => {
    const { message, records } = await handedOn(inMemory(messageBytes));
    expect(records).toMatchObject([asRead(7), asRead(8)]);
    expect(message.body.length).toBe(0);
  });

  it.each([
    ['behind', 0],
    ['before', 100],
  ])('leaves alone what lies %s its message in the same memory', async (_, from) => {
    const memory = inMemory(messageBytes + 100, from);
    const { message, records } = await handedOn(memory, from);
    expect(records).toMatchObject([asRead(7), asRead(8)]);
    expect([message.body.length, memory.length]).toEqual([eventText.length, messageBytes + 100]);
  });

  it('whose checksum is not right is refused', async () => {
    const turned = (frame: Uint8Array): Uint8Array =>
      frame.map((byte, at) => (at === frame.length - 40 ? byte ^ 1 : byte));
    await expect(subscribed(turned)).rejects.toThrow(/checksum/);
  });
});
