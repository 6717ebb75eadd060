/**
 * PutObject, until the object is there or time is over.
 *
 * OBJECT-1 A name that is taken (412) is an acknowledgement: what is there was written by a try before, and is the same.
 * OBJECT-2 Another write of the same name that is under way (409), and a limit of requests (503), are no failures: it is tried again,
 *    with full jitter.
 */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SluiceError } from '../../core/errors.ts';
import type { Clock, Random } from '../../ports/clock.ts';
import type { NewObject, Objects } from '../../ports/objects.ts';
import { type ClientSettings, clientConfig, createRequestHandler } from '../aws-client.ts';
import { fromAws } from '../aws-errors.ts';
import { fullJitter } from '../full-jitter.ts';
import { givenUpAfter, overtimeOfSinkMs } from '../given-up-after.ts';

const pauses = { firstPauseMs: 50, longestPauseMs: 2_000 };
/** A file of some 10 MB takes its time. */
const requestTimeoutMs = 8_000;

export const createS3Client = (settings: ClientSettings): S3Client =>
  new S3Client({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? requestTimeoutMs),
    maxAttempts: 3,
    // A server that is not S3 has no names of hosts for its buckets.
    forcePathStyle: settings.endpointUrl !== undefined,
    ...clientConfig(settings),
  });

type Parts = { readonly client: S3Client; readonly clock: Clock; readonly random?: Random };

export function createObjects(bucket: string, { client, clock, random = Math.random }: Parts): Objects {
  return {
    async putIfAbsent(object, deadline) {
      const doing = `bucket ${bucket}: put ${object.key}`;
      for (let attempt = 0; ; attempt++) {
        const why = await tryPut(client, bucket, object, givenUpAfter(deadline, clock, overtimeOfSinkMs));
        if (why === undefined) return;
        if (!passes.has(why.name)) throw fromAws(why, doing, fatal);
        const pause = fullJitter(random, attempt, pauses);
        if (clock.now() + pause >= deadline)
          throw new SluiceError('TemporaryFailure', `${doing}: was not acknowledged in time (${why.name})`);
        await clock.sleep(pause);
      }
    },
  };
}

const passes = new Set(['ConditionalRequestConflict', 'OperationAborted', 'SlowDown', 'ServiceUnavailable']);
const fatal = { NoSuchBucket: 'NotAllowed', PermanentRedirect: 'NotAllowed', AllAccessDisabled: 'NotAllowed' } as const;

/** Undefined: it is there. */
async function tryPut(
  client: S3Client,
  Bucket: string,
  { key, body, contentType }: NewObject,
  options: ReturnType<typeof givenUpAfter>,
): Promise<Error | undefined> {
  const put = { Bucket, Key: key, Body: body, ContentType: contentType, IfNoneMatch: '*' };
  try {
    await client.send(new PutObjectCommand(put), options);
  } catch (error) {
    return (error as Error).name === 'PreconditionFailed' ? undefined : (error as Error);
  }
  return undefined;
}
