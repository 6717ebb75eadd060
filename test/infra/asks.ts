/** What a request to a service asks of IAM: its action, on what, and with which keys of the context. */
import type { Request } from '../simulation/world/calls.ts';
import type { Ask } from './iam.ts';

export type Places = {
  /** ARNs. */
  readonly table: string;
  readonly bucket: string;
  /** By the name that the request has; undefined where it has none, as one by a shard iterator. */
  readonly streamOf: (name: string | undefined) => string;
  /** Of partition keys and keys of objects: as they were recorded, as they are asked. */
  readonly keyOf: (recorded: string) => string;
};

/** What a call needs that has another name than its action. */
export const actions: Readonly<Record<string, string>> = {
  'function:Invoke': 'lambda:InvokeFunction',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
};

type Attributes = Readonly<Record<string, { readonly S?: string }>>;
type DynamodbInput = {
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly ExpressionAttributeValues?: Attributes;
  readonly RequestItems?: Readonly<Record<string, readonly WriteRequest[]>>;
};
type WriteRequest = {
  readonly PutRequest?: { readonly Item: Attributes };
  readonly DeleteRequest?: { readonly Key: Attributes };
};
type S3Input = {
  readonly Key?: string;
  readonly Prefix?: string;
  readonly Delete?: { readonly Objects: readonly { readonly Key: string }[] };
};

export function asksOf({ service, operation, input }: Request, places: Places): readonly Ask[] {
  const call = `${service}:${operation}`;
  const action = actions[call] ?? call;
  if (service === 'dynamodb') {
    const keys = leadingKeys(input as DynamodbInput).map(places.keyOf);
    return [{ action, resource: places.table, context: { 'dynamodb:LeadingKeys': keys } }];
  }
  if (service === 's3') return s3Asks(action, input as S3Input, places);
  const { StreamName, StreamARN } = input as { readonly StreamName?: string; readonly StreamARN?: string };
  return [{ action, resource: places.streamOf(StreamName ?? StreamARN?.split('/').at(-1)), context: {} }];
}

/** DynamoDB gives the partition key of each item that a request names. */
function leadingKeys({ Key, Item, ExpressionAttributeValues, RequestItems = {} }: DynamodbInput): readonly string[] {
  const written = Object.values(RequestItems)
    .flat()
    .map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key);
  const keys = [Key, Item, ...written].flatMap((attributes) => attributes?.pk?.S ?? []);
  const found = [
    ...keys,
    ...(ExpressionAttributeValues?.[':pk']?.S === undefined ? [] : [ExpressionAttributeValues[':pk'].S]),
  ];
  if (found.length === 0) throw new Error('a request without a partition key: IAM would see none either');
  return [...new Set(found)];
}

function s3Asks(action: string, { Key, Prefix, Delete }: S3Input, { bucket, keyOf }: Places): readonly Ask[] {
  if (action === 's3:ListBucket') {
    const context: Ask['context'] = Prefix === undefined ? {} : { 's3:prefix': [keyOf(Prefix)] };
    return [{ action, resource: bucket, context }];
  }
  const keys = Delete?.Objects.map((object) => object.Key) ?? [Key ?? ''];
  return keys.map((key) => ({ action, resource: `${bucket}/${keyOf(key)}`, context: {} }));
}
