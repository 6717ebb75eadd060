/**
 * 56 digits, always: they grow along a stream, so also from a shard to its children, and tell the stream and the shard
 * they are of. Text of one length compares as the numbers do.
 */
const prefix = '49';
const streamDigits = 6;
const countDigits = 36;
const shardDigits = 12;

export const firstCount = 1n;

export function sequenceNumberOf(stream: number, shard: number, count: bigint): string {
  const part = (value: number | bigint, digits: number) => String(value).padStart(digits, '0');
  return prefix + part(stream, streamDigits) + part(count, countDigits) + part(shard, shardDigits);
}

/** The part that grows. */
export const countOf = (sequenceNumber: string): bigint =>
  BigInt(sequenceNumber.slice(prefix.length + streamDigits, -shardDigits));

/** What a number says of itself; undefined if it is none of Kinesis. */
export function sequenceNumberParts(text: string): { readonly stream: number; readonly shard: number } | undefined {
  if (!/^49\d{54}$/.test(text)) return undefined;
  return {
    stream: Number(text.slice(prefix.length, prefix.length + streamDigits)),
    shard: Number(text.slice(-shardDigits)),
  };
}
