/** How a payload is built: its objects and lists, and where the values in them stand. */
import {
  closeBrace,
  closeBracket,
  comma,
  endOfText,
  endOfValue,
  openBrace,
  openBracket,
  skipSpace,
  startOfMember,
} from './json-grammar.ts';

/** `from` to `to`: with its quotes or brackets, without space around it. */
export type Shape = { readonly from: number; readonly to: number } & (
  | { readonly kind: 'value' }
  | { readonly kind: 'list'; readonly items: readonly Shape[] }
  | { readonly kind: 'object'; readonly names: readonly string[]; readonly items: readonly Shape[] }
);

/** What is deeper, or in a longer list, is a value: that the next one is built like it is less likely. */
const maxDepth = 4;
const maxItems = 8;
const maxMembers = 64;

/** `bytes`: of a payload that JSON.parse takes, and `endOfValue` too. */
export function shapeAt(bytes: Uint8Array, from: number, depth = 0): Shape {
  const to = endOfValue(bytes, from);
  const value: Shape = { kind: 'value', from, to };
  if (depth === maxDepth) return value;
  if (bytes[from] === openBrace) return objectIn(bytes, from, depth) ?? value;
  return bytes[from] === openBracket ? (listIn(bytes, from, depth) ?? value) : value;
}

/** Undefined: nothing could be written in code that is the same. */
function objectIn(bytes: Uint8Array, from: number, depth: number): Shape | undefined {
  const names: string[] = [];
  const items: Shape[] = [];
  let at = skipSpace(bytes, from + 1);
  while (bytes[at] !== closeBrace) {
    const end = endOfText(bytes, at);
    const name: string = JSON.parse(new TextDecoder().decode(bytes.subarray(at, end)));
    if (name === '__proto__' || names.length === maxMembers) return undefined;
    const item = shapeAt(bytes, startOfMember(bytes, end), depth + 1);
    names.push(name);
    items.push(item);
    at = nextItem(bytes, item.to);
  }
  return { kind: 'object', from, to: at + 1, names, items };
}

function listIn(bytes: Uint8Array, from: number, depth: number): Shape | undefined {
  const items: Shape[] = [];
  let at = skipSpace(bytes, from + 1);
  while (bytes[at] !== closeBracket) {
    if (items.length === maxItems) return undefined;
    const item = shapeAt(bytes, at, depth + 1);
    items.push(item);
    at = nextItem(bytes, item.to);
  }
  return { kind: 'list', from, to: at + 1, items };
}

/** Behind a value: what closes, or begins after a comma. */
function nextItem(bytes: Uint8Array, from: number): number {
  const at = skipSpace(bytes, from);
  return bytes[at] === comma ? skipSpace(bytes, at + 1) : at;
}
