/** Objects put once, over HTTP (OBJECT-1, OBJECT-2): against a server that refuses what S3 refuses. */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { createObjects, createS3Client } from '../../functions/adapters/s3/objects.ts';
import { type EmbeddedS3, startEmbeddedS3 } from '../support/embedded-s3.ts';
import { stubSettings } from '../support/service-stub.ts';
import { manualClock } from './fake-kinesis.ts';

const text = (value: string) => new TextEncoder().encode(value);
const slowDown = { status: 503, code: 'SlowDown' };
const conflict = { status: 409, code: 'ConditionalRequestConflict' };

async function putting(
  keys: readonly string[],
  {
    answers = [],
    deadline = 10_000,
    bucket = 'flights',
  }: { answers?: EmbeddedS3['answers']; deadline?: number; bucket?: string } = {},
) {
  await using server = await startEmbeddedS3('flights');
  server.answers.push(...answers);
  const client = createS3Client(stubSettings(server.endpointUrl));
  const { clock, slept } = manualClock();
  const objects = createObjects(bucket, { client, clock, random: () => 1 });
  let error: Error | undefined;
  try {
    for (const [at, key] of keys.entries())
      await objects.putIfAbsent({ key, body: text(`${at}`), contentType: 'text/plain' }, deadline);
  } catch (thrown) {
    error = thrown as Error;
  }
  client.destroy();
  const held = [...server.objects('flights')].map(([key, body]) => [key, body.toString()]);
  return { error, slept, held, requests: server.requests };
}

it('a name is put once, and whoever comes later finds it there', async () => {
  const { error, held } = await putting(['a/dt=2026-11-28/b%2F ü.gz', 'c', 'a/dt=2026-11-28/b%2F ü.gz']);
  expect(error).toBeUndefined();
  expect(held).toEqual([
    ['a/dt=2026-11-28/b%2F ü.gz', '0'],
    ['c', '1'],
  ]);
});

it('an answer that was lost is a name that is taken', async () => {
  const { error, held, requests } = await putting(['a'], { answers: ['lost'] });
  expect(error).toBeUndefined();
  expect(held).toEqual([['a', '0']]);
  expect(requests.length).toBeGreaterThan(1);
});

it('a conflict, and a limit of requests, are tried again after pauses', async () => {
  const { error, held, slept } = await putting(['a'], { answers: [conflict, slowDown, slowDown, slowDown, conflict] });
  expect(error).toBeUndefined();
  expect(held).toEqual([['a', '0']]);
  // Of SlowDown the SDK has two tries of its own.
  expect(slept).toEqual([50, 100, 200]);
});

it('until the deadline, which is told with why', async () => {
  const { error, held, slept } = await putting(['a'], { answers: Array(20).fill(conflict), deadline: 400 });
  expect(error).toMatchObject({
    name: 'TemporaryFailure',
    message: 'bucket flights: put a: was not acknowledged in time (ConditionalRequestConflict)',
  });
  expect(held).toEqual([]);
  expect(slept).toEqual([50, 100, 200]);
});

it.each([
  ['AccessDenied', 403],
  ['NoSuchBucket', 404],
])('%s is for people: no try helps', async (code, status) => {
  const { error, requests } = await putting(['a'], { answers: [{ status, code }] });
  expect(error).toMatchObject({ name: 'NotAllowed', canRetry: false });
  expect(requests).toHaveLength(1);
});

it('the server is as S3 where tests rely on it: pages of a listing, ranges, and bodies that were damaged', async () => {
  await using server = await startEmbeddedS3('flights');
  const client = createS3Client(stubSettings(server.endpointUrl));
  const Bucket = 'flights';
  for (const Key of ['b&', 'a', 'c']) await client.send(new PutObjectCommand({ Bucket, Key, Body: text(`<${Key}>`) }));
  const pages: (string | undefined)[][] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize: 2 }, { Bucket }))
    pages.push(Contents.map(({ Key }) => Key));
  expect(pages).toEqual([['a', 'b&'], ['c']]);
  const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'b' }));
  expect(KeyCount).toBe(1);
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=1-1' }));
  expect(await Body?.transformToString()).toBe('a');
  const damaged = { Bucket, Key: 'd', Body: text('d'), ChecksumCRC32: 'AAAAAA==' };
  await expect(client.send(new PutObjectCommand(damaged))).rejects.toMatchObject({ name: 'BadDigest' });
  const long = { Bucket, Key: 'é'.repeat(600), Body: text('d') };
  await expect(client.send(new PutObjectCommand(long))).rejects.toMatchObject({ name: 'KeyTooLongError' });
  client.destroy();
});
