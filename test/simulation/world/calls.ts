/** What a request to a service is to the step that makes it: the words in which faults, traces and the matrix speak. */

import type { PutObject } from '../services/s3/simulated-s3.ts';
import { isList } from './files.ts';
import { viewTable } from './view.ts';

/** `lambda` has the steps, `function` is what a sink calls. */
export type ServiceName = 'kinesis' | 'dynamodb' | 'lambda' | 'firehose' | 'function' | 's3';

export type Request = {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: unknown;
  /** Only a part of a batch of writes is taken. */
  readonly isPart?: boolean;
};

/** What a sink writes to that is no stream. */
export const isDelivery = (service: ServiceName): service is 'firehose' | 'function' =>
  service === 'firehose' || service === 'function';

type Attribute = { readonly S?: string };
type DynamodbInput = {
  readonly TableName?: string;
  readonly Key?: Readonly<Record<string, Attribute>>;
  readonly Item?: Readonly<Record<string, Attribute>>;
  readonly ExpressionAttributeValues?: Readonly<Record<string, Attribute>>;
  readonly ProjectionExpression?: string;
  readonly RequestItems?: Readonly<Record<string, readonly { readonly PutRequest?: unknown }[]>>;
};

export function nameOfCall({ service, operation, input }: Request): string {
  if (service === 'kinesis') return kinesisNames[operation] ?? operation.toLowerCase();
  if (service === 'lambda') return 'invoke';
  if (isDelivery(service)) return 'send';
  if (service === 's3') return nameOfS3(operation, input as PutObject);
  const { Key, Item, ...rest } = input as DynamodbInput;
  switch (operation) {
    case 'GetItem':
      return `load-${nameOfItem(Key)}`;
    case 'PutItem':
      return rest.TableName === viewTable ? 'put-view' : `put-${nameOfItem(Item)}`;
    case 'UpdateItem':
      return nameOfUpdate(rest);
    case 'Query':
      return nameOfQuery(rest);
    case 'BatchWriteItem':
      return isDeletion(rest) ? 'delete-purged' : 'put-dead-letters';
    default:
      return operation.toLowerCase();
  }
}

function nameOfS3(operation: string, { Bucket, Key = '' }: PutObject): string {
  if (Bucket === stateBucketName) return bucketNames[operation] ?? operation;
  return isList(Key) ? 'put-list' : 'put-file';
}

/** Of the bucket of large values. */
export const stateBucketName = 'state';
const bucketNames: Readonly<Record<string, string>> = {
  PutObject: 'put-object',
  GetObject: 'get-object',
  DeleteObjects: 'delete-objects',
  ListObjectsV2: 'list-objects',
};

/** No request of its own: an event of a subscription, on its way into a function. */
export const eventOperation = 'SubscribeToShardEvent';

const kinesisNames: Readonly<Record<string, string>> = {
  DescribeStreamSummary: 'describe',
  ListShards: 'list-shards',
  GetShardIterator: 'open',
  GetRecords: 'read',
  PutRecords: 'send',
  RegisterStreamConsumer: 'register',
  DescribeStreamConsumer: 'describe-consumer',
  DeregisterStreamConsumer: 'deregister',
  ListStreamConsumers: 'list-consumers',
  ListTagsForResource: 'list-tags',
  TagResource: 'tag',
  SubscribeToShard: 'subscribe',
  [eventOperation]: 'event',
};

/** The calls that change something outside. */
const writes = new Set([
  ...['create', 'claim', 'seal', 'restore', 'renew', 'suspect', 'commit', 'release', 'note-purge', 'control', 'detach'],
  ...[
    'put-plan',
    'put-task',
    'put-note',
    'put-partials',
    'put-block',
    'put-body',
    'put-segment',
    'put-state',
    'put-sent',
    'put-sweep',
    'put-savepoint',
    'put-buried',
    'put-sent-note',
    'put-trial',
    'put-rows',
    'put-memory',
    'put-memory-note',
    'put-shard-part',
    'put-shard-note',
    'put-letter-list',
    'put-listed-batch',
    'put-redrive-request',
    'redrive',
    'put-view',
    'put-file',
    'put-list',
    'put-names',
    'put-progress',
    'put-object',
    'delete-objects',
  ],
  ...['put-kept', 'put-chunk', 'put-dead-letters', 'delete-purged', 'send'],
  ...['register', 'deregister', 'tag'],
]);
export const isWrite = (call: string): boolean => writes.has(call);

