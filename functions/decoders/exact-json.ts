/**
 * JSON in which whole numbers that a double can't tell apart come as the text they were written in.
 *
 * Ids of 64 bits are such numbers: 1524831183200260097 and …098 are one double. They are put between quotes before JSON.parse sees them:
 * a reviver is told the text of each number as well, but is called within each other, so that it refuses depths that JSON.parse takes.
 *
 * EXACT-1 What JSON.parse refuses is refused, with its message. Numbers that stand where a key would are left alone: between quotes they
 *    would be one.
 */
import { endOfText } from '../user-code/end-of-text.ts';

/** 2^53 has 16 digits. */
const mostOfSafe = 16;
const longDigits = /\d{16}/;
/** Without fraction and exponent, and part of neither. */
const longWhole = /(?<![\d.eE+-])-?[1-9]\d{15,}(?![\d.eE]|[ \t\n\r]*:)/g;

export function parseExactly(text: string): unknown {
  const quoted = longDigits.test(text) ? quoteLong(text) : text;
  if (quoted === text) return JSON.parse(text);
  try {
    return JSON.parse(quoted);
  } catch {
    // Its message is to be about the text as it came.
    return JSON.parse(text);
  }
}

const quote = (digits: string): string => (Number.isSafeInteger(Number(digits)) ? digits : `"${digits}"`);

/** What stands in texts is passed over. */
function quoteLong(text: string): string {
  let quoted = '';
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('"', at);
    const end = open < 0 ? text.length : open;
    if (end - at >= mostOfSafe) {
      quoted += text.slice(copied, at) + text.slice(at, end).replace(longWhole, quote);
      copied = end;
    }
    at = open < 0 ? end : endOfText(text, open);
  }
  return quoted + text.slice(copied);
}
