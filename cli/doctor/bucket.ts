/** The bucket of large values: whether what is deleted can be brought back, and whether strangers can read it. */
import {
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type PublicAccessBlockConfiguration,
} from '@aws-sdk/client-s3';
import { asked, type Check, type Checked, ok } from './check.ts';

export const bucket: Check = {
  name: 'bucket',
  looks: 'with `--state-bucket`, whether it keeps versions and is closed to the public',
  permissions: ['s3:GetBucketVersioning', 's3:GetBucketPublicAccessBlock'],
  async run({ bucket: given }) {
    if (given === undefined) return [];
    const { name, client } = given;
    const missing: Checked = {
      ...{ status: 'failed', subject: name, says: 'there is no such bucket' },
      mend: 'Correct --state-bucket; if it was deleted, nothing of the state can be read.',
    };
    const [versions, access] = await Promise.all([
      asked(name, 's3:GetBucketVersioning', () => client.send(new GetBucketVersioningCommand({ Bucket: name })), {
        NoSuchBucket: missing,
      }),
      asked(
        name,
        's3:GetBucketPublicAccessBlock',
        () => client.send(new GetPublicAccessBlockCommand({ Bucket: name })),
        {
          NoSuchPublicAccessBlockConfiguration: ofAccess(name, undefined),
          NoSuchBucket: missing,
        },
      ),
    ]);
    return [
      'checked' in versions ? versions.checked : ofVersioning(name, versions.answer.Status),
      'checked' in access ? access.checked : ofAccess(name, access.answer.PublicAccessBlockConfiguration),
    ];
  },
};

export const ofVersioning = (subject: string, status: string | undefined): Checked =>
  status === 'Enabled'
    ? ok(subject, 'it keeps versions: after a restore of the table --restore brings back what was deleted')
    : {
        ...{
          status: 'warning',
          subject,
          says: 'it keeps no versions: a restored table names objects that are gone for good',
        },
        mend: `aws s3api put-bucket-versioning --bucket ${subject} --versioning-configuration Status=Enabled`,
      };

export function ofAccess(subject: string, given: PublicAccessBlockConfiguration | undefined): Checked {
  const { BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets } = given ?? {};
  if (BlockPublicAcls && BlockPublicPolicy && IgnorePublicAcls && RestrictPublicBuckets)
    return ok(subject, 'closed to the public');
  return {
    ...{ status: 'warning', subject, says: 'public access is not blocked as a whole: it holds keys and aggregates' },
    mend: `aws s3api put-public-access-block --bucket ${subject} --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`,
  };
}
