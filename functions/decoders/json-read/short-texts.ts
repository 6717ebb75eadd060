/**
 * Texts out of the bytes of a payload. Short ones that come again and again, such as countries, are made once: the same bytes are the
 * same string.
 *
 * A slot for each hash, taken over by whoever comes: nothing grows, and a text that never comes again costs a comparison.
 */
import { madeFunction } from './made-function.ts';

const slots = 1_024;
/** A UUID has 36. */
const maxShort = 40;

/** `from` to `to`: ASCII without escapes, as it stands between quotes. */
export type TextAt = (bytes: Uint8Array, from: number, to: number) => string;

/** Of all fields. */
let maker: TextAt | undefined;

/** So many texts are looked at before it is known whether they come again. */
const looked = 4_096;

/**
 * Of one field. Counting events by such a text takes 0.9 of the time that it takes if the text is made each time, since a text knows its hash;
 * of a field whose texts do not come again, events would take 1.1 of the time, so then none is kept any more.
 */
export function shortTexts(): TextAt {
  const texts = Array.from({ length: slots }, () => '');
  maker ??= textMaker();
  const make = maker;
  let left = looked;
  let made = 0;
  let areKept = true;
  const isWorthIt = (): boolean => {
    const fewAreMade = made < looked / 2;
    left = looked;
    made = 0;
    return fewAreMade;
  };
  return (bytes, from, to) => {
    const length = to - from;
    if (length === 0) return '';
    if (length > maxShort || !areKept) return make(bytes, from, to);
    if (--left === 0) areKept = isWorthIt();
    const slot = slotOf(bytes, from, to);
    const known = texts[slot]!;
    if (isSame(known, bytes, from, length)) return known;
    made++;
    const text = make(bytes, from, to);
    texts[slot] = text;
    return text;
  };
}

/** By its ends and its middle: whole texts are compared anyway. */
function slotOf(bytes: Uint8Array, from: number, to: number): number {
  const ends = bytes[from]! + 31 * bytes[to - 1]! + 131 * bytes[(from + to) >> 1]!;
  return (ends + 17 * (to - from) + (to - from > 1 ? 61 * bytes[to - 2]! : 0)) & (slots - 1);
}

/** The last letters of texts that are alike differ most. */
function isSame(text: string, bytes: Uint8Array, from: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let at = length - 1; at >= 0; at--) if (text.charCodeAt(at) !== bytes[from + at]) return false;
  return true;
}

type Make = (bytes: Uint8Array, from: number, to: number) => string;

/** Each length when its first text comes: a function that has just started has few. */
function textMaker(): TextAt {
  const makers = Array<Make | undefined>(maxShort + 1).fill(undefined);
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const decode: Make = (bytes, from, to) =>
    utf8.decode(new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from));
  return (bytes, from, to) => {
    const length = to - from;
    if (length > maxShort) return decode(bytes, from, to);
    const make = makers[length] ?? lettersMaker(length) ?? decode;
    makers[length] = make;
    return make(bytes, from, to);
  };
}

/** A call with so many letters takes a quarter of what a TextDecoder takes for a text of ten, which needs a view of the bytes. */
function lettersMaker(length: number): Make | undefined {
  const letters = Array.from({ length }, (_, at) => `bytes[from + ${at}]`);
  return madeFunction<Make>(['bytes', 'from'], `return String.fromCharCode(${letters.join(', ')});`);
}
