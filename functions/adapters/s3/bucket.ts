/**
 * A bucket of S3 as a place for large values: PutObject with If-None-Match, GetObject with a range, DeleteObjects, ListObjectsV2.
 *
 * LARGE-1 What is there or not is only what S3 says in so many words. An answer that lacks what the API always gives is asked for again: a
 *    read without a body or with fewer bytes than it says, a deletion that does not name an object, a listing without times.
 * LARGE-2 A request that may go well later is tried again with full jitter for a few seconds, and is a failure that passes then.
 */
import { DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { inParallel } from '../../concurrency/in-parallel.ts';
import type { Bucket, ByteRange, ListedObject } from '../../ports/bucket.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { ClientSettings } from '../aws-client.ts';
import { fromAws, isNamed } from '../aws-errors.ts';
import { given, IncompleteAnswer } from '../incomplete-answer.ts';
import { rememberServerDate, serverDateOf } from '../server-date.ts';
import { createS3Client, putOnce } from './objects.ts';
import { untilAnswered } from './until-answered.ts';

/** Well under the timeouts of the functions, with the SDK's repeats. */
const requestTimeoutMs = 3_000;
/** After that it is another try of the step. */
const patienceMs = 5_000;
/** What one request of DeleteObjects takes. */
const mostDeleted = 1_000;
const deletionsAtOnce = 4;
/** The header has whole seconds and may be stamped before the page is made. */
const dateMarginMs = 1_000;
const contentType = 'application/octet-stream';

export function createBucketClient(settings: ClientSettings): S3Client {
  const client = createS3Client({ ...settings, requestTimeoutMs: settings.requestTimeoutMs ?? requestTimeoutMs });
  rememberServerDate(client);
  return client;
}

type Parts = { readonly client: S3Client; readonly clock: Clock; readonly random?: Random };
type Options = { readonly abortSignal?: AbortSignal };

/** `client`: of `createBucketClient`. */
export function createBucket(name: string, { client, clock, random = Math.random }: Parts): Bucket {
  const call = <Answer>(what: string, ask: (options: Options) => Promise<Answer>): Promise<Answer> => {
    const asking = { doing: `bucket ${name}: ${what}`, clock, random, deadline: clock.now() + patienceMs, passes };
    return untilAnswered(asking, ask);
  };
  return {
    name,
    putIfAbsent: (key, body) =>
      call(`put ${key}`, (options) => putOnce(client, name, { key, body, contentType }, options)),
    get: (key, range) => call(`get ${key}`, (options) => getOnce(client, { Bucket: name, Key: key }, range, options)),
    async delete(keys) {
      const requests = Array.from({ length: Math.ceil(keys.length / mostDeleted) }, (_, at) =>
        keys.slice(at * mostDeleted, (at + 1) * mostDeleted),
      );
      await inParallel(requests, deletionsAtOnce, (some) =>
        call(`delete ${some.length} objects from ${some[0]} on`, (options) => deleteOnce(client, name, some, options)),
      );
    },
    list: (from) => call(`list ${from.prefix}`, (options) => listOnce(client, name, from, options)),
  };
}

/** Of a step that is over nothing is asked again. */
const passes = (error: Error): boolean =>
  error.name !== 'AbortError' && fromAws(error, '', { NoSuchBucket: 'NotAllowed' }).name === 'TemporaryFailure';

async function getOnce(
  client: S3Client,
  at: { readonly Bucket: string; readonly Key: string },
  range: ByteRange | undefined,
  options: Options,
): Promise<Uint8Array | undefined> {
  const asked = range && { Range: `bytes=${range.from}-${range.from + range.length - 1}` };
  try {
    const answer = await client.send(new GetObjectCommand({ ...at, ...asked }), options);
    const bytes = await given(answer.Body, 'Body').transformToByteArray();
    if (answer.ContentLength !== undefined && bytes.length !== answer.ContentLength)
      throw new IncompleteAnswer(`${answer.ContentLength - bytes.length} bytes`);
    return bytes;
  } catch (error) {
    if (isNamed(error, 'NoSuchKey') || isNamed(error, 'NotFound')) return undefined;
    if (isNamed(error, 'InvalidRange')) return new Uint8Array();
    throw error;
  }
}

/** Throws if any is left. The next try has all of them again: deleting what is gone costs nothing. */
async function deleteOnce(client: S3Client, Bucket: string, keys: readonly string[], options: Options): Promise<void> {
  const answer = await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
    options,
  );
  const deleted = new Set(answer.Deleted?.map(({ Key }) => Key));
  const left = keys.filter((key) => !deleted.has(key));
  if (left.length === 0) return;
  const refused = answer.Errors?.find(({ Code }) => Code !== undefined);
  if (refused !== undefined) throw Object.assign(new Error(refused.Message ?? ''), { name: refused.Code! });
  throw new IncompleteAnswer(`what became of ${left.length} objects`);
}

async function listOnce(
  client: S3Client,
  Bucket: string,
  { prefix, after }: { readonly prefix: string; readonly after: string },
  options: Options,
) {
  const from = after === '' ? {} : { StartAfter: after };
  const answer = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, ...from }), options);
  const isLast = !given(answer.IsTruncated, 'IsTruncated');
  const { Contents = [] } = answer;
  if (!isLast && Contents.length === 0) throw new IncompleteAnswer('Contents');
  const objects = Contents.map(
    ({ Key, LastModified }): ListedObject => ({
      key: given(Key, 'Key'),
      modifiedAt: given(LastModified, 'LastModified').getTime(),
    }),
  );
  return { objects, isLast, now: given(serverDateOf(answer), 'Date') - dateMarginMs };
}
