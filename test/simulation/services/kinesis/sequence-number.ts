/**
 * They grow along a stream, so also from a shard to its children. Mostly they have 56 digits and tell the stream and the
 * shard they are of; text of one length compares as the numbers do. AWS promises up to 128 digits and no length: short ones
 * begin with few and get more.
 */
export type NumberStyle = 'short' | 'long';

const prefix = '49';
const streamDigits = 6;
const countDigits = 36;
const longCountDigits = 108;
const shardDigits = 12;
const shortShardDigits = 3;

export const firstCount = 1n;

const part = (value: number | bigint, digits: number): string => String(value).padStart(digits, '0');

export function sequenceNumberOf(stream: number, shard: number, count: bigint, style?: NumberStyle): string {
  if (style === 'short') return String(count) + part(shard, shortShardDigits);
  const digits = style === 'long' ? longCountDigits : countDigits;
  return prefix + part(stream, streamDigits) + part(count, digits) + part(shard, shardDigits);
}

/** The part that grows. */
export const countOf = (sequenceNumber: string, style?: NumberStyle): bigint =>
  BigInt(
    style === 'short'
      ? sequenceNumber.slice(0, -shortShardDigits)
      : sequenceNumber.slice(prefix.length + streamDigits, -shardDigits),
  );

const forms = { usual: /^49\d{54}$/, short: /^[1-9]\d{3,20}$/, long: /^49\d{126}$/ };

/** What a number says of itself; undefined if it is none of Kinesis. A short one tells no stream. */
export function sequenceNumberParts(
  text: string,
  style?: NumberStyle,
): { readonly stream: number | undefined; readonly shard: number } | undefined {
  if (!forms[style ?? 'usual'].test(text)) return undefined;
  if (style === 'short') return { stream: undefined, shard: Number(text.slice(-shortShardDigits)) };
  return {
    stream: Number(text.slice(prefix.length, prefix.length + streamDigits)),
    shard: Number(text.slice(-shardDigits)),
  };
}
