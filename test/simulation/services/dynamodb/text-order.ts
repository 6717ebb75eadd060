/** Text as DynamoDB sees it: bytes of UTF-8. */

/** In the order of the UTF-8 bytes: other than UTF-16's, it has all surrogate pairs after U+FFFF. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const left = one.charCodeAt(at);
    const right = other.charCodeAt(at);
    if (left !== right) return left >= 0xd800 && right >= 0xd800 ? rankOf(left) - rankOf(right) : left - right;
  }
  return one.length - other.length;
}

const rankOf = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

const shortText = 40;

export function utf8Bytes(text: string): number {
  if (text.length > shortText) return Buffer.byteLength(text);
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return Buffer.byteLength(text);
  return text.length;
}
