/**
 * Answers without one of the members that the API always gives. What an API leaves out by right is none of them: the
 * children of an open shard, a token after the last page, an item that is not there.
 */

/** By operation; `*` stands for one of a list or of an item's attributes. */
const members: Readonly<Record<string, readonly string[]>> = {
  DescribeStreamSummary: [
    'StreamDescriptionSummary',
    'StreamDescriptionSummary.StreamARN',
    'StreamDescriptionSummary.StreamName',
    'StreamDescriptionSummary.StreamCreationTimestamp',
    'StreamDescriptionSummary.RetentionPeriodHours',
  ],
  ListShards: ['Shards', 'Shards.*.ShardId', 'Shards.*.HashKeyRange', 'Shards.*.SequenceNumberRange'],
  GetShardIterator: ['ShardIterator'],
  GetRecords: [
    'NextShardIterator',
    'NextShardIterator',
    'Records',
    'MillisBehindLatest',
    'ChildShards',
    'ChildShards.*.ShardId',
    'ChildShards.*.ParentShards',
    'ChildShards.*.HashKeyRange',
    'Records.*.SequenceNumber',
    'Records.*.Data',
    'Records.*.ApproximateArrivalTimestamp',
  ],
  SubscribeToShardEvent: [
    'ContinuationSequenceNumber',
    'ContinuationSequenceNumber',
    'Records',
    'MillisBehindLatest',
    'ChildShards',
    'ChildShards.*.ShardId',
    'Records.*.SequenceNumber',
    'Records.*.Data',
  ],
  PutRecords: ['Records', 'Records.*.SequenceNumber'],
  PutRecordBatch: ['FailedPutCount', 'RequestResponses', 'RequestResponses.*.RecordId'],
  DescribeStreamConsumer: [
    'ConsumerDescription',
    'ConsumerDescription.ConsumerARN',
    'ConsumerDescription.ConsumerStatus',
  ],
  RegisterStreamConsumer: ['Consumer', 'Consumer.ConsumerARN'],
  ListTagsForResource: ['Tags', 'Tags.*.Key', 'Tags.*.Value'],
  GetItem: ['Item.*'],
  UpdateItem: ['Attributes', 'Attributes.*'],
  Query: ['Items', 'Items.*.*'],
  BatchWriteItem: ['UnprocessedItems'],
  GetObject: ['Body'],
  DeleteObjects: ['Deleted', 'Deleted.*'],
  ListObjectsV2: ['IsTruncated', 'Contents.*.LastModified', 'Contents.*.Key'],
};

type Path = readonly (string | number)[];

/** Which of them is missing goes by `size`. Undefined: this answer has none of them. */
export function hollowed(operation: string, answer: object, size: number): object | undefined {
  const there = (members[operation] ?? []).flatMap((member) => placesIn(answer, member.split('.'), size));
  const path = there[size % Math.max(1, there.length)];
  return path === undefined ? undefined : (without(answer, path) as object);
}

function placesIn(value: unknown, member: readonly string[], size: number): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const [name = '', ...rest] = member;
  const keys = Object.keys(value);
  const key = name === '*' ? keys[size % Math.max(1, keys.length)] : name;
  if (key === undefined || (value as Record<string, unknown>)[key] === undefined) return [];
  if (rest.length === 0) return [[key]];
  return placesIn((value as Record<string, unknown>)[key], rest, size).map((path) => [key, ...path]);
}

function without(value: unknown, [key, ...rest]: Path): unknown {
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  const own = copy as Record<string, unknown>;
  if (rest.length === 0) delete own[key!];
  else own[key!] = without(own[key!], rest);
  return copy;
}
