/** Buckets of local runs: what holds of S3 holds of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createObjectBlobs } from '../../../functions/adapters/s3/object-blobs.ts';
import { createFolderBucket } from '../../../local/services/folder-bucket.ts';
import { createMemoryBucket } from '../../../local/services/memory-bucket.ts';
import { blobsContract } from '../../adapters/blobs-contract.ts';
import { bucketContract } from '../../adapters/bucket-contract.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-bucket-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const memory = createMemoryBucket();
const buckets = { memory: () => memory, 'a folder': () => createFolderBucket(folder) };

describe.each(Object.entries(buckets))('a bucket in %s', (_, open) => {
  describe('is a bucket', () => bucketContract(open));
  describe('has blobs', () => blobsContract(() => ({ ...createObjectBlobs(open()), mostInRoot: 0, mostOfPart: 0 })));
});

it('a folder has its objects for who comes later, under any names', async () => {
  const keys = ['a/..', 'a/.', 'b/x:y*?"<>|\\ü#%2F', 'b/x.part'];
  for (const key of keys) await createFolderBucket(folder).putIfAbsent(`odd/${key}`, new TextEncoder().encode(key));
  const later = createFolderBucket(folder);
  for (const key of keys) expect(String(await later.get(`odd/${key}`))).toBe(key);
  expect((await later.list({ prefix: 'odd/', after: '' })).objects.map(({ key }) => key.slice(4))).toEqual(keys.sort());
});
