/** The bucket that pipelines keep their large values in. One bucket can serve many pipelines. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledgements.ts';

/** The bucket's name, key and fate: the third argument of `new SluiceBucket`. */
export interface SluiceBucketProps {
  /** The name of the bucket. @default one made by CloudFormation */
  readonly bucketName?: string;
  /** A key of your own. @default keys that S3 manages */
  readonly encryptionKey?: IKey;
  /**
   * What happens to the bucket, so to the state in it, when the stack goes. With `DESTROY` it is emptied first, by a function that the CDK adds
   * for that. @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** As long as a table can be restored to a point in time: what it named then is found. */
const restorableDays = 35;
const abortedAfterDays = 7;

/**
 * A bucket for large blocks, states and outputs of pipelines, which several may share: encrypted, without public access, by TLS only, versioned, so
 * that a table that is restored to a point in time finds what it names. What was deleted is gone for good after 35 days; nothing else expires.
 * A pipeline that is given none makes one of its own.
 *
 * @example
 * ```ts
 * import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
 * import { SluiceBucket, SluicePipeline } from 'kinesis-sluice/cdk';
 *
 * const stack = new Stack(new App(), 'Flights');
 * const stateBucket = new SluiceBucket(stack, 'State', { removalPolicy: RemovalPolicy.RETAIN });
 *
 * new SluicePipeline(stack, 'Departures', { pipeline: 'examples/departures.ts', stateBucket });
 * ```
 */
export class SluiceBucket extends Bucket {
  constructor(scope: Construct, id: string, props: SluiceBucketProps = {}) {
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.DESTROY;
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(abortedAfterDays),
          noncurrentVersionExpiration: Duration.days(restorableDays),
          expiredObjectDeleteMarker: true,
        },
      ],
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
      ...(props.bucketName === undefined ? {} : { bucketName: props.bucketName }),
      ...(props.encryptionKey === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey: props.encryptionKey, bucketKeyEnabled: true }),
    });
    acknowledge(this, ['AwsSolutions-S1']);
  }
}
