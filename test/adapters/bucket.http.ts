/** Large values as objects of S3, over HTTP, against a server that refuses what S3 refuses. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBucket, createBucketClient } from '../../functions/adapters/s3/bucket.ts';
import { createDeletedObjects } from '../../functions/adapters/s3/deleted-objects.ts';
import { createObjectBlobs } from '../../functions/adapters/s3/object-blobs.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { type EmbeddedS3, startEmbeddedS3 } from '../support/embedded-s3.ts';
import { stubSettings } from '../support/service-stub.ts';
import { blobsContract } from './blobs-contract.ts';
import { bucketContract } from './bucket-contract.ts';
import { deletedObjectsContract } from './deleted-objects-contract.ts';
import { manualClock } from './fake-kinesis.ts';

let server: EmbeddedS3;
let client: ReturnType<typeof createBucketClient>;
beforeAll(async () => {
  server = await startEmbeddedS3('state');
  client = createBucketClient(stubSettings(server.endpointUrl));
});
afterAll(async () => {
  client.destroy();
  await server[Symbol.asyncDispose]();
});

const bucketOf = (clock = systemClock, name = 'state') => createBucket(name, { client, clock, random: () => 1 });

describe('a bucket', () => bucketContract(bucketOf));
describe('what was deleted from it', () =>
  deletedObjectsContract(() => ({
    bucket: bucketOf(),
    deleted: createDeletedObjects('state', { client, clock: systemClock }),
  })));
describe('blobs as objects', () => {
  const objects = () => createObjectBlobs(bucketOf());
  blobsContract(() => ({ ...objects(), mostInRoot: 0, mostOfPart: 0 }));

  it('lie under the batch that they belong to, whatever their kind', async () => {
    const pipeline = `p-${randomUUID()}`;
    const [batch, ref] = ['000000000012', '0000000000000007'];
    const put = (folder: string, name: string) =>
      objects().put({ folder: `${pipeline}${folder}`, name }, randomBytes(9), { v: 1 });
    await put('', `BATCH#${batch}#${ref}#n`);
    await put(`/blocks/${batch}/00003`, `${ref}#00001#n`);
    await put('/blocks/00001', `${batch}#${ref}#n`);
    await put('/state/00003', `${batch}#${ref}#n`);
    await put('/segments/00003', `${batch}#${ref}#n`);
    const keys = [...server.objects('state').keys()].filter((key) => key.startsWith(`${pipeline}/`));
    expect(keys.map((key) => key.slice(pipeline.length + 1))).toEqual([
      `${batch}/BATCH/${ref}/n`,
      `${batch}/blocks/00001/${ref}/n`,
      `${batch}/blocks/00003/${ref}/00001/n`,
      `${batch}/segments/00003/${ref}/n`,
      `${batch}/state/00003/${ref}/n`,
    ]);
  });
});

/** A limit that the SDK has no tries of its own for: those take their time. */
const aborted = { status: 409, code: 'OperationAborted' };
const conflict = { status: 409, code: 'ConditionalRequestConflict' };

type Answers = EmbeddedS3['answers'];
const calls = {
  put: (bucket: ReturnType<typeof bucketOf>, key: string) => bucket.putIfAbsent(key, new Uint8Array([1, 2])),
  get: async (bucket: ReturnType<typeof bucketOf>, key: string) => [...((await bucket.get(key)) ?? [])],
  delete: (bucket: ReturnType<typeof bucketOf>, key: string) => bucket.delete([key]),
  list: async (bucket: ReturnType<typeof bucketOf>, key: string) =>
    (await bucket.list({ prefix: key, after: '' })).objects.length,
};

/** What a call comes to, of an object that is there but for a put, when the server gives `answers` first. */
async function answered(call: keyof typeof calls, answers: Answers, name = 'state') {
  const key = `p-${randomUUID()}/a`;
  if (call !== 'put') await bucketOf().putIfAbsent(key, new Uint8Array([1, 2]));
  const { clock, slept } = manualClock();
  const before = server.requests.length;
  server.answers.push(...answers);
  const result = await calls[call](bucketOf(clock, name), key).catch((error: Error) => error);
  server.answers.splice(0);
  return { result, slept, requests: server.requests.length - before, isThere: server.objects('state').has(key) };
}

const right = { put: undefined, get: [1, 2], delete: undefined, list: 1 };

describe.each(Object.keys(right) as (keyof typeof right)[])('a %s', (call) => {
  it('of which the answer is lost is asked again, and is known as done', async () => {
    const { result, isThere } = await answered(call, ['lost']);
    expect([result, isThere]).toEqual([right[call], call !== 'delete']);
  });

  it('that meets a limit waits with jitter, and goes on', async () => {
    const { result, slept } = await answered(call, [aborted, aborted, aborted]);
    expect([result, slept]).toEqual([right[call], [50, 100, 200]]);
  });

  it('that meets limits for long is a failure that passes', async () => {
    const { result, requests } = await answered(call, Array(100).fill(aborted));
    expect(result).toMatchObject({ name: 'TemporaryFailure', canRetry: true });
    expect(requests).toBe(7);
  });

  it.each([
    ['AccessDenied', 403],
    ['NoSuchBucket', 404],
  ])('that is answered with %s is for people: no try helps', async (code, status) => {
    const { result, requests } = await answered(call, [{ status, code }]);
    expect(result).toMatchObject({ name: 'NotAllowed', canRetry: false });
    expect(String(result)).toContain('bucket state');
    expect(requests).toBe(1);
  });
});

it('a put that meets another of the same name is tried again, until one of them is there', async () => {
  const { result, slept, isThere } = await answered('put', [conflict, conflict]);
  expect([result, slept, isThere]).toEqual([undefined, [50, 100], true]);
});

it.each(['delete', 'list'] as const)(
  'an answer to a %s that lacks what it should say is asked for again',
  async (call) => {
    const { result, requests, isThere } = await answered(call, ['hollow', 'hollow']);
    expect([result, requests, isThere]).toEqual([right[call], 3, call !== 'delete']);
  },
);

it('an object that is named and not there is missing after one more look; one that comes late is found (S11)', async () => {
  const blobs = createObjectBlobs(bucketOf());
  const blob = { folder: `p-${randomUUID()}/state/00001`, name: '000000000001#1#n' };
  const stored = { ...blob, ...(await blobs.put(blob, new Uint8Array([5]), { v: 1 })) };
  server.answers.push({ status: 404, code: 'NoSuchKey' });
  expect([...(await blobs.get(stored))]).toEqual([5]);
  const before = server.requests.length;
  const gone = await blobs.get({ ...stored, name: '000000000001#1#other' }).catch((error: Error) => error);
  expect(gone).toMatchObject({ name: 'MissingItem', canRetry: false });
  expect(String(gone)).toContain('in the bucket state as p-');
  expect(server.requests.length - before).toBe(2);
});
