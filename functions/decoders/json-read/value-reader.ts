/** What a value of JSON is, whose ends and grammar are known. */
import { endOfPlain, quote } from './json-grammar.ts';
import { plainNumber } from './plain-number.ts';
import type { TextAt } from './short-texts.ts';

/** `from` to `to`: the value with its quotes or brackets, without space around it. */
export type ValueAt = (bytes: Uint8Array, from: number, to: number) => unknown;

/** `parse`: what becomes of whatever may be written in several ways. */
export function valueReader(parse: (text: string) => unknown, textAt: TextAt): ValueAt {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const parsed: ValueAt = (bytes, from, to) =>
    parse(utf8.decode(new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from)));
  return (bytes, from, to) => {
    const byte = bytes[from]!;
    if (byte === quote) {
      return endOfPlain(bytes, from + 1) === to - 1 ? textAt(bytes, from + 1, to - 1) : parsed(bytes, from, to);
    }
    if (byte === 0x74) return true;
    if (byte === 0x66) return false;
    if (byte === 0x6e) return null;
    const number = plainNumber(bytes, from, to);
    return Number.isNaN(number) ? parsed(bytes, from, to) : number;
  };
}
