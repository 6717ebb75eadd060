/** JSON as bytes, compressed where that saves something. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Most values are small: zlib's tables for a window of 32 KB cost more than compressing them. */
const smallBytes = 4_096;
const small = { level: 1, windowBits: 12, memLevel: 5, chunkSize: 1_024 };

/** DynamoDB bills a write by the KB: an item that fits into one costs the same without compression. */
const plainBytes = 900;

/** Elements of a list that are in memory in both forms. */
const atOnce = 1_000;

/** The first byte says how the others are to be read. */
const form = { plain: 0, deflated: 1 } as const;

/** Of large values that are read more often than they are written. */
export const readOften = { plainBytes, level: 6 };

type PackOptions = { readonly plainBytes: number; readonly level?: number };

export function encode(value: unknown, options: PackOptions = { plainBytes }): Uint8Array {
  return packed(Buffer.from(`\0${JSON.stringify(value)}`), options);
}

/** The JSON of a list, compressed. Made of some elements after the other: they may be made as they are asked for. */
export function encodeList(elements: Iterable<unknown>): Uint8Array {
  const texts: Buffer[] = [];
  let some: unknown[] = [];
  const write = (): void => {
    const text = JSON.stringify(some);
    texts.push(Buffer.from(texts.length === 0 ? `\0${text.slice(0, -1)}` : `,${text.slice(1, -1)}`));
    some = [];
  };
  for (const element of elements) {
    some.push(element);
    if (some.length === atOnce) write();
  }
  if (some.length > 0 || texts.length === 0) write();
  return packed(Buffer.concat([...texts, Buffer.from(']')]), { plainBytes: 0 });
}

function packed(text: Buffer, options: PackOptions): Uint8Array {
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
