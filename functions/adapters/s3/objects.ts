/**
 * PutObject, until the object is there or time is over.
 *
 * OBJECT-1 A name that is taken (412) is an acknowledgement: what is there was written by a try before, and is the same.
 */
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Clock, Random } from '../../ports/clock.ts';
import type { NewObject, Objects } from '../../ports/objects.ts';
import { type ClientSettings, clientConfig, createRequestHandler } from '../aws-client.ts';
import { isNamed } from '../aws-errors.ts';
import { type Used, useRole } from '../credentials/use-role.ts';
import type { givenUpAfter } from '../given-up-after.ts';
import { untilAnswered } from './until-answered.ts';

/** A file of some 10 MB takes its time. */
const requestTimeoutMs = 8_000;

export function createS3Client(settings: ClientSettings): S3Client {
  const client = new S3Client({
    requestHandler: createRequestHandler(settings.requestTimeoutMs ?? requestTimeoutMs),
    maxAttempts: 3,
    // A server that is not S3 has no names of hosts for its buckets.
    forcePathStyle: settings.endpointUrl !== undefined,
    ...clientConfig(settings),
  });
  if (settings.role !== undefined) useRole(client, settings.role, ofS3);
  return client;
}

const ofS3: Used = {
  service: 's3',
  thingIn: (input) => `bucket ${(input as { readonly Bucket?: string }).Bucket ?? ''}`,
};

type Parts = { readonly client: S3Client; readonly clock: Clock; readonly random?: Random };

export function createObjects(bucket: string, { client, clock, random = Math.random }: Parts): Objects {
  return {
    async putIfAbsent(object, deadline) {
      const doing = `bucket ${bucket}: put ${object.key}`;
      await untilAnswered({ doing, clock, random, deadline }, (options) => putOnce(client, bucket, object, options));
    },
  };
}

export async function putOnce(
  client: S3Client,
  Bucket: string,
  { key, body, contentType }: NewObject,
  options: ReturnType<typeof givenUpAfter>,
): Promise<void> {
  const put = { Bucket, Key: key, Body: body, ContentType: contentType, IfNoneMatch: '*' };
  try {
    await client.send(new PutObjectCommand(put), options);
  } catch (error) {
    if (!isNamed(error, 'PreconditionFailed')) throw error;
  }
}
