/** The keys of an aggregated record, each a text when it is asked for: many records have more keys than anybody looks at. */

// A byte order mark is part of a key like any other character.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const shortBytes = 64;
/** More than a KPL writes of keys into a record, unless all are long. */
const mostTogether = 65_536;
/** A slice that is longer is no copy: it keeps all that it is a slice of. */
const pieceLength = 12;

export class KeyTable {
  readonly #bytes: Uint8Array;
  /** Where each begins and ends. */
  readonly #places: number[] = [];
  readonly #texts: string[] = [];
  /** From the first key to the end of the last one, and what lies between. Empty: its places are not those of the bytes. */
  #together: string | undefined;

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
    this.#together ??= this.#textTogether();
    const [start, end] = [this.startOf(index), this.endOf(index)];
    const text =
      this.#together === ''
        ? textIn(this.#bytes, start, end)
        : copiedFrom(this.#together, start - this.startOf(0), end - this.startOf(0));
    this.#texts[index] = text;
    return text;
  }

  /** Keys of 7 characters take 11 ns each this way and 35 one by one, those of 36 take 41 and 122. */
  #textTogether(): string {
    const start = this.startOf(0);
    const end = this.endOf(this.length - 1);
    if (end - start > mostTogether) return '';
    const text = decoder.decode(this.#bytes.subarray(start, end));
    // As many characters as bytes: each byte is one by itself, whatever stands beside it.
    return text.length === end - start ? text : '';
  }
}

function copiedFrom(text: string, start: number, end: number): string {
  let copy = text.slice(start, Math.min(start + pieceLength, end));
  for (let at = start + pieceLength; at < end; at += pieceLength)
    copy += text.slice(at, Math.min(at + pieceLength, end));
  return copy;
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
