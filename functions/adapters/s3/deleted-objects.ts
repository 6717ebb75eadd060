/**
 * Objects of a bucket with versions that were deleted, and can be brought back for as long as noncurrent versions are kept.
 *
 * DELETED-1 An object is written once, so any version of it is the one that it had. It is copied over the mark of its deletion: the version stays.
 */
import { CopyObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '../../ports/clock.ts';
import type { DeletedObjects } from '../../ports/deleted-objects.ts';
import { untilAnswered } from './until-answered.ts';

const patienceMs = 10_000;

export function createDeletedObjects(
  Bucket: string,
  { client, clock }: { readonly client: S3Client; readonly clock: Clock },
): DeletedObjects {
  const call = <Answer>(doing: string, ask: Parameters<typeof untilAnswered<Answer>>[1]): Promise<Answer> =>
    untilAnswered(
      { doing: `bucket ${Bucket}: ${doing}`, clock, random: Math.random, deadline: clock.now() + patienceMs },
      ask,
    );
  return {
    async bringBack(key) {
      // Versions of one name stand together, and before those of names that are longer.
      const { Versions = [] } = await call(`versions of ${key}`, (options) =>
        client.send(new ListObjectVersionsCommand({ Bucket, Prefix: key }), options),
      );
      const version = Versions.find(({ Key, VersionId }) => Key === key && VersionId !== undefined)?.VersionId;
      if (version === undefined) return 'gone';
      const path = [Bucket, ...key.split('/')].map(encodeURIComponent).join('/');
      const CopySource = `${path}?versionId=${encodeURIComponent(version)}`;
      await call(`bring back ${key}`, (options) =>
        client.send(new CopyObjectCommand({ Bucket, Key: key, CopySource }), options),
      );
      return 'brought-back';
    },
  };
}
