/** The keys of an aggregated record, each a text when it is asked for: many records have more keys than anybody looks at. */

// A byte order mark is part of a key like any other character.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const shortBytes = 64;

export class KeyTable {
  readonly #bytes: Uint8Array;
  /** Where each begins and ends. */
  readonly #places: number[] = [];
  readonly #texts: string[] = [];

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#places.length / 2;
  }

  add(start: number, end: number): void {
    this.#places.push(start, end);
  }

  startOf(index: number): number {
    return this.#places[2 * index]!;
  }

  endOf(index: number): number {
    return this.#places[2 * index + 1]!;
  }

  at(index: number): string {
    const known = this.#texts[index];
    if (known !== undefined) return known;
    const text = textIn(this.#bytes, this.startOf(index), this.endOf(index));
    this.#texts[index] = text;
    return text;
  }
}

const textIn = (bytes: Uint8Array, start: number, end: number): string =>
  (end - start <= shortBytes ? asciiIn(bytes, start, end) : undefined) ?? decoder.decode(bytes.subarray(start, end));

/** Keys are short and nearly always ASCII, where a loop beats the decoder's call by far; and four at a time one by one. */
function asciiIn(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const one = bytes[at] as number;
    const two = bytes[at + 1] as number;
    const three = bytes[at + 2] as number;
    const four = bytes[at + 3] as number;
    if ((one | two | three | four) >= 0x80) return undefined;
    text += String.fromCharCode(one, two, three, four);
  }
  for (; at < end; at++) {
    if (bytes[at]! >= 0x80) return undefined;
    text += String.fromCharCode(bytes[at]!);
  }
  return text;
}
