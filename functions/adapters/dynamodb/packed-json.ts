/** JSON as bytes, compressed where that saves something. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Most values are small: zlib's tables for a window of 32 KB cost more than compressing them. */
const smallBytes = 4_096;
const small = { level: 1, windowBits: 12, memLevel: 5, chunkSize: 1_024 };

/** DynamoDB bills a write by the KB: an item that fits into one costs the same without compression. */
const plainBytes = 900;

/** The first byte says how the others are to be read. */
const form = { plain: 0, deflated: 1 } as const;

/** Of large values that are read more often than they are written. */
export const readOften = { plainBytes, level: 6 };

export function encode(value: unknown, options: { plainBytes: number; level?: number } = { plainBytes }): Uint8Array {
  const text = Buffer.from(`\0${JSON.stringify(value)}`);
  if (text.length <= options.plainBytes) return text;
  const deflated = deflateRawSync(text.subarray(1), text.length <= smallBytes ? small : { level: options.level ?? 3 });
  return Buffer.concat([Buffer.of(form.deflated), deflated]);
}

export function decode(bytes: Uint8Array): unknown {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1);
  if (bytes[0] === form.plain) return JSON.parse(content.toString());
  const chunkSize = content.length <= smallBytes / 4 ? smallBytes : undefined;
  return JSON.parse(inflateRawSync(content, { chunkSize }).toString());
}
