/**
 * Which shard an event belongs to.
 *
 * Kinesis puts a record into the shard whose range holds its hash key: the explicit hash key if there is one, otherwise
 * the MD5 of the partition key read as an unsigned number of 128 bits, big-endian.
 *
 * HASH-1 A range includes both its ends, as in ListShards.
 * HASH-2 `shardFor` wants ranges that are in ascending order and do not overlap, such as the open shards of a stream. A gap
 *    is allowed: a hash key inside it has no shard.
 */
export type Md5 = {
  (bytes: Uint8Array): Uint8Array;
  /** Of several at once, where that is faster than one after the other. */
  readonly all?: (messages: readonly Uint8Array[]) => readonly Uint8Array[];
};

export type HashKeyRange = {
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
};

const encoder = new TextEncoder();

export function hashKeyOf(partitionKey: string, md5: Md5): bigint {
  const digest = md5(encoder.encode(partitionKey));
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

/** The hash key Kinesis goes by. An explicit one must be a decimal number, as the API demands; else this throws. */
export function effectiveHashKey(
  event: { readonly partitionKey: string; readonly explicitHashKey?: string | undefined },
  md5: Md5,
): bigint {
  return event.explicitHashKey === undefined ? hashKeyOf(event.partitionKey, md5) : BigInt(event.explicitHashKey);
}

export function isInRange(hashKey: bigint, range: HashKeyRange): boolean {
  return range.startingHashKey <= hashKey && hashKey <= range.endingHashKey;
}

export function shardFor<Range extends HashKeyRange>(hashKey: bigint, ranges: readonly Range[]): Range | undefined {
  let low = 0;
  let high = ranges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((ranges[middle] as Range).startingHashKey <= hashKey) low = middle;
    else high = middle - 1;
  }
  const range = ranges[low];
  return range !== undefined && isInRange(hashKey, range) ? range : undefined;
}