export function nameOfItem(key: Readonly<Record<string, Attribute>> | undefined): string {
  const pk = key?.pk?.S ?? '';
  const sk = key?.sk?.S ?? '';
  if (sk === 'HEAD') return 'head';
  if (/^PLAN#\d+$/.test(sk)) return 'plan';
  if (/^PLAN#\d+#\d+$/.test(sk)) return 'task';
  if (/^PLAN#\d+#\d+#note$/.test(sk)) return 'note';
  if (/^BATCH#\d+(#\d+)?$/.test(sk)) return 'body';
  if (/^BATCH#\d+#\d+#partials#/.test(sk)) return 'kept';
  if (sk.startsWith('PROGRESS#')) return 'progress';
  if (sk === 'SWEEP') return 'sweep';
  if (sk.startsWith('TROUBLE#')) return 'trouble';
  if (sk.startsWith('SAVEPOINT#')) return 'savepoint';
  const [, kind, more] = /^[^/]+\/(blocks|state|segments|dead-letters)\/[^/]+(\/.*)?$/.exec(pk) ?? [];
  if (kind === 'blocks' && sk.startsWith('files#')) return /^files#\d+#[A-Za-z0-9-]+$/.test(sk) ? 'names' : 'chunk';
  if (kind === 'blocks' && sk.startsWith('rows#')) return /^rows#\d+#\d+$/.test(sk) ? 'rows' : 'chunk';
  if (kind === 'blocks' && more !== undefined) return 'partials';
  if (kind === 'blocks') return /^[\d]+(#\d+)*$/.test(sk) ? 'block' : 'chunk';
  if (kind === 'segments') return 'segment';
  if (kind === 'state' && sk.endsWith('#sent')) return 'sent';
  if (kind === 'state' && sk.endsWith('#buried')) return 'buried';
  if (kind === 'state' && sk.endsWith('#trial')) return 'trial';
  if (kind === 'state') return /^\d+(#\d+)?$/.test(sk) ? 'state' : 'chunk';
  if (/^[^/]+\/sent$/.test(pk)) return 'sent-note';
  if (/^[^/]+\/letters$/.test(pk)) return /^\d+#\d+$/.test(sk) ? 'listed-batch' : 'letter-list';
  if (/^[^/]+\/redrives\//.test(pk)) return 'redrive-request';
  if (/^[^/]+\/shards\/parts$/.test(pk)) return 'shard-part';
  if (/^[^/]+\/shards$/.test(pk)) return sk.includes('#') ? 'chunk' : 'shard-note';
  if (/^[^/]+\/memories$/.test(pk)) return 'memory-note';
  if (/^[^/]+\/memories\/\d+$/.test(pk)) return 'memory';
  if (kind === 'dead-letters') return 'dead-letter';
  return 'chunk';
}

function nameOfQuery({ ProjectionExpression, ExpressionAttributeValues = {} }: DynamodbInput): string {
  if (ProjectionExpression !== undefined) return 'query-purgeable';
  return ExpressionAttributeValues[':pk']?.S?.endsWith('/sent') === true ? 'query-sent-notes' : 'query-partials';
}

function nameOfUpdate({ ExpressionAttributeValues = {} }: DynamodbInput): string {
  const sets = (name: string): boolean => `:set_${name}` in ExpressionAttributeValues;
  if (sets('createdAt')) return 'create';
  if (sets('epoch')) return 'claim';
  if (sets('generation')) return 'restore';
  if (sets('committedBatch')) return 'commit';
  if (sets('sealedBatch')) return 'seal';
  if (sets('leaseUntil')) return ':lease' in ExpressionAttributeValues ? 'renew' : 'release';
  if (sets('purgedBelow')) return 'note-purge';
  if (sets('suspicions')) return 'suspect';
  if (sets('detached')) return 'detach';
  if (sets('redrive')) return 'redrive';
  return sets('control') ? 'control' : 'update';
}

function isDeletion({ RequestItems = {} }: DynamodbInput): boolean {
  return Object.values(RequestItems)[0]?.[0]?.PutRequest === undefined;
}
