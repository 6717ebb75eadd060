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
