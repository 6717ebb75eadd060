/**
 * All of a payload, out of its bytes, where it is built like one before: the same bytes between the values.
 *
 * SHAPE-1 It answers with what JSON.parse makes of the payload, in one way: the same values under the same names in the same order. Where it does
 *    not answer, JSON.parse is asked.
 */
import { endOfPlain, endOfText, endOfValue, skipSpace, unread } from './json-grammar.ts';
import { literal, wantedValue } from './layout-code.ts';
import { others } from './layout-reader.ts';
import { madeFunction } from './made-function.ts';
import { type Shape, shapeAt } from './shape.ts';
import { shortTexts } from './short-texts.ts';
import { valueReader } from './value-reader.ts';

/** Undefined: to be parsed as a whole; also of `others`, unless the next one reads it. */
export type ShapeReader = (bytes: Uint8Array) => unknown;

/** More of them are no code to make: of values, and of bytes between them. */
const maxValues = 64;
const maxBytes = 4_096;
/** Of a larger payload nothing is gained, and to find that it has too many values took seconds where it had 2 MB of them. */
const largest = 16_384;

/** Of so many bytes a text takes longer than its share of a parse of the whole. */
const long = 128;

export type ReadValues = {
  /** What becomes of a value that may be written in several ways. */
  readonly parse: (text: string) => unknown;
  /** Told of a long text, with its bytes. */
  readonly isLong: (bytes: number) => void;
};

/** Undefined: no code is made for it. `bytes`: a payload that JSON.parse takes. */
export function shapeReader(bytes: Uint8Array, { parse, isLong }: ReadValues): ShapeReader | undefined {
  if (bytes.length > largest) return undefined;
  const from = skipSpace(bytes, 0);
  if (endOfValue(bytes, from) === unread) return undefined;
  const shape = shapeAt(bytes, from);
  if (shape.kind === 'value') return undefined;
  const code = new ShapeCode(bytes);
  const made = code.itemsOf(shape, 'return others');
  code.literalUpTo(bytes.length, 'return others', 'at the end');
  if (code.values === 0 || code.values > maxValues || code.literalBytes > maxBytes) return undefined;
  const ofValues = Array.from({ length: code.values }, (_, value) => {
    const textAt = shortTexts();
    return { [`textAt${value}`]: textAt, [`valueAt${value}`]: valueReader(parse, textAt) };
  });
  const scope = Object.assign({ endOfPlain, endOfText, endOfValue, isLong, others }, ...ofValues);
  return madeFunction<ShapeReader>(['bytes'], `${code.declared}${code.statements.join('')}\nreturn ${made};`, scope);
}

class ShapeCode {
  readonly statements: string[] = [];
  values = 0;
  literalBytes = 0;
  readonly #bytes: Uint8Array;
  #nested = 0;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get declared(): string {
    const values = Array.from({ length: this.values }, (_, value) => `, value${value}`);
    const nested = Array.from({ length: this.#nested }, (_, each) => `, nested${each}, start${each} = 0`);
    return `let at = 0, from = 0, byte = 0${values.join('')}${nested.join('')};`;
  }

  /** What stands before this place. `other`: a statement, for where something else does. */
  literalUpTo(to: number, other: string, where?: 'at the end'): void {
    this.statements.push(literal(this.#bytes.subarray(this.#at, to), other, where));
    this.literalBytes += to - this.#at;
    this.#at = to;
  }

  /** From before the bracket to behind the last item. The expression of what it is. */
  itemsOf(shape: Exclude<Shape, { kind: 'value' }>, other: string): string {
    const items = shape.items.map((item) => {
      this.literalUpTo(item.from, other);
      return item.kind === 'value' ? this.#valueOf(item) : this.#nestedIn(item);
    });
    if (shape.kind === 'list') return `[${items.join(', ')}]`;
    return `{ ${items.map((item, at) => `${JSON.stringify(shape.names[at])}: ${item}`).join(', ')} }`;
  }

  #valueOf({ to }: Shape): string {
    this.#at = to;
    this.statements.push(wantedValue(this.values), `\nif (at - from > ${long}) isLong(at - from);`);
    this.values += 1;
    return `value${this.values - 1}`;
  }

  /** One that is built in another way is parsed, and it alone. */
  #nestedIn(shape: Exclude<Shape, { kind: 'value' }>): string {
    const nested = this.#nested;
    this.#nested += 1;
    const other = `break within${nested}`;
    this.statements.push(`\nstart${nested} = at;\nwithin${nested}: {`);
    const made = this.itemsOf(shape, other);
    this.literalUpTo(shape.to, other);
    this.statements.push(`
nested${nested} = ${made};
}
if (nested${nested} === undefined) {
  at = endOfValue(bytes, start${nested});
  if (at < 0) return undefined;
  nested${nested} = valueAt0(bytes, start${nested}, at);
}`);
    return `nested${nested}`;
  }
}
