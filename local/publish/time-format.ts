/**
 * Times as text, by the tokens of moment.js, which is what templates of the Amazon Kinesis Data Generator are written
 * in. Only writing, only English, and always in UTC: the zone of the machine would make the same seed and clock give
 * different events. moment.js itself is not used because it is no longer developed, and parsing and locales are most of
 * it.
 *
 * Two things that surprise people, kept because templates rely on them: `hh` is a 12-hour clock (`HH` has 24), and
 * letters that are tokens must stand in brackets to stay letters: `[at] HH:mm`.
 */
export type TimeFormat = (time: Date) => string;

/** Throws if the format has a token of moment.js that is not supported here: week years of a locale, and eras. */
export function parseTimeFormat(format: string): TimeFormat {
  const writers: TimeFormat[] = [];
  for (const [piece] of format.matchAll(pieces)) {
    if (piece.startsWith('[') && piece.length > 1) {
      writers.push(() => piece.slice(1, -1));
    } else if (unsupported.test(piece)) {
      throw new RangeError(`"${piece}" is not a supported part of a time format; for the letters write "[${piece}]"`);
    } else {
      const token = tokens[piece];
      writers.push(token === undefined ? () => piece : (time) => String(token(time)));
    }
  }
  return (time) => writers.map((write) => write(time)).join('');
}

const months = 'January February March April May June July August September October November December'.split(' ');
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const dayMs = 86_400_000;

const tokens: Readonly<Record<string, (time: Date) => string | number>> = {
  YYYY: (time) => pad(time.getUTCFullYear(), 4),
  YY: (time) => pad(time.getUTCFullYear() % 100),
  Q: quarter,
  Qo: (time) => ordinal(quarter(time)),
  MMMM: (time) => nameOf(months, time.getUTCMonth()),
  MMM: (time) => nameOf(months, time.getUTCMonth()).slice(0, 3),
  MM: (time) => pad(time.getUTCMonth() + 1),
  Mo: (time) => ordinal(time.getUTCMonth() + 1),
  M: (time) => time.getUTCMonth() + 1,
  GGGG: (time) => pad(thursdayOf(time).getUTCFullYear(), 4),
  GG: (time) => pad(thursdayOf(time).getUTCFullYear() % 100),
  WW: (time) => pad(isoWeek(time)),
  Wo: (time) => ordinal(isoWeek(time)),
  W: isoWeek,
  DDDD: (time) => pad(dayOfYear(time), 3),
  DDDo: (time) => ordinal(dayOfYear(time)),
  DDD: dayOfYear,
  DD: (time) => pad(time.getUTCDate()),
  Do: (time) => ordinal(time.getUTCDate()),
  D: (time) => time.getUTCDate(),
  dddd: (time) => nameOf(days, time.getUTCDay()),
  ddd: (time) => nameOf(days, time.getUTCDay()).slice(0, 3),
  dd: (time) => nameOf(days, time.getUTCDay()).slice(0, 2),
  do: (time) => ordinal(time.getUTCDay()),
  d: (time) => time.getUTCDay(),
  e: (time) => time.getUTCDay(),
  E: (time) => time.getUTCDay() || 7,
  HH: (time) => pad(time.getUTCHours()),
  H: (time) => time.getUTCHours(),
  hh: (time) => pad(hourOfHalf(time)),
  h: hourOfHalf,
  kk: (time) => pad(time.getUTCHours() || 24),
  k: (time) => time.getUTCHours() || 24,
  mm: (time) => pad(time.getUTCMinutes()),
  m: (time) => time.getUTCMinutes(),
  ss: (time) => pad(time.getUTCSeconds()),
  s: (time) => time.getUTCSeconds(),
  ...fractions(),
  A: (time) => (time.getUTCHours() < 12 ? 'AM' : 'PM'),
  a: (time) => (time.getUTCHours() < 12 ? 'am' : 'pm'),
  ZZ: () => '+0000',
  Z: () => '+00:00',
  X: (time) => Math.floor(time.getTime() / 1000),
  x: (time) => time.getTime(),
  // Compounds. The format inside has only tokens from above.
  Hmmss: within('H[]mm[]ss'),
  Hmm: within('H[]mm'),
  hmmss: within('h[]mm[]ss'),
  hmm: within('h[]mm'),
  LT: within('h:mm A'),
  LTS: within('h:mm:ss A'),
  L: within('MM/DD/YYYY'),
  LL: within('MMMM D, YYYY'),
  LLL: within('MMMM D, YYYY h:mm A'),
  LLLL: within('dddd, MMMM D, YYYY h:mm A'),
};

/** Read at first use: the tokens inside do not exist yet while this table is made. */
function within(format: string): TimeFormat {
  let write: TimeFormat | undefined;
  return (time) => {
    write ??= parseTimeFormat(format);
    return write(time);
  };
}

/** Tokens of moment.js that depend on a locale's idea of a week, or on eras. */
const unsupported = /^(?:w[ow]?|g{2,5}|G{5}|N{1,5}|y{1,4}o?|Y{5,6}|z{1,2}|l{1,4})$/;

const pieces = new RegExp(
  // In brackets; a token, the longest first; any other character.
  `\\[[^\\]]*\\]|G{5}|Y{5,6}|${Object.keys(tokens)
    .sort((a, b) => b.length - a.length)
    .join('|')}|w[ow]?|g{2,5}|N{1,5}|y{1,4}o?|z{1,2}|l{1,4}|[\\s\\S]`,
  'g',
);

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}

function nameOf(names: readonly string[], index: number): string {
  return names[index] as string;
}

function ordinal(value: number): string {
  const isTeen = Math.floor((value % 100) / 10) === 1;
  const ending = isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th');
  return `${value}${ending}`;
}

function quarter(time: Date): number {
  return Math.floor(time.getUTCMonth() / 3) + 1;
}

function hourOfHalf(time: Date): number {
  return time.getUTCHours() % 12 || 12;
}

function dayOfYear(time: Date): number {
  return Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / dayMs) + 1;
}

/** The Thursday of the same ISO week; its year is the week's year. */
function thursdayOf(time: Date): Date {
  return new Date(time.getTime() + (4 - (time.getUTCDay() || 7)) * dayMs);
}

function isoWeek(time: Date): number {
  return Math.ceil(dayOfYear(thursdayOf(time)) / 7);
}

/** S is tenths of a second, SS hundredths, and so on; past milliseconds there are only zeros. */
function fractions(): Record<string, (time: Date) => string> {
  return Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [
      'S'.repeat(i + 1),
      (time: Date) =>
        pad(time.getUTCMilliseconds(), 3)
          .padEnd(9, '0')
          .slice(0, i + 1),
    ]),
  );
}
