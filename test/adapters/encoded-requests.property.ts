/** Whatever is put into a stream, the request is the one that the SDK makes without `encodeRequests`, byte for byte. */
import { createHash } from 'node:crypto';
import { KinesisClient, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeRequests } from '../../functions/adapters/kinesis/encoded-requests.ts';
import { RecordEntry } from '../../functions/adapters/kinesis/record-entry.ts';

type Request = { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array };

/** A client whose requests are kept, and answered with nothing. */
function clientThatKeeps() {
  const requests: Request[] = [];
  const handle = async (request: Request) => {
    requests.push(request);
    return { response: { statusCode: 200, headers: {}, body: Buffer.from('{"FailedRecordCount":0,"Records":[]}') } };
  };
  const client = new KinesisClient({
    ...{ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
    requestHandler: { handle } as never,
  });
  return { client, requests };
}

const ofSdk = clientThatKeeps();
const encoded = clientThatKeeps();
encodeRequests(encoded.client);

async function bodiesOf(entries: readonly unknown[], stream: object = { StreamName: 'out' }) {
  const made = async ({ client, requests }: ReturnType<typeof clientThatKeeps>): Promise<Request | undefined> => {
    const command = new PutRecordsCommand({ ...stream, Records: entries as PutRecordsRequestEntry[] });
    // What the SDK throws, both throw.
    await client.send(command).catch(() => {});
    return requests.splice(0)[0];
  };
  return { expected: await made(ofSdk), made: await made(encoded) };
}

async function expectSame(entries: readonly unknown[], stream?: object): Promise<Request | undefined> {
  const { expected, made } = await bodiesOf(entries, stream);
  expect(made === undefined).toBe(expected === undefined);
  if (made === undefined || expected === undefined) return undefined;
  if (Buffer.compare(made.body, expected.body) !== 0)
    expect(Buffer.from(made.body).toString()).toBe(Buffer.from(expected.body).toString());
  expect(made.headers['content-length']).toBe(expected.headers['content-length']);
  return made;
}

const units = (most: number) =>
  fc
    .array(fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 0x7f }) }, fc.integer({ min: 0, max: 0xffff })), {
      maxLength: most,
    })
    .map((codes) => String.fromCharCode(...codes));
/** Plain, with control characters and quotes, in pairs of surrogates, or halves of them. */
const text = fc.oneof(
  units(12),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom('', '\u2028\u007f', '😀'),
);
const bytes = fc.uint8Array({ maxLength: 40 });
const hashKey = fc.option(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String), text), { nil: undefined });
const ofRecord = fc
  .record({ partitionKey: text, explicitHashKey: hashKey, data: fc.oneof(text, units(200), bytes) })
  .map((record) => new RecordEntry(record));
const ofSdkType = fc.record({ PartitionKey: text, ExplicitHashKey: hashKey, Data: bytes }, { requiredKeys: [] });
const oddValue = fc.oneof(text, bytes, fc.constantFrom(null, 7, true), fc.constant({ a: 1 }));
const odd = fc.record(
  { PartitionKey: oddValue, ExplicitHashKey: oddValue, Data: oddValue, __type: oddValue, Other: oddValue },
  { requiredKeys: [] },
);

const typed = fc.record(
  { PartitionKey: text, Data: bytes, __type: oddValue, Other: oddValue },
  { requiredKeys: ['PartitionKey', 'Data'] },
);

describe('a request of PutRecords', () => {
  it('of records, or of entries as their type says, is the one of the SDK', async () => {
    const entries = fc.array(fc.oneof(ofRecord, ofSdkType), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(entries, async (given) => void (await expectSame(given))),
      { numRuns: 800 },
    );
  });

  it('of what no type allows is the one of the SDK, too', async () => {
    const entries = fc.array(fc.oneof(odd, typed, ofSdkType, fc.constantFrom(null, undefined, 'x')), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(entries, async (given) => void (await expectSame(given))),
      { numRuns: 300 },
    );
  });

  it.each([
    { StreamARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/out' },
    { StreamName: 'é"\\' },
    { StreamName: 'out', StreamARN: 'arn:aws:kinesis:us-east-1:123456789012:stream/out' },
    {},
  ])('to %o is the one of the SDK', async (stream) => {
    await expectSame([new RecordEntry({ partitionKey: 'k', explicitHashKey: undefined, data: '{"é":1}' })], stream);
  });

  it('of records of a mebibyte is the one of the SDK', async () => {
    const data = Uint8Array.from({ length: 1_048_576 }, (_, at) => (at * 7919) >> 3);
    const texts = ['x'.repeat(1_048_576), 'é'.repeat(524_288)];
    const record = { partitionKey: '\ud800'.repeat(256), explicitHashKey: undefined };
    await expectSame([{ PartitionKey: 'k', Data: data }, ...texts.map((data) => new RecordEntry({ ...record, data }))]);
  });

  it('is signed with its entries, and makes no bytes of ASCII of its own', async () => {
    const entry = new RecordEntry({ partitionKey: 'k', explicitHashKey: undefined, data: '{"a":1}' });
    let asked = 0;
    Object.defineProperty(entry, 'Data', { get: () => Buffer.alloc(++asked) });
    const { made } = await bodiesOf([entry]);
    expect(JSON.parse(Buffer.from(made!.body).toString()).Records).toEqual([
      { Data: 'eyJhIjoxfQ==', PartitionKey: 'k' },
    ]);
    expect(made!.headers['x-amz-content-sha256']).toBe(createHash('sha256').update(made!.body).digest('hex'));
    // By the client without `encodeRequests`.
    expect(asked).toBe(1);
  });

  it('that was encoded is sent again as it was', async () => {
    const { client, requests } = clientThatKeeps();
    encodeRequests(client);
    const answers = [{ statusCode: 500 }, { statusCode: 200 }];
    const handle = async (request: Request) => {
      requests.push(request);
      return { response: { headers: {}, body: Buffer.from('{"Records":[]}'), ...answers[requests.length - 1] } };
    };
    (client.config as { requestHandler: unknown }).requestHandler = { handle };
    await client.send(
      new PutRecordsCommand({ StreamName: 'out', Records: [{ PartitionKey: 'k', Data: Buffer.from('a') }] }),
    );
    expect(requests.map(({ body }) => Buffer.from(body).toString())).toEqual(
      Array(2).fill('{"Records":[{"Data":"YQ==","PartitionKey":"k"}],"StreamName":"out"}'),
    );
  });
});
