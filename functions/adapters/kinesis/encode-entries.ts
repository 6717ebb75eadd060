/**
 * The entries of PutRecords as JSON, into one buffer: what the SDK's encoder would write of them, byte for byte.
 *
 *     {"Records":[{"Data":"eyJpZ…","ExplicitHashKey":"17","PartitionKey":"k"},…],"StreamName":"out"}
 *     └─ before ─┘└────────────────────────── entries ────────────────────────┘└───── after ───────┘
 */
import type { PutRecordsRequestEntry } from '@aws-sdk/client-kinesis';
import { RecordEntry } from './record-entry.ts';

export type Around = { readonly before: string; readonly after: string };

/** Undefined: there is an entry that is not as its type says, and the SDK knows what becomes of it. */
export function encodeEntries(
  entries: readonly PutRecordsRequestEntry[],
  { before, after }: Around,
): Buffer | undefined {
  if (!entries.every(isPlain)) return undefined;
  const most = entries.reduce(
    (sum, entry) => sum + mostBytesOf(entry),
    (before.length + after.length) * mostBytesOfUnit,
  );
  const body = Buffer.allocUnsafeSlow(most);
  let at = body.write(before);
  for (let index = 0; index < entries.length; index++) {
    const { PartitionKey, ExplicitHashKey } = entries[index]!;
    at += body.write(index === 0 ? '{"Data":"' : ',{"Data":"', at, 'latin1');
    at += body.write(base64Of(entries[index]!), at, 'latin1');
    const hashKey = ExplicitHashKey === undefined ? '' : `,"ExplicitHashKey":${JSON.stringify(ExplicitHashKey)}`;
    at += body.write(`"${hashKey},"PartitionKey":${JSON.stringify(PartitionKey)}}`, at);
  }
  at += body.write(after, at);
  return body.subarray(0, at);
}

const mostBytesOfUnit = 3;
/** A unit of UTF-16 is an escape at most: \ud800. */
const longestEscape = 6;
/** Names, quotes, colons, commas and braces. */
const bytesAround = 64;

/** As the SDK takes an entry that has a `__type`, or a member that is another type's. */
const isPlain = (entry: PutRecordsRequestEntry): boolean =>
  entry instanceof RecordEntry ||
  (entry?.Data instanceof Uint8Array &&
    typeof entry.PartitionKey === 'string' &&
    (entry.ExplicitHashKey === undefined || typeof entry.ExplicitHashKey === 'string') &&
    !('__type' in entry));

function mostBytesOf(entry: PutRecordsRequestEntry): number {
  const { PartitionKey, ExplicitHashKey } = entry;
  const bytes = entry instanceof RecordEntry ? entry.dataBytes : entry.Data!.length;
  const units = PartitionKey!.length + (ExplicitHashKey?.length ?? 0);
  return Math.ceil(bytes / 3) * 4 + units * longestEscape + bytesAround;
}

function base64Of(entry: PutRecordsRequestEntry): string {
  if (!(entry instanceof RecordEntry)) return bufferOf(entry.Data!).toString('base64');
  const { data, dataBytes } = entry;
  if (typeof data !== 'string') return bufferOf(data).toString('base64');
  // 0.22 µs for 350 characters of ASCII this way, and 0.4 by bytes.
  return data.length === dataBytes ? btoa(data) : Buffer.from(data).toString('base64');
}

/** The same bytes. */
export const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
