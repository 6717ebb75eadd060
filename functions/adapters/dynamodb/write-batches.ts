/** Writes, as many as go into one request of BatchWriteItem. */
import type { AttributeValue, WriteRequest } from '@aws-sdk/client-dynamodb';

/** Writes of one request. */
export const maxBatch = 25;

const maxRequestBytes = 4_000_000;

/** At most 25 writes, and well under the 16 MB of one request. */
export function* inBatches(requests: readonly WriteRequest[]): Generator<WriteRequest[]> {
  let batch: WriteRequest[] = [];
  let bytes = 0;
  for (const request of requests) {
    const size = sizeOf(request.PutRequest?.Item);
    if (batch.length === maxBatch || (batch.length > 0 && bytes + size > maxRequestBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(request);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

function sizeOf(item: Readonly<Record<string, AttributeValue>> | undefined): number {
  return Object.values(item ?? {}).reduce((sum, value) => sum + (value.B?.length ?? value.S?.length ?? 8), 0);
}
