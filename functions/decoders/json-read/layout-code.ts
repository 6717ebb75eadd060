/**
 * Code that reads what stands at a place of a payload.
 *
 * It has `bytes`, `at`, `from` and `byte` around it, of each value `textAt…` and `valueAt…`, and the functions of `json-grammar.ts` that it names.
 */

/** `other`: a statement. */
export const literal = (bytes: Uint8Array, other: string, where?: 'at the end'): string => `
if (at + ${bytes.length} ${where === undefined ? '>' : '!=='} bytes.length) ${other};
if (${Array.from(bytes, (byte, at) => `bytes[at + ${at}] !== ${byte}`).join(' || ')}) ${other};
at += ${bytes.length};`;

/** Of 15 digits a double has each. */
export const wantedValue = (field: number): string => `
from = at;
byte = bytes[at];
if (byte === 34) {
  at = endOfPlain(bytes, at + 1);
  if (bytes[at] === 34) value${field} = textAt${field}(bytes, from + 1, at++);
  else {
    at = endOfText(bytes, from);
    if (at < 0) return undefined;
    value${field} = valueAt${field}(bytes, from, at);
  }
} else if (byte >= 49 && byte <= 57) {
  value${field} = 0;
  do {
    value${field} = value${field} * 10 + byte - 48;
    byte = bytes[++at];
  } while (byte >= 48 && byte <= 57);
  if (byte === 46 || byte === 69 || byte === 101 || at - from > 15) {
    at = endOfValue(bytes, from);
    if (at < 0) return undefined;
    value${field} = valueAt${field}(bytes, from, at);
  }
} else {
  at = endOfValue(bytes, at);
  if (at < 0) return undefined;
  value${field} = valueAt${field}(bytes, from, at);
}`;
