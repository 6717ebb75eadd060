/**
 * A place in the bytes of a payload.
 *
 * CURSOR-1 Nothing is read beyond the end, and nothing is made larger than the bytes that are there.
 * CURSOR-2 Each step is paid for: with bytes, or, where a value takes none, out of a number of such values that one payload
 *    may have. Records within records are counted as well. So the work for a payload is bounded by its bytes.
 */
import type { UndecodedReason } from '../decoder-kind.ts';

/** Thrown within a payload, caught where it is decoded. */
export class Damaged extends Error {
  readonly reason: UndecodedReason;

  constructor(message: string, reason: UndecodedReason = 'undecodable') {
    super(message);
    this.reason = reason;
  }
}

/** Of values that take no bytes: nulls, and records and arrays of them. */
const maxFreeValues = 10_000;
const maxDepth = 100;

export class Cursor {
  #data: Uint8Array = new Uint8Array();
  #view = new DataView(this.#data.buffer);
  #free = 0;
  #depth = 0;
  at = 0;
  // The parts of the last number: 28, 28 and 8 bits, the least first.
  #low = 0;
  #middle = 0;
  #high = 0;
  readonly #text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  begin(data: Uint8Array): void {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#free = maxFreeValues;
    this.#depth = 0;
    this.at = 0;
  }

  get left(): number {
    return this.#data.length - this.at;
  }

  byte(): number {
    this.#need(1);
    return this.#data[this.at++]!;
  }

  /** A number that a double has exactly; larger ones are refused. */
  long(): number {
    const value = this.#rounded();
    if (!Number.isSafeInteger(value)) throw new Damaged('a long beyond 2^53: see the option longs', 'schema-mismatch');
    return value;
  }

  bigint(): bigint {
    this.#readNumber();
    const half = BigInt(this.#low >>> 1) + (BigInt(this.#middle) << 27n) + (BigInt(this.#high) << 55n);
    return (this.#low & 1) === 0 ? half : -half - 1n;
  }

  int(): number {
    const value = this.#rounded();
    if (value !== (value | 0)) throw new Damaged('an int of more than 32 bits');
    return value;
  }

  /** How many items follow; 0: none, and no block either. */
  blockLength(): number {
    const length = this.#rounded();
    // A negative one says how many bytes they take, too, for those who skip them.
    if (length < 0) this.#rounded();
    return Math.abs(length);
  }

  float(): number {
    this.#need(4);
    this.at += 4;
    return this.#view.getFloat32(this.at - 4, true);
  }

  double(): number {
    this.#need(8);
    this.at += 8;
    return this.#view.getFloat64(this.at - 8, true);
  }

  /** A copy, of as many as a number before them says. */
  bytes(): Uint8Array {
    return this.fixed(this.#rounded());
  }

  /** A copy. */
  fixed(length: number): Uint8Array {
    return new Uint8Array(this.#taken(length));
  }

  string(): string {
    const bytes = this.#taken(this.#rounded());
    try {
      return this.#text.decode(bytes);
    } catch {
      throw new Damaged('a string that is not UTF-8');
    }
  }

  /** A value was read that took no bytes. */
  payFree(): void {
    this.#free -= 1;
    if (this.#free < 0) throw new Damaged(`more than ${maxFreeValues} values that take no bytes`);
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new Damaged(`more than ${maxDepth} records within each other`);
  }

  leave(): void {
    this.#depth -= 1;
  }

  #need(length: number): void {
    if (length > this.left) throw new Damaged(`${length} bytes are to come, and there are ${this.left}`);
  }

  #taken(length: number): Uint8Array {
    if (length < 0) throw new Damaged('a negative length');
    this.#need(length);
    this.at += length;
    return this.#data.subarray(this.at - length, this.at);
  }

  /** To the next double, if no double has it. */
  #rounded(): number {
    this.#readNumber();
    const half = (this.#low >>> 1) + this.#middle * 2 ** 27 + this.#high * 2 ** 55;
    return (this.#low & 1) === 0 ? half : -half - 1;
  }

  #readNumber(): void {
    this.#low = this.#middle = this.#high = 0;
    for (let index = 0; ; index += 1) {
      const byte = this.byte();
      const bits = byte & 0x7f;
      if (index < 4) this.#low |= bits << (7 * index);
      else if (index < 8) this.#middle |= bits << (7 * (index - 4));
      else this.#high |= bits << (7 * (index - 8));
      // The tenth has one bit.
      if (index === 9 && byte > 1) throw new Damaged('a number of more than 64 bits');
      if (byte < 0x80) return;
    }
  }
}
