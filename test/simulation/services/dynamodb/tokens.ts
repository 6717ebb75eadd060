/** The words of an expression, one after the other. */
import { notSimulated, refuse } from './errors.ts';
import { isReserved } from './reserved-words.ts';

/** A path is plain names or #names with points between them, into maps; a value is a :name. */
export type Operand = { readonly kind: 'path' | 'value'; readonly text: string };

const word = /\s*([#:][A-Za-z0-9_]+|[A-Za-z][A-Za-z0-9_]*|<=|>=|<>|[=<>(),.])/y;

export class Tokens {
  readonly #expression: string;
  readonly #words: readonly string[];
  readonly #names = new Set<string>();
  readonly #values = new Set<string>();
  #at = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#words = wordsOf(expression);
  }

  /** The #names and :values that were read as operands. */
  get used(): { readonly names: ReadonlySet<string>; readonly values: ReadonlySet<string> } {
    return { names: this.#names, values: this.#values };
  }

  peek(ahead = 0): string | undefined {
    return this.#words[this.#at + ahead];
  }

  next(): string {
    const next = this.#words[this.#at];
    if (next === undefined) throw this.error('end of expression');
    this.#at += 1;
    return next;
  }

  /** Takes the word if it comes next; keywords have any case. */
  skip(expected: string): boolean {
    if (this.peek()?.toUpperCase() !== expected) return false;
    this.#at += 1;
    return true;
  }

  expect(expected: string): void {
    if (!this.skip(expected)) throw this.error(this.peek() ?? 'end of expression');
  }

  end(): void {
    if (this.#at < this.#words.length) throw this.error(this.peek()!);
  }

  operand(): Operand {
    const text = this.next();
    if (text.startsWith(':')) {
      this.#values.add(text);
      return { kind: 'value', text };
    }
    let path = this.#pathName(text);
    while (this.skip('.')) path += `.${this.#pathName(this.next())}`;
    return { kind: 'path', text: path };
  }

  #pathName(text: string): string {
    if (text.startsWith('#')) {
      this.#names.add(text);
      return text;
    }
    if (!/^[A-Za-z]/.test(text)) throw this.error(text);
    if (this.peek() === '(') throw notSimulated(`the function ${text} as an operand`);
    if (isReserved(text)) throw refuse(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
    return text;
  }

  error(found: string) {
    return refuse(`Invalid expression: Syntax error; token: ${found}, in: ${this.#expression}`);
  }
}

function wordsOf(expression: string): string[] {
  if (expression === '') throw refuse('Invalid expression: The expression can not be empty');
  const words: string[] = [];
  word.lastIndex = 0;
  const end = expression.trimEnd().length;
  for (let at = 0; at < end; at = word.lastIndex) {
    const match = word.exec(expression);
    if (match === null) throw unknown(expression, at);
    words.push(match[1]!);
  }
  return words;
}

function unknown(expression: string, at: number): Error {
  const rest = expression.slice(at).trimStart();
  if (/^[[\]+-]/.test(rest)) return notSimulated(`paths into lists and arithmetic: ${expression}`);
  return refuse(`Invalid expression: Syntax error; near: ${rest.slice(0, 10)}`);
}

const maxRemembered = 1000;

/** Callers repeat few texts: each is parsed once. */
export function remembering<Parsed>(parse: (text: string) => Parsed): (text: string) => Parsed {
  const known = new Map<string, Parsed>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= maxRemembered) known.clear();
    const parsed = parse(text);
    known.set(text, parsed);
    return parsed;
  };
}
