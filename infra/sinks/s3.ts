/** The bucket of files: given, or the existing one that the pipeline file names. */
import { Stack, Token } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { CheckedS3Sink } from '../../functions/sinks/s3.ts';
import { keyStatement } from '../key-statement.ts';
import { noteOwner } from '../other-accounts.ts';
import { refusePlace, type StackSinkKind } from './stack-sink.ts';

export const s3InStack: StackSinkKind<CheckedS3Sink> = {
  place(scope, output, options, { place, role: askedRole, property }) {
    if (place !== undefined && !('bucketArn' in place)) refusePlace(property, output, place);
    const bucket = place as IBucket | undefined;
    const role = askedRole === false ? undefined : (askedRole ?? options.role?.arn);
    const { kind } = output.sink;
    const placed = {
      ...options,
      bucket: bucket?.bucketName ?? options.bucket,
      role: role === undefined ? undefined : { arn: role },
    };
    const { partition, region, account } = Stack.of(scope);
    const here = { partition, region, account };
    const grants = kind.grants(placed, here);
    const inStack = { stream: undefined, role, grants, listGrants: kind.files?.grants(placed, here) ?? [] };
    if (bucket === undefined) return { ...inStack, told: { arn: undefined }, statements: [], listStatements: [] };
    refuseOtherRegion(scope, { bucket, options, property });
    const told = { arn: bucket.bucketArn, at: kind.destination(placed) };
    if (role !== undefined) return { ...inStack, told, statements: [], listStatements: [] };
    noteOwner(scope, {
      ...{ arn: bucket.bucketArn, account: bucket.env.account, what: 'bucket', service: 's3' },
      ...{ actions: ['s3:PutObject'], resource: grants[0]!.resources[0] },
    });
    return { ...inStack, told, statements: keyOf(bucket, 'FilesKey'), listStatements: keyOf(bucket, 'FileListsKey') };
  },
};

function keyOf({ encryptionKey: key, env: { region } }: IBucket, sid: string): readonly PolicyStatement[] {
  return key === undefined ? [] : [keyStatement({ sid, key, service: 's3', actions: ['GenerateDataKey'], region })];
}

/** A request goes to one region, and a bucket of another one is not there. */
function refuseOtherRegion(
  scope: Construct,
  {
    bucket,
    options,
    property,
  }: { readonly bucket: IBucket; readonly options: CheckedS3Sink; readonly property: string },
): void {
  const writes = options.region ?? Stack.of(scope).region;
  const { region } = bucket.env;
  if (Token.isUnresolved(region) || Token.isUnresolved(writes) || region === writes) return;
  throw new Error(
    `${property} is a bucket in ${region}: the sink writes in ${writes}. Say region: '${region}' in the sink`,
  );
}
