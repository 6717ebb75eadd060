/** Records for outputs in saved JSON: bytes travel as base64; text stays text. */
import type { OutputRecord } from '../../sinks/output-sink.ts';

export type SavedOutput = { readonly k: string; readonly h?: string; readonly d?: string; readonly b?: string };

export function toSavedOutput({ partitionKey, explicitHashKey, data }: OutputRecord): SavedOutput {
  return {
    k: partitionKey,
    ...(explicitHashKey === undefined ? {} : { h: explicitHashKey }),
    ...(typeof data === 'string' ? { d: data } : { b: Buffer.from(data).toString('base64') }),
  };
}

export function fromSavedOutput({ k, h, d, b }: SavedOutput): OutputRecord {
  return { partitionKey: k, explicitHashKey: h, data: d ?? Buffer.from(b ?? '', 'base64') };
}
