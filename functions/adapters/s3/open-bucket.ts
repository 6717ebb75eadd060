/**
 * The bucket of a pipeline's large values: a client for all steps of a process, and requests that end with their step.
 *
 * LAZY-1 The client is loaded with the first request: it is a quarter of the code of a function, most batches of a small pipeline have no large
 *    value, and a start that does not load it takes a fifth less of a processor (`npm run bench:cold-start`).
 */
import { SluiceError } from '../../core/errors.ts';
import type { Bucket } from '../../ports/bucket.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClientSettings } from '../aws-client.ts';
import type { StepLife } from '../step-life.ts';

export type BucketOfStep = (clock: Clock, life: StepLife | undefined) => Bucket;

export const openBucket: (name: string, settings: ClientSettings) => BucketOfStep =
  globalThis.SLUICE_STATE_BUCKET !== false ? openInS3 : refuse;

function openInS3(name: string, settings: ClientSettings): BucketOfStep {
  const load = async () => {
    const { createBucket, createBucketClient } = await import('./bucket.ts');
    return { createBucket, client: createBucketClient(settings) };
  };
  let loading: ReturnType<typeof load> | undefined;
  return (clock, life) => {
    const open = async (): Promise<Bucket> => {
      loading ??= load();
      const { createBucket, client } = await loading;
      return createBucket(name, { client: life?.clientOf(client, 'S3') ?? client, clock });
    };
    return {
      name,
      putIfAbsent: async (...given) => (await open()).putIfAbsent(...given),
      get: async (...given) => (await open()).get(...given),
      delete: async (...given) => (await open()).delete(...given),
      list: async (...given) => (await open()).list(...given),
    };
  };
}

/** Bundles without a bucket have no client. */
function refuse(name: string): never {
  throw new SluiceError(
    'InvalidInput',
    `SLUICE_STATE_BUCKET is ${name}, and the function was bundled for a pipeline without a bucket: deploy it with \`stateBucket\``,
  );
}
