/** When an event happened, from what a selector returned. Nothing depends on the zone of the machine. */

const maxEpochMs = 8_640_000_000_000_000;

const isoWithZone =
  /^\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

/**
 * Milliseconds since 1970, or undefined for what names no moment: an invalid Date, a number that is not finite or out
 * of range, a string that is not an ISO date and time, or one without a zone. Digits below a millisecond are cut off.
 */
export function toEpochMs(value: Date | number | string): number | undefined {
  if (typeof value === 'string') return parseIso(value);
  const ms = value instanceof Date ? value.getTime() : value;
  if (typeof ms !== 'number' || !(Math.abs(ms) <= maxEpochMs)) return undefined;
  return Math.floor(ms) + 0; // + 0: never minus zero
}

/** Runs for every event, so it takes no substrings: once the pattern fits, all digits are at known places. */
function parseIso(text: string): number | undefined {
  if (!isoWithZone.test(text)) return undefined;
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const minutes = daysSince1970(year, month, day) * 1_440 + twoDigits(text, 11) * 60 + twoDigits(text, 14);
  const hasSeconds = text[16] === ':';
  const seconds = hasSeconds ? twoDigits(text, 17) : 0;
  const millis = hasSeconds && text[19] === '.' ? fractionMs(text, 20) : 0;
  return (minutes - zoneMinutes(text)) * 60_000 + seconds * 1_000 + millis;
}

/** The zone ends the text: Z, +hh:mm or +hhmm. */
function zoneMinutes(text: string): number {
  const end = text.length;
  if (text[end - 1] === 'Z') return 0;
  const start = text[end - 3] === ':' ? end - 6 : end - 5;
  const minutes = twoDigits(text, start + 1) * 60 + twoDigits(text, end - 2);
  return text[start] === '-' ? -minutes : minutes;
}

function twoDigits(text: string, index: number): number {
  return digit(text, index) * 10 + digit(text, index + 1);
}

function digit(text: string, index: number): number {
  return text.charCodeAt(index) - 48;
}

/** The first three digits; fewer when the zone begins earlier. */
function fractionMs(text: string, start: number): number {
  let ms = digit(text, start) * 100;
  const second = digit(text, start + 1);
  if (second < 0 || second > 9) return ms;
  ms += second * 10;
  const third = digit(text, start + 2);
  return third < 0 || third > 9 ? ms : ms + third;
}

/** In the Gregorian calendar; years begin in March here, so that the leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return shifted * 365 + leapDays + dayOfYear - 719_468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
