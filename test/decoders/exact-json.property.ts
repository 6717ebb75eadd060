/** Whole numbers keep every digit; everything else is what JSON.parse makes of it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseExactly } from '../../functions/decoders/exact-json.ts';

const digits = fc.oneof(
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n }),
);

it('a whole number is its own digits, as a number where a double has them and else as text', () => {
  fc.assert(
    fc.property(fc.array(digits), (numbers) => {
      const read = parseExactly(`{"ids":[${numbers.join(',')}]}`) as { ids: (number | string)[] };
      expect(read.ids.map(String)).toEqual(numbers.map(String));
      const isSafe = numbers.map((each) => each >= Number.MIN_SAFE_INTEGER && each <= Number.MAX_SAFE_INTEGER);
      expect(read.ids.map((each) => typeof each === 'number')).toEqual(isSafe);
    }),
    { numRuns: 1_000 },
  );
});

it('any other JSON is read as JSON.parse reads it', () => {
  const exponential = fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each.toExponential());
  const other = fc.oneof(
    fc.json().filter((text) => !/\d{16}/.test(text)),
    exponential,
  );
  fc.assert(
    fc.property(other, (text) => {
      // Also beside a number that is long enough to be looked at.
      const beside = `[${text},12345678901234567890]`;
      expect(parseExactly(text)).toEqual(JSON.parse(text));
      expect((parseExactly(beside) as unknown[])[0]).toEqual(JSON.parse(text));
    }),
    { numRuns: 1_000 },
  );
});

/** As the language tells it: by the text of each number. */
function byReviver(text: string): unknown {
  const revive = (_: string, value: unknown, { source = '' }: { readonly source?: string } = {}) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? source : value;
  return JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]);
}

const outcomeOf = (parse: (text: string) => unknown, text: string): object => {
  try {
    return { value: parse(text) };
  } catch (error) {
    return { message: (error as Error).message };
  }
};

const long = '12345678901234567890';
const tokens = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', ' ', '\n', '\u00a0', '-', '.', 'e', '+', '1', 'true'],
  ...[
    '9007199254740991',
    '9007199254740993',
    '1234567890123456',
    `-${long}`,
    `0.${long}`,
    `${long}e3`,
    `1e-${long}`,
    `00${long}`,
  ],
  ...[long, `"${long}"`, `"x\\"${long}"`, '"\\\\"', `{"id":${long}}`, `{${long}:1}`, `{"__proto__":${long}}`],
];

it('any sequence of tokens is read, or refused, as with the text of each number', () => {
  const sequence = fc.array(fc.constantFrom(...tokens), { minLength: 1, maxLength: 7 }).map((parts) => parts.join(''));
  const listed = fc.array(fc.constantFrom(...tokens)).map((parts) => `[${parts.join(',')}]`);
  fc.assert(
    fc.property(fc.oneof(sequence, listed), (text) => {
      expect(outcomeOf(parseExactly, text)).toEqual(outcomeOf(byReviver, text));
    }),
    { numRuns: 10_000 },
  );
});

it('what is within each other ten thousand times is read as JSON.parse reads it', () => {
  const [open, close] = ['{"in":['.repeat(10_000), ']}'.repeat(10_000)];
  let read = parseExactly(`${open}${long}${close}`) as { readonly in: readonly [unknown] };
  for (let depth = 1; depth < 10_000; depth++) read = read.in[0] as typeof read;
  expect(read.in).toEqual([long]);
});
