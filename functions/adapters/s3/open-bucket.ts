/** The bucket of a pipeline's large values: a client for all steps of a process, and requests that end with their step. */
import { SluiceError } from '../../core/errors.ts';
import type { Bucket } from '../../ports/bucket.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClientSettings } from '../aws-client.ts';
import type { StepLife } from '../step-life.ts';
import { createBucket, createBucketClient } from './bucket.ts';

export type BucketOfStep = (clock: Clock, life: StepLife | undefined) => Bucket;

export const openBucket: (name: string, settings: ClientSettings) => BucketOfStep =
  globalThis.SLUICE_STATE_BUCKET !== false ? openInS3 : refuse;

function openInS3(name: string, settings: ClientSettings): BucketOfStep {
  const client = createBucketClient(settings);
  return (clock, life) => createBucket(name, { client: life?.clientOf(client, 'S3') ?? client, clock });
}

/** Bundles without a bucket have no client. */
function refuse(name: string): never {
  throw new SluiceError(
    'InvalidInput',
    `SLUICE_STATE_BUCKET is ${name}, and the function was bundled for a pipeline without a bucket: deploy it with \`stateBucket\``,
  );
}
