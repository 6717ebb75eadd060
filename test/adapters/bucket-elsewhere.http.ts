/**
 * Large values in another implementation of S3, whose address is in SLUICE_S3_UNDER_TEST: what holds of the embedded one holds there. With moto, for
 * example: `python -m moto.server -p 9000`, and `SLUICE_S3_UNDER_TEST=http://127.0.0.1:9000 npx vitest run test/adapters/bucket-elsewhere.http.ts`.
 */
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe } from 'vitest';
import { createBucket, createBucketClient } from '../../functions/adapters/s3/bucket.ts';
import { createDeletedObjects } from '../../functions/adapters/s3/deleted-objects.ts';
import { createObjectBlobs } from '../../functions/adapters/s3/object-blobs.ts';
import { systemClock } from '../../functions/steps/runtime.ts';
import { stubSettings } from '../support/service-stub.ts';
import { blobsContract } from './blobs-contract.ts';
import { bucketContract } from './bucket-contract.ts';
import { deletedObjectsContract } from './deleted-objects-contract.ts';

const address = process.env.SLUICE_S3_UNDER_TEST ?? '';
const name = `sluice-${Date.now()}`;

describe.skipIf(address === '')('another implementation of S3', () => {
  const client = createBucketClient(stubSettings(address || 'http://127.0.0.1:9'));
  const open = () => createBucket(name, { client, clock: systemClock });
  beforeAll(async () => {
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const;
    await client.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
  });
  afterAll(() => client.destroy());

  describe('is a bucket', () => bucketContract(open));
  describe('keeps versions', () =>
    deletedObjectsContract(() => ({
      bucket: open(),
      deleted: createDeletedObjects(name, { client, clock: systemClock }),
    })));
  describe('has blobs', () => blobsContract(() => ({ ...createObjectBlobs(open()), mostInRoot: 0, mostOfPart: 0 })));
});
