/** Numbers as most are written: some digits, perhaps with a point or a minus. */

const minus = 0x2d;
const point = 0x2e;
/** So many fit a double, whatever they are. */
const maxLength = 15;
const powers = Array.from({ length: maxLength + 1 }, (_, exponent) => 10 ** exponent);

/**
 * `from` to `to`: a number of JSON. NaN: it has an exponent, or too many digits.
 *
 * The digits without the point are a whole number that a double has exactly, and so is the power of ten: their quotient,
 * rounded once, is the double nearest to what is written, which is what JSON.parse answers.
 */
export function plainNumber(bytes: Uint8Array, from: number, to: number): number {
  const isNegative = bytes[from] === minus;
  let at = isNegative ? from + 1 : from;
  if (to - at > maxLength) return Number.NaN;
  let digits = 0;
  let decimals = 0;
  for (; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === point) decimals = to - at - 1;
    else if (byte > 0x39 || byte < 0x30) return Number.NaN;
    else digits = digits * 10 + byte - 0x30;
  }
  const value = decimals === 0 ? digits : digits / powers[decimals]!;
  return isNegative ? -value : value;
}
