/**
 * Where a character of several bytes ends.
 *
 * The table is that of Unicode (well-formed UTF-8 byte sequences), which TextDecoder refuses everything else by: no overlong
 * form, no surrogate, nothing above U+10FFFF.
 */

/** `at`: of a byte from 0x80. -1: the bytes are no UTF-8. */
export function endOfSequence(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  const end = at + lengthBy(first);
  const second = bytes[at + 1] ?? 0;
  if (end === at || second < leastSecond(first) || second > mostSecond(first)) return -1;
  for (let further = at + 2; further < end; further++) {
    const byte = bytes[further] ?? 0;
    if (byte < 0x80 || byte > 0xbf) return -1;
  }
  return end;
}

/** 0: no sequence begins so. */
function lengthBy(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

const leastSecond = (first: number): number => (first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80);
const mostSecond = (first: number): number => (first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf);
