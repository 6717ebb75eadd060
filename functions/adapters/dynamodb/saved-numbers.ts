/**
 * Sequence numbers as texts of digits: the first hexadecimal digit of each number, then the second of each. Kinesis makes its numbers of fields,
 * and what many have in common compresses to nothing; what is chance takes half a byte a digit.
 */

/** `expected`: what it is told from. */
type Numbered = { readonly sequenceNumber: string; readonly expected: bigint };

export type SavedNumbers = {
  /** A single digit stands for all. */
  readonly digits: readonly string[];
  /** Those that are no numbers, or less than is expected, as they are, in their order. */
  readonly odd: readonly string[];
};

/** Stand for the first digit, and for all: there is no number, and it is odd. */
const [none, isOdd] = ['-', '?'];
const isDecimal = /^(0|[1-9]\d*)$/;

/** Undefined: the shard has none. */
export function toSavedNumbers(numbers: readonly (Numbered | undefined)[]): SavedNumbers {
  const odd: string[] = [];
  const texts = numbers.map((number) => {
    if (number === undefined) return none;
    const away = awayOf(number);
    if (away === undefined) odd.push(number.sequenceNumber);
    return away ?? isOdd;
  });
  const width = texts.reduce((most, text) => Math.max(most, text.length), 0);
  const rows = texts.map((text) => text.padStart(width, text === none || text === isOdd ? text : '0'));
  const digits = Array.from({ length: width }, (_, at) => rows.map((row) => row[at]).join(''));
  return { digits: digits.map(shortened), odd };
}

function awayOf({ sequenceNumber, expected }: Numbered): string | undefined {
  if (!isDecimal.test(sequenceNumber)) return undefined;
  const away = BigInt(sequenceNumber) - expected;
  return away < 0n ? undefined : away.toString(16);
}

function shortened(digits: string): string {
  const first = digits[0]!;
  return digits === first.repeat(digits.length) ? first : digits;
}

/** Of each row in their order: gives the number once it is said what was expected. */
export function fromSavedNumbers({ digits, odd }: SavedNumbers): (row: number, expected: bigint) => string | undefined {
  const text = Buffer.from(digits.map((of) => of[0]).join(''), 'latin1');
  const varying = [...digits.entries()].filter(([, of]) => of.length > 1);
  let odds = 0;
  return (row, expected) => {
    for (const [at, of] of varying) text[at] = of.charCodeAt(row);
    const saved = text.toString('latin1');
    if (saved.startsWith(none)) return undefined;
    if (saved.startsWith(isOdd)) return odd[odds++];
    return String(BigInt(`0x${saved}`) + expected);
  };
}
