/** Sums and means of doubles by whole-number arithmetic: every double is a multiple of 2^-1074. */

const scale = 1074n;

/** The double in units of 2^-1074. */
export function toUnits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const units = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 1n ? -units : units;
}

/** The nearest double of a fraction of units, half to even: of two neighbours the one that is less far. */
export function toDouble(units: bigint, divisor = 1n): number {
  const size = units < 0n ? -units : units;
  let extra = 0n;
  while (size >> extra >= divisor << 53n) extra += 1n;
  let kept = size / (divisor << extra);
  const below = size - kept * (divisor << extra);
  const above = (kept + 1n) * (divisor << extra) - size;
  if (above < below || (above === below && kept % 2n === 1n)) kept += 1n;
  // Powers of two one after the other: each step is exact, also where the result is a denormal.
  let value = Number(kept);
  let exponent = Number(extra - scale);
  for (; exponent > 500; exponent -= 500) value *= 2 ** 500;
  for (; exponent < -500; exponent += 500) value *= 2 ** -500;
  return (units < 0n ? -1 : 1) * value * 2 ** exponent + 0;
}
