/**
 * JSON in which whole numbers that a double can't tell apart come as the text they were written in.
 *
 * Ids of 64 bits are such numbers: 1524831183200260097 and …098 are one double. JSON.parse tells a reviver the text of each
 * number, but takes several times as long with one, so it gets one only where a number is long enough.
 */

/** 2^53 has 16 digits. */
const longDigits = /\d{16}/;
const wholeNumber = /^-?\d+$/;

export function parseExactly(text: string): unknown {
  return longDigits.test(text) ? JSON.parse(text, revive as Parameters<typeof JSON.parse>[1]) : JSON.parse(text);
}

/** The language has the third argument; its types do not yet. */
function revive(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value;
  return wholeNumber.test(source) ? source : value;
}
