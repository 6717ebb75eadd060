/** When an event happened, from what a selector returned. Nothing depends on the zone of the machine. */

const maxEpochMs = 8_640_000_000_000_000;

const isoWithZone =
  /^(\d{4})-(\d\d)-(\d\d)[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])([01]\d|2[0-3]):?([0-5]\d))$/;

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

function parseIso(text: string): number | undefined {
  const parts = isoWithZone.exec(text);
  if (parts === null) return undefined;
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const dayMs = new Date(0).setUTCFullYear(year, month - 1, day); // Date.UTC takes years below 100 for 19xx
  const secondsOfDay = Number(parts[4]) * 3_600 + Number(parts[5]) * 60 + Number(parts[6] ?? 0);
  const millis = parts[7] === undefined ? 0 : Number(parts[7].slice(0, 3).padEnd(3, '0'));
  const zoneMinutes = parts[8] === undefined ? 0 : Number(parts[9]) * 60 + Number(parts[10]);
  const zoneMs = (parts[8] === '-' ? -60_000 : 60_000) * zoneMinutes;
  return dayMs + secondsOfDay * 1_000 + millis - zoneMs;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
