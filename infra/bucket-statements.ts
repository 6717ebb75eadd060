/** What each function may do with the bucket of large values: on the objects of its pipeline, which are below its name. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { keyStatement } from './key-statement.ts';
import type { StepKey } from './steps.ts';

const objectActions: { readonly [Key in StepKey]: readonly string[] } = {
  planBatch: ['GetObject'],
  processShards: ['GetObject', 'PutObject'],
  sealBatch: ['GetObject', 'PutObject'],
  reduceKeyGroup: ['GetObject', 'PutObject'],
  // What was purged goes.
  commitBatch: ['GetObject', 'PutObject', 'DeleteObject'],
};

export function bucketStatements(step: StepKey, pipelineName: string, bucket: IBucket | undefined): PolicyStatement[] {
  if (bucket === undefined) return [];
  const statements = [
    new PolicyStatement({
      sid: 'OwnObjects',
      actions: objectActions[step].map((action) => `s3:${action}`),
      resources: [bucket.arnForObjects(`${pipelineName}/*`)],
    }),
    // Who may not list is told that a missing object is forbidden, not that it is missing. A read has no prefix that a condition could see.
    new PolicyStatement({
      sid: 'OwnNames',
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLikeIfExists: { 's3:prefix': [`${pipelineName}/*`] } },
    }),
  ];
  if (bucket.encryptionKey === undefined) return statements;
  const actions = objectActions[step].includes('PutObject') ? ['Decrypt', 'GenerateDataKey'] : ['Decrypt'];
  const { encryptionKey: key, env } = bucket;
  return [...statements, keyStatement({ sid: 'BucketKey', key, service: 's3', actions, region: env.region })];
}
