/**
 * Sums of doubles without rounding, so that a sum is the same in whatever order and grouping its parts were added:
 * through other packings of shards, retries and resharding.
 *
 * The value is kept as a short list of doubles whose exact sum it is (J. R. Shewchuk, "Adaptive Precision
 * Floating-Point Arithmetic", 1997: grow-expansion); `roundedSum` rounds once, half to even. Whole numbers below 2^53
 * need a single element.
 *
 * SUM-1 add is associative and commutative in the rounded value.
 * SUM-2 The mean is the double nearest to the exact sum divided by the count: it is rounded once, too.
 */
export type ExactSum = number[];

/** Sums of up to 2^53 terms of this size cannot overflow. */
export const maxSummand = 2 ** 900;

/** Changes `sum`. Terms of `sum` are in increasing magnitude and do not overlap. */
export function addTo(sum: ExactSum, value: number): void {
  if (sum.length === 1) {
    const total = sum[0]! + value;
    if (Number.isSafeInteger(total) && Number.isInteger(value) && Number.isInteger(sum[0]!)) {
      sum[0] = total;
      return;
    }
  }
  let carry = value;
  let kept = 0;
  const { length } = sum;
  for (let at = 0; at < length; at++) {
    const term = sum[at]!;
    const high = carry + term;
    // What was rounded off, whichever of the two is larger (Knuth's two-sum): a comparison would be guessed wrong half of the time.
    const ofTerm = high - carry;
    const low = carry - (high - ofTerm) + (term - ofTerm);
    if (low !== 0) sum[kept++] = low;
    carry = high;
  }
  // Written in place: made shorter and longer again, a list is copied.
  sum[kept] = carry === 0 ? 0 : carry;
  if (kept + 1 < length) sum.length = kept + 1;
}

export function mergeSums(into: ExactSum, other: readonly number[]): void {
  for (const term of other) addTo(into, term);
}

/** The double nearest to the exact value. */
export function roundedSum(sum: readonly number[]): number {
  let index = sum.length - 1;
  if (index < 0) return 0;
  let high = sum[index]!;
  let low = 0;
  while (index > 0) {
    const before = high;
    const term = sum[--index]!;
    high = before + term;
    low = term - (high - before);
    if (low !== 0) break;
  }
  // The terms below may break a tie: round half to even must look at the sign of the next one.
  if (index > 0 && ((low < 0 && sum[index - 1]! < 0) || (low > 0 && sum[index - 1]! > 0))) {
    const doubled = low * 2;
    const nudged = high + doubled;
    if (doubled === nudged - high) high = nudged;
  }
  return high;
}

/** The double nearest to the exact value divided by `count`, a whole number from 1. */
export function roundedMean(sum: readonly number[], count: number): number {
  // Dividing one double rounds once. A sum of several would be rounded before.
  if (sum.length <= 1) return (sum[0] ?? 0) / count + 0;
  return nearestDouble(
    sum.reduce((units, term) => units + toUnits(term), 0n),
    BigInt(count),
  );
}

const significantBits = 53;
const view = new DataView(new ArrayBuffer(8));

/** Every double is a whole number of the smallest one, 2^-1074. */
export function toUnits(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const units = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return value < 0 ? -units : units;
}

/** `units / divisor` of the smallest double, half to even. */
export function nearestDouble(units: bigint, divisor: bigint): number {
  const size = units < 0n ? -units : units;
  // All doubles that have no more bits than these are a unit apart; of larger ones only the first bits count.
  const extra = Math.max(0, (size / divisor).toString(2).length - significantBits);
  const step = divisor << BigInt(extra);
  const rest = size % step;
  const isUp = 2n * rest > step || (2n * rest === step && (size / step) % 2n === 1n);
  const nearest = Number(size / step + (isUp ? 1n : 0n));
  // Powers of two, upwards from an exact value: nothing is rounded again.
  const magnitude = nearest * Number.MIN_VALUE * 2 ** Math.min(extra, 1_000) * 2 ** Math.max(0, extra - 1_000);
  return (units < 0n ? -magnitude : magnitude) + 0;
}
