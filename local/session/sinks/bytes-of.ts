import type { OutputRecord } from '../../../functions/sinks/output-sink.ts';

export function bytesOf({ data }: OutputRecord): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data) : data;
}
